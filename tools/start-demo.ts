import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { startServices, type Services } from './services/index.js';

const DATA = resolve('.data');
const DEFAULT_PORT = 3000;
/** The demo accounts have a published password, so other machines can reach the server only if HOST is set. */
const HOST = '127.0.0.1';

type Log = (line: string) => void;

export interface RunningDemo {
  url: string;
  databaseUrl: string;
  /** Closes the API, then the services; leaves no process behind. */
  stop: () => Promise<void>;
}

/** Starts the services, migrates the database, adds demo data, and starts the API in this process. The data is in `.data/`. */
export async function startDemo(log: Log): Promise<RunningDemo> {
  await mkdir(DATA, { recursive: true });
  log('starting PostgreSQL and Redis …');
  const services = await startServices({ dataDir: DATA, log });
  try {
    await prepareEnvironment(services, log);
    const { migrate } = await import('../src/migrate.js');
    const ran = await migrate(services.databaseUrl);
    if (ran.length > 0) log(`migrated the database: ${ran.join(', ')}`);
    const { seed } = await import('./seed.js');
    const { loadEncryptionConfig } = await import('../src/core/config/encryption-config.js');
    await seed(services.databaseUrl, log, loadEncryptionConfig());
    const { bootstrap } = await import('../src/main.js');
    const { loadConfig } = await import('../src/core/config/config.js');
    const app = await bootstrap(loadConfig(process.env));
    await writeFile(join(DATA, 'url'), app.url);
    await writeFile(join(DATA, 'database-url'), services.databaseUrl, { mode: 0o600 });
    const stop = async (): Promise<void> => {
      try {
        await app.close();
      } finally {
        await services.stop();
      }
      for (const file of ['url', 'database-url']) await rm(join(DATA, file), { force: true });
    };
    return { url: app.url, databaseUrl: services.databaseUrl, stop };
  } catch (error) {
    await services.stop();
    throw error;
  }
}

async function prepareEnvironment({ databaseUrl, redisUrl }: Services, log: Log): Promise<void> {
  const defaults: Record<string, string> = {
    NODE_ENV: 'development',
    JWT_SECRET: await readOrCreate('jwt-secret', () => randomBytes(48).toString('base64url')),
    FIELD_ENCRYPTION_KEYS: await readOrCreate(
      'field-encryption-keys',
      () => `k1:${randomBytes(32).toString('base64')}`,
    ),
    LOG_LEVEL: 'warn',
    HOST,
    PORT: process.env.PORT || String(await nextFreePort(DEFAULT_PORT, process.env.HOST || HOST, log)),
  };
  for (const [name, value] of Object.entries(defaults)) if (!process.env[name]?.trim()) process.env[name] = value;
  process.env.DATABASE_URL = databaseUrl;
  process.env.REDIS_URL = redisUrl;
}

/** Reads a secret of this folder, or creates it once, so that sessions and encrypted data survive a restart. */
async function readOrCreate(name: string, create: () => string): Promise<string> {
  const file = join(DATA, name);
  const known = await readFile(file, 'utf8').catch(() => null);
  if (known) return known;
  const made = create();
  await writeFile(file, made, { mode: 0o600 });
  return made;
}

/** Returns the first port from this one on that is not in use. @throws Error if this machine cannot listen on the host */
export async function nextFreePort(port: number, host: string, log: Log): Promise<number> {
  const server = createServer();
  try {
    await once(server.listen(port, host), 'listening');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    log(`port ${port} is in use; trying ${port + 1}`);
    return nextFreePort(port + 1, host, log);
  }
  await once(server.close(), 'close');
  return port;
}
