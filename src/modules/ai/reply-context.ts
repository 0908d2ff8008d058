import type { Config } from '../../core/config/config.js';
import { emergencyNumber, selectLanguage, type EmergencyNumber, type Language } from '../stroke/index.js';
import type { Caller } from './caller.repository.js';
import type { ChatInput } from './chat-reply.js';
import { languageOfText } from './language.js';

/** What every answer to one question has in common: its language, its place, the number to call and where to book. */
export interface ReplyContext {
  conversationId: string;
  /** Of the answer. */
  messageId: string;
  language: Language;
  clinic: { name: string; phone: string | null } | null;
  bookingUrl: string;
  number: EmergencyNumber;
  /** Whether the message, and those before it, certainly ask for nothing but a booking, hours, prices and the like. */
  isAdministrative: boolean;
}

type Place = Pick<ReplyContext, 'conversationId' | 'messageId' | 'isAdministrative'>;

/** What a request shows of the language and country of its caller. */
interface Hints {
  message: string;
  locale?: string | null;
  acceptLanguage: string | null;
}

/** @param spoken the language of the message, if it is known already */
export function replyContext(
  config: Config,
  { request, acceptLanguage }: ChatInput,
  caller: Caller | null,
  place: Place,
  spoken: Language | null = null,
): ReplyContext {
  return {
    ...place,
    ...emergencyCall(config, { ...request, acceptLanguage }, caller, spoken),
    clinic: caller?.clinicName ? { name: caller.clinicName, phone: caller.clinicPhone } : null,
    bookingUrl: bookingUrl(config, caller?.clinicId ?? null),
  };
}

/** The language to answer in, and the emergency number to name. If no number is known, the texts name none. */
export function emergencyCall(
  config: Config,
  { message, locale = null, acceptLanguage }: Hints,
  caller: Caller | null,
  spoken: Language | null = null,
): Pick<ReplyContext, 'language' | 'number'> {
  const profile = caller?.locale ?? null;
  return {
    language: spoken ?? languageOfText(message) ?? selectLanguage({ locale, profile, acceptLanguage }),
    number: emergencyNumber(
      { clinicNumber: caller?.emergencyNumber ?? null, country: caller?.clinicCountry, locales: [locale, profile] },
      config.EMERGENCY_NUMBERS,
    ),
  };
}

function bookingUrl({ BOOKING_URL, FRONTEND_WEB_URL }: Config, clinicId: string | null): string {
  const url = new URL(BOOKING_URL ?? new URL('/book', FRONTEND_WEB_URL[0]).href);
  if (clinicId) url.searchParams.set('clinicId', clinicId);
  return url.href;
}
