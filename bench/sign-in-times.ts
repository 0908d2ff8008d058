import { hash } from '@node-rs/argon2';
import type pg from 'pg';
import { ARGON2 } from '../src/modules/users/passwords.js';
import { insertAccounts } from './accounts.js';
import type { Bench } from './bench.js';
import { getZ, MAX_Z } from './rank-sum.js';
import { median, short, table } from './report.js';
import { measureResponseTimes } from './response-times.js';

/** Calls for each kind of sign-in. */
const CALLS = 150;
const WARM_UP_CALLS = 30;
const PASSWORD = 'a-long-and-quiet-river';

/** An attacker must not be able to tell the kinds with a wrong password apart. */
const KINDS = {
  unknown: { account: null, password: 'wrong', code: 'INVALID_CREDENTIALS' },
  'wrong password': { account: 'plain', password: 'wrong', code: 'INVALID_CREDENTIALS' },
  'wrong password, second factor': { account: 'mfa', password: 'wrong', code: 'INVALID_CREDENTIALS' },
  'right password': { account: 'plain', password: PASSWORD, code: null },
  'right password, second factor, no code': { account: 'mfa', password: PASSWORD, code: 'MFA_REQUIRED' },
} as const;
type Kind = keyof typeof KINDS;
const NAMES = Object.keys(KINDS) as Kind[];

/**
 * Compares the response times of `POST /auth/login` for accounts with and without a second factor and unknown addresses, in random
 * order. Those with the right password are only reported: their responses differ.
 * @returns the exit code: 1 if an attacker without the password could tell accounts apart, or a response was wrong
 */
export async function signInTimes(bench: Bench): Promise<number> {
  const { times, wrong } = await measureResponseTimes(bench, {
    kinds: NAMES,
    calls: CALLS,
    warmUpCalls: WARM_UP_CALLS,
    insertAccounts: insertAll,
    warmUp: (url, n) => signIn(url, `warm-up-${n}@sign-in.test`, 'wrong', n),
    call: async (url, kind, n, index) => {
      const { account, password, code } = KINDS[kind];
      return (await signIn(url, toAddress(account ?? 'unknown', n), password, WARM_UP_CALLS + index)) === code;
    },
  });
  const hasWrongPassword = (kind: Kind): boolean => KINDS[kind].password === 'wrong';
  const scores = NAMES.map((kind) => ({ kind, z: getZ(times[kind], times.unknown) }));
  const rows = scores.map(({ kind, z }) => [
    kind,
    short(median(times[kind])),
    hasWrongPassword(kind) ? z.toFixed(2) : '-',
  ]);
  process.stdout.write(`\n${table(['sign-in', 'median ms', 'z against unknown'], rows)}\nwrong responses: ${wrong}\n`);
  return wrong === 0 && scores.every(({ kind, z }) => !hasWrongPassword(kind) || Math.abs(z) < MAX_Z) ? 0 : 1;
}

const toAddress = (account: string, n: number): string => `${account}-${n}@sign-in.test`;

/** From another network each time, because the attempts of a network are limited. @returns the error code; null for a sign-in */
async function signIn(url: string, email: string, password: string, n: number): Promise<string | null> {
  const response = await fetch(`${url}/api/v1/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-forwarded-for': `10.8.${n >> 8}.${n & 255}` },
    body: JSON.stringify({ email, password }),
  });
  const { error } = (await response.json()) as { error?: { code: string } };
  return error?.code ?? null;
}

async function insertAll(db: pg.Client): Promise<void> {
  const passwordHash = await hash(PASSWORD, ARGON2);
  for (const account of ['plain', 'mfa']) {
    const addresses = Array.from({ length: CALLS }, (_, n) => toAddress(account, n));
    const ids = await insertAccounts(db, addresses, { passwordHash });
    if (account === 'mfa')
      await db.query(`INSERT INTO mfa_factor (user_id, secret, enabled_at) SELECT unnest($1::uuid[]), '', now()`, [
        ids,
      ]);
  }
}
