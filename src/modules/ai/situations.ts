import { Injectable } from '@nestjs/common';
import { Config } from '../../core/config/config.js';
import { emergencyNumber, languageOf, type Language } from '../stroke/index.js';
import type { Situation } from './answers/answers.js';
import type { Asker } from './asker.repository.js';
import { languageOfText } from './language.js';
import type { Asked } from './turn.js';

type Ids = Pick<Situation, 'conversationId' | 'messageId'>;

/** In which language, with whose telephone number and to which page people are answered. */
@Injectable()
export class Situations {
  constructor(private readonly config: Config) {}

  /** @param spoken the language of the message, where it is known already */
  of({ request, acceptLanguage }: Asked, asker: Asker | null, ids: Ids, spoken: Language | null = null): Situation {
    const profile = asker?.locale ?? null;
    const language =
      spoken ??
      languageOfText(request.message) ??
      languageOf({ locale: request.locale ?? null, profile, acceptLanguage });
    return {
      ...ids,
      language,
      clinic: asker?.clinicName ? { name: asker.clinicName, phone: asker.clinicPhone } : null,
      bookingUrl: this.bookingUrl(asker?.clinicId ?? null),
      number: emergencyNumber(
        { clinicNumber: asker?.emergencyNumber ?? null, locales: [request.locale, profile] },
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
