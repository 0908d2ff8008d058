import { setTimeout } from 'node:timers/promises';
import type { DataSource, QueryRunner } from 'typeorm';
import { hasTable, getMigrations } from './schema-state.js';
import { grantToServingRole } from './serving-role.js';

/** The key of the advisory lock that prevents two processes from migrating at the same time. */
const MIGRATION_LOCK = 7_240_001;
const RETRY_MILLISECONDS = 200;

/**
 * Runs the pending migrations under a lock, and grants the serving role its privileges on the tables.
 * @param servingRole ignored if the database has no such role
 * @returns the names of the migrations that ran
 */
export const runMigrations = (dataSource: DataSource, servingRole: string | null): Promise<string[]> =>
  withLock(dataSource, async (runner) => {
    // Also before the migrations: older processes must find the mark as soon as they see the migration.
    await writeMarks(dataSource);
    const ran = await dataSource.runMigrations({ transaction: 'each' });
    await writeMarks(dataSource);
    if (servingRole) await grantToServingRole(runner, servingRole);
    return ran.map(({ name }) => name);
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
      await dataSource.undoLastMigration({ transaction: 'each' });
      reverted.push(last.name);
    }
    return reverted;
  });

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
    while (!(await tryLock(runner))) await setTimeout(RETRY_MILLISECONDS);
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
