import type { Snapshot } from '../snapshot.js';
import type { World } from '../world.js';

/** Something that must hold after every burst. */
export interface Invariant {
  name: string;
  /** @returns descriptions of violations */
  check(world: World, snapshot: Snapshot): Promise<string[]>;
}
