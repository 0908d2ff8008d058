import { setTimeout as sleep } from 'node:timers/promises';
import type { DataSource, QueryRunner } from 'typeorm';
import { retryWhileLocked } from './lock-retry.js';
import { hasTable, getMigrations, schemaState } from './schema-state.js';
import { grantToServingRole } from './serving-role.js';

/** The key of the advisory lock that prevents two processes from migrating at the same time. */
const MIGRATION_LOCK = 7_240_001;
const RETRY_MILLISECONDS = 200;

/**
 * Runs the pending migrations under a lock, and grants the serving role its privileges on the tables. A migration that does not get a
 * table's lock within the data source's `lock_timeout` is repeated after a pause, so that requests do not wait behind it for long.
 * @param servingRole ignored if the database has no such role
 * @returns the names of the migrations that ran
 */
export const runMigrations = (dataSource: DataSource, servingRole: string | null): Promise<string[]> =>
  withLock(dataSource, async (runner) => {
    // Also before the migrations: older processes must find the mark as soon as they see the migration.
    await writeMarks(dataSource);
    const { missing } = await schemaState(dataSource);
    await retryWhileLocked(() => dataSource.runMigrations({ transaction: 'each' }));
    await writeMarks(dataSource);
    if (servingRole) await retryWhileLocked(() => grantToServingRole(runner, servingRole));
    return missing;
  });

/**
 * Reverts migrations under a lock, newest first.
 * @returns their names
 * @throws Error if the newest migration belongs to another build
 */
export const revertMigrations = (dataSource: DataSource, count: number): Promise<string[]> =>
  withLock(dataSource, async (runner) => {
    const reverted: string[] = [];
    while (reverted.length < count) {
      const [last] = (await runner.query('SELECT name FROM migration ORDER BY id DESC LIMIT 1')) as { name: string }[];
      if (!last) break;
      if (!getMigrations(dataSource).some(({ name }) => name === last.name)) {
        throw new Error(`The newest migration, ${last.name}, is of another build: undo it with that build.`);
      }
      const transaction = isTransactional(dataSource, last.name) ? 'each' : 'none';
      await retryWhileLocked(() => dataSource.undoLastMigration({ transaction }));
      reverted.push(last.name);
    }
    return reverted;
  });

/** TypeORM reads `transaction` of a migration only when it runs it, not when it undoes it. */
const isTransactional = (dataSource: DataSource, name: string): boolean =>
  dataSource.migrations.find((migration) => migration.constructor.name === name)?.transaction ?? true;

async function writeMarks(dataSource: DataSource): Promise<void> {
  if (!(await hasTable(dataSource, 'migration_mark'))) return;
  const migrations = getMigrations(dataSource);
  await dataSource.query(
    `INSERT INTO migration_mark (name, additive) SELECT * FROM unnest($1::text[], $2::boolean[])
     ON CONFLICT (name) DO UPDATE SET additive = excluded.additive`,
    [migrations.map(({ name }) => name), migrations.map(({ additive }) => additive ?? false)],
  );
}

async function withLock<T>(dataSource: DataSource, work: (runner: QueryRunner) => Promise<T>): Promise<T> {
  const runner = dataSource.createQueryRunner();
  try {
    // Not pg_advisory_lock: CREATE INDEX CONCURRENTLY in the other process would wait for the waiting statement's snapshot.
    while (!(await tryLock(runner))) await sleep(RETRY_MILLISECONDS);
    return await work(runner);
  } finally {
    await runner.query('SELECT pg_advisory_unlock($1)', [MIGRATION_LOCK]).catch(() => undefined);
    await runner.release();
  }
}

async function tryLock(runner: QueryRunner): Promise<boolean> {
  const [row] = (await runner.query('SELECT pg_try_advisory_lock($1) AS locked', [MIGRATION_LOCK])) as {
    locked: boolean;
  }[];
  return row?.locked ?? false;
}
