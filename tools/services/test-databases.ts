import { hash } from '@node-rs/argon2';
import pg from 'pg';
import { loadEncryptionConfig } from '../../src/core/config/encryption-config.js';
import { migrate } from '../../src/migrate.js';
import { seed } from '../seed.js';
import { DEMO_PASSWORD } from '../seed/accounts.js';
import { TEST_SECRETS } from '../test-secrets.js';
import { startServices } from './index.js';
import { Interrupted, untilInterrupted } from './interruption.js';
import { createTemporaryDatabase } from './temporary-database.js';

/** What a test process needs: services, and databases to copy: only migrated, and with demo data. */
export type TestVariables = Record<string, string>;

/**
 * Starts PostgreSQL and Redis, or uses those of DATABASE_URL and REDIS_URL, with the databases that tests copy: migrating and seeding each
 * time would take four times as long.
 * @param run gets the variables of a test process, and a promise that rejects when this process is interrupted
 * @returns the exit code
 */
export async function withTestDatabases(
  run: (variables: TestVariables, interrupted: Promise<never>) => Promise<number>,
): Promise<number> {
  const interrupted = untilInterrupted();
  const services = await startServices({ log: (line) => process.stderr.write(`${line}\n`) });
  try {
    const migrated = await createTemporaryDatabase(services.databaseUrl, 'careslot_migrated');
    try {
      await Promise.race([interrupted, migrate(migrated.url)]);
      const template = await createTemporaryDatabase(services.databaseUrl, 'careslot_template', migrated);
      try {
        await Promise.race([interrupted, fill(template.url)]);
        const variables = {
          DATABASE_URL: services.databaseUrl,
          REDIS_URL: services.redisUrl,
          TEMPLATE_DATABASE: template.name,
          MIGRATED_DATABASE: migrated.name,
          // For migrations that run in a test process and encrypt rows.
          ...TEST_SECRETS,
        };
        return await run(variables, interrupted);
      } finally {
        await template.drop();
      }
    } finally {
      await migrated.drop();
    }
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    return 1;
  } finally {
    await services.stop();
  }
}

async function fill(url: string): Promise<void> {
  await seed(url, () => undefined, loadEncryptionConfig({ NODE_ENV: 'test', ...TEST_SECRETS }));
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    // Cheap to check: tests sign in as the demo users hundreds of times.
    await client.query('UPDATE user_account SET password_hash = $1 WHERE password_hash IS NOT NULL', [
      await hash(DEMO_PASSWORD, { memoryCost: 8, timeCost: 1, parallelism: 1 }),
    ]);
    // Copies have no statistics otherwise: autovacuum is too late for them.
    await client.query('VACUUM ANALYZE');
  } finally {
    await client.end();
  }
}
