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
/** zxcvbn's scale from 0 to 4: 3 is more than a hundred million guesses. */
const MIN_SCORE = 3;
/** Of the letters and digits that a password has beside the words of its owner and the product. */
const MIN_GUESSES_BESIDE_OWN_WORDS = 1e4;
/** The time that an estimate takes grows faster than the length. What is strong up to here is strong. */
const MAX_CHARACTERS = 40;
const SHORTEST_WORD = 3;

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
  if (zxcvbn.check(password, words).score < MIN_SCORE) return false;
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

function withoutWords(password: string, words: readonly string[]): string {
  const longestFirst = [...words].sort((a, b) => b.length - a.length);
  const folded = fold(password);
  const rest = longestFirst.reduce((text, word) => text.replaceAll(word, ''), folded);
  return rest === folded ? password : rest.replace(/[^\p{L}\p{N}]/gu, '');
}

const fold = (text: string): string => text.normalize('NFKC').toLowerCase();
