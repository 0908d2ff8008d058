import { toFreeTimes } from '../free-times.js';
import type { Invariant } from './invariant.js';

/** Pairs of visits that need the same doctor, patient or room at the same time. A completed visit ends when it was completed. */
const OVERLAPS = `
  WITH visit AS (
    SELECT a.id, a.client_id, a.doctor_id, a.resource_ids, tstzrange(a.start_at,
      CASE WHEN a.status = 'COMPLETED' THEN greatest(a.start_at, least(a.end_at, a.completed_at)) ELSE a.end_at END) AS during
    FROM appointment a WHERE a.clinic_id = $1 AND a.status NOT IN ('CANCELLED', 'NO_SHOW'))
  SELECT x.id AS first, y.id AS second FROM visit x JOIN visit y ON x.id < y.id AND x.during && y.during
    AND (x.client_id = y.client_id OR x.doctor_id = y.doctor_id OR x.resource_ids && y.resource_ids)`;

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

/** What is offered is exactly what nobody has: no time is lost, and none is offered twice. */
export const everyFreeTimeOffered: Invariant = {
  name: 'every freed time is offered or taken',
  async check(world, snapshot) {
    const desk = world.desk[0];
    if (!desk) return ['no front desk'];
    const problems: string[] = [];
    for (const service of world.services) {
      const path = `availability?serviceId=${service.id}&from=${world.date}&to=${world.date}`;
      const { data } = await world.call(desk, 'GET', path);
      const offered = (data as { startDateTime: string; doctorId: string }[]).map(
        ({ startDateTime, doctorId }) => `${startDateTime} ${doctorId}`,
      );
      const expected = toFreeTimes(world, service, snapshot);
      const missing = expected.filter((time) => !offered.includes(time));
      const wrong = offered.filter((time) => !expected.includes(time));
      if (missing.length > 0)
        problems.push(`free but not offered (${service.durationMinutes} min): ${missing.join(', ')}`);
      if (wrong.length > 0) problems.push(`offered but not free (${service.durationMinutes} min): ${wrong.join(', ')}`);
    }
    return problems;
  },
};

export const noLostHold: Invariant = {
  name: 'no lost hold',
  async check(world, { holds }) {
    const desk = world.desk[0];
    if (!desk) return ['no front desk'];
    const { data } = await world.call(desk, 'GET', `clinics/${world.clinic.id}/day?date=${world.date}`);
    const shown = (data.holds as { id: string }[]).map(({ id }) => id).sort();
    const known = holds.map(({ id }) => id).sort();
    return shown.join() === known.join() ? [] : [`holds of the day: ${shown.join()}; in force: ${known.join()}`];
  },
};
