import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { NestFactory } from '@nestjs/core';
import type { INestApplicationContext } from '@nestjs/common';
import pg from 'pg';
import { AppModule } from '../../src/app.module.js';
import { ChangeLog } from '../../src/core/changes/change-log.js';
import { loadConfig } from '../../src/core/config/config.js';
import { Database } from '../../src/core/database/database.js';
import { newId } from '../../src/core/kernel/id.js';
import { OutboxConsumers } from '../../src/core/outbox/outbox-consumers.js';
import { toSocketMessage, type PositionedMessage } from '../../src/core/outbox/outbox-event.js';
import { OutboxRelay } from '../../src/core/outbox/outbox-relay.js';
import { OutboxRepository } from '../../src/core/outbox/outbox.repository.js';
import { OutboxMaintenance } from '../../src/core/outbox/outbox-maintenance.js';
import { eventually } from '../support/eventually.js';
import { createMigratedDatabase, dropDatabase, testEnvironment } from '../support/app.js';

const RELAYS = 3;

let database: { name: string; url: string };
let pool: pg.Pool;
let contexts: INestApplicationContext[];
/** The messages that the relays delivered to sockets, in order. */
let delivered: PositionedMessage[];

beforeAll(async () => {
  database = await createMigratedDatabase();
  pool = new pg.Pool({ connectionString: database.url, max: 45 });
  // The database is dropped while the last connections are still closing.
  pool.on('error', () => undefined);
  await pool.query(`CREATE TABLE effect (event_id uuid, n int, at bigint GENERATED ALWAYS AS IDENTITY)`);
  const config = loadConfig({ ...testEnvironment(database.url), DATABASE_POOL_SIZE: '4' });
  contexts = await Promise.all(
    Array.from({ length: RELAYS }, () =>
      NestFactory.createApplicationContext(AppModule.forRoot(config), { logger: false, abortOnError: false }),
    ),
  );
  for (const context of contexts) listen(context);
});

beforeEach(async () => {
  delivered = [];
  await pool.query(`DELETE FROM outbox; DELETE FROM effect`);
});

afterAll(async () => {
  await Promise.all(contexts.map((context) => context.close()));
  await pool.end();
  await dropDatabase(database.name);
});

const first = (): INestApplicationContext => contexts[0] as INestApplicationContext;

/** A consumer in every process: inserts a row, throws for `poison`, hangs for `hangs`, and creates two messages for `test:two`. */
function listen(context: INestApplicationContext): void {
  const consumers = context.get(OutboxConsumers);
  const db = context.get(Database);
  consumers.onEvents(['test:one', 'test:two'], async (events) => {
    for (const { id, payload } of events) {
      await db.rows(`INSERT INTO effect (event_id, n) VALUES ($1, $2)`, [id, payload.n]);
      if (payload.poison) throw new TypeError('poison');
      if (payload.hangs) await new Promise(() => undefined);
    }
  });
  consumers.publishes(['test:one', 'test:two', 'test:unreadable'], (events) => {
    if (events.some(({ name }) => name === 'test:unreadable')) return Promise.reject(new RangeError('unreadable'));
    return Promise.resolve(
      events.flatMap((event) => {
        const main = toSocketMessage(event, { rooms: ['user:a'], data: event.payload });
        return event.name === 'test:two'
          ? [main, toSocketMessage(event, { rooms: ['user:b'], data: 0, key: 'b' })]
          : [main];
      }),
    );
  });
  consumers.onDelivery(({ messages }) => {
    delivered.push(...messages);
  });
}

const until = (what: string, isTrue: () => boolean | Promise<boolean>): Promise<void> =>
  eventually(async () => {
    if (!(await isTrue())) throw new Error(`waited for ${what}; delivered ${delivered.length}`);
  });

const INSERT = `INSERT INTO outbox (id, event, aggregate_id, payload) VALUES ($1, $2, $3, $4)`;
const insert = async (event: string, aggregate: string, payload: object): Promise<string> => {
  const id = newId();
  await pool.query(INSERT, [id, event, aggregate, JSON.stringify(payload)]);
  return id;
};
const settled = async (): Promise<boolean> =>
  (await pool.query(`SELECT FROM outbox WHERE published_at IS NULL AND parked_at IS NULL LIMIT 1`)).rowCount === 0;
const selectRows = async (columns: string): Promise<any[]> =>
  (await pool.query(`SELECT ${columns} FROM outbox ORDER BY sequence`)).rows;

const errors = async (): Promise<string[]> =>
  (await selectRows('last_error')).flatMap(({ last_error }) => last_error ?? []);

