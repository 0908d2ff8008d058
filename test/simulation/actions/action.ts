import type { Random } from '../random.js';
import type { Snapshot } from '../snapshot.js';
import type { World } from '../world.js';

/** Something that an actor does. */
export interface Action {
  name: string;
  /** How often it is chosen, compared with the others. */
  weight: number;
  /**
   * Chooses who does what, from the seed and the snapshot only.
   * @returns sends the request and records the answer; null if there is nothing to do it with
   */
  prepare(world: World, snapshot: Snapshot, random: Random): (() => Promise<void>) | null;
}

/** Answers of an action that another one of the same burst, or the state of the day, may refuse. */
export const REFUSED = ['APPOINTMENT_CONFLICT', 'SLOT_NOT_OFFERED', 'INVALID_TRANSITION'];

/** HH:MM of a full hour. */
export const toTime = (hour: number): string => `${String(hour).padStart(2, '0')}:00`;
