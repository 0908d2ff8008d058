import { Injectable } from '@nestjs/common';
import { Config } from '../../core/config/config.js';
import { ClinicsService } from '../clinics/index.js';
import { UsersService } from '../users/index.js';
import { emergencyNumber, type EmergencyNumber } from './emergency-number.js';
import type { Language } from '../../core/kernel/locale.js';
import { selectLanguage, preferredLanguages } from './language.js';

/** The data of a request that determines the language and the emergency number. */
export interface ContactRequest {
  userId?: string | null;
  clinicId?: string | null;
  country?: string | null;
  locale?: string | null;
  acceptLanguage?: string | null;
}

export interface EmergencyContact {
  language: Language;
  number: EmergencyNumber;
  /** For thoughts of suicide and self-harm, beside the emergency number. */
  crisisLine: EmergencyNumber;
}

/** Finds the language of the emergency text and the number: the clinic's, otherwise the configured one of the country. */
@Injectable()
export class EmergencyContacts {
  constructor(
    private readonly users: UsersService,
    private readonly clinics: ClinicsService,
    private readonly config: Config,
  ) {}

  async find(request: ContactRequest): Promise<EmergencyContact> {
    const profile = request.userId ? ((await this.users.find(request.userId))?.locale ?? null) : null;
    const clinic = request.clinicId ? await this.clinics.get(request.clinicId) : null;
    return this.contact(request, profile, clinic);
  }

  /** Locks the clinic against deletion. @throws DomainError VALIDATION_ERROR for `clinicId` if it does not exist */
  assertClinic(id: string): Promise<void> {
    return this.clinics.assertExists(id);
  }

  /** Uses only the request, without the database. */
  withoutLookUp(request: ContactRequest): EmergencyContact {
    return this.contact(request, null, null);
  }

  private contact(
    { country, locale, acceptLanguage }: ContactRequest,
    profile: string | null,
    clinic: { emergencyNumber: string | null; country: string | null } | null,
  ): EmergencyContact {
    const language = selectLanguage({ locale, profile, acceptLanguage });
    const locales = [locale, profile, ...preferredLanguages(acceptLanguage ?? '')];
    const place = { clinicNumber: clinic?.emergencyNumber, clinicCountry: clinic?.country, country, locales };
    return {
      language,
      number: emergencyNumber(place, this.config.EMERGENCY_NUMBERS),
      crisisLine: emergencyNumber({ ...place, clinicNumber: null }, this.config.CRISIS_LINES),
    };
  }
}
