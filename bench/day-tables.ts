import type pg from 'pg';
import { FieldEncryption } from '../src/core/encryption/field-encryption.js';
import { APPOINTMENT_NOTES, CANCEL_REASON, STAFF_NOTES } from '../src/modules/appointments/appointment-texts.js';
import { withClient } from './client.js';
import * as data from './dataset.js';
import { insert, toBytea, type Row } from './seed.js';
import { SECRETS } from './seed-clients.js';

/** The clinic after those of every database, with the ids that follow. Its time zone is UTC. */
export const DAY_CLINIC = data.CLINICS;
export const DOCTORS = 12;
export const VISITS = 30;

const ROOMS = 10;
const HOLDS = 5;
const WALK_INS = 6;
const VISIT_MINUTES = 15;
const VISITS_BEFORE_BREAK = 16;
const OPENINGS = [
  { start_minute: 9 * 60, end_minute: 13 * 60 },
  { start_minute: 14 * 60, end_minute: 18 * 60 },
] as const;
/** Of each doctor's visits: so many are over, the next is in the room, the next ones wait. */
const COMPLETED = 12;
const WAITING = 2;
const CANCELLED = 20;
const NO_SHOW = 21;

const TEXTS = new FieldEncryption(SECRETS);
const MINUTE = 60_000;
const CREATED = '2025-01-01T00:00:00Z';

const clinicId = data.getId('clinic', DAY_CLINIC);
const doctorNumber = (doctor: number): number => DAY_CLINIC * data.DOCTORS_PER_CLINIC + doctor;
const roomId = (room: number): string => data.getId('room', DAY_CLINIC * data.ROOMS_PER_CLINIC + room);
const serviceId = data.serviceId(DAY_CLINIC, data.PLAIN_SERVICE);
const clientId = (n: number): string => data.getId('client', n);
/** Ids that no other row of the database has. */
const appointmentId = (n: number): string => data.getId('resource', 1_000_000 + n);
const holdId = (n: number): string => data.getId('resource', 2_000_000 + n);
const entryId = (n: number): string => data.getId('resource', 3_000_000 + n);
const times = <T>(count: number, make: (n: number) => T): T[] => Array.from({ length: count }, (_, n) => make(n));

/** Inserts a clinic with 12 doctors, of whom each has 30 visits today, with holds and a queue. */
export const insertDay = (databaseUrl: string, today: string): Promise<void> =>
  withClient(databaseUrl, async (db) => {
    await copy(db, 'clinic', [{ id: clinicId, name: 'Day clinic', time_zone: 'UTC' }]);
    await copy(db, 'resource', [...times(DOCTORS, toPersonnel), ...times(ROOMS, toRoom)]);
    await copy(db, 'doctor', times(DOCTORS, toDoctor));
    await copy(db, 'service', [{ id: serviceId, clinic_id: clinicId, duration_minutes: VISIT_MINUTES }]);
    await insert(db, 'weekly_rule', times(DOCTORS, toRules).flat());
    await insert(db, 'schedule_exception', [toTimeOff(today)]);
    const visits = times(DOCTORS, (doctor) => times(VISITS, (n) => toVisit(today, doctor, n))).flat();
    await insert(db, 'appointment', visits);
    await insert(
      db,
      'hold',
      times(HOLDS, (n) => toHold(today, n)),
    );
    await db.query(RESERVE, [clinicId]);
    await insert(db, 'queue_entry', toQueue(today, visits));
    await db.query('VACUUM (ANALYZE)');
  });

/** Inserts copies of the first row of a table with other values. */
async function copy(db: pg.Client, table: string, rows: Row[]): Promise<void> {
  const { rows: found } = await db.query<{ columns: string }>(
    `SELECT string_agg(quote_ident(attname), ', ') AS columns FROM pg_attribute
     WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''`,
    [table],
  );
  const columns = found[0]?.columns ?? '';
  await db.query(
    `INSERT INTO ${table} (${columns}) SELECT ${columns}
     FROM (SELECT t AS first FROM ${table} t ORDER BY t.id LIMIT 1) x, json_array_elements($1::json) changes,
          json_populate_record(x.first, changes)`,
    [JSON.stringify(rows)],
  );
}

const toPersonnel = (doctor: number): Row => ({
  id: data.getId('resource', doctorNumber(doctor)),
  clinic_id: clinicId,
  name: `Doctor ${doctor}`,
});

const toRoom = (room: number): Row => ({ id: roomId(room), clinic_id: clinicId, kind: 'ROOM', name: `Room ${room}` });

const toDoctor = (doctor: number): Row => ({
  id: data.getId('doctor', doctorNumber(doctor)),
  clinic_id: clinicId,
  resource_id: data.getId('resource', doctorNumber(doctor)),
  first_name: `Nadia${doctor}`,
  last_name: `Farouk${(doctor * 7) % DOCTORS}`,
});

const toRules = (doctor: number): Row[] =>
  [1, 2, 3, 4, 5, 6, 7].flatMap((weekday) =>
    OPENINGS.map((opening) => ({ resource_id: data.getId('resource', doctorNumber(doctor)), weekday, ...opening })),
  );

/** The last doctor leaves half an hour earlier. */
const toTimeOff = (today: string): Row => ({
  id: data.getId('resource', 4_000_000),
  resource_id: data.getId('resource', doctorNumber(DOCTORS - 1)),
  kind: 'CLOSED',
  from_day: today,
  to_day: today,
  start_minute: 17.5 * 60,
  end_minute: 18 * 60,
  reason: 'Training',
  created_at: CREATED,
});

