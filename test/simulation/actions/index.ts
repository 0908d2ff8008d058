import type { Action } from './action.js';
import { book, race } from './bookings.js';
import { cancel, checkIn, complete, noShow, reinstate, reschedule, start } from './changes.js';
import { challengeHold, convertHold, hold, releaseHold } from './holds.js';
import { callPatient, moveInQueue, walkIn } from './queue.js';

/** Everything that happens on a day. A new feature adds its actions here. */
export const ACTIONS: readonly Action[] = [
  book,
  race,
  hold,
  convertHold,
  releaseHold,
  challengeHold,
  cancel,
  reschedule,
  reinstate,
  checkIn,
  start,
  complete,
  noShow,
  walkIn,
  callPatient,
  moveInQueue,
];
