import type { Action } from './action.js';
import { book, race } from './bookings.js';
import { cancelAllOfPatient, closeClinic, doctorIsIll, handOver, openAgain } from './bulk.js';
import { cancel, cancelAwaited, checkIn, complete, noShow, reinstate, reschedule, start } from './changes.js';
import { changeSession, raceForSeats } from './groups.js';
import { challengeHold, convertHold, hold, releaseHold } from './holds.js';
import { cancelByLink, confirmByLink, moveByLink, rebookByLink } from './links.js';
import { callPatient, moveInQueue, walkIn } from './queue.js';
import { bookReferral, refer, withdrawReferral } from './referrals.js';
import { bookSeries, cancelSeries, changeSeries } from './series.js';
import { acceptOffer, declineOffer, joinWaitlist, leaveWaitlist, waitTogether } from './waitlist.js';

/** Everything that happens on a day. A new feature adds its actions here. */
export const ACTIONS: readonly Action[] = [
  book,
  race,
  hold,
  convertHold,
  releaseHold,
  challengeHold,
  cancel,
  cancelAwaited,
  reschedule,
  reinstate,
  checkIn,
  start,
  complete,
  noShow,
  walkIn,
  callPatient,
  moveInQueue,
  joinWaitlist,
  waitTogether,
  acceptOffer,
  declineOffer,
  leaveWaitlist,
  bookSeries,
  changeSeries,
  cancelSeries,
  raceForSeats,
  changeSession,
  doctorIsIll,
  handOver,
  cancelAllOfPatient,
  closeClinic,
  openAgain,
  refer,
  bookReferral,
  withdrawReferral,
  confirmByLink,
  cancelByLink,
  moveByLink,
  rebookByLink,
];
