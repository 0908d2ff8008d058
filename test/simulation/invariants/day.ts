import type { Invariant } from './invariant.js';

interface PlaceRow {
  id: string;
  number: number;
  start: Date | null;
  arrived: Date;
  moved: boolean;
}

const LATE_AFTER_MILLISECONDS = 10 * 60_000;

/** Where a patient stands who was not moved: on time by the start, late and without a time by the arrival (docs/queue.md). */
const toPlace = ({ start, arrived }: PlaceRow): number =>
  start === null || arrived.getTime() > start.getTime() + LATE_AFTER_MILLISECONDS ? arrived.getTime() : start.getTime();

export const queueInOrder: Invariant = {
  name: 'the numbers and the order of the queue',
  async check({ app, clinic, date }, { after: { queue } }) {
    const { rows } = await app.db.query<{ number: number }>(
      'SELECT number FROM queue_entry WHERE clinic_id = $1 AND day = $2 ORDER BY number',
      [clinic.id, date],
    );
    const places = await app.db.query<PlaceRow>(
      `SELECT q.id, q.number, a.start_at AS start, coalesce(q.arrived_at, a.checked_in_at) AS arrived, q.sort_at IS NOT NULL AS moved
       FROM queue_entry q LEFT JOIN appointment a ON a.id = q.appointment_id WHERE q.clinic_id = $1 AND q.day = $2`,
      [clinic.id, date],
    );
    const placeOf = new Map(places.rows.map((row) => [row.id, row]));
    const problems = rows.some(({ number }, index) => number !== index + 1)
      ? [`numbers: ${rows.map(({ number }) => number).join()}`]
      : [];
    for (const doctorId of clinic.doctorIds) {
      const waiting = queue.filter((entry) => entry.doctorId === doctorId && entry.status === 'WAITING');
      if (waiting.some(({ position }, index) => position !== index + 1)) problems.push(`positions of ${doctorId}`);
      const unmoved = waiting.flatMap(({ id }) => placeOf.get(id) ?? []).filter(({ moved }) => !moved);
      const sorted = [...unmoved].sort((a, b) => toPlace(a) - toPlace(b) || a.number - b.number);
      if (sorted.some(({ id }, index) => id !== unmoved[index]?.id))
        problems.push(`order of ${doctorId}: ${unmoved.map(({ number }) => number).join()}`);
    }
    return problems;
  },
};

export const dayViewAgrees: Invariant = {
  name: 'the day view agrees with the visits and the queue',
  check(world, { after, day }) {
    const { queue } = after;
    const visits = after.visits.filter(({ start }) => world.isOnDay(start));
    const problems: string[] = [];
    const states = (rows: { id: string; status: string }[]): string =>
      rows
        .map(({ id, status }) => `${id} ${status}`)
        .sort()
        .join();
    if (states(day.appointments) !== states(visits)) problems.push('its appointments are not the visits');
    const places = (entries: { id: string; number: number; status: string; position: number | null }[]): string =>
      entries.map(({ id, number, status, position }) => `${id} ${number} ${status} ${position}`).join();
    if (places(day.queue) !== places(queue)) problems.push('its queue is not GET /queue');
    const counted = Object.values(day.counts as Record<string, number>).reduce((sum, count) => sum + count, 0);
    if (counted !== visits.length) problems.push(`it counts ${counted} of ${visits.length} visits`);
    return problems;
  },
};
