import type { ExceptionJson, WeeklyRuleJson } from '../../src/modules/scheduling/schedule-json.js';
import type { QueueStatus } from '../../src/modules/queue/queue-order.js';
import type { Statement } from './sql.js';

export interface ClinicRow {
  timeZone: string;
  doctors: { id: string; resourceId: string; rules: WeeklyRuleJson[] | null; exceptions: ExceptionJson[] | null }[];
}

export const SCHEDULES: Statement = {
  name: 'schedules',
  text: `
    SELECT k.time_zone AS "timeZone",
      (SELECT json_agg(json_build_object(
         'id', d.id, 'resourceId', d.resource_id, 'title', d.title, 'firstName', d.first_name, 'lastName', d.last_name,
         'speciality', d.speciality, 'isActive', d.is_active AND d.deleted_at IS NULL,
         'rules', (SELECT json_agg(json_build_array(w.weekday, w.start_minute, w.end_minute, w.valid_from, w.valid_to))
                   FROM weekly_rule w WHERE w.resource_id = d.resource_id),
         'exceptions', (SELECT json_agg(json_build_array(e.kind, e.from_day, e.to_day, e.start_minute, e.end_minute))
                        FROM schedule_exception e WHERE e.resource_id = d.resource_id
                          AND e.to_day >= $2::date - 1 AND e.from_day <= $2::date + 1))
         ORDER BY d.last_name, d.first_name, d.id)
       FROM doctor d WHERE d.clinic_id = k.id) AS doctors
    FROM clinic k WHERE k.id = $1 AND k.deleted_at IS NULL`,
};

const CLIENT = `json_build_object('id', c.id, 'firstName', u.first_name, 'lastName', u.last_name)`;
const SERVICE = `json_build_object('id', s.id, 'name', s.name, 'durationMinutes', s.duration_minutes, 'mode', s.mode)`;
const RESOURCES = `
  CROSS JOIN LATERAL (
    SELECT coalesce(json_agg(json_build_object('id', r.id, 'kind', r.kind, 'name', r.name) ORDER BY r.name, r.id), '[]') AS list
    FROM resource r WHERE r.id = ANY (a.resource_ids)) AS rooms`;

export interface Visit {
  id: string;
  clientId: string;
  doctorId: string;
  status: 'PENDING' | 'CONFIRMED' | 'IN_PROGRESS' | 'COMPLETED' | 'CANCELLED' | 'NO_SHOW';
  notes: Buffer | null;
  staffNotes: Buffer | null;
  cancelReason: Buffer | null;
  checkedInAt: Date | null;
  startedAt: Date | null;
}

export const VISITS: Statement = {
  name: 'visits',
  text: `
    SELECT a.id, a.clinic_id AS "clinicId", a.client_id AS "clientId", a.doctor_id AS "doctorId", a.service_id AS "serviceId",
           a.resource_ids AS "resourceIds", a.start_at AS "startDateTime", a.end_at AS "endDateTime", a.status, a.notes,
           json_build_object('amount', a.price_minor, 'currency', a.currency) AS price, a.series_id AS "seriesId",
           a.group_id AS "groupId", a.version, a.client_confirmed_at AS "clientConfirmedAt",
           a.checked_in_at AS "checkedInAt", a.started_at AS "startedAt", a.completed_at AS "completedAt",
           a.cancelled_at AS "cancelledAt", a.cancel_reason AS "cancelReason", a.created_at AS "createdAt",
           a.updated_at AS "updatedAt", a.staff_notes AS "staffNotes", ${CLIENT} AS client, ${SERVICE} AS service,
           rooms.list AS resources
    FROM appointment a JOIN client c ON c.id = a.client_id JOIN user_account u ON u.id = c.user_id
    JOIN service s ON s.id = a.service_id ${RESOURCES}
    WHERE a.clinic_id = $1 AND a.start_at >= $2 AND a.start_at < $3
    ORDER BY a.start_at, a.id`,
};

export interface Busy {
  resourceId: string;
  doctorId: string;
  appointmentId: string;
  /** Epoch milliseconds. */
  start: number;
  end: number;
  hold: { clientId: string | null } | null;
}

