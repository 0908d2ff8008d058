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

/** Whether the database has had the migrations of this build, and no other: neither an older schema nor a newer one. */
export async function isMigrated(dataSource: DataSource): Promise<boolean> {
  const rows = await dataSource.query<{ name: string }[]>('SELECT name FROM migration');
  const applied = new Set(rows.map(({ name }) => name));
  return applied.size === MIGRATIONS.length && MIGRATIONS.every(({ name }) => applied.has(name));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { loadConfig } = await import('../config/config.js');
  const { createLogger } = await import('../logging/logger.js');
  const config = loadConfig();
  const ran = await migrate(config.DATABASE_URL);
  createLogger(config.LOG_LEVEL).info({ ran }, 'database migrated');
}
