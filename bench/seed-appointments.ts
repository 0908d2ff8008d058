import type { Client } from 'pg';
import * as data from './dataset.js';
import type { DataVolume } from './data-volumes.js';
import { log } from './report.js';

/** A range of days with the same number of appointments a day; both ends are included. */
interface Days {
  from: string;
  to: string;
  perDay: number;
  /** The maximum number of appointments. */
  limit: number;
}

const DAY = 86_400_000;
/** The number of days in one statement. */
const DAYS_AT_ONCE = 30;

export const dayAfter = (day: string, days: number): string =>
  new Date(Date.parse(day) + days * DAY).toISOString().slice(0, 10);

/** Inserts appointments and reservations in the order in which they would have been booked. */
export async function seedAppointments(client: Client, volume: DataVolume, today: string): Promise<void> {
  const started = performance.now();
  let written = 0;
  for (const days of daysToFill(volume, today)) {
    written += await fill(client, days, volume.clients);
    const spansNewYear = days.from.slice(0, 4) !== days.to.slice(0, 4);
    if (!spansNewYear || volume.appointments <= 1_000_000) continue;
    const seconds = Math.round((performance.now() - started) / 1000);
    log(`  until ${days.to}: ${written.toLocaleString('en')} appointments, ${seconds} s`);
  }
}

/** Fills the days that have become coming days since the database was filled. @param from the first of these days */
export async function seedComingDays(client: Client, volume: DataVolume, from: string, to: string): Promise<void> {
  await fill(client, { from, to, perDay: volume.comingPerDay, limit: Infinity }, volume.clients);
}

/** Plans ranges of days from the last day backwards until there are enough appointments. @returns the earliest range first */
function daysToFill({ appointments, comingPerDay, comingDays, pastPerDay }: DataVolume, today: string): Days[] {
  const days: Days[] = [];
  let left = appointments;
  for (let offset = comingDays; left > 0; offset -= 1) {
    // Today stays empty.
    if (offset === 0) continue;
    const day = dayAfter(today, offset);
    const perDay = offset > 0 ? comingPerDay : pastPerDay;
    const count = Math.min(left, workingDoctors(day) * perDay);
    const latest = days.at(-1);
    const isWhole = count < left;
    // Yesterday begins a new range, because a range from yesterday to tomorrow would contain today.
    const isAdjacent = offset !== -1;
    if (latest && isWhole && latest.perDay === perDay && isAdjacent && countDays(latest) < DAYS_AT_ONCE) {
      latest.from = day;
    } else {
      days.push({ from: day, to: day, perDay, limit: isWhole ? Infinity : count });
    }
    left -= count;
  }
  return days.reverse();
}

const countDays = ({ from, to }: Days): number => (Date.parse(to) - Date.parse(from)) / DAY + 1;

const workingDoctors = (day: string): number => {
  const weekday = new Date(day).getUTCDay() || 7;
  return (
    data.CLINIC_LIST.filter(({ weekdays }) => (weekdays as readonly number[]).includes(weekday)).length *
    data.DOCTORS_PER_CLINIC
  );
};

async function fill(client: Client, { from, to, perDay, limit }: Days, clients: number): Promise<number> {
  const { rows } = await client.query<{ count: number }>(FILL, [
    from,
    to,
    perDay,
    clients / data.CLINICS,
    Number.isFinite(limit) ? limit : null,
  ]);
  return rows[0]?.count ?? 0;
}

const HALF = data.SLOTS_PER_DAY / 2;
const CLINICS = data.CLINIC_LIST.map(
  ({ timeZone, weekdays }, n) => `(${n}::bigint, '${timeZone}', '{${weekdays.join()}}'::int[])`,
).join();

