import { insertAudit, insertEvents } from '../../core/changes/change-rows.js';
import { mayBookFor } from '../clients/index.js';

/** What a statement writes: new appointments, holds, or the appointments that holds become. */
export type BookingKind = 'APPOINTMENT' | 'HOLD' | 'APPOINTMENT_OF_HOLD';

/** The condition that a row of `reservation` is not an expired hold. `$3` is the current time. */
const isInForce = (row: string): string => `(${row}.expires_at IS NULL OR ${row}.expires_at > $3::timestamptz)`;

const KEY_IS_NEW = '(b.key IS NULL OR (b.caller, b.route, b.key) IN (SELECT k.caller, k.route, k.key FROM keyed k))';

/** Counts appointments of a booking's patient at the clinic: all, or those of one service. */
const countOwn = (serviceId: string, condition: string): string =>
  `(SELECT count(*) FROM appointment a WHERE a.client_id = b.client_id AND a.clinic_id = b.clinic_id
            AND (${serviceId} IS NULL OR a.service_id = ${serviceId}) AND ${condition})`;

/** The limits for patients who book for themselves. */
const LIMITS = `WHEN b.max_no_shows IS NOT NULL AND b.max_no_shows <= ${countOwn(
  'b.no_shows_service_id',
  `a.status = 'NO_SHOW' AND a.start_at > $3::timestamptz - interval '1 year'`,
)} THEN 'TOO_MANY_NO_SHOWS'
        WHEN b.max_upcoming IS NOT NULL AND b.max_upcoming <= ${countOwn(
          'b.upcoming_service_id',
          `a.start_at > $3::timestamptz AND a.status IN ('PENDING', 'CONFIRMED')`,
        )} THEN 'TOO_MANY_UPCOMING'
        WHEN b.max_on_day IS NOT NULL AND b.max_on_day <= ${countOwn(
          'b.on_day_service_id',
          `a.start_at >= b.day_begins AND a.start_at < b.day_ends AND a.status NOT IN ('CANCELLED', 'NO_SHOW')`,
        )} THEN 'TOO_MANY_ON_DAY'`;

const APPOINTMENT_REFUSALS = {
  columns: `(SELECT link.bookings FROM client_clinic link
       WHERE link.client_id = b.client_id AND link.clinic_id = b.clinic_id) AS seen_bookings,`,
  conditions: LIMITS,
};

/** What `checked` also reads, and the conditions that only apply to what the statement writes. */
const REFUSALS: Record<BookingKind, { columns: string; conditions: string }> = {
  APPOINTMENT: APPOINTMENT_REFUSALS,
  // Locks the hold before its reservations, as those do who release it.
  APPOINTMENT_OF_HOLD: {
    columns: APPOINTMENT_REFUSALS.columns,
    conditions: `WHEN NOT EXISTS (SELECT FROM hold h WHERE h.id = b.id AND h.expires_at > $3::timestamptz FOR UPDATE) THEN 'HOLD_EXPIRED'
        ${APPOINTMENT_REFUSALS.conditions}`,
  },
  // The number of a patient's hold: a unique index refuses two holds with the same number, so the limit holds in races.
  HOLD: {
    columns: `(SELECT min(n) FROM generate_series(1, b.max_holds) n
       WHERE NOT EXISTS (SELECT FROM hold h WHERE h.client_id = b.client_id AND h.number = n AND h.expires_at > $3::timestamptz)) AS number,`,
    conditions: `WHEN b.client_id IS NOT NULL AND (
          SELECT count(*) FROM hold h WHERE h.client_id = b.client_id AND h.number IS NOT NULL AND h.expires_at > $3::timestamptz
          ) >= b.max_holds THEN 'TOO_MANY_HOLDS'
        ${LIMITS}`,
  },
};

/** The ranges of a hold become those of its appointment without a moment in which they are free. */
const CONVERTED: Record<BookingKind, string> = {
  APPOINTMENT: '',
  HOLD: '',
  APPOINTMENT_OF_HOLD: `converted AS (
    UPDATE reservation v SET expires_at = NULL FROM checked b
    WHERE v.appointment_id = b.id AND v.expires_at > $3::timestamptz AND b.refusal IS NULL
    RETURNING v.appointment_id
  ), `,
};

