import { Injectable } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import type { Actor } from '../../core/kernel/actor.js';
import { mayBookFor } from '../clients/index.js';
import type { Range } from '../scheduling/index.js';
import type { ReservedRange } from './requested-slot.js';

/** A seat in a group session. `resourceIds` are the session's rooms; null for the first seat. */
export interface Seat {
  number: number;
  resourceIds: string[] | null;
}

const milliseconds = (expression: string): string => `extract(epoch FROM ${expression})::float8 * 1000`;

const iso = (instant: number): string => new Date(instant).toISOString();

/**
 * Reads and writes the time that appointments reserve; new appointments are written by booking-writer.ts. All rows of an
 * appointment are inserted by one statement, sorted by resource, so that two bookings cannot deadlock; with ON CONFLICT DO NOTHING,
 * as plain inserts into the exclusion constraint can deadlock with others of the same slot; callers check what was reserved.
 */
@Injectable()
export class ReservationsRepository {
  constructor(private readonly db: Database) {}

  /** Whether the booker may book for the patient; the booking statement makes the same check. */
  async mayBookFor({ role, clinicIds, doctorId }: Actor, clientId: string): Promise<boolean> {
    const row = await this.db.row<{ may: boolean }>(MAY_BOOK_FOR, [clientId, role, clinicIds, doctorId]);
    return row?.may ?? false;
  }

  /** Locks the doctor until the transaction ends. @returns whether the doctor is active */
  async lockDoctor(doctorId: string): Promise<boolean> {
    const row = await this.db.row<{ works: boolean }>(
      `SELECT is_active AND deleted_at IS NULL AS works FROM doctor WHERE id = $1 FOR SHARE`,
      [doctorId],
    );
    return row?.works ?? false;
  }

  /**
   * Reserves ranges for a new version of an appointment, in addition to its older ones.
   * @param rules the clinic's expected schedule revision; null for no check
   * @returns the ids of the reserved resources; null if the revision is different
   */
  async reserve(
    appointmentId: string,
    version: number,
    reservations: ReservedRange[],
    rules: { clinicId: string; revision: number } | null,
  ): Promise<string[] | null> {
    if (rules && !(await this.lockSchedule(rules))) return null;
    const rows = await this.db.rows<{ id: string }>(RESERVE, [appointmentId, version, toJson(reservations)]);
    return rows.map(({ id }) => id);
  }

  /** Deletes the reservations of earlier versions. */
  async releaseBefore(appointmentId: string, version: number): Promise<void> {
    await this.db.rows(`DELETE FROM reservation WHERE appointment_id = $1 AND version < $2`, [appointmentId, version]);
  }

  /** Deletes the reservations of a failed attempt. */
  async undo(appointmentId: string, version: number): Promise<void> {
    await this.db.rows(`DELETE FROM reservation WHERE appointment_id = $1 AND version = $2`, [appointmentId, version]);
  }

  /** Frees all reserved time; the rows stay, for reinstatements. */
  async release(appointmentId: string): Promise<void> {
    await this.db.rows(`UPDATE reservation SET active = false WHERE appointment_id = $1 AND active`, [appointmentId]);
  }

  /**
   * Ends the reservations early; the service's buffer follows the new end. The rows of the planned time stay, inactive.
   * @param version of the new rows
   */
  async endAt(appointmentId: string, version: number, plannedEnd: Date, end: Date): Promise<void> {
    await this.db.rows(END_AT, [appointmentId, version, plannedEnd.toISOString(), end.toISOString()]);
  }

  /** The ranges that the appointment reserved before it was released or ended early. */
  async findPlanned(appointmentId: string): Promise<ReservedRange[]> {
    const rows = await this.db.rows<Omit<ReservedRange, 'during'> & Range>(
      `SELECT DISTINCT ON (resource_id) resource_id AS "resourceId", kind, group_id AS "groupId",
              ${milliseconds('lower(during)')} AS start, ${milliseconds('upper(during)')} AS "end"
       FROM reservation WHERE appointment_id = $1 ORDER BY resource_id, upper(during) DESC`,
      [appointmentId],
    );
    return rows.map(({ start, end, ...row }) => ({ ...row, during: { start, end } }));
  }

  /** Whether any of the resources is a room. */
  async hasRoom(resourceIds: string[]): Promise<boolean> {
    if (resourceIds.length === 0) return false;
    const row = await this.db.row(`SELECT id FROM resource WHERE id = ANY ($1::uuid[]) AND kind = 'ROOM' LIMIT 1`, [
      resourceIds,
    ]);
    return row !== null;
  }

  async getCapacity(serviceId: string): Promise<number> {
    const row = await this.db.row<{ capacity: number }>(`SELECT capacity FROM service WHERE id = $1`, [serviceId]);
    return row?.capacity ?? 1;
  }

