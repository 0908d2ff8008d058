import type { DataSource, QueryRunner } from 'typeorm';
import { hasTable, migrationsOf } from './schema-state.js';
import { grantToServingRole } from './serving-role.js';

/** So that two processes that start at once do not migrate at once. */
const MIGRATION_LOCK = 7_240_001;

/**
 * Brings the database up to the newest migration, under a lock, and gives the serving role its rights on the tables.
 * @param servingRole is skipped if the database has no such role
 * @returns the names of the migrations that ran
 */
export const runMigrations = (dataSource: DataSource, servingRole: string | null): Promise<string[]> =>
  underLock(dataSource, async (runner) => {
    // Before the migrations run: older processes have to find the mark as soon as they see the migration.
    await writeMarks(dataSource);
    const ran = await dataSource.runMigrations({ transaction: 'each' });
    await writeMarks(dataSource);
    if (servingRole) await grantToServingRole(runner, servingRole);
    return ran.map(({ name }) => name);
  });

/**
 * Undoes the newest migrations, newest first, under a lock.
 * @returns their names
 * @throws Error if the newest one is of another build
 */
export const revertMigrations = (dataSource: DataSource, count: number): Promise<string[]> =>
  underLock(dataSource, async (runner) => {
    const undone: string[] = [];
    for (; undone.length < count;) {
      const [last] = (await runner.query('SELECT name FROM migration ORDER BY id DESC LIMIT 1')) as { name: string }[];
      if (!last) break;
      if (!migrationsOf(dataSource).some(({ name }) => name === last.name)) {
        throw new Error(`The newest migration, ${last.name}, is of another build: undo it with that build.`);
      }
      await dataSource.undoLastMigration({ transaction: 'each' });
      undone.push(last.name);
    }
    return undone;
  });

async function writeMarks(dataSource: DataSource): Promise<void> {
  if (!(await hasTable(dataSource, 'migration_mark'))) return;
  const migrations = migrationsOf(dataSource);
  await dataSource.query(
    `INSERT INTO migration_mark (name, additive) SELECT * FROM unnest($1::text[], $2::boolean[])
     ON CONFLICT (name) DO UPDATE SET additive = excluded.additive`,
    [migrations.map(({ name }) => name), migrations.map(({ additive }) => additive ?? false)],
  );
}

async function underLock<T>(dataSource: DataSource, work: (runner: QueryRunner) => Promise<T>): Promise<T> {
  const runner = dataSource.createQueryRunner();
  try {
    await runner.query('SET statement_timeout = 0');
    await runner.query('SET lock_timeout = 0');
    await runner.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    return await work(runner);
  } finally {
    await runner.query('SELECT pg_advisory_unlock($1)', [MIGRATION_LOCK]).catch(() => undefined);
    await runner.release();
  }
}
