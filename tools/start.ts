import { fileURLToPath } from 'node:url';
import { loadEnvFile } from '../src/core/config/environment.js';
import { DEMO_ACCOUNTS, DEMO_PASSWORD } from './seed/accounts.js';
import { startDemo, type RunningDemo } from './start-demo.js';

/**
 * `npm start`: starts PostgreSQL, Redis and the API with demo data, on a machine that has only Node.js. With NODE_ENV=production it
 * starts only the API, with the settings of the environment.
 */
const say = (line: string): void => void process.stdout.write(`${line}\n`);

stopWithNpm();
readEnvFile();
if (process.env.NODE_ENV === 'production') {
  const main = new URL('../src/main.js', import.meta.url);
  process.argv[1] = fileURLToPath(main);
  await import(main.href);
} else {
  runDemo();
}

/**
 * Reads `.env`. If it sets DATABASE_URL but not NODE_ENV, it probably belongs to a production system. Then the process exits, because
 * that database must not get demo data and accounts with a published password.
 */
function readEnvFile(): void {
  const { DATABASE_URL: given, NODE_ENV: mode } = process.env;
  loadEnvFile();
  if (process.env.DATABASE_URL === given || process.env.NODE_ENV !== undefined || mode !== undefined) return;
  process.stderr.write(
    '.env sets DATABASE_URL, and npm start would fill that database with demo data. Set NODE_ENV=development in .env if you want that, or run npm run start:prod.\n',
  );
  process.exit(1);
}

/** Stops this process when npm's shell ends: npm sends SIGTERM to that shell, which does not pass it on to this process. */
function stopWithNpm(): void {
  const parent = process.ppid;
  if (!process.env.npm_lifecycle_event) return;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    process.kill(process.pid, 'SIGTERM');
  }, 500).unref();
}

function runDemo(): void {
  let ending = false;
  const starting = startDemo(say);
  // A signal during the start waits until the start has finished, then stops everything.
  const end = (): void => {
    if (ending) return;
    ending = true;
    say('\nstopping …');
    starting
      .then(({ stop }) => stop())
      .then(
        () => process.exit(0),
        () => process.exit(1),
      );
  };
  process.on('SIGINT', end);
  process.on('SIGTERM', end);
  starting.then(
    (demo) => ending || greet(demo),
    (error: unknown) => {
      process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
      process.exit(1);
    },
  );
}

function greet({ url }: RunningDemo): void {
  say(`\nCareSlot is ready at ${url}\n  API docs   ${url}/docs\n  try it     npm run demo\n`);
  say(`Demo accounts (password ${DEMO_PASSWORD}):`);
  for (const { email, what } of DEMO_ACCOUNTS) say(`  ${email.padEnd(24)} ${what}`);
  say('\nCtrl-C stops everything; the data stays in .data/');
}
