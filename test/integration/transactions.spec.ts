import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { ormconfig } from '../../ormconfig.js';
import { currentContext, runInContext } from '../../src/core/context/request-context.js';
import { dataSourceOptions } from '../../src/core/database/data-source.js';
import { mayHaveCommitted } from '../../src/core/database/database-errors.js';
import { Database } from '../../src/core/database/database.js';
import { createDatabase, dropDatabase } from '../support/app.js';
import { eventually } from '../support/eventually.js';

let database: { name: string; url: string };
/** Another client of the same database. */
let observer: pg.Pool;
let dataSource: DataSource;
/** With one connection, so that the next user gets the same one. */
let db: Database;
/** With two connections. */
let wideSource: DataSource;
let wide: Database;

beforeAll(async () => {
  database = await createDatabase();
  observer = new pg.Pool({ connectionString: database.url, max: 2 });
  // The server of the tests has it off.
  await observer.query(`ALTER DATABASE ${database.name} SET synchronous_commit = on`);
  await observer.query('CREATE TABLE item (id int PRIMARY KEY, n int NOT NULL DEFAULT 0)');
  dataSource = await new DataSource(dataSourceOptions(ormconfig, database.url, 1)).initialize();
  wideSource = await new DataSource(dataSourceOptions(ormconfig, database.url, 2)).initialize();
  db = new Database(dataSource);
  wide = new Database(wideSource);
});

beforeEach(async () => {
  await observer.query('TRUNCATE item');
});

afterAll(async () => {
  await Promise.all([dataSource?.destroy(), wideSource?.destroy(), observer?.end()]);
  await dropDatabase(database.name);
});

it('PostgreSQL compiles no statements (jit), because no time limit could interrupt that', async () => {
  expect(await db.row('SHOW jit')).toEqual({ jit: 'off' });
});

const insert = (id: number): Promise<object[]> => db.rows('INSERT INTO item (id) VALUES ($1)', [id]);

async function items(): Promise<number[]> {
  const { rows } = await observer.query<{ id: number }>('SELECT id FROM item ORDER BY id');
  return rows.map(({ id }) => id);
}

async function backendId(): Promise<number> {
  const row = await db.row<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  return row?.pid ?? 0;
}

/** Closes the caller's connection on the server, like a failure of the server or the network. */
const breakConnection = async (): Promise<void> => {
  await observer.query('SELECT pg_terminate_backend($1, 5000)', [await backendId()]);
};

