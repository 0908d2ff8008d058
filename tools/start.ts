/**
 * `npm start`: starts PostgreSQL, Redis and the API with demo data, on a machine that has only Node.js. With NODE_ENV=production it
 * starts only the API, with the settings of the environment.
 */

import { fileURLToPath } from 'node:url';
import { DEMO_ACCOUNTS, DEMO_PASSWORD } from './seed/accounts.js';
import { stopWithNpm, readEnvFile } from './npm-script.js';
import { startDemo, type RunningDemo } from './start-demo.js';

const log = (line: string): void => void process.stdout.write(`${line}\n`);

stopWithNpm();
readEnvFile();
if (process.env.NODE_ENV === 'production') {
  const main = new URL('../src/main.js', import.meta.url);
  process.argv[1] = fileURLToPath(main);
  await import(main.href);
} else {
  runDemo();
}

function runDemo(): void {
  let ending = false;
  const starting = startDemo(log);
  // A signal during the start waits until the start has finished, then stops everything.
  const end = (): void => {
    if (ending) return;
    ending = true;
    log('\nstopping …');
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
  log(`\nCareSlot is ready at ${url}\n  API docs   ${url}/docs\n  try it     npm run demo\n`);
  log(`Demo accounts (password ${DEMO_PASSWORD}):`);
  for (const { email, description } of DEMO_ACCOUNTS) log(`  ${email.padEnd(24)} ${description}`);
  log('\nCtrl-C stops everything; the data stays in .data/');
}
