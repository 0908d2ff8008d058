import type { KnownVisit, KnownWaiting, Snapshot } from '../snapshot.js';
import { toTimeText } from '../free-times.js';
import { MINUTE, type World } from '../world.js';
import type { Invariant } from './invariant.js';

/** Never two offers for one time, and no offer of a time that is not kept. */
export const oneOfferForATime: Invariant = {
  name: 'an offered time is held for one patient',
  check(world, { after: { waiting, offeredHolds } }) {
    const offers = waiting.flatMap(({ id, clientId, serviceId, offer }) =>
      offer ? [{ entryId: id, clientId, serviceId, ...offer }] : [],
    );
    const held = new Map(offeredHolds.map((hold) => [hold.id, hold]));
    const problems = offers.flatMap(({ entryId, holdId, start, doctorId, serviceId, expiresAt }) => {
      const hold = held.get(holdId);
      if (expiresAt <= world.now) return [`the offer of ${entryId} has expired`];
      if (!hold) return [`the offered time of ${entryId} is not held`];
      const isSame = hold.start === start && hold.doctorId === doctorId && hold.serviceId === serviceId;
      return isSame ? [] : [`another time is held than is offered to ${entryId}`];
    });
    for (const [index, offer] of offers.entries()) {
      for (const other of offers.slice(index + 1)) {
        const isShared = offer.doctorId === other.doctorId && offer.start < other.end && other.start < offer.end;
        const isSession = offer.start === other.start && world.service(offer.serviceId).capacity > 1;
        if (isShared && !isSession) problems.push(`${offer.entryId} and ${other.entryId} are offered one time`);
      }
    }
    return problems;
  },
};

/** A time that a cancellation, a no-show or a move freed is not left to itself if somebody waits for just this. */
export const freedTimesOffered: Invariant = {
  name: 'a freed time is offered to who waits for it',
  check(world, { before, after, free }) {
    const current = new Map(after.visits.map((visit) => [visit.id, visit]));
    const freed = before.visits.filter((visit) => {
      const now = current.get(visit.id);
      const isFreed = now?.status === 'CANCELLED' || now?.status === 'NO_SHOW' || now?.start !== visit.start;
      return visit.status === 'CONFIRMED' && (isFreed || now.doctorId !== visit.doctorId);
    });
    const idle = after.waiting.filter(
      ({ id, offer }) => !offer && before.waiting.some((one) => one.id === id && !one.offer),
    );
    return freed.flatMap((visit) => {
      if (!free.get(visit.serviceId)?.has(toTimeText(visit.start, visit.doctorId))) return [];
      return idle
        .filter((entry) => suits(world, { entry, visit, before, after }))
        .map(({ id }) => `${toTimeText(visit.start, visit.doctorId)} is free, and ${id} waits for it`);
    });
  },
};

interface Match {
  entry: KnownWaiting;
  /** The visit whose time was freed. */
  visit: KnownVisit;
  before: Snapshot;
  after: Snapshot;
}

/** Whether a patient waits for the time, and nothing else keeps them from getting it. */
function suits(world: World, { entry, visit, before, after }: Match): boolean {
  const { zone, now } = world;
  const day = zone.toDay(visit.start);
  const later = after.visits.find(({ id }) => id === entry.appointmentId);
  if (entry.serviceId !== visit.serviceId || (entry.doctorId ?? visit.doctorId) !== visit.doctorId) return false;
  if (day < entry.fromDay || day > entry.toDay) return false;
  if (entry.startMinute !== null && zone.minuteOfDay(visit.start) < entry.startMinute) return false;
  if (entry.endMinute !== null && visit.end > zone.boundary(day, entry.endMinute)) return false;
  if (visit.start - now < MINUTE) return false;
  if (later && (visit.end > later.start || later.start - now < MINUTE)) return false;
  if (entry.refused.some((time) => time.doctorId === visit.doctorId && overlaps(time.start, visit))) return false;
  const isBusy = ({ visits, holds, offeredHolds, waiting }: Snapshot): boolean =>
    visits.some(
      (one) =>
        one.clientId === entry.clientId &&
        one.id !== entry.appointmentId &&
        one.status !== 'CANCELLED' &&
        zone.toDay(one.start) === day,
    ) ||
    holds.some(({ owner }) => owner.clientId === entry.clientId || owner.childId === entry.clientId) ||
    offeredHolds.some(({ id }) => waiting.some((one) => one.clientId === entry.clientId && one.offer?.holdId === id));
  return !isBusy(before) && !isBusy(after);
}

const overlaps = (start: number, visit: KnownVisit): boolean => Math.abs(start - visit.start) < visit.end - visit.start;
