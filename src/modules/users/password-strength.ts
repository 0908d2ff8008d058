import { createRequire } from 'node:module';
import type { ZxcvbnFactory } from '@zxcvbn-ts/core';
import type * as common from '@zxcvbn-ts/language-common';
import type * as english from '@zxcvbn-ts/language-en';

/** The owner of a password. A guesser tries these words first. */
export interface PasswordOwner {
  email: string | null;
  firstName?: string;
  lastName?: string;
}

const PRODUCT_WORDS = ['careslot', 'neuroaid', 'clinic', 'hospital', 'doctor', 'patient', 'appointment', 'booking'];
/** Eight random characters need this many guesses. zxcvbn's score 3 starts slightly above and would refuse them. */
const MIN_GUESSES = 1e8;
/** For the rest of a password without the words of its owner and of the product. */
const MIN_GUESSES_OF_REST = 1e4;
/** Only the start of a password is estimated, because the time of an estimate grows faster than the length. */
const MAX_ESTIMATED_CHARACTERS = 40;
const MIN_WORD_CHARACTERS = 3;
/** Other spellings of shorter words also occur in random characters. */
const MIN_RESPELLED_CHARACTERS = 4;
/** Digits and signs that replace letters. */
const SUBSTITUTIONS: Record<string, string> = {
  a: 'a4@',
  b: 'b8',
  c: 'c(',
  e: 'e3',
  g: 'g69',
  i: 'i1!|',
  l: 'l1!|',
  o: 'o0',
  s: 's5$',
  t: 't7+',
  z: 'z2',
};
const GAP = '[\\s._-]*';
const GAPS = /[\s._-]+/gu;

let estimator: ZxcvbnFactory | null = null;

/** Loads the word lists, about 50 MiB, when the first password is chosen. Signing in does not need them. */
function loadEstimator(): ZxcvbnFactory {
  if (estimator) return estimator;
  const require = createRequire(import.meta.url);
  const core = require('@zxcvbn-ts/core') as { ZxcvbnFactory: typeof ZxcvbnFactory };
  const { dictionary: passwords, adjacencyGraphs: graphs } = require('@zxcvbn-ts/language-common') as typeof common;
  const { dictionary: words } = require('@zxcvbn-ts/language-en') as typeof english;
  estimator = new core.ZxcvbnFactory({
    dictionary: {
      'passwords-common': passwords['passwords-common'],
      'commonWords-en': words['commonWords-en'],
      'firstnames-en': words['firstnames-en'],
      'lastnames-en': words['lastnames-en'],
    },
    graphs,
    maxLength: MAX_ESTIMATED_CHARACTERS,
    l33tMaxSubstitutions: 20,
  });
  return estimator;
}

/** Whether a password is hard to guess, also for a person who knows the owner's name and address. */
export function isStrongPassword(password: string, owner: PasswordOwner): boolean {
  const words = getOwnWords(owner);
  const zxcvbn = loadEstimator();
  if (zxcvbn.check(password, words).guesses < MIN_GUESSES) return false;
  const rest = removeWords(password, words);
  return rest === password || zxcvbn.check(rest, words).guesses >= MIN_GUESSES_OF_REST;
}

function getOwnWords({ email, firstName = '', lastName = '' }: PasswordOwner): string[] {
  const [local = '', domain = ''] = (email ?? '').split('@');
  const names = [firstName, lastName, `${firstName}${lastName}`, `${lastName}${firstName}`, local];
  const parts = [firstName, lastName, local, domain].flatMap((text) => text.split(/[^\p{L}\p{N}]+/u));
  const all = [...names, ...parts, ...(email ? [email] : []), ...PRODUCT_WORDS].map(normalize);
  return [...new Set(all.filter((word) => word.length >= MIN_WORD_CHARACTERS))];
}

/** Removes the words, also if they are written with digits, signs or gaps: `C@r3Sl0t`, `m o n a`. */
function removeWords(password: string, words: readonly string[]): string {
  const longestFirst = [...words].sort((a, b) => b.length - a.length);
  const normalized = normalize(password);
  const rest = longestFirst.reduce((text, word) => text.replaceAll(toSpellings(word), ''), normalized);
  return rest === normalized ? password : rest.replace(/[^\p{L}\p{N}]/gu, '');
}

/** The gaps of the word itself are removed first, so that no character matches both a letter and a gap (catastrophic backtracking). */
function toSpellings(word: string): RegExp | string {
  const letters = [...word.replace(GAPS, '')];
  if (letters.length < MIN_RESPELLED_CHARACTERS) return word;
  return new RegExp(letters.map((letter) => `[${escapeInClass(SUBSTITUTIONS[letter] ?? letter)}]`).join(GAP), 'gu');
}

const escapeInClass = (characters: string): string => characters.replace(/[\\^\]-]/g, '\\$&');

const normalize = (text: string): string => text.normalize('NFKC').toLowerCase();
