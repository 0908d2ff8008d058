import type { Client } from 'pg';
import * as data from './dataset.js';

/** How full the database is. Appointments fill the coming days evenly; what is left goes into the past. */
export interface Filling {
  appointments: number;
  /** Appointments of one doctor on one coming working day, at most 12. */
  comingPerDay: number;
  comingDays: number;
}

const PAST_PER_DAY = 12;
/** Working days of a week, at the least, over seven. */
const LEAST_WORKING = 5 / 7;

/** Sorted by time for the table and by resource for the reservations: the constraint stays on throughout. */
export async function seedAppointments(client: Client, filling: Filling): Promise<void> {
  const { appointments, comingPerDay, comingDays } = filling;
  const pastDays = Math.ceil(appointments / (data.DOCTORS * PAST_PER_DAY * LEAST_WORKING)) + 14;
  await client.query(plan({ appointments, comingPerDay, comingDays, pastDays }));
  await client.query(APPOINTMENTS);
  await client.query(RESERVATIONS);
  await client.query('DROP TABLE plan');
}

const HALF = data.SLOTS_PER_DAY / 2;
const MINUTE_OF_SLOT = `CASE WHEN slot < ${HALF} THEN ${data.WINDOWS[0].start} ELSE ${data.WINDOWS[1].start} END
  + (slot % ${HALF}) * ${data.SLOT_MINUTES}`;
const NUMBERED = 'row_number() OVER (ORDER BY id) - 1 AS n';

// Five and sixteen have no common factor, so the j-th slots of one doctor's day are all different. Every twentieth past
// appointment was cancelled, another twentieth missed; a quarter of what the first doctors do takes their own room.
const plan = ({ appointments, comingPerDay, comingDays, pastDays }: Filling & { pastDays: number }): string => `
  CREATE TEMP TABLE plan AS
  WITH doctors AS (
    SELECT d.id, d.clinic_id, d.resource_id, c.time_zone, dense_rank() OVER (ORDER BY d.clinic_id) - 1 AS c,
           row_number() OVER (PARTITION BY d.clinic_id ORDER BY d.id) - 1 AS d
    FROM doctor d JOIN clinic c ON c.id = d.clinic_id
  ), slots AS (
    SELECT doctors.*, o, current_date + o AS day, ((d * 7 + (o + 5000) * 3 + j * 5) % ${data.SLOTS_PER_DAY})::int AS slot
    FROM doctors
    CROSS JOIN generate_series(-${pastDays}, ${comingDays}) o
    CROSS JOIN LATERAL generate_series(0, CASE WHEN o > 0 THEN ${comingPerDay} ELSE ${PAST_PER_DAY} END - 1) j
    WHERE o <> 0 AND EXISTS (
      SELECT FROM weekly_rule w
      WHERE w.resource_id = doctors.resource_id AND w.weekday = extract(isodow FROM current_date + o))
    ORDER BY o DESC, j, doctors.id LIMIT ${appointments}
  ), timed AS (
    SELECT *, (day + make_interval(mins => ${MINUTE_OF_SLOT})) AT TIME ZONE time_zone AS starts,
           c * ${data.CLIENTS_PER_CLINIC} + (slot * ${data.DOCTORS_PER_CLINIC} + d) % ${data.CLIENTS_PER_CLINIC} AS client
    FROM slots
  ), numbered AS (
    SELECT *, row_number() OVER (ORDER BY starts, id) AS k, least(starts - interval '10 days', now()) AS made FROM timed
  )
  SELECT (lpad(to_hex((extract(epoch FROM made) * 1000)::bigint), 12, '0') || '7' || substr(md5(k::text), 1, 3) || '8' ||
          substr(md5(k::text), 4, 15))::uuid AS id,
         p.k, p.clinic_id, client.id AS client_id, p.id AS doctor_id, p.resource_id, room.id AS room_id,
         service.id AS service_id, p.starts, p.starts + interval '${data.SLOT_MINUTES} minutes' AS ends, p.made,
         CASE WHEN o > 0 THEN 'CONFIRMED' WHEN k % 20 = 0 THEN 'CANCELLED' WHEN k % 20 = 1 THEN 'NO_SHOW'
              ELSE 'COMPLETED' END AS status
  FROM numbered p
  JOIN (SELECT id, ${NUMBERED} FROM client) client ON client.n = p.client
  LEFT JOIN (SELECT id, ${NUMBERED} FROM resource WHERE kind = 'ROOM') room
    ON p.d < ${data.ROOMS_PER_CLINIC} AND p.k % 4 = 0 AND room.n = p.c * ${data.ROOMS_PER_CLINIC} + p.d
  JOIN (SELECT id, ${NUMBERED} FROM service) service
    ON service.n = p.c * ${data.SERVICES_PER_CLINIC} +
       CASE WHEN room.id IS NULL THEN ${data.PLAIN_SERVICE} ELSE ${data.ROOM_SERVICE} + p.d % 2 END`;

const APPOINTMENTS = `
  INSERT INTO appointment (id, clinic_id, client_id, doctor_id, service_id, resource_ids, start_at, end_at, status,
                           price_minor, currency, completed_at, cancelled_at, created_at, updated_at)
  SELECT id, clinic_id, client_id, doctor_id, service_id, array_remove(ARRAY[room_id], NULL), starts, ends, status, 50000,
         'EGP', CASE WHEN status = 'COMPLETED' THEN ends END, CASE WHEN status = 'CANCELLED' THEN made END, made, made
  FROM plan ORDER BY k`;

const RESERVATIONS = `
  INSERT INTO reservation (appointment_id, resource_id, kind, group_id, during, active)
  SELECT p.id, r.resource_id, r.kind, p.id, tstzrange(p.starts, p.ends), p.status <> 'CANCELLED'
  FROM plan p
  CROSS JOIN LATERAL (VALUES (p.resource_id, 'DOCTOR'), (p.client_id, 'CLIENT'), (p.room_id, 'RESOURCE')) r (resource_id, kind)
  WHERE r.resource_id IS NOT NULL
  ORDER BY r.resource_id, p.starts`;
