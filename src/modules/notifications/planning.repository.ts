import { Injectable } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import { hasTrustedAddress } from '../users/index.js';
import { LIVE_DEVICES } from './live-devices.js';
import { DEFAULT_CHANNELS } from './notifications.rules.js';
import type { NotificationKind } from './templates/templates.js';

const FAN_OUT_AT_ONCE = 500;

interface Happened {
  appointmentId: string;
  version: number;
  occurredAt: Date;
}

/** Writes down what will have to be said, and when it is due makes messages of it. Every statement may run twice. */
@Injectable()
export class PlanningRepository {
  constructor(private readonly db: Database) {}

  /** A notice about each appointment, due at once. */
  async planNotices(kind: NotificationKind, happened: Happened[]): Promise<void> {
    await this.db.rows(PLAN_NOTICES, [kind, JSON.stringify(happened)]);
  }

  /** Of each new appointment: the notice, and the reminders as below. */
  async planBooked(happened: Happened[]): Promise<void> {
    await this.db.rows(PLAN_BOOKED, ['APPOINTMENT_BOOKED', JSON.stringify(happened)]);
  }

  /** The reminders by the clinic's policy whose time was not past yet when the visit was booked or moved. */
  async planReminders(happened: Happened[]): Promise<void> {
    await this.db.rows(PLAN_REMINDERS, [JSON.stringify(happened)]);
  }

  /** Forgets what was planned for visits that are cancelled or over. */
  async forget(appointmentIds: string[]): Promise<void> {
    await this.db.rows(`DELETE FROM planned_notification WHERE appointment_id = ANY ($1::uuid[])`, [appointmentIds]);
  }

  /** Forgets what was planned for times that visits have no more. */
  async forgetEarlierTimes(appointmentIds: string[]): Promise<void> {
    await this.db.rows(
      `DELETE FROM planned_notification p USING appointment a
       WHERE a.id = ANY ($1::uuid[]) AND p.appointment_id = a.id AND p.version < a.schedule_version`,
      [appointmentIds],
    );
  }

  /** Clinics whose reminders have not been held against their policy since it changed, or for an hour. */
  async clinicsToPlan(): Promise<string[]> {
    const rows = await this.db.rows<{ id: string }>(
      `SELECT id FROM clinic
       WHERE deleted_at IS NULL AND (reminders_planned_at IS NULL OR reminders_planned_at < updated_at
             OR reminders_planned_at < now() - interval '1 hour')
       ORDER BY reminders_planned_at NULLS FIRST LIMIT 100`,
    );
    return rows.map(({ id }) => id);
  }

  /** Makes the planned reminders of all future visits those of the policy. What is past its time stays unsaid. */
  async replan(clinicId: string): Promise<void> {
    await this.db.rows(MARK_PLANNED, [clinicId]);
    await this.db.rows(FORGET_OLD_OFFSETS, [clinicId]);
    await this.db.rows(PLAN_ALL, [clinicId]);
  }

  /** Makes messages of what is due. @returns how many plans were taken; 0: nothing is due */
  async fanOut(): Promise<number> {
    const row = await this.db.row<{ taken: number }>(FAN_OUT, [JSON.stringify(DEFAULT_CHANNELS), FAN_OUT_AT_ONCE]);
    return row?.taken ?? 0;
  }

  async hasDue(): Promise<boolean> {
    const row = await this.db.row<{ due: boolean }>(
      `SELECT EXISTS (SELECT FROM planned_notification WHERE due_at <= now()) AS due`,
    );
    return row?.due ?? false;
  }
}

// GREATEST: the application's clock wrote updated_at, and it may be ahead of the database's.
const MARK_PLANNED = `UPDATE clinic SET reminders_planned_at = greatest(now(), updated_at) WHERE id = $1::uuid`;

const COLUMNS = `(appointment_id, clinic_id, kind, offset_minutes, version, due_at)`;

/** What happened, as a table. */
const happened = (parameter: string): string =>
  `json_to_recordset(${parameter}::json) AS h ("appointmentId" uuid, version int, "occurredAt" timestamptz)`;

