import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { startServices, type Services } from './services/index.js';
import { DEMO_ACCOUNTS, DEMO_PASSWORD } from './seed/accounts.js';

/**
 * `npm start` on a machine with nothing but Node: services, schema, demo data and the API in one process. With
 * NODE_ENV=production it is only the API, on the environment that is given.
 */
const DATA = resolve('.data');
const DEFAULT_PORT = 3000;

const say = (line: string): void => void process.stdout.write(`${line}\n`);

if (process.env.NODE_ENV === 'production') {
  process.argv[1] = new URL('../src/main.js', import.meta.url).pathname;
  await import('../src/main.js');
} else {
  await startDemo();
}

async function startDemo(): Promise<void> {
  let services: Services | undefined;
  let app: { url: string; close(): Promise<void> } | undefined;
  let stopping: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    await app?.close();
    await services?.stop();
    await rm(join(DATA, 'url'), { force: true });
  };
  const end = (code: number): Promise<void> => (stopping ??= stop().then(() => process.exit(code)));
  let asked = false;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (!asked) say('stopping …');
      asked = true;
      // While things are still starting, what has started is stopped right after.
      if (app) void end(0);
    });
  }
  try {
    await mkdir(DATA, { recursive: true });
    say('starting PostgreSQL and Redis …');
    services = await startServices({ dataDir: DATA, log: say });
    await prepareEnvironment(services);
    const { migrate } = await import('../src/core/database/migrate.js');
    const ran = await migrate(services.databaseUrl);
    if (ran.length > 0) say(`migrated the database: ${ran.join(', ')}`);
    const { seed } = await import('./seed.js');
    await seed(services.databaseUrl, say);
    const { bootstrap } = await import('../src/main.js');
    app = await bootstrap();
    await writeFile(join(DATA, 'url'), app.url);
    greet(app.url);
    if (asked) await end(0);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    await end(1);
  }
}

async function prepareEnvironment({ databaseUrl, redisUrl }: Services): Promise<void> {
  process.env.NODE_ENV ??= 'development';
  process.env.DATABASE_URL = databaseUrl;
  process.env.REDIS_URL = redisUrl;
  process.env.JWT_SECRET ??= await secret();
  process.env.LOG_LEVEL ??= 'warn';
  process.env.PORT ??= String(await nextFreePort(DEFAULT_PORT));
  if (process.env.PORT !== String(DEFAULT_PORT)) say(`the API listens on port ${process.env.PORT}`);
}

/** Made once for this folder, so that sessions outlive a restart. */
async function secret(): Promise<string> {
  const file = join(DATA, 'jwt-secret');
  const known = await readFile(file, 'utf8').catch(() => null);
  if (known) return known;
  const made = randomBytes(48).toString('base64url');
  await writeFile(file, made, { mode: 0o600 });
  return made;
}

async function nextFreePort(port: number): Promise<number> {
  const isFree = await new Promise<boolean>((done) => {
    const server = createServer();
    server.once('error', () => done(false));
    server.listen(port, () => server.close(() => done(true)));
  });
  if (isFree) return port;
  say(`port ${port} is taken`);
  return nextFreePort(port + 1);
}

function greet(url: string): void {
  say(`\nCareSlot is ready at ${url}\n  API docs   ${url}/docs\n  try it     npm run demo\n`);
  say(`Demo accounts (password ${DEMO_PASSWORD}):`);
  for (const { email, what } of DEMO_ACCOUNTS) say(`  ${email.padEnd(24)} ${what}`);
  say('\nCtrl-C stops everything; the data stays in .data/');
}
