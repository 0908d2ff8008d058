import { readFile } from 'node:fs/promises';
import { runBookingDemo } from './demo/booking.js';
import { signInDemoUsers } from './demo/users.js';
import { runReminderDemo } from './demo/reminder.js';
import { caller, log } from './demo/steps.js';

/**
 * `npm run demo`: runs a demo against a running CareSlot (CARESLOT_URL, or the server of `npm start`). If none is running, it
 * starts one. Exits non-zero if a step fails. Needs the demo data.
 */
async function main(): Promise<void> {
  const { url, stop } = await findServer();
  try {
    const users = await signInDemoUsers(url, caller(`${url}/api/v1`));
    const patient = await runBookingDemo(users);
    await runReminderDemo(users, patient);
    log('\nEvery step succeeded.');
  } finally {
    await stop();
  }
}

/** Finds a running server or starts one. */
async function findServer(): Promise<{ url: string; stop: () => Promise<void> }> {
  const running = process.env.CARESLOT_URL ?? (await readFile('.data/url', 'utf8').catch(() => null));
  if (running && (await isUp(running))) return { url: running, stop: async () => undefined };
  log('No server is running. Starting CareSlot for the demo …');
  const { startDemo } = await import('./start-demo.js');
  const { url, stop } = await startDemo((line) => log(`  ${line}`));
  return { url, stop };
}

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