  async setResources(appointmentId: string, resourceIds: string[]): Promise<void> {
    await this.db.rows(`UPDATE appointment SET resource_ids = $2 WHERE id = $1`, [appointmentId, resourceIds]);
  }

  /** The ids of the resources that the appointment itself reserves in a window. */
  async findReserved(appointmentId: string, window: Range): Promise<string[]> {
    const rows = await this.db.rows<{ id: string }>(
      `SELECT resource_id AS id FROM reservation
       WHERE appointment_id = $1 AND active AND during && tstzrange($2, $3)`,
      [appointmentId, iso(window.start), iso(window.end)],
    );
    return rows.map(({ id }) => id);
  }

  /** The ranges in which a doctor, patient, room or piece of equipment is reserved. */
  async findBusyTimes(resourceId: string, window: Range): Promise<Range[]> {
    return this.db.rows<Range>(
      `SELECT ${milliseconds('lower(during)')} AS start, ${milliseconds('upper(during)')} AS "end"
       FROM reservation WHERE resource_id = $1 AND active AND during && tstzrange($2, $3)`,
      [resourceId, iso(window.start), iso(window.end)],
    );
  }

  /**
   * Finds the first free seat of a group session and locks the session until the transaction ends. A unique index also prevents
   * two appointments with the same seat.
   * @param appointmentId the appointment whose own seat does not count
   * @returns null if the session is full
   */
  async freeSeat(groupId: string, capacity: number, appointmentId: string): Promise<Seat | null> {
    await this.db.rows(`SELECT pg_advisory_xact_lock(hashtextextended($1, 7241))`, [groupId]);
    const taken = await this.db.rows<{ seat: number; resourceIds: string[] }>(
      `SELECT seat, resource_ids AS "resourceIds" FROM appointment
       WHERE group_id = $1 AND id <> $2 AND status NOT IN ('CANCELLED', 'NO_SHOW', 'COMPLETED') ORDER BY seat`,
      [groupId, appointmentId],
    );
    if (taken.length >= capacity) return null;
    const seats = new Set(taken.map(({ seat }) => seat));
    let number = 1;
    while (seats.has(number)) number += 1;
    return { number, resourceIds: taken[0]?.resourceIds ?? null };
  }

  /** Locks the clinic's schedule until the transaction ends. @returns whether it has the expected revision */
  private async lockSchedule({ clinicId, revision }: { clinicId: string; revision: number }): Promise<boolean> {
    const row = await this.db.row<{ revision: number }>(
      `SELECT revision::float8 AS revision FROM schedule_revision WHERE clinic_id = $1 FOR SHARE`,
      [clinicId],
    );
    return row?.revision === revision;
  }
}

const toJson = (reservations: ReservedRange[]): string =>
  JSON.stringify(
    reservations.map(({ resourceId, kind, groupId, during }) => ({
      id: resourceId,
      kind,
      group_id: groupId,
      begins: iso(during.start),
      ends: iso(during.end),
    })),
  );

const MAY_BOOK_FOR = `
  SELECT ${mayBookFor('b')} AS may
  FROM (SELECT $1::uuid AS client_id, $2::text AS booker_role, $3::uuid[] AS booker_clinic_ids, $4::uuid AS booker_doctor_id) b`;

// FOR KEY SHARE waits for a concurrent deletion of a room, which is then not reserved.
const RESERVE = `
  INSERT INTO reservation (appointment_id, version, resource_id, kind, group_id, during)
  SELECT $1::uuid, $2::int, r.id, r.kind, r.group_id, tstzrange(r.begins, r.ends, '[)')
  FROM json_to_recordset($3::json) AS r (id uuid, kind text, group_id uuid, begins timestamptz, ends timestamptz)
  WHERE r.kind <> 'RESOURCE'
     OR EXISTS (SELECT FROM resource x WHERE x.id = r.id AND x.deleted_at IS NULL FOR KEY SHARE)
  ORDER BY r.id
  ON CONFLICT DO NOTHING RETURNING resource_id AS id`;

// A range whose new end is before its start reserves nothing any more.
const END_AT = `
  WITH planned AS (
    UPDATE reservation SET active = false
    WHERE appointment_id = $1::uuid AND active AND upper(during) > $4::timestamptz + greatest(upper(during) - $3::timestamptz, '0')
    RETURNING resource_id, kind, group_id, lower(during) AS begins,
              $4::timestamptz + greatest(upper(during) - $3::timestamptz, '0') AS ends
  )
  INSERT INTO reservation (appointment_id, version, resource_id, kind, group_id, during)
  SELECT $1::uuid, $2::int, resource_id, kind, group_id, tstzrange(begins, ends, '[)')
  FROM planned WHERE begins < ends ORDER BY resource_id ON CONFLICT DO NOTHING`;
