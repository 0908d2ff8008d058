import { ARABIC } from './arabic.js';
import { ARABIC_PHRASES } from './arabic-phrases.js';
import { CLINICAL_WORDS } from './clinical.js';
import { ENGLISH } from './english.js';
import { ENGLISH_PHRASES } from './english-phrases.js';
import { HINDI } from './hindi.js';
import { HINDI_PHRASES } from './hindi-phrases.js';
import type { Concept, Lexicon } from './lexicon.js';
import { OTHER_SUBJECTS } from './other-subjects.js';
import { isOrdinaryWord } from './ordinary-words.js';
import { isTypo, toStem, toWords, withoutDoubledLetters } from './words.js';

const MAX_WORDS = 120;
const MAX_PHRASE_WORDS = 5;
const MIN_TYPO_LETTERS = 6;
/** The shortest start of a word that is looked up. */
const MIN_PREFIX_LETTERS = 3;

/** A word or a phrase of a text. */
export interface Term {
  stem: string;
  /** What it may stand for; empty if the word is unknown. */
  concepts: readonly Concept[];
  /** Whether the word is unknown here, but one of the language. */
  isOrdinary: boolean;
}

/** Names of diseases, operations and medicines. */
const MEDICAL_ENDING =
  /..(?:itis|osis|aemia|emia|ectomy|otomy|algia|oscopy|pathy|plasty|plegia|cillin|mycin|azole|statin|oxacin|pril|sartan)$/;

const BY_PHRASE = new Map<string, Set<Concept>>();
const BY_PREFIX = new Map<string, Set<Concept>>();

const CLINICAL: ReadonlySet<Concept> = new Set(['CLINICAL']);
const LEXICONS: readonly Lexicon[] = [
  ENGLISH,
  ENGLISH_PHRASES,
  ARABIC,
  ARABIC_PHRASES,
  HINDI,
  HINDI_PHRASES,
  { CLINICAL: CLINICAL_WORDS, OTHER: OTHER_SUBJECTS },
];

function indexLexicons(): void {
  for (const lexicon of LEXICONS) {
    for (const [concept, phrases] of Object.entries(lexicon) as [Concept, string][]) {
      for (const phrase of phrases.split(', ')) {
        const isPrefix = phrase.endsWith('*');
        const words = toWords(phrase.replace('*', ''));
        const key = isPrefix && words.length === 1 ? withoutDoubledLetters(words[0] ?? '') : toKey(words);
        const known = isPrefix && words.length === 1 ? BY_PREFIX : BY_PHRASE;
        known.set(key, (known.get(key) ?? new Set()).add(concept));
      }
    }
  }
}

const toKey = (words: readonly string[]): string => words.map(toStem).join(' ');

indexLexicons();
const KNOWN_WORDS = [...BY_PHRASE.keys(), ...BY_PREFIX.keys()].filter(
  (key) => !key.includes(' ') && key.length >= MIN_TYPO_LETTERS,
);

/** Whether a text has words that `analyze` leaves out. */
export const isTooLong = (text: string): boolean => toWords(text).length > MAX_WORDS;

/**
 * The words and phrases of a text, without those that do not describe the subject. The longest known phrase counts.
 * @param options.allowTypos whether a word may differ from a known word by one letter
 */
export function analyze(text: string, { allowTypos = true } = {}): Term[] {
  const words = toWords(text).slice(0, MAX_WORDS);
  const terms: Term[] = [];
  for (let position = 0; position < words.length;) {
    const { length, term } = termAt(words, position, allowTypos);
    if (!term.concepts.includes('FILLER') && (term.concepts.length > 0 || term.stem.length > 1)) terms.push(term);
    position += length;
  }
  return terms;
}

function termAt(words: readonly string[], position: number, allowTypos: boolean): { length: number; term: Term } {
  for (let length = Math.min(MAX_PHRASE_WORDS, words.length - position); length > 0; length -= 1) {
    const stem = toKey(words.slice(position, position + length));
    const concepts = BY_PHRASE.get(stem);
    if (concepts) return { length, term: { stem, concepts: [...concepts], isOrdinary: false } };
  }
  const word = words[position] ?? '';
  const stem = toStem(word);
  const known = byPrefix(word) ?? (MEDICAL_ENDING.test(word) ? CLINICAL : undefined);
  const isOrdinary = known === undefined && isOrdinaryWord(word, stem);
  // "resort" is not "report" with a wrong letter.
  const concepts = known ?? (allowTypos && !isOrdinary ? byTypo(stem) : undefined) ?? [];
  return { length: 1, term: { stem, concepts: [...concepts], isOrdinary } };
}

function byPrefix(word: string): ReadonlySet<Concept> | undefined {
  const single = withoutDoubledLetters(word);
  for (let length = single.length; length >= MIN_PREFIX_LETTERS; length -= 1) {
    const concepts = BY_PREFIX.get(single.slice(0, length));
    if (concepts) return concepts;
  }
  return undefined;
}

function byTypo(stem: string): Set<Concept> | undefined {
  if (stem.length < MIN_TYPO_LETTERS) return undefined;
  const known = KNOWN_WORDS.find((each) => isTypo(each, stem));
  return known === undefined ? undefined : (BY_PHRASE.get(known) ?? BY_PREFIX.get(known));
}