/** @param n of the doctor's day, from 0 */
function toStart(today: string, n: number): number {
  const opening = n < VISITS_BEFORE_BREAK ? OPENINGS[0] : OPENINGS[1];
  const visit = n < VISITS_BEFORE_BREAK ? n : n - VISITS_BEFORE_BREAK;
  return Date.parse(today) + (opening.start_minute + visit * VISIT_MINUTES) * MINUTE;
}

const iso = (instant: number): string => new Date(instant).toISOString();

function toVisit(today: string, doctor: number, n: number): Row {
  const number = doctor * VISITS + n;
  const start = toStart(today, n);
  const id = appointmentId(number);
  const encrypt = (column: typeof APPOINTMENT_NOTES, text: string | false): string | null =>
    toBytea(text ? TEXTS.encrypt(column, text, id) : null);
  return {
    id,
    clinic_id: clinicId,
    client_id: clientId(number),
    doctor_id: data.getId('doctor', doctorNumber(doctor)),
    service_id: serviceId,
    resource_ids: doctor < ROOMS ? [roomId(doctor)] : [],
    start_at: iso(start),
    end_at: iso(start + VISIT_MINUTES * MINUTE),
    ...NO_TIMES,
    ...toState(n, start),
    price_minor: 50_000,
    currency: 'EGP',
    notes: encrypt(APPOINTMENT_NOTES, n % 3 === 0 && 'The headache comes back every evening; brings the last scan.'),
    staff_notes: encrypt(STAFF_NOTES, n % 6 === 0 && 'Needs an interpreter for Arabic.'),
    cancel_reason: encrypt(CANCEL_REASON, n === CANCELLED && 'Has to travel.'),
    version: 1,
    created_at: CREATED,
    updated_at: CREATED,
  };
}

/** All rows that are inserted together need the same columns. */
const NO_TIMES: Row = { checked_in_at: null, started_at: null, completed_at: null, cancelled_at: null };
const NO_WALK_IN: Row = { appointment_id: null, client_id: null, doctor_id: null, service_id: null, arrived_at: null };

/** The state of a doctor's visit does not depend on the current time, so every run has the same queue. */
function toState(n: number, start: number): Row {
  const [arrived, begun] = [{ checked_in_at: iso(start - 5 * MINUTE) }, { started_at: iso(start + 2 * MINUTE) }];
  if (n < COMPLETED) {
    return { status: 'COMPLETED', ...arrived, ...begun, completed_at: iso(start + (VISIT_MINUTES + (n % 4)) * MINUTE) };
  }
  if (n === COMPLETED) return { status: 'IN_PROGRESS', ...arrived, ...begun };
  if (n <= COMPLETED + WAITING) return { status: 'CONFIRMED', ...arrived };
  if (n === CANCELLED) return { status: 'CANCELLED', cancelled_at: iso(start - 60 * MINUTE) };
  return { status: n === NO_SHOW ? 'NO_SHOW' : 'CONFIRMED' };
}

const toHold = (today: string, n: number): Row => ({
  id: holdId(n),
  clinic_id: clinicId,
  client_id: clientId(DOCTORS * VISITS + n),
  doctor_id: data.getId('doctor', doctorNumber(n)),
  service_id: serviceId,
  resource_ids: [roomId(n)],
  start_at: iso(toStart(today, VISITS)),
  end_at: iso(toStart(today, VISITS + 1)),
  expires_at: iso(Date.parse(today) + 48 * 60 * MINUTE),
  number: 1,
  created_at: CREATED,
});

/** Those who have arrived, and walk-ins who wait for a gap. */
function toQueue(today: string, visits: Row[]): Row[] {
  const entry = { clinic_id: clinicId, day: today, version: 1, created_at: CREATED, updated_at: CREATED };
  const patients = visits
    .filter(({ checked_in_at: arrivedAt }) => arrivedAt !== null)
    .map((visit): Row => ({ appointment_id: visit.id, is_walk_in: false }));
  const walkIns = times(WALK_INS, (n): Row => ({
    client_id: clientId(DOCTORS * VISITS + HOLDS + n),
    doctor_id: data.getId('doctor', doctorNumber(n)),
    service_id: serviceId,
    arrived_at: iso(Date.parse(today) + 10 * 60 * MINUTE),
    is_walk_in: true,
  }));
  return [...patients, ...walkIns].map((row, n) => ({
    ...NO_WALK_IN,
    ...entry,
    ...row,
    id: entryId(n),
    number: n + 1,
  }));
}

/** Reserves doctors, patients and rooms for the visits and the holds of a clinic. */
const RESERVE = `
  INSERT INTO reservation (appointment_id, resource_id, kind, group_id, during, active, expires_at)
  SELECT v.id, r.id, r.kind, v.id, tstzrange(v.start_at, v.end_at), v.active, v.expires_at
  FROM (SELECT id, doctor_id, client_id, resource_ids, start_at, end_at, status <> 'CANCELLED' AS active, NULL AS expires_at
        FROM appointment WHERE clinic_id = $1
        UNION ALL
        SELECT id, doctor_id, client_id, resource_ids, start_at, end_at, true, expires_at FROM hold WHERE clinic_id = $1
       ) AS v (id, doctor_id, client_id, resource_ids, start_at, end_at, active, expires_at)
  JOIN doctor d ON d.id = v.doctor_id
  CROSS JOIN LATERAL (VALUES (d.resource_id, 'DOCTOR'), (v.client_id, 'CLIENT'), (v.resource_ids[1], 'RESOURCE')) AS r (id, kind)
  WHERE r.id IS NOT NULL`;