const RESERVED: Record<BookingKind, string> = {
  APPOINTMENT: 'reserved',
  HOLD: 'reserved',
  APPOINTMENT_OF_HOLD: '(SELECT appointment_id FROM reserved UNION ALL SELECT appointment_id FROM converted)',
};

const WRITE_APPOINTMENTS = `counted AS (
    UPDATE client_clinic link SET bookings = link.bookings + 1
    FROM (SELECT * FROM complete WHERE is_limited ORDER BY client_id, clinic_id) b
    WHERE link.client_id = b.client_id AND link.clinic_id = b.clinic_id AND link.bookings = b.seen_bookings
    RETURNING link.client_id, link.clinic_id
  ), linked AS (
    INSERT INTO client_clinic (client_id, clinic_id, bookings)
    SELECT b.client_id, b.clinic_id, 1 FROM complete b WHERE b.seen_bookings IS NULL ORDER BY b.client_id, b.clinic_id
    ON CONFLICT DO NOTHING RETURNING client_id, clinic_id
  ), booked AS (
    INSERT INTO appointment (id, clinic_id, client_id, doctor_id, service_id, resource_ids, group_id, seat, start_at, end_at,
                             status, notes, staff_notes, insurance_note, price_minor, currency,
                             tax_basis_points, created_by, created_at, updated_at)
    SELECT a.id, a.clinic_id, a.client_id, a.doctor_id, a.service_id, a.resource_ids, a.group_id, a.seat, a.start_at, a.end_at,
           a.status, a.notes, a.staff_notes, a.insurance_note, a.price_minor, a.currency,
           a.tax_basis_points, a.created_by, a.created_at, a.updated_at
    FROM complete b CROSS JOIN LATERAL json_populate_record(NULL::appointment, b.new_row) a
    WHERE ${KEY_IS_NEW}
      AND (b.is_limited IS NOT TRUE
        OR (b.client_id, b.clinic_id) IN (SELECT c.client_id, c.clinic_id FROM counted c)
        OR (b.client_id, b.clinic_id) IN (SELECT l.client_id, l.clinic_id FROM linked l))
    ON CONFLICT DO NOTHING RETURNING id
  )`;

const WRITTEN: Record<BookingKind, string> = {
  APPOINTMENT: WRITE_APPOINTMENTS,
  APPOINTMENT_OF_HOLD: `${WRITE_APPOINTMENTS}, converted_hold AS (DELETE FROM hold h USING booked x WHERE h.id = x.id)`,
  HOLD: `renumbered AS (
    UPDATE hold h SET number = NULL FROM checked b
    WHERE h.client_id = b.client_id AND h.number IS NOT NULL AND h.expires_at <= $3::timestamptz RETURNING h.id
  ), booked AS (
    INSERT INTO hold (id, clinic_id, client_id, doctor_id, service_id, resource_ids, group_id, seat, start_at, end_at,
                      expires_at, number, created_by, created_at)
    SELECT h.id, h.clinic_id, h.client_id, h.doctor_id, h.service_id, h.resource_ids, h.group_id, h.seat, h.start_at, h.end_at,
           h.expires_at, CASE WHEN h.client_id IS NOT NULL THEN b.number END, h.created_by, h.created_at
    FROM complete b CROSS JOIN LATERAL json_populate_record(NULL::hold, b.new_row) h
    WHERE ${KEY_IS_NEW} AND (SELECT count(*) >= 0 FROM renumbered)
    ON CONFLICT DO NOTHING RETURNING id
  )`,
};

/** The patient of an appointment's event is only known to the database. */
const APPOINTMENT_PAYLOAD = `e.payload || jsonb_build_object('clientUserId', c.user_id)`;
const PAYLOAD: Record<BookingKind, string> = {
  APPOINTMENT: APPOINTMENT_PAYLOAD,
  APPOINTMENT_OF_HOLD: APPOINTMENT_PAYLOAD,
  HOLD: 'e.payload',
};