describe('a transaction', () => {
  it('contains statements of SQL and of TypeORM, and calls afterCommit after the commit', async () => {
    let calls = 0;
    await db.transaction(async () => {
      await insert(1);
      await db.manager.query('INSERT INTO item (id) VALUES (2)');
      db.afterCommit(() => (calls += 1));
      expect(await db.rows('SELECT id FROM item ORDER BY id')).toEqual([{ id: 1 }, { id: 2 }]);
      expect(await items()).toEqual([]);
      expect(calls).toBe(0);
    });
    expect(calls).toBe(1);
    expect(await items()).toEqual([1, 2]);
  });

  it('rolls back both kinds of statements if the work throws, and does not call afterCommit', async () => {
    let committed = false;
    const work = db.transaction(async () => {
      await insert(1);
      await db.manager.query('INSERT INTO item (id) VALUES (2)');
      db.afterCommit(() => (committed = true));
      throw new RangeError('no');
    });
    await expect(work).rejects.toThrow(RangeError);
    expect([committed, await items()]).toEqual([false, []]);
  });

  it('does not roll back the next transaction of the connection if a function of afterCommit throws', async () => {
    const first = db.transaction(async () => {
      await insert(1);
      db.afterCommit(() => {
        throw new RangeError('after the commit');
      });
    });
    const second = db.transaction(async () => {
      await insert(2);
      throw new RangeError('no');
    });
    await expect(first).rejects.toThrow('after the commit');
    await expect(second).rejects.toThrow('no');
    expect(await items()).toEqual([1]);
  });

  it('joins the surrounding transaction', async () => {
    const work = db.transaction(async () => {
      await db.transaction(() => insert(1));
      throw new RangeError('no');
    });
    await expect(work).rejects.toThrow(RangeError);
    expect(await items()).toEqual([]);
  });

  it('also contains the statements of another Database, such as those of a handler in a transaction of the relay', async () => {
    const texts = [1, 2, 3, 4].map((n) => `SELECT ${n} AS n`);
    for (const text of texts.slice(0, 2)) await db.rows(text);
    for (const text of texts.slice(2)) await wide.rows(text);
    const pids = await db.transaction(async () => {
      for (const text of texts) {
        const own = await db.rows(text);
        expect(await wide.rows(text)).toEqual(own);
      }
      return [await backendId(), (await wide.row<{ pid: number }>('SELECT pg_backend_pid() AS pid'))?.pid];
    });
    expect(pids[1]).toBe(pids[0]);
  });

  it('fails if a statement failed and the work continued', async () => {
    const work = db.transaction(async () => {
      await insert(1);
      await insert(1).catch(() => undefined);
    });
    await expect(work).rejects.toThrow('A statement of this transaction had failed.');
    expect(await items()).toEqual([]);
  });

  it('fails if a statement fails that was not awaited', async () => {
    const work = db.transaction(async () => {
      await insert(1);
      insert(1).catch(() => undefined);
    });
    await expect(work).rejects.toThrow('A statement of this transaction had failed.');
    expect(await items()).toEqual([]);
  });

  it('rejects statements after its end', async () => {
    let late: (() => Promise<unknown>)[] = [];
    const ended = new Promise<void>((resolve) => {
      void db.transaction(async () => {
        late = [() => insert(1), async () => db.manager.query('INSERT INTO item (id) VALUES (1)')].map((query) => {
          const later = ended.then(query);
          later.catch(() => undefined);
          return () => later;
        });
        db.afterCommit(resolve);
        await insert(2);
      });
    });
    await ended;
    for (const query of late) await expect(query()).rejects.toThrow('A query came after its transaction had ended');
    expect(await items()).toEqual([2]);
  });

  it('is committed without waiting for the disk only if it is not durable', async () => {
    const setting = (): Promise<unknown> => db.row('SHOW synchronous_commit');
    expect(await db.transaction(setting, { durable: false })).toEqual({ synchronous_commit: 'off' });
    expect(await db.transaction(setting)).toEqual({ synchronous_commit: 'on' });
  });

  it('runs again after a deadlock', async () => {
    await observer.query('INSERT INTO item (id) VALUES (1), (2)');
    const add = (id: number): Promise<object[]> => wide.rows('UPDATE item SET n = n + 1 WHERE id = $1', [id]);
    let firstHas = (): void => undefined;
    let secondHas = (): void => undefined;
    const first = new Promise<void>((resolve) => (firstHas = resolve));
    const second = new Promise<void>((resolve) => (secondHas = resolve));
    let runs = 0;
    await Promise.all([
      wide.transaction(async () => {
        runs += 1;
        await add(1);
        firstHas();
        await second;
        await add(2);
      }),
      wide.transaction(async () => {
        runs += 1;
        await add(2);
        secondHas();
        await first;
        await add(1);
      }),
    ]);
    expect(runs).toBeGreaterThan(2);
    const { rows } = await observer.query('SELECT n FROM item');
    expect(rows).toEqual([{ n: 2 }, { n: 2 }]);
  });
});

describe('an attempt inside of a transaction', () => {
  it('is rolled back alone if it fails', async () => {
    const results = await db.transaction(async () => {
      await insert(1);
      const failed = await db.attempt(async () => {
        await insert(2);
        await insert(1);
      });
      const done = await db.attempt(() => insert(3));
      return [Object.keys(failed), Object.keys(done)];
    });
    expect(results).toEqual([['error'], ['value']]);
    expect(await items()).toEqual([1, 3]);
  });

  it('is rolled back completely if it fails after an attempt inside of it has failed', async () => {
    await db.transaction(async () => {
      await insert(1);
      await db.attempt(async () => {
        await insert(2);
        await db.attempt(() => insert(1));
        await db.attempt(() => insert(3));
        throw new RangeError('all');
      });
      await insert(4);
    });
    expect(await items()).toEqual([1, 4]);
  });

  it('is rolled back with the transaction if that fails later', async () => {
    const work = db.transaction(async () => {
      await db.attempt(() => insert(1));
      await db.attempt(async () => {
        await insert(2);
        throw new RangeError('part');
      });
      throw new RangeError('all');
    });
    await expect(work).rejects.toThrow('all');
    expect(await items()).toEqual([]);
    await insert(4);
    expect(await items()).toEqual([4]);
  });

  it('fails if a statement in it failed and the work continued', async () => {
    const result = await db.transaction(async () => {
      await insert(1);
      return db.attempt(async () => {
        await insert(2);
        await insert(1).catch(() => undefined);
      });
    });
    expect(Object.keys(result)).toEqual(['error']);
    expect(await items()).toEqual([1]);
  });
});

