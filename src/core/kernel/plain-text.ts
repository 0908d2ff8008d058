/** White space of any kind, including non-breaking spaces. */
const SPACES = /[\s\u00A0\u1680\u2000-\u200A\u202F\u205F\u3000]+/gu;
/** Hyphens and dashes of any kind, and the minus sign. */
const DASHES = /[\p{Pd}\u2212\u2043]/gu;
/** Invisible characters: bidirectional marks, zero-width joiners and spaces, soft hyphens. */
const INVISIBLE = /[\p{Default_Ignorable_Code_Point}\p{Cf}]/gu;

/**
 * Normalises punctuation and digits to ASCII: NFKC, decimal digits of every script as 0 to 9, one kind of dash and space, no
 * invisible characters. Letters do not change.
 */
export const plainText = (text: string): string =>
  asciiDigits(text.normalize('NFKC').replace(INVISIBLE, '').replace(DASHES, '-')).replace(SPACES, ' ').trim();

/** Replaces the decimal digits of every script (Arabic-Indic, Persian, Devanagari and others) by 0 to 9. */
export const asciiDigits = (text: string): string =>
  text.replace(/(?![0-9])\p{Nd}/gu, (digit) => String(digitValue(digit)));

/** The value of a digit. Unicode encodes the digits of each script as ten consecutive characters. */
function digitValue(digit: string): number {
  const code = digit.codePointAt(0) ?? 0;
  let before = 0;
  while (/\p{Nd}/u.test(String.fromCodePoint(code - before - 1))) before += 1;
  return before % 10;
}
