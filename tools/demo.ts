import { readFile } from 'node:fs/promises';
import { bookingStory } from './demo/booking.js';
import { castOf } from './demo/cast.js';
import { reminderStory } from './demo/reminder.js';
import { caller, say } from './demo/steps.js';

/**
 * `npm run demo`: plays the story against a running CareSlot (CARESLOT_URL, or the one that `npm start` runs), or else
 * against one that it starts, and ends with an exit code other than 0 where a step is not as said. Needs the demo data.
 */
async function main(): Promise<void> {
  const { url, stop } = await target();
  try {
    const cast = await castOf(url, caller(`${url}/api/v1`));
    const patient = await bookingStory(cast);
    await reminderStory(cast, patient);
    say('\nEvery step was as said.');
  } finally {
    await stop();
  }
}

/** The CareSlot to play against. */
async function target(): Promise<{ url: string; stop: () => Promise<void> }> {
  const running = process.env.CARESLOT_URL ?? (await readFile('.data/url', 'utf8').catch(() => null));
  if (running && (await isUp(running))) return { url: running, stop: async () => undefined };
  say('nothing runs yet: starting CareSlot for the demo …');
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
    say(`the demo ended early: ${error instanceof Error ? error.message : String(error)}`);
    process.exit(1);
  },
);
