import { Injectable } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import { DEFAULT_CHANNELS } from './deliverability.js';
import { IS_FIRST_OF_PLANNED } from './message-keys.js';
import { joinRecipients } from './recipients.sql.js';
import type { NotificationKind } from './templates/message-kinds.js';

const MAX_CREATED_AT_ONCE = 500;

interface Change {
  appointmentId: string;
  version: number;
  /** Of a booking or move: its reminders are planned from this time on. */
  occurredAt?: Date;
  /** A booking with others, or an imported one. */
  hasNoNotice?: boolean;
}

/** An appointment at the version that a notice is about. */
interface NoticedVisit {
  id: string;
  version: number;
}

export interface ClinicToReplan {
  id: string;
  /** The policy was changed; otherwise the hourly comparison is due. */
  isChanged: boolean;
}

/**
 * Planned notices and reminders, and the deliveries that are created from those that are due. Running a statement twice does no
 * harm. Hand-written SQL: the statements insert and delete by queries on many appointments of another feature, compare times with the
 * database's clock, and are hot: bookings and their messages wait for them.
 */
@Injectable()
export class PlannedNotificationsRepository {
  constructor(private readonly db: Database) {}

  /** Plans a notice about each appointment, due at once. */
  async planNotices(kind: NotificationKind, changes: Change[]): Promise<void> {
    if (changes.length > 0) await this.db.rows(PLAN_NOTICES, [kind, JSON.stringify(changes)]);
  }

  /** Plans one notice about several appointments of a patient. @param visits the first one is that of the notice */
  async planVisitsNotice(kind: NotificationKind, visits: NoticedVisit[]): Promise<void> {
    const [first] = visits;
    if (!first) return;
    if (visits.length === 1) return this.planNotices(kind, [{ appointmentId: first.id, ...first }]);
    const ids = visits.map(({ id }) => id);
    const versions = visits.map(({ version }) => version);
    await this.db.rows(PLAN_VISITS_NOTICE, [kind, first.id, first.version, ids, versions]);
  }

  /** Plans the notice and the reminders of each new appointment. */
  async planBooked(changes: Change[]): Promise<void> {
    await this.db.rows(PLAN_BOOKED, ['APPOINTMENT_BOOKED', JSON.stringify(changes)]);
  }

  /** Plans the reminders of the clinic's policy whose time had not passed when the appointment was booked or moved. */
  async planReminders(changes: Change[]): Promise<void> {
    await this.db.rows(PLAN_REMINDERS, [JSON.stringify(changes)]);
  }

  /** Deletes what was planned for appointments that are cancelled or over. */
  async deleteForAppointments(appointmentIds: string[]): Promise<void> {
    // A notice about several appointments is still needed for the others.
    await this.db.rows(
      `DELETE FROM planned_notification WHERE appointment_id = ANY ($1::uuid[]) AND appointment_ids <@ $1::uuid[]`,
      [appointmentIds],
    );
  }

  /** Deletes what was planned for earlier times of appointments that were moved. */
  async deleteForEarlierTimes(appointmentIds: string[]): Promise<void> {
    await this.db.rows(
      `DELETE FROM planned_notification p USING appointment a
       WHERE a.id = ANY ($1::uuid[]) AND p.appointment_id = a.id AND p.version < a.schedule_version
         AND p.appointment_ids <@ $1::uuid[]`,
      [appointmentIds],
    );
  }

  /** Clinics whose reminders have not been compared with their policy since it changed, or for an hour. */
  findClinicsToReplan(): Promise<ClinicToReplan[]> {
    return this.db.rows<ClinicToReplan>(
      `SELECT c.id, p.offsets_minutes IS DISTINCT FROM c.reminder_offsets_minutes AS "isChanged"
       FROM clinic c LEFT JOIN reminder_plan p ON p.clinic_id = c.id
       WHERE c.deleted_at IS NULL AND (p.offsets_minutes IS DISTINCT FROM c.reminder_offsets_minutes
             OR p.compared_at < now() - interval '1 hour')
       ORDER BY p.compared_at NULLS FIRST LIMIT 100`,
    );
  }

  /** Changes the planned reminders of all future appointments to those of the policy. Reminders in the past are not planned. */
  async replan(clinicId: string): Promise<void> {
    await this.db.rows(SAVE_COMPARISON, [clinicId]);
    await this.db.rows(DELETE_REMOVED_OFFSETS, [clinicId]);
    await this.db.rows(PLAN_CLINIC_REMINDERS, [clinicId]);
  }

  /** Turns planned notifications that are due into deliveries, up to a limit. @returns the number of planned notifications; 0 if none is left */
  async createDueDeliveries(): Promise<number> {
    const values = [JSON.stringify(DEFAULT_CHANNELS), MAX_CREATED_AT_ONCE];
    const row = await this.db.row<{ count: number }>(CREATE_DUE_DELIVERIES, values);
    return row?.count ?? 0;
  }

  async hasDue(): Promise<boolean> {
    const row = await this.db.row<{ due: boolean }>(
      `SELECT EXISTS (SELECT FROM planned_notification WHERE due_at <= now()) AS due`,
    );
    return row?.due ?? false;
  }
}

// Runs first: if the policy changes afterwards, the row contains the older offsets, so the clinic is compared again.
const SAVE_COMPARISON = `
  INSERT INTO reminder_plan (clinic_id, offsets_minutes, compared_at)
  SELECT id, reminder_offsets_minutes, now() FROM clinic WHERE id = $1::uuid
  ON CONFLICT (clinic_id) DO UPDATE SET offsets_minutes = excluded.offsets_minutes, compared_at = excluded.compared_at`;

