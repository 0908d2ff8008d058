import { toReservedEnd, toSession } from '../free-times.js';
import type { World } from '../world.js';
import type { Invariant } from './invariant.js';

/**
 * Pairs of visits that need the same doctor, patient or room at the same time. A completed visit ends when it was completed. The seats of
 * a group session share the doctor, but not the patient.
 */
const OVERLAPS = `
  WITH visit AS (
    SELECT a.id, a.client_id, a.doctor_id, a.resource_ids, coalesce(a.group_id, a.id) AS session, tstzrange(a.start_at,
      CASE WHEN a.status = 'COMPLETED' THEN greatest(a.start_at, least(a.end_at, a.completed_at)) ELSE a.end_at END) AS during
    FROM appointment a WHERE a.clinic_id = $1 AND a.status NOT IN ('CANCELLED', 'NO_SHOW'))
  SELECT x.id AS first, y.id AS second FROM visit x JOIN visit y ON x.id < y.id AND x.during && y.during
    AND (x.client_id = y.client_id OR x.session <> y.session AND (x.doctor_id = y.doctor_id OR x.resource_ids && y.resource_ids))`;

export const noOverlap: Invariant = {
  name: 'no overlap of doctor, patient or room',
  async check({ app, clinic }) {
    const { rows } = await app.db.query<{ first: string; second: string }>(OVERLAPS, [clinic.id]);
    const reserved = await app.overlaps();
    return [
      ...rows.map(({ first, second }) => `visits ${first} and ${second} overlap`),
      ...(reserved === 0 ? [] : [`${reserved} pairs of reservations overlap`]),
    ];
  },
};

/** No freed time is lost, and none is given twice. */
export const everyFreeTimeBookable: Invariant = {
  name: 'every freed time is offered or free',
  async check(world, { free }) {
    const problems: string[] = [];
    for (const service of world.services) {
      const bookable = await readAvailability(world, service.id);
      const expected = free.get(service.id) ?? new Set();
      const missing = [...expected].filter((time) => !bookable.has(time));
      const wrong = [...bookable].filter((time) => !expected.has(time));
      const name = `${service.durationMinutes} min, capacity ${service.capacity}`;
      if (missing.length > 0) problems.push(`free but not bookable (${name}): ${missing.join(', ')}`);
      if (wrong.length > 0) problems.push(`bookable but not free (${name}): ${wrong.join(', ')}`);
    }
    return problems;
  },
};

async function readAvailability(world: World, serviceId: string): Promise<Set<string>> {
  const path = `availability?serviceId=${serviceId}&from=${world.date}&to=${world.nextDay}`;
  const times = (await world.read(path)) as { startDateTime: string; doctorId: string }[];
  return new Set(times.map(({ startDateTime, doctorId }) => `${startDateTime} ${doctorId}`));
}

export const noLostHold: Invariant = {
  name: 'no lost hold',
  check(world, { day, after: { holds, offeredHolds } }) {
    const shown = (day.holds as { id: string }[]).map(({ id }) => id).sort();
    const onDay = [...holds, ...offeredHolds].filter(({ start }) => world.isOnDay(start));
    const known = onDay.map(({ id }) => id).sort();
    return shown.join() === known.join() ? [] : [`holds of the day: ${shown.join()}; in force: ${known.join()}`];
  },
};

export const seatsWithinCapacity: Invariant = {
  name: 'no more seats than the capacity',
  check(world, { after: { visits, holds, offeredHolds } }) {
    const seats = new Map<string, number>();
    const taken = visits.filter((visit) => toReservedEnd(world, visit) !== null);
    for (const time of [...taken, ...holds, ...offeredHolds]) {
      const session = toSession(world, time);
      if (session) seats.set(session, (seats.get(session) ?? 0) + 1);
    }
    return [...seats].flatMap(([session, count]) => {
      const { capacity } = world.service(session.split(' ')[0] as string);
      return count > capacity ? [`session ${session} has ${count} of ${capacity} seats`] : [];
    });
  },
};

/** Visits of a series that nobody has changed stand on different days at the same local time, also when the clocks change. */
export const seriesAtOneTime: Invariant = {
  name: 'a series has one local time',
  check({ zone }, { after: { visits } }) {
    const times = new Map<string, { minutes: Set<number>; days: string[] }>();
    for (const { seriesId, version, start } of visits) {
      if (!seriesId || version > 1) continue;
      const known = times.get(seriesId) ?? { minutes: new Set<number>(), days: [] };
      known.minutes.add(zone.minuteOfDay(start));
      known.days.push(zone.toDay(start));
      times.set(seriesId, known);
    }
    return [...times].flatMap(([id, { minutes, days }]) =>
      minutes.size > 1 || new Set(days).size < days.length
        ? [`series ${id}: ${[...minutes].join()} on ${days.join()}`]
        : [],
    );
  },
};