// Five and sixteen have no common factor, so the j-th slots of one doctor's day are all different. Every twentieth past
// appointment was cancelled, another twentieth was a no-show; a quarter of the first doctors' appointments take their own room.
// All of this follows from day, slot and doctor, so a day is equally full at every size of the database.
const FILL = `
  WITH doctors AS MATERIALIZED (
    SELECT c, d, time_zone, weekdays,
           ${data.idInSql('clinic', 'c')} AS clinic_id,
           ${data.idInSql('doctor', `c * ${data.DOCTORS_PER_CLINIC} + d`)} AS doctor_id,
           ${data.idInSql('resource', `c * ${data.DOCTORS_PER_CLINIC} + d`)} AS resource_id,
           ${data.idInSql('service', `c * ${data.SERVICES_PER_CLINIC} + ${data.PLAIN_SERVICE}`)} AS plain_service_id,
           ${data.idInSql('service', `c * ${data.SERVICES_PER_CLINIC} + ${data.ROOM_SERVICE} + d % 2`)} AS room_service_id,
           ${data.idInSql('room', `c * ${data.ROOMS_PER_CLINIC} + d`)} AS room_id
    FROM (VALUES ${CLINICS}) clinics (c, time_zone, weekdays), generate_series(0, ${data.DOCTORS_PER_CLINIC - 1}) d
  ), slots AS (
    SELECT x.*, day, day::date - date '1970-01-01' AS number,
           ((d * 7 + (day::date - date '1970-01-01') * 3 + j * 5) % ${data.SLOTS_PER_DAY})::int AS slot
    FROM generate_series($1::timestamp, $2::timestamp, interval '1 day') day, doctors x, generate_series(0, $3::int - 1) j
    WHERE extract(isodow FROM day) = ANY (x.weekdays)
    LIMIT $5
  ), timed AS (
    SELECT *, number * ${data.SLOTS_PER_DAY} + slot AS time, md5(c || '/' || d || '/' || number || '/' || slot) AS hash,
           d < ${data.ROOMS_PER_CLINIC} AND (number + slot + d) % 4 = 0 AS with_room,
           (day + make_interval(mins => CASE WHEN slot < ${HALF} THEN ${data.WINDOWS[0].start}
              ELSE ${data.WINDOWS[1].start} END + slot % ${HALF} * ${data.SLOT_MINUTES})) AT TIME ZONE time_zone AS starts
    FROM slots
  ), planned AS (
    SELECT *, least(starts - interval '10 days', now()) AS made, starts + interval '${data.SLOT_MINUTES} minutes' AS ends,
           c + (time * ${data.DOCTORS_PER_CLINIC} + d) % $4 * ${data.CLINICS} AS client,
           CASE WHEN starts > now() THEN 'CONFIRMED'
                ELSE (ARRAY['CANCELLED', 'NO_SHOW'])[(number * 31 + slot * 7 + d * 3 + c) % 20 + 1] END AS special
    FROM timed
  ), booked AS (
    INSERT INTO appointment (id, clinic_id, client_id, doctor_id, service_id, resource_ids, start_at, end_at, status,
                             price_minor, currency, completed_at, cancelled_at, created_at, updated_at)
    SELECT ${data.timedIdInSql('made', 'hash')}, clinic_id, ${data.idInSql('client', 'client')}, doctor_id,
           CASE WHEN with_room THEN room_service_id ELSE plain_service_id END,
           CASE WHEN with_room THEN ARRAY[room_id] ELSE '{}' END, starts, ends, coalesce(special, 'COMPLETED'), 50000, 'EGP',
           CASE WHEN special IS NULL THEN ends END, CASE WHEN special = 'CANCELLED' THEN made END, made, made
    FROM planned ORDER BY made, starts, hash
    RETURNING id, client_id, doctor_id, resource_ids, start_at, end_at, status
  ), reserved AS (
    INSERT INTO reservation (appointment_id, resource_id, kind, group_id, during, active)
    SELECT b.id, r.id, r.kind, b.id, tstzrange(b.start_at, b.end_at), b.status <> 'CANCELLED'
    FROM booked b JOIN doctors x ON x.doctor_id = b.doctor_id
    CROSS JOIN LATERAL (VALUES (x.resource_id, 'DOCTOR'), (b.client_id, 'CLIENT'), (b.resource_ids[1], 'RESOURCE')) r (id, kind)
    WHERE r.id IS NOT NULL
  )
  SELECT count(*)::int AS count FROM booked`;