describe('a connection', () => {
  it('is returned to the pool after an ordinary error', async () => {
    const before = await backendId();
    await insert(1);
    await expect(insert(1)).rejects.toMatchObject({ code: 'ALREADY_EXISTS' });
    await expect(db.transaction(() => insert(1))).rejects.toMatchObject({ code: 'ALREADY_EXISTS' });
    expect(await backendId()).toBe(before);
  });

  it('that breaks during a single statement makes it fail with SERVICE_UNAVAILABLE, and is replaced', async () => {
    const sleeping = db.rows('SELECT pg_sleep(60)');
    const cutting = eventually(async () => {
      const { rows } = await observer.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND query = 'SELECT pg_sleep(60)'`,
        [database.name],
      );
      expect(rows).toHaveLength(1);
    });
    await expect(sleeping).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    await cutting;
    expect(await db.rows('SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it.each([
    ['before a statement', async () => undefined],
    ['before a statement of TypeORM', async () => void (await db.manager.query('SELECT 1'))],
  ])(
    'that breaks in the middle of a transaction, %s, makes it fail with SERVICE_UNAVAILABLE, and is replaced',
    async (_, next) => {
      const work = db.transaction(async () => {
        await insert(1);
        await breakConnection();
        await next();
        await insert(2);
      });
      await expect(work).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
      await db.transaction(() => insert(3));
      expect(await items()).toEqual([3]);
    },
  );

  it('that breaks before COMMIT is answered makes the transaction fail with SERVICE_UNAVAILABLE and mayHaveCommitted', async () => {
    const work = db.transaction(async () => {
      await insert(1);
      await breakConnection();
    });
    const error: unknown = await work.catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    expect(mayHaveCommitted(error)).toBe(true);
    await insert(2);
    const refused: unknown = await db.transaction(() => insert(2)).catch((thrown: unknown) => thrown);
    expect(mayHaveCommitted(refused)).toBe(false);
    expect(await items()).toEqual([2]);
  });

  it('that breaks in an attempt makes the whole transaction fail', async () => {
    const work = db.transaction(async () => {
      await insert(1);
      await db.attempt(async () => {
        await breakConnection();
        await insert(2);
      });
      await insert(3);
    });
    await expect(work).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    await insert(4);
    expect(await items()).toEqual([4]);
  });

  it('that is not free in time makes a transaction fail, certainly without a commit, with the reason for the log', async () => {
    const narrowSource = await new DataSource({
      ...dataSourceOptions(ormconfig, database.url, 1),
      connectTimeoutMS: 100,
    } as DataSourceOptions).initialize();
    try {
      const narrow = new Database(narrowSource);
      await narrow.transaction(async () => {
        const second = runInContext({ ...currentContext(), transaction: null }, () =>
          narrow.transaction(() => narrow.rows('SELECT 1')),
        );
        const error: unknown = await second.catch((thrown: unknown) => thrown);
        expect(error).toMatchObject({
          code: 'SERVICE_UNAVAILABLE',
          connectionError: { message: expect.stringContaining('timeout') as unknown },
        });
        expect(mayHaveCommitted(error)).toBe(false);
      });
    } finally {
      await narrowSource.destroy();
    }
  });

  // The last one: PostgreSQL notices only after its sleep that the client is gone, and holds the lock on the table until then.
  it('is closed, and its transaction rolled back, if an answer does not arrive in time', async () => {
    const timeoutSource = await new DataSource({
      ...dataSourceOptions(ormconfig, database.url, 1),
      extra: { query_timeout: 300, statement_timeout: 0 },
    }).initialize();
    try {
      const withTimeout = new Database(timeoutSource);
      const sleeping = withTimeout.transaction(async () => {
        await withTimeout.rows('INSERT INTO item (id) VALUES (1)');
        await withTimeout.rows('SELECT pg_sleep(60)');
      });
      await expect(sleeping).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
      await expect(withTimeout.rows('SELECT pg_sleep(60)')).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
      expect(await withTimeout.rows('SELECT 1 AS one')).toEqual([{ one: 1 }]);
      expect(await items()).toEqual([]);
    } finally {
      await timeoutSource.destroy();
    }
  });
});