/**
 * Writes a batch of bookings, each completely or not at all, in one statement, which is one transaction. A hold is written like an
 * appointment; its id is the id of the appointment that it may become.
 *
 * `$1` contains the bookings and `$2` the ranges that they reserve, as JSON: with array parameters, PostgreSQL would plan the
 * statement again for each length. `$3` is the current time. Returns one row for each booking with its outcome: BOOKED, or why nothing
 * was written:
 * - OUTDATED_RULES: the clinic's schedule has another revision than the one that the booking was checked against
 * - KEY_USED: the Idempotency-Key already has an answer
 * - UNKNOWN_PATIENT: the booker may not book for this patient
 * - CONFLICT: `conflicts` are the resources that are already reserved
 * - TOO_MANY_UPCOMING, TOO_MANY_ON_DAY, TOO_MANY_NO_SHOWS: the patient has as many upcoming appointments, visits on that day or no-shows
 *   as the clinic allows
 * - TOO_MANY_HOLDS: the patient has as many holds as are allowed
 * - HOLD_EXPIRED: the hold that the appointment replaces does not exist, or has expired
 * - RACED: another transaction committed while the statement ran; a repetition returns the reason
 * - LOCKED: a change of the clinic's schedule is not committed yet. Only with `SKIP LOCKED`; otherwise the statement waits
 *
 * Steps:
 * - `schedule` locks the revisions, `overlap` and `conflict` find reserved ranges
 * - `expired` deletes those of expired holds. The other rows of these holds stay, so that HoldsRepository.endExpired finds them
 * - `checked` decides on a refusal
 * - `reserved` inserts the ranges of the other bookings (the exclusion constraint does not see rows that the same statement deleted
 *   before), `converted` takes over those of a hold; a booking is `complete` if all of its ranges were inserted
 * - `keyed` stores the answers of idempotency keys, `counted` counts the bookings of patients with a limit, `linked` links new patients
 *   to the clinic
 * - `booked` inserts the appointments or holds, `audited` and `published` insert the audit rows and events of these
 *
 * A statement does not see rows that are committed after its start. Three checks do not depend on that: the revision is read
 * under a row lock, the idempotency key is a primary key, and a counter detects appointments that were added since they were
 * counted. If another transaction commits in between and wins one of these checks or a part of the reservations, rows of
 * `reservation` have no appointment or hold and the whole statement fails on their foreign key (23503). The caller then repeats it for
 * each booking alone.
 *
 * Rows of large tables are read in scalar subqueries: for a batch of unknown size, PostgreSQL may plan a join or an EXISTS as a
 * scan of the whole table.
 *
 * To avoid deadlocks, rows are reserved in the order of resources and counted in the order of patients.
 */
