import { readFile } from 'node:fs/promises';
import { bookingStory } from './demo/booking.js';
import { signInCast } from './demo/cast.js';
import { reminderStory } from './demo/reminder.js';
import { caller, say } from './demo/steps.js';

/**
 * `npm run demo`: plays the story against a running CareSlot (CARESLOT_URL, or the server of `npm start`). If none is running, it
 * starts one. Exits non-zero if a step fails. Needs the demo data.
 */
async function main(): Promise<void> {
  const { url, stop } = await findServer();
  try {
    const cast = await signInCast(url, caller(`${url}/api/v1`));
    const patient = await bookingStory(cast);
    await reminderStory(cast, patient);
    say('\nEvery step succeeded.');
  } finally {
    await stop();
  }
}

/** Finds a running server or starts one. */
async function findServer(): Promise<{ url: string; stop: () => Promise<void> }> {
  const running = process.env.CARESLOT_URL ?? (await readFile('.data/url', 'utf8').catch(() => null));
  if (running && (await isUp(running))) return { url: running, stop: async () => undefined };
  say('No server is running. Starting CareSlot for the demo …');
  const { startDemo } = await import('./start-demo.js');
  const { url, stop } = await startDemo((line) => say(`  ${line}`));
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
    say(`The demo failed: ${error instanceof Error ? error.message : String(error)}`);
    process.exit(1);
  },
);