const COLUMNS = `(appointment_id, clinic_id, kind, offset_minutes, version, due_at)`;

/** SQL of the changes as a table. */
const changesTable = (parameter: string): string =>
  `json_to_recordset(${parameter}::json) AS change ("appointmentId" uuid, version int, "occurredAt" timestamptz, "hasNoNotice" boolean)`;

// A move needs no notice if another move has followed.
const PLAN_NOTICES = `
  INSERT INTO planned_notification ${COLUMNS}
  SELECT a.id, a.clinic_id, $1::text, 0, change.version, now()
  FROM ${changesTable('$2')} JOIN appointment a ON a.id = change."appointmentId"
  WHERE change."hasNoNotice" IS NOT TRUE AND ($1::text <> 'APPOINTMENT_MOVED' OR a.schedule_version <= change.version)
  ORDER BY a.id
  ON CONFLICT DO NOTHING`;

// Which of the appointments were moved again is decided when the notice is sent (AppointmentCache).
const PLAN_VISITS_NOTICE = `
  INSERT INTO planned_notification (appointment_id, clinic_id, kind, offset_minutes, version, due_at, appointment_ids, appointment_versions)
  SELECT a.id, a.clinic_id, $1::text, 0, $3::int, now(), $4::uuid[], $5::int[]
  FROM appointment a WHERE a.id = $2::uuid
  ON CONFLICT DO NOTHING`;

/**
 * SQL that inserts a row for each reminder offset of each appointment whose time is after `since`. Rows are inserted in order,
 * because a booking's event and the comparison of its clinic can insert the same rows at the same time, and would deadlock.
 */
const insertReminders = (appointments: string, since: string, where: string): string => `
  INSERT INTO planned_notification ${COLUMNS}
  SELECT a.id, a.clinic_id, 'APPOINTMENT_REMINDER', minutes, a.schedule_version,
         a.start_at - make_interval(mins => minutes)
  FROM ${appointments} JOIN clinic c ON c.id = a.clinic_id, unnest(c.reminder_offsets_minutes) AS minutes
  WHERE ${where} AND a.status IN ('PENDING', 'CONFIRMED') AND a.start_at > now()
    AND a.start_at - make_interval(mins => minutes) > ${since}
  ORDER BY a.id, minutes
  ON CONFLICT DO NOTHING`;

const insertRemindersOfChanges = (parameter: string): string =>
  insertReminders(
    `${changesTable(parameter)} JOIN appointment a ON a.id = change."appointmentId"`,
    'change."occurredAt"',
    'true',
  );

const PLAN_REMINDERS = insertRemindersOfChanges('$1');

// One statement, because it runs for every booking, and the live dashboards wait for it.
const PLAN_BOOKED = `WITH notices AS (${PLAN_NOTICES}) ${insertRemindersOfChanges('$2')}`;

const PLAN_CLINIC_REMINDERS = insertReminders('appointment a', 'now()', 'a.clinic_id = $1::uuid');

const DELETE_REMOVED_OFFSETS = `
  DELETE FROM planned_notification p USING clinic c
  WHERE c.id = $1::uuid AND p.clinic_id = c.id AND p.kind = 'APPOINTMENT_REMINDER'
    AND NOT p.offset_minutes = ANY (c.reminder_offsets_minutes)`;

// A delivery is created for each recipient and channel (joinRecipients).
// After an outage, several reminders of one appointment can be due. Then only the one closest to the appointment is created.
// The statement sees the table as it was before its own DELETE, so it also finds a closer reminder beyond the limit.
// "selected" is a separate WITH query because it must run once. As a subquery of IN, it can run again for each row, if
// PostgreSQL planned the statement while the table was empty.
const CREATE_DUE_DELIVERIES = `
  WITH selected AS (
    SELECT appointment_id, kind, offset_minutes, version FROM planned_notification
    WHERE due_at <= now() ORDER BY due_at LIMIT $2::int FOR UPDATE SKIP LOCKED
  ), due AS (
    DELETE FROM planned_notification p USING selected s
    WHERE p.appointment_id = s.appointment_id AND p.kind = s.kind AND p.offset_minutes = s.offset_minutes
      AND p.version = s.version
    RETURNING p.*
  ), created AS (
    INSERT INTO notification (user_id, clinic_id, appointment_id, appointment_ids, appointment_versions, kind, channel,
                              offset_minutes, version, due_at, next_attempt_at)
    SELECT u.id, due.clinic_id, due.appointment_id, due.appointment_ids, due.appointment_versions, due.kind, channel,
           due.offset_minutes, due.version, due.due_at, due.due_at
    FROM due
    JOIN appointment a ON a.id = due.appointment_id
    ${joinRecipients('a.client_id', 'due.kind', '$1')}
      AND NOT EXISTS (SELECT FROM planned_notification nearer
                      WHERE nearer.appointment_id = due.appointment_id AND nearer.kind = due.kind
                        AND nearer.version = due.version AND nearer.offset_minutes < due.offset_minutes
                        AND nearer.due_at <= now())
      AND ${IS_FIRST_OF_PLANNED}
    ON CONFLICT DO NOTHING
  )
  SELECT count(*)::int AS count FROM due`;
