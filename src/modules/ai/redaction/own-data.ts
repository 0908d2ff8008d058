import { normalizeLetters } from '../red-flags/normalize.js';
import { withPlainDigits } from './plain-digits.js';
import type { RedactionKind } from './rules.js';

/** What is known about the person who writes. It never leaves the system, in any spelling. */
export interface OwnData {
  names: readonly string[];
  /** Address, record numbers, emergency contact. */
  phrases: readonly string[];
}

/** Words that are removed if they follow each other in a text. */
export interface OwnPhrase {
  kind: RedactionKind;
  words: readonly string[];
}

export interface Word {
  /** Normalized: without accents and vowel signs, one form of alef. */
  text: string;
  start: number;
  end: number;
}

const MIN_NAME_CHARACTERS = 2;
/** If a name has several words, each of them that is this long is also removed alone. */
const MIN_NAME_PART_CHARACTERS = 3;
const MIN_PHRASE_CHARACTERS = 4;
/** An address or a record number of so few words is also removed if it is written as one word. */
const MAX_JOINED_WORDS = 3;
const WORD = /[\p{L}\p{M}\p{N}\u200D]+/gu;
/** "And", "by", "to", "so", "like": in Arabic they are written together with the next word. */
const ARABIC_PREFIX = /^[وبلفك](?=\p{Script=Arabic}{3})/u;
const PHONE_NUMBER = /\+?\d[\d ()/-]{5,}/g;

export const splitWords = (text: string): Word[] =>
  [...text.matchAll(WORD)].map(({ 0: word, index }) => ({
    text: normalizeLetters(word.toLowerCase()),
    start: index,
    end: index + word.length,
  }));

const splitPhrase = (text: string): string[] => splitWords(withPlainDigits(text)).map((word) => word.text);

/**
 * The person's data as phrases. Record numbers and contacts also become `[address]`. Phrases are compared word by word:
 * compiling a pattern for each person would be slower.
 */
export const toOwnPhrases = ({ names, phrases }: OwnData): OwnPhrase[] => [
  ...phrases
    .filter((text) => text.trim().length >= MIN_PHRASE_CHARACTERS)
    .flatMap(expandPhrase)
    .map((words): OwnPhrase => ({ kind: 'address', words })),
  ...names
    .filter((text) => text.trim().length >= MIN_NAME_CHARACTERS)
    .flatMap(expandName)
    .map((words): OwnPhrase => ({ kind: 'name', words })),
];

/** The whole name, and each longer word of it. */
function expandName(name: string): string[][] {
  const words = splitPhrase(name);
  return [words, ...words.filter((word) => word.length >= MIN_NAME_PART_CHARACTERS).map((word) => [word])];
}

/** The whole address or contact, its parts of several words, and a record number without its separators. */
function expandPhrase(text: string): string[][] {
  const parts = text.replace(PHONE_NUMBER, ',').split(/[,;:\n()]+/u);
  const words = splitPhrase(text);
  const joined = /\d/.test(text) && words.length <= MAX_JOINED_WORDS ? [[words.join('')]] : [];
  return [words, ...parts.map(splitPhrase).filter((part) => part.length > 1), ...joined];
}

const isSameWord = (word: Word | undefined, text: string): boolean =>
  word !== undefined && (word.text === text || word.text.replace(ARABIC_PREFIX, '') === text);

export const phraseStartsAt = (text: readonly Word[], position: number, { words }: OwnPhrase): boolean =>
  words.length > 0 && words.every((word, offset) => isSameWord(text[position + offset], word));
