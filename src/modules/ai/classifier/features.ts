import { normalizeText } from '../red-flags/normalize.js';
import { addToHash, HASH_START, toBucket } from './feature-hash.js';

/** The number of weights per class. Features share a weight if their hashes are equal. */
export const BUCKETS = 2 ** 17;

/** Characters of a part of a word. */
const MIN_GRAM = 2;
const MAX_GRAM = 5;
/** A word longer than this is read as its first characters. No language of the corpus has such words. */
const MAX_WORD_CHARACTERS = 40;

/** Keeps features of different kinds apart in the hash. */
const KIND = { gram: 1, word: 2, skeleton: 3, pair: 4, skip: 5, number: 6, negated: 7 } as const;

/** Words that negate what follows them, and those that negate what precedes them. */
const NEGATIONS = new Set(
  'no not never without nor dont doesnt didnt isnt arent wasnt hasnt havent لا ما مش مو مب ولا ليس ليست بدون مافي مفيش مافيه ماكو wala mafeesh mesh'.split(
    ' ',
  ),
);
const NEGATIONS_AFTER = new Set('नहीं नही ना nahi nahin nhi nai'.split(' '));
/** Words before or after a negation that it may refer to. */
const NEGATED_WORDS = 3;

/** A message as the classifier reads it: its words, and for each word the clause that it belongs to. */
export interface Words {
  words: readonly string[];
  clauses: readonly number[];
}

/** Normalizes a message and splits it into words. */
export function splitIntoWords(text: string): Words {
  const words: string[] = [];
  const clauses: number[] = [];
  let clause = 0;
  for (const word of normalizeText(text).split(' ')) {
    if (word === '|') clause += 1;
    else if (word !== '') {
      words.push(word.slice(0, MAX_WORD_CHARACTERS));
      clauses.push(clause);
    }
  }
  return { words, clauses };
}

/** The buckets of the features of some words, each once: the words, parts of them, pairs of neighbours, and negated words. */
export function getBuckets(words: readonly string[]): Set<number> {
  const buckets = new Set<number>();
  words.forEach((word, index) => {
    addWord(word, buckets);
    const [next, afterNext] = [words[index + 1], words[index + 2]];
    if (next !== undefined) buckets.add(hash(KIND.pair, `${word} ${next}`));
    if (afterNext !== undefined) buckets.add(hash(KIND.skip, `${word} ${afterNext}`));
    for (const negated of getNegated(words, index)) buckets.add(hash(KIND.negated, negated));
  });
  return buckets;
}

function getNegated(words: readonly string[], index: number): readonly string[] {
  const word = words[index] ?? '';
  if (NEGATIONS.has(word)) return words.slice(index + 1, index + 1 + NEGATED_WORDS);
  return NEGATIONS_AFTER.has(word) ? words.slice(Math.max(0, index - NEGATED_WORDS), index) : [];
}

function addWord(word: string, buckets: Set<number>): void {
  buckets.add(hash(KIND.word, word));
  // "82" and "84" mean the same for an oxygen reading.
  if (/^\d{2,3}$/.test(word)) buckets.add(hash(KIND.number, `${word.slice(0, -1)}·`));
  // Hindi and Arabic in Latin letters have no standard spelling of vowels: "nahi", "nahin", "nhi".
  if (/^[a-z]{3,}$/.test(word)) buckets.add(hash(KIND.skeleton, toSkeleton(word)));
  addGrams(`^${word}$`, buckets);
}

function addGrams(text: string, buckets: Set<number>): void {
  for (let start = 0; start + MIN_GRAM <= text.length; start += 1) {
    const end = Math.min(start + MAX_GRAM, text.length);
    let state = startHash(KIND.gram);
    for (let at = start; at < end; at += 1) {
      state = addToHash(state, text.charCodeAt(at));
      if (at - start + 1 >= MIN_GRAM) buckets.add(toBucket(state, BUCKETS));
    }
  }
}

const toSkeleton = (word: string): string =>
  (word[0] ?? '') +
  word
    .slice(1)
    .replace(/[aeiouyhw]/g, '')
    .replace(/(.)\1+/g, '$1');

function hash(kind: number, text: string): number {
  let state = startHash(kind);
  for (let at = 0; at < text.length; at += 1) state = addToHash(state, text.charCodeAt(at));
  return toBucket(state, BUCKETS);
}

const startHash = (kind: number): number => addToHash(HASH_START, kind);
