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
export function replyContext(
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
    bookingUrl: bookingUrl(config, caller?.clinicId ?? null),
  };
}

/** The language of the answer, and the emergency number. If no number is known, the texts contain none. */
export function selectLanguageAndNumber(
  config: Config,
  { message, locale = null, acceptLanguage }: LocaleHints,
  caller: Caller | null,
  messageLanguage: Language | null = null,
): Pick<ReplyContext, 'language' | 'number'> {
  const profile = caller?.locale ?? null;
  return {
    language: messageLanguage ?? detectLanguage(message) ?? selectLanguage({ locale, profile, acceptLanguage }),
    number: emergencyNumber(
      {
        clinicNumber: caller?.emergencyNumber ?? null,
        clinicCountry: caller?.clinicCountry,
        locales: [locale, profile],
      },
      config.EMERGENCY_NUMBERS,
    ),
  };
}

function bookingUrl({ BOOKING_URL, FRONTEND_WEB_URL }: Config, clinicId: string | null): string {
  const url = new URL(BOOKING_URL ?? new URL('/book', FRONTEND_WEB_URL[0]).href);
  if (clinicId) url.searchParams.set('clinicId', clinicId);
  return url.href;
}
