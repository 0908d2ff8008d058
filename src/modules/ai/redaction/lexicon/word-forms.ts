import { normalizeLetters } from '../../red-flags/normalize.js';

/** The "s" of "Omar's", but not of "it's". */
const POSSESSIVE = /(?<!^(?:it|he|she|that|what|who|there|here|where))['’]s$/u;

/** Lower case, standard letters, no apostrophes, at most two equal letters in a row: the form in which words are compared. */
export const cleanWord = (word: string): string =>
  normalizeLetters(
    word
      .toLowerCase()
      .replace(POSSESSIVE, '')
      .replace(/['’‘`]/gu, ''),
  ).replace(/(.)\1{2,}/gu, '$1$1');

/** The words of a list, separated by blanks, in this form. */
export const toWords = (list: string): ReadonlySet<string> => new Set(list.split(/\s+/u).map(cleanWord));

const ARABIC_PREFIX = /^(?:[وف](?=.{3}))?(?:(?:[بكل]?ال|لل|عال|هال)(?=.{2})|(?:[بلك](?=.{3})))?/u;
const ARABIC_VERB_PREFIX = /^(?:(?:ب|ه|ح|س|عم|ما|م)?(?:ي|ت|ن|ا)(?=.{2}))/u;
const ARABIC_SUFFIX = /(?<=..)(?:ته|تها|تهم|تنا|تك|تي|تين|ات|اتي|اته|اتها|ون|ين|وا|ان|ها|هم|هن|كم|نا|ني|ه|ي|ك|ت|ا)ش?$/u;
const HINDI_SUFFIX =
  /(?<=..)(?:ियों|ियां|ाओं|ाएं|ुओं|ूंगा|ूंगी|ेंगे|ेगा|ेगी|ोगे|कर|ता|ती|ते|ना|नी|ने|ाया|ाई|ाए|ों|ें|ीं|ां|ाने|ाना|या|यी|ये|[ािीुूेैोौंई])$/u;

/** The light stem of an Arabic word: without conjunctions, article, and the endings of persons and numbers. */
export function stemArabic(word: string): string {
  const noun = word.replace(ARABIC_PREFIX, '').replace(ARABIC_SUFFIX, '');
  return noun.length > 3 ? noun.replace(ARABIC_VERB_PREFIX, '') : noun;
}

/** The light stem of a Hindi word: without the endings of numbers, cases and tenses. */
export const stemHindi = (word: string): string => word.replace(HINDI_SUFFIX, '').replace(HINDI_SUFFIX, '');

const ENGLISH_ENDINGS: readonly (readonly [ending: RegExp, ...replacements: string[]])[] = [
  [/ies$/u, 'y'],
  [/(?:es|s)$/u, '', 'e'],
  [/ied$/u, 'y'],
  [/(.)\1(?:ed|ing|er|y)$/u, '$1'],
  [/(?:ed|ing|er|ers|est|ings|y)$/u, '', 'e'],
  [/(?:ly|ness|ish|like|less|ful|able)$/u, '', 'e'],
  [/^(?:un|re|non|pre|post|over|under|anti|micro|hyper|hypo)/u, ''],
];

/** Forms of which an English word may be derived: "coughing", "cough". */
export const getEnglishBases = (word: string): string[] =>
  ENGLISH_ENDINGS.flatMap(([ending, ...replacements]) =>
    ending.test(word) ? replacements.map((replacement) => word.replace(ending, replacement)) : [],
  ).filter((base) => base.length > 2);

/** Forms that names seldom have: an article, the prefixes of verbs, the endings of plurals and of persons. */
const INFLECTED_ARABIC =
  /^(?:[وفبكل]?ال|لل|عال|هال|بي|بت|بن|هي|هت|حي|حت|سي|ست|مت|من|مس|ي|ت|ن|ب|ل)(?=.{3})|(?<=.{3})(?:ها|هم|هن|نا|كم|تو|وا|ون|ين|ات|ته|تي|ني|تين|يه|وه|ش|و)$/u;
const INFLECTED_HINDI = /(?<=.{2})(?:ते|ने|ों|ियां|ियों|कर|ूंगा|ूंगी|ेगा|ेगी|ेंगे|ोगे|ाएं|ाऊं|ाकर|िए|िये|ए|ओ|ें|ीं|वाया|ाया|ाई)$|ॉ/u;
const INFLECTED_LATIN =
  /\d|(?:ing|ed|ly|tion|sion|ness|ment|able|ible|ous|ful|less|ings|ers|ity|ized|ised|ance|ence|gram|scopy)$|(?:unga|ungi|enge|egi|ega|iye|iyo|wala|wali|wale)$/u;

/** Whether the form of an unknown word is one of verbs, plurals or words with an article. */
export function isInflected(word: string): boolean {
  if (/\p{Script=Arabic}/u.test(word)) return INFLECTED_ARABIC.test(word);
  if (/\p{Script=Devanagari}/u.test(word)) return INFLECTED_HINDI.test(word);
  return INFLECTED_LATIN.test(word);
}
