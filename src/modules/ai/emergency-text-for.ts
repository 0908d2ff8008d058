import { type EmergencyNumber, selectLanguage } from '../stroke/index.js';
import { emergencyText } from './answers/texts.js';
import { findRedFlagInLongText } from './red-flags/find-red-flag.js';

const UNKNOWN: EmergencyNumber = { number: null, from: null, country: null };

/**
 * The emergency text for raw text, such as a body that is not parsed; null if it shows no sign. Pure, and safe for any input.
 * In the language of the locale, else of the sign. Names no number if none is given.
 */
export function emergencyTextFor(
  raw: string,
  { locale = null, number = UNKNOWN }: { locale?: string | null; number?: EmergencyNumber } = {},
): string | null {
  const found = findRedFlagInLongText(unescaped(raw));
  return found && emergencyText(locale ? selectLanguage({ locale }) : found.language, found.flag, number);
}

/** JSON writes letters and line breaks as escapes. */
const unescaped = (raw: string): string =>
  raw
    .replace(/\\u([0-9a-f]{4})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
    .replace(/\\[nrt]/g, ' ');
