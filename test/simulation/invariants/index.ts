import { dayViewAgrees, queueInOrder } from './day.js';
import type { Invariant } from './invariant.js';
import { historyAgrees, toldOnce } from './records.js';
import { everyFreeTimeOffered, noLostHold, noOverlap } from './times.js';

/** What must hold after every burst. A new feature adds its invariants here. */
export const INVARIANTS: readonly Invariant[] = [
  noOverlap,
  everyFreeTimeOffered,
  noLostHold,
  queueInOrder,
  dayViewAgrees,
  historyAgrees,
  toldOnce,
];
