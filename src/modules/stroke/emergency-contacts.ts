import { Injectable } from '@nestjs/common';
import { Config } from '../../core/config/config.js';
import { ClinicsService } from '../clinics/index.js';
import { UsersService } from '../users/index.js';
import { emergencyNumber, type EmergencyNumber } from './emergency-number.js';
import { languageOf, preferred, type Language } from './language.js';

/** What a request says about who is to be told, in which language and where. */
export interface Asking {
  userId?: string | null;
  clinicId?: string | null;
  country?: string | null;
  locale?: string | null;
  acceptLanguage?: string | null;
}

export interface EmergencyContact {
  language: Language;
  number: EmergencyNumber;
}

/** In which language to tell somebody to call, and which number: the clinic's, else the configured one of the country. */
@Injectable()
export class EmergencyContacts {
  constructor(
    private readonly users: UsersService,
    private readonly clinics: ClinicsService,
    private readonly config: Config,
  ) {}

  async find(asking: Asking): Promise<EmergencyContact> {
    const profile = asking.userId ? ((await this.users.find(asking.userId))?.locale ?? null) : null;
    const clinic = asking.clinicId ? await this.clinics.get(asking.clinicId) : null;
    return this.contact(asking, profile, clinic);
  }

  /** @throws DomainError VALIDATION_ERROR on clinicId where there is no such clinic; else it stays for the transaction */
  assertClinic(id: string): Promise<void> {
    return this.clinics.assertOpen(id);
  }

  /** What can be said of the request alone, without the database. */
  withoutLookUp(asking: Asking): EmergencyContact {
    return this.contact(asking, null, null);
  }

  private contact(
    { country, locale, acceptLanguage }: Asking,
    profile: string | null,
    clinic: { emergencyNumber: string | null; country: string | null } | null,
  ): EmergencyContact {
    const language = languageOf({ locale, profile, acceptLanguage });
    const locales = [locale, profile, ...preferred(acceptLanguage ?? '')];
    const place = { clinicNumber: clinic?.emergencyNumber, clinicCountry: clinic?.country, country, locales };
    return { language, number: emergencyNumber(place, this.config.EMERGENCY_NUMBERS) };
  }
}