const iso = (column: string): string => `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

export const BUSY: Statement = {
  name: 'busy',
  text: `
    SELECT v.resource_id AS "resourceId", d.id AS "doctorId", v.appointment_id AS "appointmentId",
           (extract(epoch FROM lower(v.during)) * 1000)::float8 AS start,
           (extract(epoch FROM upper(v.during)) * 1000)::float8 AS end,
           CASE WHEN a.id IS NOT NULL THEN json_build_object(
             'id', a.id, 'clinicId', a.clinic_id, 'clientId', a.client_id, 'doctorId', a.doctor_id, 'serviceId', a.service_id,
             'resourceIds', a.resource_ids, 'startDateTime', ${iso('a.start_at')}, 'endDateTime', ${iso('a.end_at')},
             'expiresAt', ${iso('a.expires_at')}, 'client', ${CLIENT}, 'service', ${SERVICE}, 'resources', rooms.list) END AS hold
    FROM doctor d
    JOIN reservation v ON v.resource_id = d.resource_id AND v.active AND v.during && tstzrange($2, $3)
      AND (v.expires_at IS NULL OR v.expires_at > $4)
    LEFT JOIN hold a ON a.id = v.hold_id LEFT JOIN client c ON c.id = a.client_id
    LEFT JOIN user_account u ON u.id = c.user_id LEFT JOIN service s ON s.id = a.service_id ${RESOURCES}
    WHERE d.clinic_id = $1
    ORDER BY lower(v.during), v.resource_id`,
};

export interface Queued {
  id: string;
  clientId: string;
  number: number;
  status: QueueStatus;
  doctorId: string;
  appointmentId: string | null;
  groupId: string | null;
  startDateTime: Date | null;
  endDateTime: Date | null;
  durationMinutes: number;
  arrivedAt: Date;
  startedAt: Date | null;
  completedAt: Date | null;
  wasMoved: boolean;
}

const ARRIVED_AT = 'coalesce(q.arrived_at, a.checked_in_at, a.started_at)';
const STATUS = `CASE WHEN a.id IS NULL THEN 'WAITING' WHEN a.status = 'IN_PROGRESS' THEN 'IN_ROOM'
  WHEN a.status = 'COMPLETED' THEN 'DONE' WHEN q.called_at IS NOT NULL THEN 'CALLED' ELSE 'WAITING' END`;
const DUE_AT = `CASE WHEN a.start_at IS NULL OR ${ARRIVED_AT} > a.start_at + interval '10 minutes' THEN ${ARRIVED_AT} ELSE a.start_at END`;

export const QUEUE: Statement = {
  name: 'queue',
  text: `
    SELECT q.id, q.number, ${STATUS} AS status, coalesce(a.doctor_id, q.doctor_id) AS "doctorId", q.version,
           q.is_walk_in AS "isWalkIn", a.id AS "appointmentId", c.id AS "clientId", s.id AS "serviceId", ${CLIENT} AS client,
           a.group_id AS "groupId", a.start_at AS "startDateTime", a.end_at AS "endDateTime",
           s.duration_minutes AS "durationMinutes", ${ARRIVED_AT} AS "arrivedAt", q.called_at AS "calledAt",
           a.started_at AS "startedAt", a.completed_at AS "completedAt", q.sort_at IS NOT NULL AS "wasMoved"
    FROM queue_entry q LEFT JOIN appointment a ON a.id = q.appointment_id
    JOIN client c ON c.id = coalesce(a.client_id, q.client_id) JOIN user_account u ON u.id = c.user_id
    JOIN service s ON s.id = coalesce(a.service_id, q.service_id)
    WHERE q.clinic_id = $1 AND q.day = $4::date AND CASE WHEN a.id IS NULL THEN q.left_at IS NULL
      ELSE a.start_at >= $2 AND a.start_at < $3
        AND (a.status IN ('IN_PROGRESS', 'COMPLETED') OR a.status = 'CONFIRMED' AND a.checked_in_at IS NOT NULL) END
    ORDER BY array_position(ARRAY['IN_ROOM', 'CALLED', 'WAITING', 'DONE'], ${STATUS}),
             CASE ${STATUS} WHEN 'IN_ROOM' THEN a.started_at WHEN 'CALLED' THEN q.called_at WHEN 'DONE' THEN a.completed_at
               ELSE coalesce(q.sort_at, ${DUE_AT}) END,
             coalesce(q.sort_tie, q.number), q.number`,
};

/** The audit row of a list: who read which patients. */
export const AUDIT: Statement = {
  name: 'audit',
  text: `
    INSERT INTO audit_log (id, actor_user_id, actor_role, action, object_type, object_id, clinic_id, changes, request_id, ip, device)
    VALUES ($1, $2, $3, 'appointment.list-read', 'appointment', '00000000-0000-0000-0000-000000000000', $4, $5, $6, $7, $8)`,
};
