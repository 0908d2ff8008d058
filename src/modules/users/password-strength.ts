import { createRequire } from 'node:module';
import type { ZxcvbnFactory } from '@zxcvbn-ts/core';
import type * as common from '@zxcvbn-ts/language-common';
import type * as english from '@zxcvbn-ts/language-en';

/** Whose password it is: others try these words first. */
export interface PasswordOwner {
  email: string | null;
  firstName?: string;
  lastName?: string;
}

const PRODUCT_WORDS = ['careslot', 'neuroaid', 'clinic', 'hospital', 'doctor', 'patient', 'appointment', 'booking'];
/** What eight random characters take. zxcvbn's score 3 begins five guesses above it, and would refuse them all. */
const MIN_GUESSES = 1e8;
/** Of the letters and digits that a password has beside the words of its owner and the product. */
const MIN_GUESSES_BESIDE_OWN_WORDS = 1e4;
/** The time that an estimate takes grows faster than the length. What is strong up to here is strong. */
const MAX_CHARACTERS = 40;
const SHORTEST_WORD = 3;
/** Shorter words would be found in the middle of random characters, if they were looked for in other spellings. */
const SHORTEST_RESPELLED_WORD = 4;
/** How letters are written with digits and signs. */
const RESPELLED: Record<string, string> = {
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

/** Words and common passwords take some 50 MiB: read when the first password is chosen, not to sign people in. */
function load(): ZxcvbnFactory {
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
    maxLength: MAX_CHARACTERS,
    l33tMaxSubstitutions: 20,
  });
  return estimator;
}

/** Whether a guesser who knows the owner's name and address would still need very many guesses. */
export function isStrongPassword(password: string, owner: PasswordOwner): boolean {
  const words = ownWords(owner);
  const zxcvbn = load();
  if (zxcvbn.check(password, words).guesses < MIN_GUESSES) return false;
  const beside = withoutWords(password, words);
  return beside === password || zxcvbn.check(beside, words).guesses >= MIN_GUESSES_BESIDE_OWN_WORDS;
}

function ownWords({ email, firstName = '', lastName = '' }: PasswordOwner): string[] {
  const [local = '', domain = ''] = (email ?? '').split('@');
  const names = [firstName, lastName, `${firstName}${lastName}`, `${lastName}${firstName}`, local];
  const parts = [firstName, lastName, local, domain].flatMap((text) => text.split(/[^\p{L}\p{N}]+/u));
  const all = [...names, ...parts, ...(email ? [email] : []), ...PRODUCT_WORDS].map(fold);
  return [...new Set(all.filter((word) => word.length >= SHORTEST_WORD))];
}

/** Without the words, also where they are written with digits, signs or gaps: `C@r3Sl0t`, `m o n a`. */
function withoutWords(password: string, words: readonly string[]): string {
  const longestFirst = [...words].sort((a, b) => b.length - a.length);
  const folded = fold(password);
  const rest = longestFirst.reduce((text, word) => text.replaceAll(spellingsOf(word), ''), folded);
  return rest === folded ? password : rest.replace(/[^\p{L}\p{N}]/gu, '');
}

/** No character of a word can also be a gap: else a long row of gaps would keep the pattern busy. */
function spellingsOf(word: string): RegExp | string {
  const letters = [...word.replace(GAPS, '')];
  if (letters.length < SHORTEST_RESPELLED_WORD) return word;
  return new RegExp(letters.map((letter) => `[${inClass(RESPELLED[letter] ?? letter)}]`).join(GAP), 'gu');
}

const inClass = (characters: string): string => characters.replace(/[\\^\]-]/g, '\\$&');

const fold = (text: string): string => text.normalize('NFKC').toLowerCase();
