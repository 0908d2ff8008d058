import { hash } from '@node-rs/argon2';
import type pg from 'pg';
import { newId } from '../src/core/kernel/id.js';
import type { Bench } from './bench.js';
import { getZ, MAX_Z } from './rank-sum.js';
import { median, short, table } from './report.js';
import { measureResponseTimes } from './response-times.js';
import { benchContacts } from './seed-clients.js';

/** Calls for each kind of sign-in. */
const CALLS = 150;
const WARM_UP_CALLS = 30;
const PASSWORD = 'a-long-and-quiet-river';
/** As in src/modules/users/passwords.ts: argon2id, 19 MiB, two passes. */
const ARGON2 = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 };

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
    insertAccounts,
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
    short(median(times[kind], (time) => time)),
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

async function insertAccounts(db: pg.Client): Promise<void> {
  const passwordHash = await hash(PASSWORD, ARGON2);
  const contacts = benchContacts(db);
  for (const account of ['plain', 'mfa']) {
    const ids = Array.from({ length: CALLS }, () => newId());
    const encrypted = await Promise.all(
      ids.map((id, n) => contacts.encrypt(id, { email: toAddress(account, n), phone: null })),
    );
    await db.query(
      `WITH account AS (
         INSERT INTO user_account (id, email, email_index, role, first_name, last_name, password_hash, email_verified_at)
         SELECT u.id, u.email, u.email_index, 'CLIENT', 'Pat', 'Ient', $4, now()
         FROM unnest($1::uuid[], $2::bytea[], $3::bytea[]) AS u (id, email, email_index) RETURNING id)
       INSERT INTO mfa_factor (user_id, secret, enabled_at) SELECT id, '', now() FROM account WHERE $5`,
      [
        ids,
        encrypted.map(({ encryptedEmail }) => encryptedEmail),
        encrypted.map(({ emailIndex }) => emailIndex),
        passwordHash,
        account === 'mfa',
      ],
    );
  }
}
