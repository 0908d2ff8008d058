import { dayViewAgrees, queueInOrder } from './day.js';
import type { Invariant } from './invariant.js';
import { everyOfferTold, toldOnce } from './messages.js';
import { historyAgrees } from './records.js';
import { oneBookingForAReferral } from './referrals.js';
import { everyFreeTimeBookable, noLostHold, noOverlap, seatsWithinCapacity, seriesAtOneTime } from './times.js';
import { freedTimesOffered, offersInOrder, oneOfferForATime } from './waitlist.js';

/** What must hold after every burst. A new feature adds its invariants here. */
export const INVARIANTS: readonly Invariant[] = [
  noOverlap,
  seatsWithinCapacity,
  everyFreeTimeBookable,
  noLostHold,
  oneOfferForATime,
  freedTimesOffered,
  offersInOrder,
  seriesAtOneTime,
  oneBookingForAReferral,
  queueInOrder,
  dayViewAgrees,
  historyAgrees,
  toldOnce,
  everyOfferTold,
];
