import { mayBookFor } from '../clients/index.js';

/**
 * Writes a batch of bookings, each completely or not at all, in one statement, which is one transaction.
 *
 * `$1` contains the bookings and `$2` the ranges that they reserve, as JSON: with array parameters, PostgreSQL would plan the
 * statement again for each length. Returns one row for each booking with its outcome: BOOKED, or why nothing was written:
 * - OUTDATED_RULES: the clinic's schedule has another revision than the one that the booking was checked against
 * - KEY_USED: the Idempotency-Key already has an answer
 * - UNKNOWN_PATIENT: the booker may not book for this patient
 * - CONFLICT: `conflicts` are the resources that are already reserved
 * - TOO_MANY_UPCOMING: the patient has as many upcoming appointments as the clinic allows
 * - RACED: another transaction committed while the statement ran; a repetition returns the reason
 * - LOCKED: a change of the clinic's schedule is not committed yet. Only with `SKIP LOCKED`; otherwise the statement waits
 *
 * Steps: `schedule` locks the revisions, `conflict` finds reserved ranges, `checked` decides on a refusal. `reserved` inserts the
 * ranges of the other bookings; a booking is `complete` if all of its ranges were inserted. Then `keyed` stores the answers of
 * idempotency keys, `counted` counts the bookings of patients with a limit, `linked` links new patients to the clinic, `booked`
 * inserts the appointments, `audited` and `published` insert the audit rows and events of these.
 *
 * A statement does not see rows that are committed after its start. Three checks do not depend on that: the revision is read
 * under a row lock, the idempotency key is a primary key, and a counter detects appointments that were added since they were
 * counted. If another transaction commits in between and wins one of these checks or a part of the reservations, rows of
 * `reservation` have no appointment and the whole statement fails on their foreign key (23503). The caller then repeats it for
 * each booking alone.
 *
 * Rows of large tables are read in scalar subqueries: for a batch of unknown size, PostgreSQL may plan a join or an EXISTS as a
 * scan of the whole table.
 *
 * To avoid deadlocks, rows are reserved in the order of resources and counted in the order of patients.
 */