const writingStatement = (kind: BookingKind, onLock: 'SKIP LOCKED' | ''): string => `
  WITH booking AS MATERIALIZED (
    SELECT * FROM json_to_recordset($1::json) AS b (
      id uuid, clinic_id uuid, client_id uuid, revision bigint, reservation_count int, is_limited boolean, max_upcoming int, upcoming_service_id uuid,
      max_on_day int, on_day_service_id uuid, day_begins timestamptz, day_ends timestamptz, max_no_shows int, no_shows_service_id uuid, max_holds int,
      held_until timestamptz, booker_id uuid, booker_role text, booker_clinic_ids uuid[], caller uuid, route text, key text,
      new_row json, answer json, audit json, event json)
  ), requested AS MATERIALIZED (
    SELECT r.appointment_id, r.id, r.kind, r.group_id, tstzrange(r.begins, r.ends, '[)') AS during
    FROM json_to_recordset($2::json) AS r (
      appointment_id uuid, id uuid, kind text, group_id uuid, begins timestamptz, ends timestamptz)
  ), schedule AS MATERIALIZED (
    SELECT v.clinic_id, v.revision FROM schedule_revision v
    WHERE v.clinic_id IN (SELECT b.clinic_id FROM booking b) ORDER BY v.clinic_id FOR SHARE OF v ${onLock}
  ), overlap AS MATERIALIZED (
    SELECT r.appointment_id, r.id, o.is_reserved, o.expired_ids FROM requested r CROSS JOIN LATERAL (
      SELECT bool_or(${isInForce('v')}) AS is_reserved,
             array_agg(v.appointment_id) FILTER (WHERE NOT ${isInForce('v')}) AS expired_ids
      FROM reservation v
      WHERE v.resource_id = r.id AND v.active AND v.during && r.during AND v.group_id <> r.group_id) o
  ), conflict AS MATERIALIZED (
    SELECT o.appointment_id, json_agg(o.id) AS resource_ids FROM overlap o WHERE o.is_reserved GROUP BY o.appointment_id
  ), expired AS (
    DELETE FROM reservation v
    WHERE v.appointment_id = ANY (ARRAY(SELECT unnest(o.expired_ids) FROM overlap o))
      AND v.resource_id = ANY (ARRAY(SELECT r.id FROM requested r)) AND NOT ${isInForce('v')}
    RETURNING v.appointment_id
  ), checked AS MATERIALIZED (
    SELECT b.*, c.resource_ids AS conflicts,
      ${REFUSALS[kind].columns}
      CASE
        WHEN s.revision IS NULL AND (
          SELECT true FROM schedule_revision v WHERE v.clinic_id = b.clinic_id) THEN 'LOCKED'
        WHEN s.revision IS DISTINCT FROM b.revision THEN 'OUTDATED_RULES'
        WHEN b.key IS NOT NULL AND (
          SELECT true FROM idempotency_key k WHERE k.caller = b.caller AND k.route = b.route AND k.key = b.key) THEN 'KEY_USED'
        WHEN b.client_id IS NOT NULL AND NOT ${mayBookFor('b')} THEN 'UNKNOWN_PATIENT'
        WHEN c.appointment_id IS NOT NULL THEN 'CONFLICT'
        ${REFUSALS[kind].conditions}
      END AS refusal
    FROM booking b
    LEFT JOIN schedule s ON s.clinic_id = b.clinic_id
    LEFT JOIN conflict c ON c.appointment_id = b.id
  ), reserved AS (
    INSERT INTO reservation (appointment_id, version, resource_id, kind, group_id, during, expires_at)
    SELECT r.appointment_id, 1, r.id, r.kind, r.group_id, r.during, b.held_until
    FROM requested r JOIN checked b ON b.id = r.appointment_id
    WHERE b.refusal IS NULL AND (SELECT count(*) >= 0 FROM expired)
    ORDER BY r.id, r.during
    ON CONFLICT DO NOTHING RETURNING appointment_id
  ), ${CONVERTED[kind]} complete AS MATERIALIZED (
    SELECT b.* FROM checked b
    JOIN (SELECT v.appointment_id, count(*) AS n FROM ${RESERVED[kind]} v GROUP BY v.appointment_id) counts
      ON counts.appointment_id = b.id AND counts.n = b.reservation_count
  ), keyed AS (
    INSERT INTO idempotency_key (caller, route, key, request_hash, status, response)
    SELECT b.caller, b.route, b.key, k.request_hash, k.status, k.response
    FROM complete b CROSS JOIN LATERAL json_populate_record(NULL::idempotency_key, b.answer) k
    WHERE b.key IS NOT NULL ORDER BY b.caller, b.route, b.key
    ON CONFLICT DO NOTHING RETURNING caller, route, key
  ), ${WRITTEN[kind]}, audited AS (
    ${insertAudit('complete b JOIN booked x ON x.id = b.id CROSS JOIN LATERAL json_populate_record(NULL::audit_log, b.audit) l')}
  ), published AS (
    ${insertEvents(
      `complete b JOIN booked x ON x.id = b.id LEFT JOIN client c ON c.id = b.client_id
       CROSS JOIN LATERAL json_populate_record(NULL::outbox, b.event) e`,
      PAYLOAD[kind],
    )}
  )
  SELECT b.id, CASE WHEN x.id IS NOT NULL THEN 'BOOKED' ELSE coalesce(b.refusal, 'RACED') END AS outcome, b.conflicts
  FROM checked b LEFT JOIN booked x ON x.id = b.id`;

const toStatements = (onLock: 'SKIP LOCKED' | ''): Record<BookingKind, string> => ({
  APPOINTMENT: writingStatement('APPOINTMENT', onLock),
  HOLD: writingStatement('HOLD', onLock),
  APPOINTMENT_OF_HOLD: writingStatement('APPOINTMENT_OF_HOLD', onLock),
});

/** For a batch: a locked schedule of one clinic must not delay bookings of others. */
export const WRITE_BATCH = toStatements('SKIP LOCKED');

/** For one booking within a transaction: waits for locks. */
export const WRITE_ONE = toStatements('');

/** Whether a booker may book for a patient; the booking statement makes the same check. */
export const MAY_BOOK_FOR = `
  SELECT ${mayBookFor('b')} AS "mayBook"
  FROM (SELECT $1::uuid AS client_id, $2::text AS booker_role, $3::uuid[] AS booker_clinic_ids, $4::uuid AS booker_id) b`;
