const MAX_LENGTH = 200;
/** Control and format characters (line breaks, escape sequences, direction marks) and unpaired surrogates. */
const NOT_SHOWN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/**
 * The User-Agent as one line that is safe to show in a terminal or a log. @returns null if it is missing or blank
 */
export function toDevice(userAgent: string | undefined): string | null {
  return userAgent?.slice(0, MAX_LENGTH).replace(NOT_SHOWN, '\uFFFD').trim() || null;
}
