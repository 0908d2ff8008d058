/** Arabic, Persian, Devanagari and full-width digits as ASCII ones; marks that nobody sees go, and boxes around digits. */
export const withPlainDigits = (text: string): string =>
  text
    .normalize('NFKC')
    // The joiner makes letters of Hindi, and families of emojis.
    .replace(/(?!\u200D)[\p{Default_Ignorable_Code_Point}\p{Cf}\u20E3]/gu, '')
    .replace(/\p{Nd}/gu, (digit) => String(digitValue(digit)));

/** Digits of every script stand in Unicode in runs of ten that begin with the zero. */
function digitValue(digit: string): number {
  const code = digit.codePointAt(0) ?? 0;
  let zero = code;
  while (code - zero < 9 && /\p{Nd}/u.test(String.fromCodePoint(zero - 1))) zero -= 1;
  return code - zero;
}
