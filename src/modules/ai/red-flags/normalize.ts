/** Letters that are replaced by their standard form. Those that only lose a hamza or a madda (أ, آ, ئ) need no entry. */
const LETTER_FORMS: Readonly<Record<string, string>> = {
  ٱ: 'ا',
  ى: 'ي',
  ی: 'ي',
  ک: 'ك',
  ة: 'ه',
  'ँ': 'ं',
  // Cyrillic and Greek letters that look like Latin ones.
  а: 'a',
  е: 'e',
  о: 'o',
  р: 'p',
  с: 'c',
  х: 'x',
  у: 'y',
  і: 'i',
  ѕ: 's',
  ј: 'j',
  һ: 'h',
  к: 'k',
  т: 't',
  ԁ: 'd',
  α: 'a',
  ο: 'o',
  ε: 'e',
  ι: 'i',
};
const VARIANT_LETTER = new RegExp(Object.keys(LETTER_FORMS).join('|'), 'g');
/** Arabic vowel signs and tatweel, the nukta of Hindi, invisible characters. */
const IGNORED_MARKS = /[\u064B-\u065F\u0670\u093C\u0640\p{Default_Ignorable_Code_Point}\p{Cf}]/gu;
const APOSTROPHE_IN_WORD = /(?<=\p{L})['’‘`´](?=\p{L})/gu;
/** A word of at least four letters that are separated: "c h e s t", "c.h.e.s.t". */
const SPACED_WORD = /(?<![\p{L}\p{M}])\p{L}(?:[ .*_-]{1,3}\p{L}(?![\p{L}\p{M}])){3,}/gu;
const CLAUSE_END = /[.,;:!?\n\r()،؛؟।…–—]+/gu;

/**
 * Replaces letters by their standard form and removes accents (also hamza and madda) and ignored marks. Applied to texts and
 * to patterns.
 */
export const normalizeLetters = (text: string): string =>
  text
    .normalize('NFKD')
    .replace(/[\u0300-\u036F\u0653-\u0655]/g, '')
    .normalize('NFC')
    .replace(VARIANT_LETTER, (letter) => LETTER_FORMS[letter] ?? letter)
    .replace(IGNORED_MARKS, '');

function toAsciiDigit(digit: string): string {
  const code = digit.codePointAt(0) ?? 0;
  for (const zero of [0x660, 0x6f0, 0x966]) if (code >= zero && code <= zero + 9) return String(code - zero);
  return digit;
}

/**
 * Normalizes a text for matching: lower case, standard letters, ASCII digits, single spaces, " | " between clauses, and a
 * space at the start and at the end. The point or comma within a number becomes "·", because it ends no clause: "9·30".
 * @param joinSpacedWords whether "c h e s t" becomes one word
 */
export function normalizeText(text: string, joinSpacedWords = true): string {
  // Apostrophes first: NFKC turns "´" into a space and an accent.
  const normalized = normalizeLetters(text.replace(APOSTROPHE_IN_WORD, '').normalize('NFKC').toLowerCase())
    .replace(/[٠-٩۰-۹०-९]/gu, toAsciiDigit)
    .replace(SPACED_WORD, (letters) => (joinSpacedWords ? letters.replace(/[^\p{L}]/gu, '') : letters))
    .replace(/(\d)[.,](\d)/gu, '$1·$2')
    .replace(CLAUSE_END, ' | ')
    .replace(/[^\p{L}\p{M}\p{N}|·]+/gu, ' ')
    // No word has the same letter three times in a row: "heeelp", "pleaaase", "آااااه".
    .replace(/(\p{L})\1{2,}/gu, '$1');
  return ` ${normalized.replace(/ +/g, ' ').trim()} `;
}
