import { SettableClock } from '../support/settable-clock.js';
import { ACTIONS } from './actions/index.js';
import { INVARIANTS } from './invariants/index.js';
import { findUnsent } from './invariants/records.js';
import { Random } from './random.js';
import { takeSnapshot } from './snapshot.js';
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
}

const MAX_VIOLATIONS = 10;

/** Simulates a day of a clinic: random actions of thirty people, in bursts; after each burst, every invariant is checked. */
export async function simulate(options: SimulationOptions): Promise<SimulationResult> {
  const { seed, actions, burst, log = () => undefined } = options;
  const clock = new SettableClock();
  const random = new Random(seed);
  const world = await World.open(clock, options);
  const violations: string[] = [];
  let done = 0;
  try {
    const [openAt, closeAt] = [world.openAt, world.closeAt];
    while (done < actions && violations.length < MAX_VIOLATIONS) {
      // The clock moves with the actions, in whole seconds.
      clock.set(new Date(openAt + Math.floor(((closeAt - openAt) * done) / actions / 1000) * 1000).toISOString());
      world.takenHolds.clear();
      const before = await takeSnapshot(world);
      const size = Math.min(burst, actions - done);
      const prepared = Array.from({ length: size }, () => {
        const action = random.weighted(ACTIONS);
        return { name: action.name, run: action.prepare(world, before, random) };
      });
      const attempt = async ({ name, run }: (typeof prepared)[number]): Promise<void> => {
        // An answer that does not match openapi.json is thrown.
        await run?.().catch((error: unknown) => world.problems.push(`${name}: ${String(error)}`));
      };
      await Promise.all(prepared.map(attempt));
      done += size;
      const after = await takeSnapshot(world);
      const found = world.problems.splice(0);
      for (const invariant of INVARIANTS)
        found.push(...(await invariant.check(world, after)).map((text) => `${invariant.name}: ${text}`));
      for (const text of found)
        violations.push(`after ${done} actions (${prepared.map(({ name }) => name).join(', ')}): ${text}`);
      if (done % 200 < burst) log(`${done} actions, ${after.visits.length} visits, ${after.queue.length} in the queue`);
    }
    violations.push(...(await findUnsent(world)));
    return { actions: done, tally: Object.fromEntries([...world.tally].sort()), violations };
  } finally {
    await world.close();
  }
}
