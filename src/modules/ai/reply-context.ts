import type { Config } from '../../core/config/config.js';
import type { Language } from '../../core/kernel/locale.js';
import { emergencyNumber, selectLanguage, type EmergencyNumber } from '../stroke/index.js';
import type { Caller } from './caller.repository.js';
import type { ChatInput } from './chat-reply.js';
import { detectLanguage } from './language.js';

/** What an answer needs besides its content: ids, language, clinic, emergency number and where to book. */
export interface ReplyContext {
  conversationId: string;
  /** The id of the answer. */
  messageId: string;
  language: Language;
  clinic: { name: string; phone: string | null } | null;
  bookingUrl: string;
  number: EmergencyNumber;
  /** For thoughts of suicide and self-harm, beside the emergency number. */
  crisisLine: EmergencyNumber;
  /** Whether the message and those before it are certainly administrative. */
  isAdministrative: boolean;
}

/** The part of the context that is known before the caller is looked up. */
export type KnownContext = Pick<ReplyContext, 'conversationId' | 'messageId' | 'isAdministrative'>;

/** All suggest the language of the answer. The locale also suggests the country of the emergency number. */
interface LocaleHints {
  message: string;
  locale?: string | null;
  acceptLanguage: string | null;
}

/** @param messageLanguage null if it is not known yet */
export function buildReplyContext(
  config: Config,
  { request, acceptLanguage }: ChatInput,
  caller: Caller | null,
  known: KnownContext,
  messageLanguage: Language | null = null,
): ReplyContext {
  return {
    ...known,
    ...selectLanguageAndNumber(config, { ...request, acceptLanguage }, caller, messageLanguage),
    clinic: caller?.clinicName ? { name: caller.clinicName, phone: caller.clinicPhone } : null,
    bookingUrl: buildBookingUrl(config, caller?.clinicId ?? null),
  };
}

/** The language of the answer, the emergency number and the crisis line. If no number is known, the texts contain none. */
export function selectLanguageAndNumber(
  config: Config,
  { message, locale = null, acceptLanguage }: LocaleHints,
  caller: Caller | null,
  messageLanguage: Language | null = null,
): Pick<ReplyContext, 'language' | 'number' | 'crisisLine'> {
  const profile = caller?.locale ?? null;
  const place = { clinicCountry: caller?.clinicCountry, locales: [locale, profile] };
  return {
    language: messageLanguage ?? detectLanguage(message) ?? selectLanguage({ locale, profile, acceptLanguage }),
    number: emergencyNumber({ ...place, clinicNumber: caller?.emergencyNumber ?? null }, config.EMERGENCY_NUMBERS),
    crisisLine: emergencyNumber(place, config.CRISIS_LINES),
  };
}

function buildBookingUrl({ BOOKING_URL, FRONTEND_WEB_URL }: Config, clinicId: string | null): string {
  const url = new URL(BOOKING_URL ?? new URL('/book', FRONTEND_WEB_URL[0]).href);
  if (clinicId) url.searchParams.set('clinicId', clinicId);
  return url.href;
}