// A move that was overtaken by another is no news.
const PLAN_NOTICES = `
  INSERT INTO planned_notification ${COLUMNS}
  SELECT a.id, a.clinic_id, $1::text, 0, h.version, now()
  FROM ${happened('$2')} JOIN appointment a ON a.id = h."appointmentId"
  WHERE $1::text <> 'APPOINTMENT_MOVED' OR a.schedule_version <= h.version
  ON CONFLICT DO NOTHING`;

/** One row per offset of the appointments of the table, whose time is after `since`. */
const reminders = (appointments: string, since: string, where: string): string => `
  INSERT INTO planned_notification ${COLUMNS}
  SELECT a.id, a.clinic_id, 'APPOINTMENT_REMINDER', minutes, a.schedule_version,
         a.start_at - make_interval(mins => minutes)
  FROM ${appointments} JOIN clinic c ON c.id = a.clinic_id, unnest(c.reminder_offsets_minutes) AS minutes
  WHERE ${where} AND a.status IN ('PENDING', 'CONFIRMED') AND a.start_at > now()
    AND a.start_at - make_interval(mins => minutes) > ${since}
  ON CONFLICT DO NOTHING`;

const remindersOf = (parameter: string): string =>
  reminders(`${happened(parameter)} JOIN appointment a ON a.id = h."appointmentId"`, 'h."occurredAt"', 'true');

const PLAN_REMINDERS = remindersOf('$1');

// One statement: every booking makes this, and the dashboards wait for it.
const PLAN_BOOKED = `WITH notices AS (${PLAN_NOTICES}) ${remindersOf('$2')}`;

const PLAN_ALL = reminders('appointment a', 'now()', 'a.clinic_id = $1::uuid');

const FORGET_OLD_OFFSETS = `
  DELETE FROM planned_notification p USING clinic c
  WHERE c.id = $1::uuid AND p.clinic_id = c.id AND p.kind = 'APPOINTMENT_REMINDER'
    AND NOT p.offset_minutes = ANY (c.reminder_offsets_minutes)`;

// After a long silence several reminders of one visit are due together: only the nearest to the visit is said. The
// statement sees the table as it was before its own DELETE, so also a nearer one beyond the limit. (What is taken stands
// in a WITH of its own, which runs once: inside of IN a plan made on an empty table runs it anew for every row.)
// A channel without an address is none. The inbox is always kept. They go out in the order in which they were due.
const FAN_OUT = `
  WITH taken AS (
    SELECT appointment_id, kind, offset_minutes, version FROM planned_notification
    WHERE due_at <= now() ORDER BY due_at LIMIT $2::int FOR UPDATE SKIP LOCKED
  ), due AS (
    DELETE FROM planned_notification p USING taken t
    WHERE p.appointment_id = t.appointment_id AND p.kind = t.kind AND p.offset_minutes = t.offset_minutes
      AND p.version = t.version
    RETURNING p.*
  ), made AS (
    INSERT INTO notification (user_id, clinic_id, appointment_id, kind, channel, offset_minutes, version, due_at, next_attempt_at)
    SELECT u.id, due.clinic_id, due.appointment_id, due.kind, channel, due.offset_minutes, due.version, due.due_at, due.due_at
    FROM due
    JOIN appointment a ON a.id = due.appointment_id
    JOIN client cl ON cl.id = a.client_id
    JOIN user_account u ON u.id = cl.user_id AND u.deleted_at IS NULL
    LEFT JOIN notification_preference p ON p.user_id = u.id
    CROSS JOIN LATERAL (
      SELECT 'IN_APP' AS channel
      UNION SELECT jsonb_array_elements_text(coalesce(p.channels -> due.kind, $1::jsonb -> due.kind))) AS chosen
    WHERE (channel <> 'EMAIL' OR u.email IS NOT NULL) AND (channel <> 'SMS' OR u.phone IS NOT NULL)
      AND (channel NOT IN ('EMAIL', 'SMS') OR ${hasTrustedAddress('u')})
      AND (channel <> 'PUSH' OR EXISTS (SELECT FROM ${LIVE_DEVICES} AND d.user_id = u.id))
      AND NOT EXISTS (SELECT FROM planned_notification nearer
                      WHERE nearer.appointment_id = due.appointment_id AND nearer.kind = due.kind
                        AND nearer.version = due.version AND nearer.offset_minutes < due.offset_minutes
                        AND nearer.due_at <= now())
    ON CONFLICT DO NOTHING
  )
  SELECT count(*)::int AS taken FROM due`;
