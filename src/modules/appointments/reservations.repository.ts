import { Injectable } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import type { Actor } from '../../core/security/actor.js';
import { mayBookFor } from '../clients/index.js';
import type { Range } from '../scheduling/index.js';
import type { Reservation } from './requested-slot.js';

/** A place in a group session; the rooms are those of the session, null for the first seat. */
export interface Seat {
  number: number;
  resourceIds: string[] | null;
}

const milliseconds = (expression: string): string => `extract(epoch FROM ${expression})::float8 * 1000`;

const iso = (instant: number): string => new Date(instant).toISOString();

/**
 * What appointments take of doctors, patients, rooms and equipment. Always: all rows of an appointment in one statement, sorted
 * by resource (two bookings can't wait for each other crosswise), with ON CONFLICT DO NOTHING (a bare insert can deadlock
 * in a chain with others of the same slot), and a check of what was reserved. New appointments: booking-writer.ts.
 */
@Injectable()
export class ReservationsRepository {
  constructor(private readonly db: Database) {}

  /** Whether the booker may book for the patient, as the statement that books checks it too. */
  async mayBookFor({ role, clinicIds, doctorId }: Actor, clientId: string): Promise<boolean> {
    const row = await this.db.row<{ may: boolean }>(MAY_BOOK_FOR, [clientId, role, clinicIds, doctorId]);
    return row?.may ?? false;
  }

  /** Whether the doctor still takes appointments; stays so until the transaction ends. */
  async holdDoctor(doctorId: string): Promise<boolean> {
    const row = await this.db.row<{ works: boolean }>(
      `SELECT is_active AND deleted_at IS NULL AS works FROM doctor WHERE id = $1 FOR SHARE`,
      [doctorId],
    );
    return row?.works ?? false;
  }

  /**
   * Reserves for a later version of an appointment, beside what it has.
   * @param rules the schedule revision that must still be the clinic's; null for no check
   * @returns the resources that were reserved; null where the revision is another
   */
  async reserve(
    appointmentId: string,
    version: number,
    reservations: Reservation[],
    rules: { clinicId: string; revision: number } | null,
  ): Promise<string[] | null> {
    if (rules && !(await this.holdSchedule(rules))) return null;
    const rows = await this.db.rows<{ id: string }>(RESERVE, [appointmentId, version, toJson(reservations)]);
    return rows.map(({ id }) => id);
  }

  /** Gives up what the appointment had in versions before this one. */
  async releaseBefore(appointmentId: string, version: number): Promise<void> {
    await this.db.rows(`DELETE FROM reservation WHERE appointment_id = $1 AND version < $2`, [appointmentId, version]);
  }

  /** Gives up what one attempt had, to try with another room. */
  async undo(appointmentId: string, version: number): Promise<void> {
    await this.db.rows(`DELETE FROM reservation WHERE appointment_id = $1 AND version = $2`, [appointmentId, version]);
  }

  /** Frees all that the appointment held; the rows stay as its past. */
  async release(appointmentId: string): Promise<void> {
    await this.db.rows(`UPDATE reservation SET active = false WHERE appointment_id = $1 AND active`, [appointmentId]);
  }

  /**
   * Ends what the appointment holds at an instant before its planned end; the service's buffer follows the new end. The
   * rows of the planned time stay as its past.
   * @param version of the new rows
   */
  async endAt(appointmentId: string, version: number, plannedEnd: Date, end: Date): Promise<void> {
    await this.db.rows(END_AT, [appointmentId, version, plannedEnd.toISOString(), end.toISOString()]);
  }

  /** All that the appointment held at its present time before it was released or ended early. */
  async planned(appointmentId: string): Promise<Reservation[]> {
    const rows = await this.db.rows<Omit<Reservation, 'during'> & Range>(
      `SELECT DISTINCT ON (resource_id) resource_id AS "resourceId", kind, group_id AS "groupId",
              ${milliseconds('lower(during)')} AS start, ${milliseconds('upper(during)')} AS "end"
       FROM reservation WHERE appointment_id = $1 ORDER BY resource_id, upper(during) DESC`,
      [appointmentId],
    );
    return rows.map(({ start, end, ...row }) => ({ ...row, during: { start, end } }));
  }

  async hasRoom(resourceIds: string[]): Promise<boolean> {
    if (resourceIds.length === 0) return false;
    const row = await this.db.row(`SELECT id FROM resource WHERE id = ANY ($1::uuid[]) AND kind = 'ROOM' LIMIT 1`, [
      resourceIds,
    ]);
    return row !== null;
  }

  async capacityOf(serviceId: string): Promise<number> {
    const row = await this.db.row<{ capacity: number }>(`SELECT capacity FROM service WHERE id = $1`, [serviceId]);
    return row?.capacity ?? 1;
  }

  async setResources(appointmentId: string, resourceIds: string[]): Promise<void> {
    await this.db.rows(`UPDATE appointment SET resource_ids = $2 WHERE id = $1`, [appointmentId, resourceIds]);
  }

  /** The resources that the appointment itself keeps busy in a window. */
  async resourcesOf(appointmentId: string, window: Range): Promise<string[]> {
    const rows = await this.db.rows<{ id: string }>(
      `SELECT resource_id AS id FROM reservation
       WHERE appointment_id = $1 AND active AND during && tstzrange($2, $3)`,
      [appointmentId, iso(window.start), iso(window.end)],
    );
    return rows.map(({ id }) => id);
  }

  /** When a client has appointments already. */
  async busyOf(resourceId: string, window: Range): Promise<Range[]> {
    return this.db.rows<Range>(
      `SELECT ${milliseconds('lower(during)')} AS start, ${milliseconds('upper(during)')} AS "end"
       FROM reservation WHERE resource_id = $1 AND active AND during && tstzrange($2, $3)`,
      [resourceId, iso(window.start), iso(window.end)],
    );
  }

  /**
   * The first free seat of a group session, counted under a lock of the session that lasts until the transaction ends. A unique
   * index stands behind it.
   * @param appointmentId whose own seat does not count
   * @returns null where the session is full
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

  /** The schedule stays as it is until the transaction ends. @returns whether it has that revision */
  private async holdSchedule({ clinicId, revision }: { clinicId: string; revision: number }): Promise<boolean> {
    const row = await this.db.row<{ revision: number }>(
      `SELECT revision::float8 AS revision FROM schedule_revision WHERE clinic_id = $1 FOR SHARE`,
      [clinicId],
    );
    return row?.revision === revision;
  }
}

const toJson = (reservations: Reservation[]): string =>
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

// A room that is being deleted at this moment is waited for, and then not reserved.
const RESERVE = `
  INSERT INTO reservation (appointment_id, version, resource_id, kind, group_id, during)
  SELECT $1::uuid, $2::int, r.id, r.kind, r.group_id, tstzrange(r.begins, r.ends, '[)')
  FROM json_to_recordset($3::json) AS r (id uuid, kind text, group_id uuid, begins timestamptz, ends timestamptz)
  WHERE r.kind <> 'RESOURCE'
     OR EXISTS (SELECT FROM resource x WHERE x.id = r.id AND x.deleted_at IS NULL FOR KEY SHARE)
  ORDER BY r.id
  ON CONFLICT DO NOTHING RETURNING resource_id AS id`;

// A range that would end before it begins is of a visit that ended before its time: it holds nothing any more.
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