const bookingStatement = (onLock: 'SKIP LOCKED' | ''): string => `
  WITH booking AS MATERIALIZED (
    SELECT * FROM json_to_recordset($1::json) AS b (
      id uuid, clinic_id uuid, client_id uuid, revision bigint, reservation_count int, max_upcoming int,
      booker_role text, booker_clinic_ids uuid[], caller uuid, route text, key text, appointment json, answer json, audit json, event json)
  ), requested AS MATERIALIZED (
    SELECT r.appointment_id, r.id, r.kind, r.group_id, tstzrange(r.begins, r.ends, '[)') AS during
    FROM json_to_recordset($2::json) AS r (
      appointment_id uuid, id uuid, kind text, group_id uuid, begins timestamptz, ends timestamptz)
  ), schedule AS MATERIALIZED (
    SELECT v.clinic_id, v.revision FROM schedule_revision v
    WHERE v.clinic_id IN (SELECT b.clinic_id FROM booking b) ORDER BY v.clinic_id FOR SHARE OF v ${onLock}
  ), conflict AS MATERIALIZED (
    SELECT r.appointment_id, json_agg(r.id) AS resource_ids FROM requested r
    WHERE EXISTS (SELECT FROM reservation v
                  WHERE v.resource_id = r.id AND v.active AND v.during && r.during AND v.group_id <> r.group_id)
    GROUP BY r.appointment_id
  ), checked AS MATERIALIZED (
    SELECT b.*, c.resource_ids AS conflicts,
      (SELECT link.bookings FROM client_clinic link
       WHERE link.client_id = b.client_id AND link.clinic_id = b.clinic_id) AS seen_bookings,
      CASE
        WHEN s.revision IS NULL AND (
          SELECT true FROM schedule_revision v WHERE v.clinic_id = b.clinic_id) THEN 'LOCKED'
        WHEN s.revision IS DISTINCT FROM b.revision THEN 'OUTDATED_RULES'
        WHEN b.key IS NOT NULL AND (
          SELECT true FROM idempotency_key k WHERE k.caller = b.caller AND k.route = b.route AND k.key = b.key) THEN 'KEY_USED'
        WHEN NOT ${mayBookFor('b')} THEN 'UNKNOWN_PATIENT'
        WHEN c.appointment_id IS NOT NULL THEN 'CONFLICT'
        WHEN b.max_upcoming IS NOT NULL AND b.max_upcoming <= (
          SELECT count(*) FROM appointment a
          WHERE a.client_id = b.client_id AND a.clinic_id = b.clinic_id AND a.start_at > now()
            AND a.status IN ('PENDING', 'CONFIRMED')) THEN 'TOO_MANY_UPCOMING'
      END AS refusal
    FROM booking b
    LEFT JOIN schedule s ON s.clinic_id = b.clinic_id
    LEFT JOIN conflict c ON c.appointment_id = b.id
  ), reserved AS (
    INSERT INTO reservation (appointment_id, version, resource_id, kind, group_id, during)
    SELECT r.appointment_id, 1, r.id, r.kind, r.group_id, r.during
    FROM requested r JOIN checked b ON b.id = r.appointment_id WHERE b.refusal IS NULL
    ORDER BY r.id, r.during
    ON CONFLICT DO NOTHING RETURNING appointment_id
  ), complete AS MATERIALIZED (
    SELECT b.* FROM checked b
    JOIN (SELECT v.appointment_id, count(*) AS n FROM reserved v GROUP BY v.appointment_id) counts
      ON counts.appointment_id = b.id AND counts.n = b.reservation_count
  ), keyed AS (
    INSERT INTO idempotency_key (caller, route, key, request_hash, status, response)
    SELECT b.caller, b.route, b.key, k.request_hash, k.status, k.response
    FROM complete b CROSS JOIN LATERAL json_populate_record(NULL::idempotency_key, b.answer) k
    WHERE b.key IS NOT NULL ORDER BY b.caller, b.route, b.key
    ON CONFLICT DO NOTHING RETURNING caller, route, key
  ), counted AS (
    UPDATE client_clinic link SET bookings = link.bookings + 1
    FROM (SELECT * FROM complete WHERE max_upcoming IS NOT NULL ORDER BY client_id, clinic_id) b
    WHERE link.client_id = b.client_id AND link.clinic_id = b.clinic_id AND link.bookings = b.seen_bookings
    RETURNING link.client_id, link.clinic_id
  ), linked AS (
    INSERT INTO client_clinic (client_id, clinic_id, bookings)
    SELECT b.client_id, b.clinic_id, 1 FROM complete b WHERE b.seen_bookings IS NULL ORDER BY b.client_id, b.clinic_id
    ON CONFLICT DO NOTHING RETURNING client_id, clinic_id
  ), booked AS (
    INSERT INTO appointment (id, clinic_id, client_id, doctor_id, service_id, resource_ids, group_id, seat, start_at, end_at,
                             status, notes, staff_notes, price_minor, currency, created_by, created_at, updated_at)
    SELECT a.id, a.clinic_id, a.client_id, a.doctor_id, a.service_id, a.resource_ids, a.group_id, a.seat, a.start_at, a.end_at,
           a.status, a.notes, a.staff_notes, a.price_minor, a.currency, a.created_by, a.created_at, a.updated_at
    FROM complete b CROSS JOIN LATERAL json_populate_record(NULL::appointment, b.appointment) a
    WHERE (b.key IS NULL OR (b.caller, b.route, b.key) IN (SELECT k.caller, k.route, k.key FROM keyed k))
      AND (b.max_upcoming IS NULL
        OR (b.client_id, b.clinic_id) IN (SELECT c.client_id, c.clinic_id FROM counted c)
        OR (b.client_id, b.clinic_id) IN (SELECT l.client_id, l.clinic_id FROM linked l))
    ON CONFLICT DO NOTHING RETURNING id
  ), audited AS (
    INSERT INTO audit_log (id, actor_user_id, actor_role, action, object_type, object_id, clinic_id, before_hash, after_hash,
                           changes, request_id, ip, device, api_key_id)
    SELECT l.id, l.actor_user_id, l.actor_role, l.action, l.object_type, l.object_id, l.clinic_id, l.before_hash, l.after_hash,
           l.changes, l.request_id, l.ip, l.device, l.api_key_id
    FROM complete b JOIN booked x ON x.id = b.id CROSS JOIN LATERAL json_populate_record(NULL::audit_log, b.audit) l
  ), published AS (
    INSERT INTO outbox (id, event, aggregate_id, clinic_id, payload)
    SELECT e.id, e.event, e.aggregate_id, e.clinic_id, e.payload || jsonb_build_object('clientUserId', c.user_id)
    FROM complete b JOIN booked x ON x.id = b.id JOIN client c ON c.id = b.client_id
    CROSS JOIN LATERAL json_populate_record(NULL::outbox, b.event) e
  )
  SELECT b.id, CASE WHEN x.id IS NOT NULL THEN 'BOOKED' ELSE coalesce(b.refusal, 'RACED') END AS outcome, b.conflicts
  FROM checked b LEFT JOIN booked x ON x.id = b.id`;

/** For a batch: a locked schedule of one clinic must not delay bookings of others. */
export const BOOK_BATCH = bookingStatement('SKIP LOCKED');

/** For one booking within a transaction: waits for locks. */
export const BOOK_ONE = bookingStatement('');

/** Whether a booker may book for a patient; the booking statement makes the same check. */
export const MAY_BOOK_FOR = `
  SELECT ${mayBookFor('b')} AS "mayBook"
  FROM (SELECT $1::uuid AS client_id, $2::text AS booker_role, $3::uuid[] AS booker_clinic_ids) b`;
