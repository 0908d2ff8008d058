/** Variants of letters with the letter that people type for them. */
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
  'ॉ': 'ा',
  ऑ: 'आ',
};
const VARIANT = new RegExp(Object.keys(LETTERS).join('|'), 'gu');
/** Arabic vowel signs and tatweel, the nukta of Hindi, invisible characters. */
const IGNORED = /[\u064B-\u065F\u0670]|[\u0640\p{Default_Ignorable_Code_Point}\p{Cf}]|\u093C/gu;
/** A longer word is cut: the time of its comparison grows with the square of its length. */
const WORD = /[\p{L}\p{M}\p{N}]{1,40}/gu;
const ARABIC_PREFIX = /^(?:وال|بال|فال|كال|لل|ال)(?=.{3})/u;
const ARABIC_PARTICLE = /^[وفبلك](?=.{4})/u;
const ARABIC_SUFFIX = /(?:كم|نا|ها|هم|ات|ون|ين|ان|تي|تك|ته|يه|ه|ي|ك|ا)$/u;
const HINDI_SUFFIX = /(?:ियों|ाएं|ाओं|ियां|ाने|ों|ें|ओं|एं|ीं|ूंगा|ूंगी|ने|नी|ना|ा|े|ी|ो|ू)$/u;
const ENGLISH_SUFFIX = /(?:ations?|ings?|ies|ed|es|s|e|y)$/;

/** The words of a text with standard letters, lower case, ASCII letters without accents. */
export function toWords(text: string): string[] {
  const folded = text
    .replace(/(?<=\p{L})['’‘`´](?=\p{L})/gu, '')
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[\u0300-\u036F\u0653-\u0655]/gu, '')
    .replace(IGNORED, '')
    .replace(/(\p{L})\1{2,}/gu, '$1')
    .normalize('NFC')
    .replace(VARIANT, (letter) => LETTERS[letter] ?? letter);
  return folded.match(WORD) ?? [];
}

export const withoutDoubledLetters = (word: string): string => word.replace(/(\p{L})\1+/gu, '$1');

/** The stem of a word, by its script. Latin words also lose doubled letters, which people often mistype. */
export function toStem(word: string): string {
  if (/\p{Script=Arabic}/u.test(word)) return stemArabic(word);
  if (/\p{Script=Devanagari}/u.test(word)) return withoutSuffix(word, HINDI_SUFFIX, 2);
  const single = withoutDoubledLetters(word);
  return /^[a-z]+$/.test(single) ? withoutSuffix(single, ENGLISH_SUFFIX, 3) : single;
}

function stemArabic(word: string): string {
  const withoutArticle = word.replace(ARABIC_PREFIX, '');
  const bare = withoutArticle === word ? word.replace(ARABIC_PARTICLE, '').replace(ARABIC_PREFIX, '') : withoutArticle;
  return withoutSuffix(bare, ARABIC_SUFFIX, 3);
}

function withoutSuffix(word: string, suffix: RegExp, minLength: number): string {
  const stem = word.replace(suffix, '');
  return stem.length >= minLength ? stem : word;
}

/** Whether two words differ by at most one letter, or by two neighbouring letters that are swapped. */
export function isTypo(left: string, right: string): boolean {
  if (Math.abs(left.length - right.length) > 1 || left[0] !== right[0]) return false;
  let start = 0;
  while (start < left.length && left[start] === right[start]) start += 1;
  let end = 0;
  const most = Math.min(left.length, right.length) - start;
  while (end < most && left.at(-1 - end) === right.at(-1 - end)) end += 1;
  const restLeft = left.slice(start, left.length - end);
  const restRight = right.slice(start, right.length - end);
  return (
    (restLeft.length <= 1 && restRight.length <= 1) ||
    (restLeft.length === 2 && restLeft === [...restRight].reverse().join(''))
  );
}
