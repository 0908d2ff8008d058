const LETTERS: Readonly<Record<string, string>> = {
  أ: 'ا',
  إ: 'ا',
  آ: 'ا',
  ٱ: 'ا',
  ى: 'ي',
  ی: 'ي',
  ک: 'ك',
  ة: 'ه',
  ؤ: 'و',
  ئ: 'ي',
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
const SPELLINGS = new RegExp(Object.keys(LETTERS).join('|'), 'g');
/** Arabic vowel signs and tatweel, the nukta of Hindi, marks that nobody sees. */
const DROPPED = /[\u064B-\u065F\u0670\u093C\u0640\p{Default_Ignorable_Code_Point}\p{Cf}]/gu;
const APOSTROPHES = /(?<=\p{L})['’‘`´](?=\p{L})/gu;
/** "c h e s t", "c.h.e.s.t": four letters and more, each for itself. */
const APART = /(?<![\p{L}\p{M}])\p{L}(?:[ .*_-]{1,3}\p{L}(?![\p{L}\p{M}])){3,}/gu;
const ENDS_CLAUSE = /[.,;:!?\n\r()،؛؟।…–—]+/gu;

/** One spelling per letter; for the texts and for the patterns that look into them. */
export const foldLetters = (text: string): string =>
  text
    .normalize('NFKD')
    .replace(/[\u0300-\u036F\u0653-\u0655]/g, '')
    .normalize('NFC')
    .replace(SPELLINGS, (letter) => LETTERS[letter] ?? letter)
    .replace(DROPPED, '');

function digit(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  for (const zero of [0x660, 0x6f0, 0x966]) if (code >= zero && code <= zero + 9) return String(code - zero);
  return character;
}

/**
 * Lower case, one spelling per letter, ASCII digits, single blanks; clauses stand between bars.
 * @param joinsLetters whether "c h e s t" is read as one word
 */
export function fold(text: string, joinsLetters = true): string {
  // NFKC makes a blank and an accent of "´".
  const folded = foldLetters(text.replace(APOSTROPHES, '').normalize('NFKC').toLowerCase())
    .replace(/[٠-٩۰-۹०-९]/gu, digit)
    .replace(APART, (letters) => (joinsLetters ? letters.replace(/[^\p{L}]/gu, '') : letters))
    .replace(/(\d)[.,](\d)/gu, '$1·$2')
    .replace(ENDS_CLAUSE, ' | ')
    .replace(/[^\p{L}\p{M}\p{N}|·]+/gu, ' ')
    // "heeelp", "pleaaase", "آااااه": nobody spells three on purpose.
    .replace(/(\p{L})\1{2,}/gu, '$1');
  return ` ${folded.replace(/ +/g, ' ').trim()} `;
}
