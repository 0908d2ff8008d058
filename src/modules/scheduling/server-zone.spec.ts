import { expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Zone } from '../../core/kernel/zone.js';
import { listSlots } from './availability.js';
import type { Range } from './ranges.js';
import type { SlotQuery } from './slot-query.js';

/** In a file of its own, since it starts processes: `npm run mutation` runs the other tests once for each mutant. */

const rules = [1, 2, 3, 4, 5, 6, 7].map((weekday) => ({ weekday, startMinute: 1_080, endMinute: 1_320 }));

/** Five evenings, with the night in which clocks are put forward in New York. */
const EVENINGS: Omit<SlotQuery, 'zone'> = {
  terms: {
    ...{ durationMinutes: 30, bufferBeforeMinutes: 0, bufferAfterMinutes: 0, slotStepMinutes: 30 },
    ...{ minimumNoticeMinutes: 0, horizonDays: 400 },
  },
  schedule: { rules, exceptions: [] },
  busy: [],
  pools: [],
  window: { start: Date.parse('2026-03-06T00:00Z'), end: Date.parse('2026-03-11T00:00Z') },
  now: Date.parse('2026-03-04T00:00Z'),
};

it('does not depend on the time zone of the server', async () => {
  const zones = ['America/New_York', 'Africa/Cairo', 'Pacific/Auckland'];
  const script = `
    const { Zone } = await import('./src/core/kernel/zone.ts');
    const { listSlots } = await import('./src/modules/scheduling/availability.ts');
    const zones = ${JSON.stringify(zones)};
    const rest = ${JSON.stringify(EVENINGS)};
    console.log(JSON.stringify(zones.map((name) => listSlots({ ...rest, zone: Zone.of(name) }))));`;
  const run = promisify(execFile);
  const outputs = await Promise.all(
    ['Asia/Tokyo', 'America/Los_Angeles'].map(async (TZ) => {
      const loader = ['--import', '@swc-node/register/esm-register', '--input-type=module', '-e', script];
      const env = { ...process.env, NODE_OPTIONS: '', TZ };
      const { stdout } = await run(process.execPath, loader, { env, timeout: 50_000 });
      return JSON.parse(stdout) as Range[][];
    }),
  );
  const expected = zones.map((name) => listSlots({ ...EVENINGS, zone: Zone.of(name) }));
  expect(expected.every((slots) => slots.length > 0)).toBe(true);
  expect(outputs).toEqual([expected, expected]);
});
