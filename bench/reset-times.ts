import { join } from 'node:path';
import pg from 'pg';
import type { Bench } from './bench.js';
import { FEW_APPOINTMENTS } from './data-volumes.js';
import { getZ, MAX_Z } from './rank-sum.js';
import { median, short, table } from './report.js';
import { ServerProcess } from './servers.js';

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
export async function resetTimes({ databases, redisUrl, secret, dataDir }: Bench): Promise<number> {
  const databaseUrl = await databases.copy('careslot', FEW_APPOINTMENTS);
  await insertAccounts(databaseUrl);
  const server = await ServerProcess.careslot({
    name: 'CareSlot',
    databaseUrl,
    redisUrl,
    secret,
    logFile: join(dataDir, 'careslot.log'),
    env: { JOBS_IN_PROCESS: 'true' },
  });
  const times: Record<Kind, number[]> = { known: [], unverified: [], closed: [], 'desk record': [], unknown: [] };
  let bad = 0;
  try {
    for (let n = 0; n < WARM_UP_CALLS; n += 1) await forgot(server.url, `warm-up-${n}@reset.test`, n);
    const calls = KINDS.flatMap((kind) => Array.from({ length: CALLS }, (_, n) => ({ kind, n, order: Math.random() })));
    calls.sort((a, b) => a.order - b.order);
    for (const [index, { kind, n }] of calls.entries()) {
      const from = performance.now();
      const status = await forgot(server.url, toAddress(kind, n), index);
      times[kind].push(performance.now() - from);
      if (status !== 202) bad += 1;
    }
  } finally {
    await server.stop();
  }
  const scores = KINDS.map((kind) => getZ(times[kind], times.unknown));
  const rows = KINDS.map((kind, n) => [kind, short(median(times[kind], (time) => time)), (scores[n] ?? 0).toFixed(2)]);
  process.stdout.write(`\n${table(['address', 'median ms', 'z against unknown'], rows)}\nwrong responses: ${bad}\n`);
  return bad === 0 && scores.every((z) => Math.abs(z) < MAX_Z) ? 0 : 1;
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

async function insertAccounts(databaseUrl: string): Promise<void> {
  const db = new pg.Client({ connectionString: databaseUrl });
  await db.connect();
  try {
    for (const kind of KINDS.filter((one) => one !== 'unknown')) {
      const addresses = Array.from({ length: CALLS }, (_, n) => toAddress(kind, n));
      await db.query(
        `INSERT INTO user_account (id, email, role, first_name, last_name, password_hash, email_verified_at, deleted_at)
         SELECT uuid7(), email, 'CLIENT', 'Pat', 'Ient', $2, CASE WHEN $3 THEN now() END, CASE WHEN $4 THEN now() END
         FROM unnest($1::text[]) AS email`,
        [addresses, kind === 'desk record' ? null : 'x', kind === 'known' || kind === 'closed', kind === 'closed'],
      );
    }
    await db.query('ANALYZE user_account');
  } finally {
    await db.end();
  }
}
