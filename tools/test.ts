import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { migrate } from '../src/migrate.js';
import { seed } from './seed.js';
import { startServices } from './services/index.js';
import { buildForTests } from './test-build.js';

/** `npm run jest -- booking`: runs Jest with its own PostgreSQL and Redis, or with those of DATABASE_URL and REDIS_URL. */
buildForTests();
const services = await startServices({ log: (line) => process.stderr.write(`${line}\n`) });
const template = `careslot_template_${randomBytes(4).toString('hex')}`;
let code: number;
try {
  await createTemplate();
  code = await runJest();
} finally {
  await administer(`DROP DATABASE IF EXISTS ${template} WITH (FORCE)`);
  await services.stop();
}
process.exit(code);

/** Creates the database that each test application copies. Migrating and seeding each time would take four times as long. */
async function createTemplate(): Promise<void> {
  await administer(`CREATE DATABASE ${template}`);
  const url = new URL(services.databaseUrl);
  url.pathname = `/${template}`;
  await migrate(url.href);
  await seed(url.href, () => undefined);
}

function runJest(): Promise<number> {
  const jest = spawn(process.execPath, ['node_modules/jest/bin/jest.js', ...process.argv.slice(2)], {
    stdio: 'inherit',
    env: {
      ...process.env,
      DATABASE_URL: services.databaseUrl,
      REDIS_URL: services.redisUrl,
      TEMPLATE_DATABASE: template,
      NODE_OPTIONS: '--experimental-vm-modules --disable-warning=ExperimentalWarning',
    },
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => jest.kill(signal));
  return new Promise((resolve) => jest.once('exit', (exitCode) => resolve(exitCode ?? 1)));
}

async function administer(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: services.databaseUrl });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
