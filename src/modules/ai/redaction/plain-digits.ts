/** Replaces the digits of all scripts by ASCII digits, and removes invisible characters, the tatweel of Arabic and the boxes of keycap emojis. */
export const withPlainDigits = (text: string): string =>
  text
    .normalize('NFKC')
    // Keeps the zero-width joiner, which forms Hindi letters and emojis.
    .replace(/(?!\u200D)[\p{Default_Ignorable_Code_Point}\p{Cf}\u20E3\u0640]/gu, '')
    .replace(/(?<=\p{Nd})٫(?=\p{Nd})/gu, '.')
    .replace(/\p{Nd}/gu, (digit) => String(getDigitValue(digit)));

/** In Unicode, the ten digits of a script follow each other, beginning with zero. */
function getDigitValue(digit: string): number {
  const code = digit.codePointAt(0) ?? 0;
  let zero = code;
  while (code - zero < 9 && /\p{Nd}/u.test(String.fromCodePoint(zero - 1))) zero -= 1;
  return code - zero;
}
