import { spawn } from 'node:child_process';
import { loadEncryptionConfig } from '../src/core/config/encryption-config.js';
import { migrate } from '../src/migrate.js';
import { seed } from './seed.js';
import { startServices } from './services/index.js';
import { Interrupted, untilInterrupted } from './services/interruption.js';
import { createTemporaryDatabase } from './services/temporary-database.js';
import { buildForTests } from './test-build.js';
import { TEST_SECRETS } from './test-secrets.js';

/** `npm run jest -- booking`: runs Jest with its own PostgreSQL and Redis, or with those of DATABASE_URL and REDIS_URL. */
buildForTests();
const interrupted = untilInterrupted();
const services = await startServices({ log: (line) => process.stderr.write(`${line}\n`) });
let code = 1;
try {
  // Databases that the tests copy: only migrated, and with demo data. Migrating and seeding each time would take four times as long.
  const migrated = await createTemporaryDatabase(services.databaseUrl, 'careslot_migrated');
  try {
    await Promise.race([interrupted, migrate(migrated.url)]);
    const template = await createTemporaryDatabase(services.databaseUrl, 'careslot_template', migrated);
    try {
      await Promise.race([interrupted, fill(template.url)]);
      code = await runJest({ TEMPLATE_DATABASE: template.name, MIGRATED_DATABASE: migrated.name });
    } finally {
      await template.drop();
    }
  } finally {
    await migrated.drop();
  }
} catch (error) {
  if (!(error instanceof Interrupted)) throw error;
} finally {
  await services.stop();
}
process.exit(code);

async function fill(url: string): Promise<void> {
  await seed(url, () => undefined, loadEncryptionConfig({ NODE_ENV: 'test', ...TEST_SECRETS }));
}

function runJest(templates: Record<string, string>): Promise<number> {
  const jest = spawn(process.execPath, ['node_modules/jest/bin/jest.js', ...process.argv.slice(2)], {
    stdio: 'inherit',
    env: {
      ...process.env,
      DATABASE_URL: services.databaseUrl,
      REDIS_URL: services.redisUrl,
      ...templates,
      // For migrations that run in a test process and encrypt rows.
      ...TEST_SECRETS,
      NODE_OPTIONS: '--experimental-vm-modules --disable-warning=ExperimentalWarning',
    },
  });
  interrupted.catch((error: unknown) => jest.kill(error instanceof Interrupted ? error.signal : 'SIGTERM'));
  return new Promise((resolve) => jest.once('exit', (exitCode) => resolve(exitCode ?? 1)));
}
