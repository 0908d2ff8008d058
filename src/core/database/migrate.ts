import { pathToFileURL } from 'node:url';
import type { DataSource } from 'typeorm';
import { MIGRATIONS } from '../../../migrations/index.js';
import { createDataSource } from './data-source.js';

/** So that two processes that start at once do not migrate at once. */
const MIGRATION_LOCK = 7_240_001;

/**
 * Brings the database up to the newest migration, under a lock.
 * @returns the names of the migrations that ran
 */
export async function migrate(databaseUrl: string): Promise<string[]> {
  const dataSource = await createDataSource(databaseUrl).initialize();
  const runner = dataSource.createQueryRunner();
  try {
    await runner.query('SET statement_timeout = 0');
    await runner.query('SET lock_timeout = 0');
    await runner.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    const ran = await dataSource.runMigrations({ transaction: 'each' });
    return ran.map((migration) => migration.name);
  } finally {
    await runner.query('SELECT pg_advisory_unlock($1)', [MIGRATION_LOCK]).catch(() => undefined);
    await runner.release();
    await dataSource.destroy();
  }
}

/**
 * What is wrong with the database's schema, with what to do: it lacks migrations of this build, or has had others. Null
 * where it stands exactly at this build.
 */
export async function schemaFault(dataSource: DataSource): Promise<string | null> {
  const applied = await appliedTo(dataSource);
  const own = MIGRATIONS.map(({ name }) => name);
  const foreign = applied.filter((name) => !own.includes(name));
  if (foreign.length > 0) {
    return `The database has had migrations that this build does not know (${foreign.join(', ')}): start the build that they are of, or undo them with that build (npm run typeorm -- migration:revert).`;
  }
  const missing = own.filter((name) => !applied.includes(name));
  if (missing.length === 0) return null;
  return `The database lacks migrations of this build (${missing.join(', ')}): run \`node dist/src/core/database/migrate.js\` and start again.`;
}

async function appliedTo(dataSource: DataSource): Promise<string[]> {
  const [table] = await dataSource.query<{ exists: boolean }[]>(
    `SELECT to_regclass('migration') IS NOT NULL AS exists`,
  );
  if (!table?.exists) return [];
  const rows = await dataSource.query<{ name: string }[]>('SELECT name FROM migration ORDER BY name');
  return rows.map(({ name }) => name);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { loadConfig } = await import('../config/config.js');
  const { createLogger } = await import('../logging/logger.js');
  const config = loadConfig();
  const ran = await migrate(config.DATABASE_URL);
  createLogger(config.LOG_LEVEL).info({ ran }, 'database migrated');
}