describe('a group of relays', () => {
  it('publishes every row of forty concurrent writers in one order, and handles each once', async () => {
    const aggregates = Array.from({ length: 40 }, newId);
    await Promise.all(
      aggregates.map(async (aggregate) => {
        const client = await pool.connect();
        for (let n = 0; n < 50; n += 1) {
          await client.query('BEGIN');
          await client.query(INSERT, [
            newId(),
            n % 2 ? 'test:one' : 'test:two',
            aggregate,
            JSON.stringify({ n, aggregate }),
          ]);
          // The commit comes later than the sequence number, so that numbers and commits are out of step.
          await client.query('SELECT pg_sleep(random() * 0.004)');
          await client.query('COMMIT');
        }
        client.release();
      }),
    );
    await until('all rows', settled);
    const { rows } = await pool.query(`SELECT count(*)::int AS n, count(DISTINCT event_id)::int AS ids FROM effect`);
    expect(rows[0]).toEqual({ n: 2000, ids: 2000 });
    const positions = delivered.map(({ position }) => position);
    expect(positions).toHaveLength(3000);
    expect(positions).toEqual([...new Set(positions)].sort((a, b) => a - b));
    expect(new Set(delivered.map(({ eventId }) => eventId)).size).toBe(3000);
    for (const aggregate of aggregates) {
      const own = delivered
        .map(({ data }) => data as { n: number; aggregate: string })
        .filter((d) => d.aggregate === aggregate);
      expect(own.map(({ n }) => n)).toEqual(Array.from({ length: 50 }, (_, n) => n));
    }
  });

  it('publishes nothing of a transaction that was rolled back', async () => {
    const db = first().get(Database);
    const changes = first().get(ChangeLog);
    const record = (n: number) =>
      changes.record({
        action: 'test:one',
        objectType: 'x',
        objectId: newId(),
        event: { name: 'test:one', payload: { n } },
      });
    await db
      .transaction(async () => {
        await record(1);
        throw new Error('no');
      })
      .catch(() => undefined);
    await db.transaction(() => record(2));
    await until('the committed event', () => delivered.length > 0);
    expect(delivered.map(({ data }) => data)).toEqual([{ n: 2 }]);
  });
});

describe('a row that fails', () => {
  it('delays only its own appointment, is parked after ten attempts, is listed, and can be replayed', async () => {
    const poisoned = newId();
    const id = await insert('test:one', poisoned, { n: 1, poison: true });
    await insert('test:one', poisoned, { n: 2 });
    await insert('test:one', newId(), { n: 3 });
    await until('the event of the other appointment', () => delivered.length > 0);
    expect(delivered.map(({ data }) => data)).toEqual([{ n: 3 }]);
    expect((await selectRows('attempts, position, last_error'))[0]).toEqual({
      attempts: expect.any(Number),
      position: null,
      last_error: 'TypeError',
    });
    await pool.query(`UPDATE outbox SET attempts = 9, due_at = now() WHERE id = $1`, [id]);
    await until('the next event of the appointment', () => delivered.length > 1);
    expect(delivered.map(({ data }) => data)).toEqual([{ n: 3 }, { n: 2 }]);
    const outbox = first().get(OutboxRepository);
    await until('all rows', settled);
    expect(await outbox.backlog()).toMatchObject({ unpublished: 0, parked: 1 });
    expect(await outbox.parked()).toEqual([expect.objectContaining({ id, attempts: 10, lastError: 'TypeError' })]);
    const effects = await pool.query(`SELECT n FROM effect ORDER BY at`);
    expect(effects.rows).toEqual([{ n: 3 }, { n: 2 }]);
    await pool.query(`UPDATE outbox SET payload = '{"n": 1}' WHERE id = $1`, [id]);
    expect(await outbox.replay(id)).toBe(true);
    await until('the replayed event', () => delivered.length > 2);
    expect(delivered[2]?.data).toEqual({ n: 1 });
  });

  it('because its handler never ends is identified, and delays others only for some seconds', async () => {
    await Promise.all([1, 2, 3].map((n) => insert('test:one', newId(), { n, hangs: n === 2 })));
    await until('the other events', () => delivered.length === 2);
    expect(delivered.map(({ data }) => (data as { n: number }).n).sort()).toEqual([1, 3]);
    await eventually(async () => expect(await errors()).toEqual(['HandlerTimeout']));
  });

  it('while its message is created fails alone, although messages are created in batches', async () => {
    await Promise.all([1, 2, 3].map((n) => insert(n === 2 ? 'test:unreadable' : 'test:one', newId(), { n })));
    await until('the other events', () => delivered.length === 2);
    await eventually(async () => expect(await errors()).toEqual(['RangeError']));
  });
});

describe('a process that dies', () => {
  it('between handling and publishing is replaced by another one, which publishes without repeating effects', async () => {
    const relay = first().get(OutboxRelay);
    const id = newId();
    await pool.query(
      `UPDATE outbox_relay SET position = position + 1, holder = $1, leased_until = clock_timestamp() + interval '2 seconds'`,
      [newId()],
    );
    await pool.query(
      `INSERT INTO outbox (id, event, aggregate_id, payload, position, message_count, rooms)
       SELECT $1, 'test:one', $2, '{"n": 1}', position, 1, '{user:a}' FROM outbox_relay`,
      [id, newId()],
    );
    await insert('test:one', newId(), { n: 2 });
    relay.wake();
    await until('both events', () => delivered.length === 2);
    expect(delivered.map(({ data }) => data)).toEqual([{ n: 1 }, { n: 2 }]);
    expect(delivered[0]?.position).toBeLessThan(delivered[1]?.position as number);
    const { rows } = await pool.query(`SELECT n FROM effect`);
    expect(rows).toEqual([{ n: 2 }]);
  });
});

describe('old rows', () => {
  it('are deleted two days after they were published, and the last deleted position is stored', async () => {
    await insert('test:one', newId(), { n: 1 });
    await until('the first row', settled);
    await insert('test:one', newId(), { n: 2 });
    await until('the second row', settled);
    const [old] = await selectRows('position::int AS position');
    await pool.query(`UPDATE outbox SET published_at = now() - interval '49 hours' WHERE position = $1`, [
      old.position,
    ]);
    expect(await first().get(OutboxMaintenance).sweep()).toBe(1);
    expect(await first().get(OutboxRepository).positions()).toMatchObject({ sweptPosition: old.position });
    expect(await selectRows('id')).toHaveLength(1);
  });
});
