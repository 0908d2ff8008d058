import { foldLetters } from '../red-flags/normalize.js';
import { withPlainDigits } from './plain-digits.js';
import type { Kind } from './rules.js';

/** What is known about the person who writes. It never leaves the system, however it is spelled. */
export interface OwnData {
  names: readonly string[];
  /** Address, record numbers and the like: removed if they appear word for word. */
  phrases: readonly string[];
}

const MIN_NAME_CHARACTERS = 2;
/** Of a name of several words each such word is one. */
const MIN_PART_CHARACTERS = 3;
const MIN_PHRASE_CHARACTERS = 4;
const WORD = /[\p{L}\p{M}\p{N}\u200D]+/gu;
/** And, by, to, so, like: written together with what follows. */
const ARABIC_PREFIX = /^[وبلفك](?=\p{Script=Arabic}{3})/u;
const PHONE_NUMBER = /\+?\d[\d ()/-]{5,}/g;

interface Word {
  text: string;
  start: number;
  end: number;
}

/** Accents, vowel signs and the forms of alef make no other name. */
export const wordsOf = (text: string): Word[] =>
  [...text.matchAll(WORD)].map(({ 0: word, index }) => ({
    text: foldLetters(word.toLowerCase()),
    start: index,
    end: index + word.length,
  }));

const phraseOf = (text: string): string[] => wordsOf(withPlainDigits(text)).map((word) => word.text);

/** A name, and each word of it that is long enough. */
function namesOf(name: string): string[][] {
  const words = phraseOf(name);
  return [words, ...words.filter((word) => word.length >= MIN_PART_CHARACTERS).map((word) => [word])];
}

/** An address or a contact as it stands, its parts of several words, and a number that is written without its dashes. */
function partsOf(text: string): string[][] {
  const parts = text.replace(PHONE_NUMBER, ',').split(/[,;:\n()]+/u);
  const words = phraseOf(text);
  const together = /\d/.test(text) && words.length <= 3 ? [[words.join('')]] : [];
  return [words, ...parts.map(phraseOf).filter((part) => part.length > 1), ...together];
}

/** The person's own data as words. Compared word by word: a pattern per person would have to be compiled each time. */
export const ownPhrases = ({ names, phrases }: OwnData): [Kind, string[]][] => [
  ...phrases
    .filter((text) => text.trim().length >= MIN_PHRASE_CHARACTERS)
    .flatMap(partsOf)
    .map((words): [Kind, string[]] => ['address', words]),
  ...names
    .filter((text) => text.trim().length >= MIN_NAME_CHARACTERS)
    .flatMap(namesOf)
    .map((words): [Kind, string[]] => ['name', words]),
];

const isWord = (word: Word | undefined, text: string): boolean =>
  word !== undefined && (word.text === text || word.text.replace(ARABIC_PREFIX, '') === text);

export const startsAt = (words: readonly Word[], at: number, phrase: readonly string[]): boolean =>
  phrase.length > 0 && phrase.every((text, n) => isWord(words[at + n], text));
