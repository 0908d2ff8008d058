import { readFile } from 'node:fs/promises';
import { runBookingDemo } from './demo/booking.js';
import { signInDemoUsers } from './demo/users.js';
import { runReminderDemo } from './demo/reminder.js';
import { caller, log } from './demo/steps.js';
import { untilInterrupted } from './services/interruption.js';

/**
 * `npm run demo`: runs a demo against a running CareSlot (CARESLOT_URL, or the server of `npm start`). If none is running, it
 * starts one. Exits non-zero if a step fails. Needs the demo data.
 */
async function main(): Promise<void> {
  const interrupted = untilInterrupted();
  const server = await findServer();
  try {
    await Promise.race([interrupted, runSteps(server)]);
    log('\nEvery step succeeded.');
  } finally {
    await server.stop();
  }
}

async function runSteps({ url, databaseUrl }: Server): Promise<void> {
  const users = await signInDemoUsers(url, caller(`${url}/api/v1`));
  const patient = await runBookingDemo(users, databaseUrl);
  await runReminderDemo(users, patient);
}

interface Server {
  url: string;
  /** Null if not known. */
  databaseUrl: string | null;
  stop(): Promise<void>;
}

/** Finds a running server or starts one. */
async function findServer(): Promise<Server> {
  const own = await readData('url');
  const running = process.env.CARESLOT_URL ?? own;
  if (running && (await isUp(running))) {
    const databaseUrl = process.env.DATABASE_URL ?? (running === own ? await readData('database-url') : null);
    return { url: running, databaseUrl, stop: async () => undefined };
  }
  log('No server is running. Starting CareSlot for the demo …');
  const { startDemo } = await import('./start-demo.js');
  return startDemo((line) => log(`  ${line}`));
}

/** Reads what the server of `npm start` wrote. */
const readData = (name: string): Promise<string | null> => readFile(`.data/${name}`, 'utf8').catch(() => null);

const isUp = (url: string): Promise<boolean> =>
  fetch(`${url}/health/ready`).then(
    ({ ok }) => ok,
    () => false,
  );

main().then(
  () => process.exit(0),
  (error: unknown) => {
    log(`The demo failed: ${error instanceof Error ? error.message : String(error)}`);
    process.exit(1);
  },
);
