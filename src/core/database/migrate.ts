import { pathToFileURL } from 'node:url';
import type { DataSource, QueryRunner } from 'typeorm';
import { MIGRATIONS } from '../../../migrations/index.js';
import { createDataSource } from './data-source.js';
import { grantToServingRole } from './serving-role.js';
import { hasTable, schemaState } from './schema-state.js';

/** So that two processes that start at once do not migrate at once. */
const MIGRATION_LOCK = 7_240_001;

/**
 * Brings the database up to the newest migration, under a lock, and gives the serving role its rights on the tables.
 * @param servingRole is skipped if the database has no such role
 * @returns the names of the migrations that ran
 */
export const migrate = (databaseUrl: string, servingRole: string | null = null): Promise<string[]> =>
  underLock(databaseUrl, async (dataSource, runner) => {
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
export const revert = (databaseUrl: string, count: number): Promise<string[]> =>
  underLock(databaseUrl, async (dataSource, runner) => {
    const undone: string[] = [];
    for (; undone.length < count;) {
      const [last] = (await runner.query('SELECT name FROM migration ORDER BY id DESC LIMIT 1')) as { name: string }[];
      if (!last) break;
      if (!MIGRATIONS.some(({ name }) => name === last.name)) {
        throw new Error(`The newest migration, ${last.name}, is of another build: undo it with that build.`);
      }
      await dataSource.undoLastMigration({ transaction: 'each' });
      undone.push(last.name);
    }
    return undone;
  });

async function writeMarks(dataSource: DataSource): Promise<void> {
  if (!(await hasTable(dataSource, 'migration_mark'))) return;
  await dataSource.query(
    `INSERT INTO migration_mark (name, additive) SELECT * FROM unnest($1::text[], $2::boolean[])
     ON CONFLICT (name) DO UPDATE SET additive = excluded.additive`,
    [MIGRATIONS.map(({ name }) => name), MIGRATIONS.map(({ additive }) => additive ?? false)],
  );
}

async function underLock<T>(
  databaseUrl: string,
  work: (dataSource: DataSource, runner: QueryRunner) => Promise<T>,
): Promise<T> {
  const dataSource = await createDataSource(databaseUrl).initialize();
  const runner = dataSource.createQueryRunner();
  try {
    await runner.query('SET statement_timeout = 0');
    await runner.query('SET lock_timeout = 0');
    await runner.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    return await work(dataSource, runner);
  } finally {
    await runner.query('SELECT pg_advisory_unlock($1)', [MIGRATION_LOCK]).catch(() => undefined);
    await runner.release();
    await dataSource.destroy();
  }
}

const USAGE = 'Usage: node dist/src/core/database/migrate.js [up | down [count] | status]\n';

/** @returns what to print */
async function runCommand([command = 'up', count = '1', ...rest]: string[]): Promise<string> {
  const { loadMigrationConfig } = await import('../config/database-config.js');
  if (rest.length > 0 || !/^\d{1,3}$/.test(count)) throw new Error(USAGE.trim());
  if (!['up', 'down', 'status'].includes(command)) throw new Error(USAGE.trim());
  const { DATABASE_URL, DATABASE_APP_ROLE } = loadMigrationConfig();
  if (command === 'up') return list('Ran', await migrate(DATABASE_URL, DATABASE_APP_ROLE));
  if (command === 'down') return list('Undone', await revert(DATABASE_URL, Number(count)));
  const dataSource = await createDataSource(DATABASE_URL).initialize();
  try {
    const { missing, unknown, breaking } = await schemaState(dataSource);
    const known = MIGRATIONS.length - missing.length;
    const additive = unknown.filter((name) => !breaking.includes(name));
    return [
      `Applied: ${known} of ${MIGRATIONS.length} migrations of this build`,
      list('Not applied', missing),
      list('Of another build, additive', additive),
      list('Of another build, breaking', breaking),
    ].join('\n');
  } finally {
    await dataSource.destroy();
  }
}

const list = (title: string, names: string[]): string => `${title}: ${names.length > 0 ? names.join(', ') : 'none'}`;

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  try {
    process.stdout.write(`${await runCommand(process.argv.slice(2))}\n`);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
