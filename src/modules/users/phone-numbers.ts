import { Injectable } from '@nestjs/common';
import { countryOfZone } from '../../core/kernel/country.js';
import { invalid } from '../../core/kernel/domain-error.js';
import { getRegion } from '../../core/kernel/locale.js';
import { mayBeCompleteNumber, toE164 } from '../../core/kernel/phone.js';
import { UserClinicsRepository } from './user-clinics.repository.js';

/** The fields of a person that suggest the country of their telephone number. */
interface Person {
  phone?: string | null;
  timeZone: string;
  locale: string;
}

/** Converts telephone numbers to E.164. */
@Injectable()
export class PhoneNumbers {
  constructor(private readonly clinics: UserClinicsRepository) {}

  /**
   * Converts a number to its stored form. Without a country code, it is read as a number of these countries, in this order.
   * If the first one, the clinic's, is unknown, the countries of all clinics of this installation are tried last.
   * @throws DomainError VALIDATION_ERROR on `phone`
   */
  async toE164(typed: string | null | undefined, countries: readonly (string | null)[]): Promise<string | null> {
    if (typed === null || typed === undefined) return null;
    const others = countries[0] ? [] : await this.clinics.getClinicCountries();
    const number = toE164(typed, [...countries, ...others]);
    if (number) return number;
    throw invalid({
      field: 'phone',
      error: 'must be a telephone number; write it with its country code, such as +20 100 123 4567',
    });
  }

  /**
   * Converts the number of a person, whose time zone and locale suggest further countries.
   * @param country the clinic's country, which is tried first
   * @throws DomainError VALIDATION_ERROR on `phone`
   */
  normalizePersonPhone({ phone, timeZone, locale }: Person, country: string | null): Promise<string | null> {
    return this.toE164(phone, [country, countryOfZone(timeZone), getRegion(locale)]);
  }

  /** The countries in which a number is searched: those of these clinics first, then those of all other clinics. None for other texts. */
  async getSearchCountries(typed: string, clinicIds: readonly string[]): Promise<string[]> {
    if (!mayBeCompleteNumber(typed)) return [];
    const places = await this.clinics.getClinicPlaces(clinicIds);
    const ownCountries = places.flatMap(({ country }) => (country ? [country] : []));
    return [...new Set([...ownCountries, ...(await this.clinics.getClinicCountries())])];
  }
}
