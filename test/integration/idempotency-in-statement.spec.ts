import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { AddressInfo } from 'node:net';
import pg from 'pg';
import { loadConfig } from '../../src/core/config/config.js';
import { newId } from '../../src/core/kernel/id.js';
import { createMigratedDatabase, dropDatabase, testEnvironment } from '../support/app.js';
import { eventually } from '../support/eventually.js';
import { countLockWaits, lockTable } from '../support/locks.js';
import { startItemsApp, type NewItem } from '../support/items-app.js';

/** A use case that stores its Idempotency-Key and answer in the same statement as its own row. */

let database: { name: string; url: string };
let pool: pg.Pool;
let apps: NestExpressApplication[];
/** The addresses of two applications, which do not share memory, like two processes. */
let urls: string[];

beforeAll(async () => {
  database = await createMigratedDatabase();
  pool = new pg.Pool({ connectionString: database.url, max: 3 });
  // The database is dropped while the last connections are still closing.
  pool.on('error', () => undefined);
  await pool.query('CREATE TABLE item (id uuid PRIMARY KEY, name text NOT NULL UNIQUE)');
  const config = loadConfig({ ...testEnvironment(database.url), JOBS_IN_PROCESS: 'false' });
  apps = await Promise.all([0, 1].map(() => startItemsApp(config)));
  urls = apps.map(toUrl);
});

beforeEach(async () => {
  await pool.query('TRUNCATE item');
});

afterAll(async () => {
  await Promise.all((apps ?? []).map((app) => app.close()));
  await pool?.end();
  await dropDatabase(database.name);
});

const toUrl = (app: NestExpressApplication): string =>
  `http://127.0.0.1:${(app.getHttpServer().address() as AddressInfo).port}/api/v1/items`;

interface Sent {
  status: number;
  code: string | undefined;
  data: { id: string; inTransaction: boolean } | undefined;
  replayed: string | null;
}

async function add(item: NewItem, key: string | null, to = 0): Promise<Sent> {
  const response = await fetch(urls[to] as string, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(key && { 'idempotency-key': key }) },
    body: JSON.stringify(item),
  });
  const body: any = await response.json();
  const replayed = response.headers.get('idempotency-replayed');
  return { status: response.status, code: body.error?.code, data: body.data, replayed };
}

async function names(): Promise<string[]> {
  const { rows } = await pool.query<{ name: string }>('SELECT name FROM item ORDER BY name');
  return rows.map(({ name }) => name);
}

/** Delays every write to `item` until `release`. */
async function holdWrites(): Promise<{ untilWaiting(count: number): Promise<void>; release(): Promise<void> }> {
  const release = await lockTable(pool, 'item', 'SHARE');
  const untilWaiting = (count: number): Promise<void> =>
    eventually(async () => expect(await countLockWaits(pool)).toBe(count));
  return { untilWaiting, release };
}

describe('a use case that stores the answer to its key', () => {
  it('runs without a surrounding transaction, with and without a key', async () => {
    const answer = await add({ name: 'a' }, null);
    expect([answer.status, answer.data?.inTransaction]).toEqual([201, false]);
    expect((await add({ name: 'b' }, newId())).data?.inTransaction).toBe(false);
    expect(await names()).toEqual(['a', 'b']);
  });

  it('runs once: the repeated request gets the first answer', async () => {
    const key = newId();
    const first = await add({ name: 'a' }, key);
    const second = await add({ name: 'a' }, key);
    expect([first.status, first.replayed]).toEqual([201, null]);
    expect(second).toEqual({ ...first, replayed: 'true' });
    expect(await names()).toEqual(['a']);
  });

  it('returns its answer also after JWT_SECRET was replaced, and still refuses another request with its key', async () => {
    const key = newId();
    const first = await add({ name: 'a' }, key);
    const environment = testEnvironment(database.url);
    const rotated = await startItemsApp(
      loadConfig({
        ...environment,
        JOBS_IN_PROCESS: 'false',
        JWT_SECRET: 'the-new-secret-of-the-tests-0123456789',
        JWT_SECRET_PREVIOUS: environment.JWT_SECRET,
      }),
    );
    urls.push(toUrl(rotated));
    try {
      expect(await add({ name: 'a' }, key, 2)).toEqual({ ...first, replayed: 'true' });
      expect((await add({ name: 'b' }, key, 2)).code).toBe('IDEMPOTENCY_KEY_REUSED');
    } finally {
      urls.pop();
      await rotated.close();
    }
  });

  it('can be repeated with the same key after it failed', async () => {
    const key = newId();
    await pool.query(`INSERT INTO item VALUES ($1, 'a')`, [newId()]);
    const refused = await add({ name: 'a' }, key);
    expect([refused.status, refused.code, refused.replayed]).toEqual([409, 'ALREADY_EXISTS', null]);
    await pool.query('TRUNCATE item');
    const done = await add({ name: 'a' }, key);
    expect([done.status, done.replayed]).toEqual([201, null]);
    expect(await names()).toEqual(['a']);
  });

  it('rejects a key that was used for another request', async () => {
    const key = newId();
    await add({ name: 'a' }, key);
    const other = await add({ name: 'b' }, key);
    expect([other.status, other.code]).toEqual([422, 'IDEMPOTENCY_KEY_REUSED']);
    expect(await names()).toEqual(['a']);
  });

  it('returns its answer if it fails after the commit', async () => {
    const key = newId();
    const lost = await add({ name: 'a', failsAfterwards: true }, key);
    expect([lost.status, lost.replayed]).toEqual([201, 'true']);
    expect(await add({ name: 'a', failsAfterwards: true }, key)).toEqual(lost);
    expect(await names()).toEqual(['a']);
  });

  it('returns 500 if it succeeds without storing the answer', async () => {
    const answer = await add({ name: 'a', stores: false }, newId());
    expect([answer.status, answer.code]).toEqual([500, 'INTERNAL_ERROR']);
  });

  it('rejects a second request in the same process with IDEMPOTENCY_IN_PROGRESS while the first one runs', async () => {
    const key = newId();
    const writes = await holdWrites();
    const first = add({ name: 'a' }, key);
    try {
      await writes.untilWaiting(1);
      const second = await add({ name: 'a' }, key);
      expect([second.status, second.code]).toEqual([409, 'IDEMPOTENCY_IN_PROGRESS']);
    } finally {
      await writes.release();
    }
    const done = await first;
    expect(done.status).toBe(201);
    expect(await add({ name: 'a' }, key)).toEqual({ ...done, replayed: 'true' });
  });

  it('returns one answer to concurrent requests to two processes', async () => {
    const key = newId();
    const writes = await holdWrites();
    const both = [add({ name: 'a' }, key, 0), add({ name: 'a' }, key, 1)];
    try {
      await writes.untilWaiting(2);
    } finally {
      await writes.release();
    }
    const [one, other] = await Promise.all(both);
    expect([one?.status, other?.status]).toEqual([201, 201]);
    expect(other?.data).toEqual(one?.data);
    expect([one?.replayed, other?.replayed].filter(Boolean)).toEqual(['true']);
    expect(await names()).toEqual(['a']);
  });
});
