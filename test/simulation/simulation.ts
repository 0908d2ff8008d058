import { SettableClock } from '../support/settable-clock.js';
import { ACTIONS } from './actions/index.js';
import { INVARIANTS } from './invariants/index.js';
import { countMails, findUnsent } from './invariants/messages.js';
import type { Observed } from './invariants/invariant.js';
import { toFreeTimes } from './free-times.js';
import { Random } from './random.js';
import { offerOnlyWhenSettling, settle } from './settle.js';
import { isCurrent, takeSnapshot, type Snapshot } from './snapshot.js';
import { World } from './world.js';

export interface SimulationOptions {
  /** The same seed makes the same choices. With bursts of one action, the whole day repeats. */
  seed: number;
  actions: number;
  /** Actions that run at the same time. */
  burst: number;
  /** A local day of the clinic, YYYY-MM-DD. */
  date: string;
  timeZone: string;
  log?: (line: string) => void;
}

export interface SimulationResult {
  actions: number;
  /** How often each action had each outcome, such as `book 201`. */
  tally: Record<string, number>;
  violations: string[];
  /** What became of the mails to patients. */
  mails: Record<string, number>;
}

const MAX_VIOLATIONS = 10;

/** Simulates a day of a clinic: random actions of thirty people, in bursts; after each burst, every invariant is checked. */
export async function simulate(options: SimulationOptions): Promise<SimulationResult> {
  const { seed, actions, burst, log = () => undefined } = options;
  const clock = new SettableClock();
  const random = new Random(seed);
  const world = await World.open(clock, options);
  const violations: string[] = [];
  const reported = new Set<string>();
  let done = 0;
  try {
    if (world.repeats) await offerOnlyWhenSettling(world);
    const [openAt, closeAt] = [world.openAt, world.closeAt];
    let before = await takeSnapshot(world);
    while (done < actions && violations.length < MAX_VIOLATIONS) {
      // The clock moves with the actions, in whole seconds.
      clock.set(new Date(openAt + Math.floor(((closeAt - openAt) * done) / actions / 1000) * 1000).toISOString());
      world.takenHolds.clear();
      if (!isCurrent(before, world.now)) {
        await settle(world);
        before = await takeSnapshot(world);
      }
      const size = Math.min(burst, actions - done);
      const names = await runBurst(world, before, { size, random });
      done += size;
      await settle(world);
      const after = await takeSnapshot(world);
      const found = [...world.problems.splice(0), ...(await findViolations(world, before, after))];
      before = after;
      // What is wrong once may stay wrong: it is reported once.
      const latest = found.filter((text) => !reported.has(text));
      for (const text of latest) reported.add(text);
      violations.push(...latest.map((text) => `after ${done} actions (${names.join(', ')}): ${text}`));
      if (done % 200 < burst) log(`${done} actions`);
    }
    violations.push(...(await findUnsent(world)));
    const tally = Object.fromEntries([...world.tally].sort());
    return { actions: done, tally, violations, mails: await countMails(world) };
  } finally {
    await world.close();
  }
}

/** @returns the names of the actions, which ran at the same time */
async function runBurst(
  world: World,
  before: Snapshot,
  { size, random }: { size: number; random: Random },
): Promise<string[]> {
  const prepared = Array.from({ length: size }, () => {
    const action = random.weighted(ACTIONS);
    return { name: action.name, run: action.prepare(world, before, random) };
  });
  const attempt = async ({ name, run }: (typeof prepared)[number]): Promise<void> => {
    // An answer that does not match openapi.json is thrown.
    await run?.().catch((error: unknown) => world.problems.push(`${name}: ${String(error)}`));
  };
  await Promise.all(prepared.map(attempt));
  return prepared.map(({ name }) => name);
}

async function findViolations(world: World, before: Snapshot, after: Snapshot): Promise<string[]> {
  const day = await world.read(`clinics/${world.clinic.id}/day?date=${world.date}`);
  const observed: Observed = { before, after, free: toFreeTimes(world, after), day };
  const found: string[] = [];
  for (const invariant of INVARIANTS)
    found.push(...(await invariant.check(world, observed)).map((text) => `${invariant.name}: ${text}`));
  return found;
}
