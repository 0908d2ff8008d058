import { Injectable } from '@nestjs/common';
import { countryOfZone } from '../../core/kernel/country.js';
import { invalid } from '../../core/kernel/domain-error.js';
import { getRegion } from '../../core/kernel/locale.js';
import { toE164 } from '../../core/kernel/phone.js';
import { UsersRepository } from './users.repository.js';

/** The fields of a person from which the country of a telephone number is guessed. */
interface Person {
  phone?: string | null;
  timeZone: string;
  locale: string;
}

/** Converts telephone numbers to E.164. */
@Injectable()
export class PhoneNumbers {
  constructor(private readonly users: UsersRepository) {}

  /**
   * The number as it is stored. One without a country code is read as a number of these countries, in this order; if the
   * first one, the clinic's, is not known, also of those where this installation has clinics.
   * @throws DomainError VALIDATION_ERROR on `phone`
   */
  async e164(typed: string | null | undefined, countries: readonly (string | null)[]): Promise<string | null> {
    if (typed === null || typed === undefined) return null;
    const others = countries[0] ? [] : await this.users.clinicCountries();
    const number = toE164(typed, [...countries, ...others]);
    if (number) return number;
    throw invalid({
      field: 'phone',
      error: 'must be a telephone number; write it with its country code, such as +20 100 123 4567',
    });
  }

  /**
   * The number of a person, of whom time zone and locale suggest further countries.
   * @param country of the clinic, tried first
   * @throws DomainError VALIDATION_ERROR on `phone`
   */
  ofPerson({ phone, timeZone, locale }: Person, country: string | null): Promise<string | null> {
    return this.e164(phone, [country, countryOfZone(timeZone), getRegion(locale)]);
  }

  /** The countries in which a number may be searched at these clinics: theirs first, then all others that have clinics. */
  async countriesAround(clinicIds: readonly string[]): Promise<string[]> {
    const places = await this.users.clinicPlaces(clinicIds);
    const own = places.flatMap(({ country }) => (country ? [country] : []));
    return [...new Set([...own, ...(await this.users.clinicCountries())])];
  }
}
