import type { Snapshot } from '../snapshot.js';
import type { World } from '../world.js';

/** What a check looks at. */
export interface Observed {
  /** Before and after the burst; after it, the background work has ended. */
  before: Snapshot;
  after: Snapshot;
  /** The free times of each service (see toFreeTimes) after the burst. */
  free: Map<string, Set<string>>;
  /** The clinic's day view after the burst. */
  day: any;
}

/** Something that must hold after every burst. */
export interface Invariant {
  name: string;
  /** @returns descriptions of violations */
  check(world: World, observed: Observed): Promise<string[]> | string[];
}
