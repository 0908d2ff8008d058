import { Injectable } from '@nestjs/common';
import { Config } from '../../core/config/config.js';
import { emergencyNumber, languageOf, type Language } from '../stroke/index.js';
import type { Situation } from './answers/answers.js';
import type { Asker } from './asker.repository.js';
import { languageOfText } from './language.js';
import type { Asked } from './turn.js';

type Given = Pick<Situation, 'conversationId' | 'messageId' | 'administrative'>;

/** What a request shows of the caller's language and place. */
interface Said {
  message: string;
  locale?: string | null;
  acceptLanguage: string | null;
}

/** In which language, with whose telephone number and to which page people are answered. */
@Injectable()
export class Situations {
  constructor(private readonly config: Config) {}

  /** @param spoken the language of the message, where it is known already */
  of({ request, acceptLanguage }: Asked, asker: Asker | null, given: Given, spoken: Language | null = null): Situation {
    return {
      ...given,
      ...this.callFor({ ...request, acceptLanguage }, asker, spoken),
      clinic: asker?.clinicName ? { name: asker.clinicName, phone: asker.clinicPhone } : null,
      bookingUrl: this.bookingUrl(asker?.clinicId ?? null),
    };
  }

  /** The language to answer in, and the emergency number to name; where none is known the texts name none. */
  callFor(
    { message, locale = null, acceptLanguage }: Said,
    asker: Asker | null,
    spoken: Language | null = null,
  ): Pick<Situation, 'language' | 'number'> {
    const profile = asker?.locale ?? null;
    return {
      language: spoken ?? languageOfText(message) ?? languageOf({ locale, profile, acceptLanguage }),
      number: emergencyNumber(
        { clinicNumber: asker?.emergencyNumber ?? null, country: asker?.clinicCountry, locales: [locale, profile] },
        this.config.EMERGENCY_NUMBERS,
      ),
    };
  }

  private bookingUrl(clinicId: string | null): string {
    const url = new URL(this.config.BOOKING_URL ?? new URL('/book', this.config.FRONTEND_WEB_URL[0]).href);
    if (clinicId) url.searchParams.set('clinicId', clinicId);
    return url.href;
  }
}
