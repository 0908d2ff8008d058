import type pg from 'pg';
import { insertAccounts } from './accounts.js';
import type { Bench } from './bench.js';
import { getZ, MAX_Z } from './rank-sum.js';
import { median, short, table } from './report.js';
import { measureResponseTimes } from './response-times.js';

/** Calls for each kind of address. */
const CALLS = 200;
const WARM_UP_CALLS = 50;

/**
 * `closed`: the account was deleted. `desk record`: the front desk registered the patient, who has no password. `unknown`: there is no
 * account.
 */
const KINDS = ['known', 'unverified', 'closed', 'desk record', 'unknown'] as const;
type Kind = (typeof KINDS)[number];

/**
 * Compares the response times of `POST /auth/password/forgot` for addresses with and without an account, in random order.
 * @returns the exit code: 1 if an attacker could tell two kinds of addresses apart, or a response was wrong
 */
export async function resetTimes(bench: Bench): Promise<number> {
  const { times, wrong } = await measureResponseTimes(bench, {
    kinds: KINDS,
    calls: CALLS,
    warmUpCalls: WARM_UP_CALLS,
    insertAccounts: insertAll,
    warmUp: (url, n) => forgot(url, `warm-up-${n}@reset.test`, n),
    call: async (url, kind, n, index) => (await forgot(url, toAddress(kind, n), index)) === 202,
  });
  const scores = KINDS.map((kind) => getZ(times[kind], times.unknown));
  const rows = KINDS.map((kind, n) => [kind, short(median(times[kind])), (scores[n] ?? 0).toFixed(2)]);
  process.stdout.write(`\n${table(['address', 'median ms', 'z against unknown'], rows)}\nwrong responses: ${wrong}\n`);
  return wrong === 0 && scores.every((z) => Math.abs(z) < MAX_Z) ? 0 : 1;
}

const toAddress = (kind: Kind, n: number): string => `${kind.replace(' ', '-')}-${n}@reset.test`;

/** From another network each time, because the requests of a network are limited. */
async function forgot(url: string, email: string, n: number): Promise<number> {
  const response = await fetch(`${url}/api/v1/auth/password/forgot`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-forwarded-for': `10.9.${n >> 8}.${n & 255}` },
    body: JSON.stringify({ email }),
  });
  await response.arrayBuffer();
  return response.status;
}

async function insertAll(db: pg.Client): Promise<void> {
  for (const kind of KINDS.filter((one) => one !== 'unknown')) {
    const addresses = Array.from({ length: CALLS }, (_, n) => toAddress(kind, n));
    await insertAccounts(db, addresses, {
      passwordHash: kind === 'desk record' ? null : 'x',
      isVerified: kind === 'known' || kind === 'closed',
      isClosed: kind === 'closed',
    });
  }
}
