import type { Random } from '../simulation/random.js';
import type { Load } from './load.js';
import type { World } from './world.js';

/** A fault of docs/faults.md: what breaks, and how it is repaired. */
export interface Fault {
  id: number;
  title: string;
  /** How often it is injected in a turn. */
  runs: number;
  /** How long it lasts, in milliseconds: at least, and at most. Default: it is repaired at once. */
  lasts?: readonly [number, number];
  /** Why `npm run soak` leaves it out. */
  notInSoak?: string;
  /** Why it cannot be injected on this machine; null if it can. */
  unavailable?(world: World): Promise<string | null>;
  inject(world: World, random: Random): Promise<void>;
  /** What must be true while it lasts; adds what is not to the problems of the world. */
  during?(world: World, load: Load): Promise<void>;
  /** After it, the processes become ready by themselves. */
  heal(world: World): Promise<void>;
}
