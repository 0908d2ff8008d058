import { join } from 'node:path';
import type pg from 'pg';
import type { Bench } from './bench.js';
import { withClient } from './client.js';
import { FEW_APPOINTMENTS } from './data-volumes.js';
import { ServerProcess } from './servers.js';

export interface TimedCalls<Kind extends string> {
  kinds: readonly Kind[];
  /** Calls of each kind, and calls before them that are not measured. */
  calls: number;
  warmUpCalls: number;
  insertAccounts: (db: pg.Client) => Promise<void>;
  warmUp: (url: string, n: number) => Promise<unknown>;
  /**
   * @param n the number of the call among those of its kind
   * @param index its number among all measured calls
   * @returns whether the response was right
   */
  call: (url: string, kind: Kind, n: number, index: number) => Promise<boolean>;
}

/**
 * Sends calls of several kinds in random order to a CareSlot server of its own.
 * @returns the response times of each kind in milliseconds, and the number of wrong responses
 */
export async function measureResponseTimes<Kind extends string>(
  { databases, redisUrl, secret, dataDir }: Bench,
  { kinds, calls, warmUpCalls, insertAccounts, warmUp, call }: TimedCalls<Kind>,
): Promise<{ times: Record<Kind, number[]>; wrong: number }> {
  const databaseUrl = await databases.copy('careslot', FEW_APPOINTMENTS);
  await withClient(databaseUrl, async (db) => {
    await insertAccounts(db);
    await db.query('ANALYZE user_account');
  });
  const server = await ServerProcess.careslot({
    name: 'CareSlot',
    databaseUrl,
    redisUrl,
    secret,
    logFile: join(dataDir, 'careslot.log'),
    env: { JOBS_IN_PROCESS: 'true' },
  });
  const times = Object.fromEntries(kinds.map((kind) => [kind, []])) as unknown as Record<Kind, number[]>;
  let wrong = 0;
  try {
    for (let n = 0; n < warmUpCalls; n += 1) await warmUp(server.url, n);
    const all = kinds.flatMap((kind) => Array.from({ length: calls }, (_, n) => ({ kind, n, order: Math.random() })));
    all.sort((a, b) => a.order - b.order);
    for (const [index, { kind, n }] of all.entries()) {
      const from = performance.now();
      const isRight = await call(server.url, kind, n, index);
      times[kind].push(performance.now() - from);
      if (!isRight) wrong += 1;
    }
  } finally {
    await server.stop();
  }
  return { times, wrong };
}
