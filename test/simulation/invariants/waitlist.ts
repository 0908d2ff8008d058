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
  name: 'a freed time is offered to the patients who wait for it',
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

interface FreedTime {
  doctorId: string;
  start: number;
  end: number;
  freedAt: number;
}

const FREED_TIMES = `
  SELECT doctor_id AS "doctorId", extract(epoch FROM start_at)::float8 * 1000 AS start, extract(epoch FROM end_at)::float8 * 1000 AS "end",
         extract(epoch FROM freed_at)::float8 * 1000 AS "freedAt"
  FROM waitlist_time WHERE clinic_id = $1`;

/** No buffer of the simulation is longer. */
const MAX_BUFFER_MILLISECONDS = 60 * MINUTE;

/** A freed time goes to the first of those who wait for just this: by urgency, then by arrival. */
export const offersInOrder: Invariant = {
  name: 'a freed time is offered in the order of the waitlist',
  async check(world, { before, after }) {
    const known = new Set(before.waiting.flatMap(({ offer }) => offer?.id ?? []));
    const offered = after.waiting.filter(({ offer }) => offer && !known.has(offer.id));
    const passedOver = findUnchanged(before, after);
    if (offered.length === 0 || passedOver.length === 0) return [];
    const { rows: freed } = await world.app.db.query<FreedTime>(FREED_TIMES, [world.clinic.id]);
    return offered.flatMap(({ id, serviceId, urgency, offer }) => {
      if (!offer) return [];
      const time = { ...offer, serviceId };
      return passedOver
        .filter((entry) => entry.urgency < urgency || (entry.urgency === urgency && entry.id < id))
        .filter((entry) => waitedBefore(entry, time, freed) && suits(world, { entry, visit: time, before, after }))
        .map((entry) => `${toTimeText(time.start, time.doctorId)} is offered to ${id}, but ${entry.id} comes first`);
    });
  },
};

/** Those who waited without an offer during the whole burst, and whose patient has neither had another offer nor a change of a visit. */
function findUnchanged(before: Snapshot, after: Snapshot): KnownWaiting[] {
  const versions = new Map(before.visits.map(({ id, version }) => [id, version]));
  const earlier = new Map(before.waiting.map((entry) => [entry.id, entry]));
  const later = new Set(after.waiting.map(({ id }) => id));
  const changed = new Set([
    ...after.visits.filter(({ id, version }) => versions.get(id) !== version).map(({ clientId }) => clientId),
    ...after.waiting
      .filter(({ id, offer, offersMade }) => offer || offersMade !== (earlier.get(id)?.offersMade ?? 0))
      .map(({ clientId }) => clientId),
    ...before.waiting.filter(({ id, offer }) => offer || !later.has(id)).map(({ clientId }) => clientId),
  ]);
  return after.waiting.filter(({ id, clientId }) => earlier.has(id) && !changed.has(clientId));
}

/** Whether the patient began to wait before every time was freed that the offered one may be a part of. */
const waitedBefore = (
  { createdAt }: KnownWaiting,
  { doctorId, start, end }: WaitlistTime,
  freed: FreedTime[],
): boolean =>
  freed
    .filter(
      (one) =>
        one.doctorId === doctorId &&
        one.start < end + MAX_BUFFER_MILLISECONDS &&
        start - MAX_BUFFER_MILLISECONDS < one.end,
    )
    .every(({ freedAt }) => createdAt <= freedAt);

type WaitlistTime = Pick<KnownVisit, 'serviceId' | 'doctorId' | 'start' | 'end'>;

interface Match {
  entry: KnownWaiting;
  /** The visit whose time was freed, or an offered time. */
  visit: WaitlistTime;
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

const overlaps = (start: number, visit: WaitlistTime): boolean =>
  Math.abs(start - visit.start) < visit.end - visit.start;
