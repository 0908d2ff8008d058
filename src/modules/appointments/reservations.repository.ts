import { Injectable } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import { notFound } from '../../core/kernel/domain-error.js';
import type { Range } from '../scheduling/index.js';
import type { Actor } from '../../core/security/actor.js';
import { columnsFor } from './appointments.repository.js';
import type { AppointmentView } from './appointments.dto.js';

export type ReservedKind = 'DOCTOR' | 'CLIENT' | 'RESOURCE';

/** One resource that an appointment takes, and for how long (buffers in it). */
export interface Claim {
  resourceId: string;
  kind: ReservedKind;
  /** The appointment's id; the group session's for what its seats share. */
  groupId: string;
  during: Range;
}

export interface NewAppointment {
  id: string;
  clinicId: string;
  clientId: string;
  doctorId: string;
  serviceId: string;
  resourceIds: string[];
  groupId: string | null;
  seat: number | null;
  range: Range;
  status: string;
  notes: string | null;
  staffNotes: string | null;
  priceMinor: number;
  currency: string;
  createdBy: string;
}

const milliseconds = (expression: string): string => `extract(epoch FROM ${expression})::float8 * 1000`;

const iso = (instant: number): string => new Date(instant).toISOString();

/**
 * The claims on doctors, rooms, machines and patients. Always: all rows of an appointment in one statement, sorted by
 * resource (two bookings can't wait for each other crosswise), with ON CONFLICT DO NOTHING (a bare insert can deadlock
 * in a chain with others of the same slot), and a count of what was had.
 */
@Injectable()
export class ReservationsRepository {
  constructor(private readonly db: Database) {}

  /**
   * Writes the appointment and its claims.
   * @returns the view and the resources that were had; fewer than asked for means a collision, and the caller rolls back
   * @throws DomainError NOT_FOUND where doctor or service were withdrawn since the offer was read
   */
  async book(
    actor: Actor,
    appointment: NewAppointment,
    claims: Claim[],
  ): Promise<{ view: AppointmentView; had: string[] }> {
    const a = appointment;
    const statement = actor.role === 'CLIENT' ? BOOK_FOR_PATIENT : BOOK_FOR_STAFF;
    const row = await this.db.row<AppointmentView & { had: string[] }>(statement, [
      a.id,
      a.clinicId,
      a.clientId,
      a.doctorId,
      a.serviceId,
      a.resourceIds,
      a.groupId,
      a.seat,
      iso(a.range.start),
      iso(a.range.end),
      a.status,
      a.notes,
      a.priceMinor,
      a.currency,
      a.createdBy,
      rowsOf(claims),
      a.staffNotes,
    ]);
    if (!row) throw notFound();
    const { had, ...view } = row;
    return { view, had };
  }

  /** Doctor and service stay as they are until the transaction ends; one being withdrawn at this moment is waited for. */
  async holdOffered(doctorId: string, serviceId: string): Promise<void> {
    await this.db.rows(`SELECT FROM doctor d, service s WHERE d.id = $1 AND s.id = $2 FOR SHARE`, [
      doctorId,
      serviceId,
    ]);
  }

  /** Whether the doctor still takes appointments; stays so until the transaction ends. */
  async holdDoctor(doctorId: string): Promise<boolean> {
    const row = await this.db.row<{ works: boolean }>(
      `SELECT is_active AND deleted_at IS NULL AS works FROM doctor WHERE id = $1 FOR SHARE`,
      [doctorId],
    );
    return row?.works ?? false;
  }

  /** Writes the claims of a later version of an appointment, beside those it has. @returns the resources that were had */
  async claim(appointmentId: string, version: number, claims: Claim[]): Promise<string[]> {
    const rows = await this.db.rows<{ id: string }>(CLAIM, [appointmentId, version, rowsOf(claims)]);
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
  async planned(appointmentId: string): Promise<Claim[]> {
    const rows = await this.db.rows<Omit<Claim, 'during'> & Range>(
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

  /** Makes the joins of one group session wait for each other, until the transaction ends. */
  async lockGroup(groupId: string): Promise<void> {
    await this.db.rows(`SELECT pg_advisory_xact_lock(hashtextextended($1, 7241))`, [groupId]);
  }

  /** The seats that others than this appointment have. */
  async takenSeats(groupId: string, appointmentId: string): Promise<{ seat: number; resourceIds: string[] }[]> {
    return this.db.rows(
      `SELECT seat, resource_ids AS "resourceIds" FROM appointment
       WHERE group_id = $1 AND id <> $2 AND status NOT IN ('CANCELLED', 'NO_SHOW', 'COMPLETED') ORDER BY seat`,
      [groupId, appointmentId],
    );
  }
}

const rowsOf = (claims: Claim[]): string =>
  JSON.stringify(
    claims.map(({ resourceId, kind, groupId, during }) => ({
      id: resourceId,
      kind,
      grp: groupId,
      begins: iso(during.start),
      ends: iso(during.end),
    })),
  );

/**
 * Sorted by resource inside the statement, whatever order the caller had. A room that is being deleted at this moment
 * is waited for, and then not had. (JSON and not arrays: of those the planner sees how long they are, and takes a
 * quarter of a millisecond to plan the statement anew for each booking.)
 */
const reserve = (appointment: string, version: string, claims: string, only = ''): string => `
  INSERT INTO reservation (appointment_id, version, resource_id, kind, group_id, during)
  SELECT ${appointment}::uuid, ${version}::int, r.id, r.kind, r.grp, tstzrange(r.begins, r.ends, '[)')
  FROM json_to_recordset(${claims}::json) AS r (id uuid, kind text, grp uuid, begins timestamptz, ends timestamptz) ${only}
  WHERE r.kind <> 'RESOURCE'
     OR EXISTS (SELECT FROM resource x WHERE x.id = r.id AND x.deleted_at IS NULL FOR KEY SHARE)
  ORDER BY r.id
  ON CONFLICT DO NOTHING RETURNING resource_id AS id`;

const CLAIM = reserve('$1', '$2', '$3');

// FOR SHARE: a doctor or service that is being withdrawn at this moment is waited for, and then not there.
// The link to the clinic makes the patient one of the clinic's: part of the booking, and no round trip of its own.
const book = (columns: string): string => `
  WITH offered AS (
    SELECT d.id FROM doctor d, service s
    WHERE d.id = $4::uuid AND d.is_active AND d.deleted_at IS NULL
      AND s.id = $5::uuid AND s.is_active AND s.deleted_at IS NULL
    FOR SHARE
  ), a AS (
    INSERT INTO appointment (id, clinic_id, client_id, doctor_id, service_id, resource_ids, group_id, seat, start_at,
                             end_at, status, notes, staff_notes, price_minor, currency, created_by)
    SELECT $1::uuid, $2::uuid, $3::uuid, $4::uuid, $5::uuid, $6::uuid[], $7::uuid, $8::int, $9::timestamptz,
           $10::timestamptz, $11::text, $12::text, $17::text, $13::bigint, $14::text, $15::uuid FROM offered
    RETURNING *
  ), reserved AS (${reserve('$1', '1', '$16', 'CROSS JOIN offered')}), linked AS (
    INSERT INTO client_clinic (client_id, clinic_id) SELECT $3::uuid, $2::uuid FROM offered ON CONFLICT DO NOTHING
  )
  SELECT ${columns}, ARRAY(SELECT id FROM reserved) AS had FROM a`;

const BOOK_FOR_PATIENT = book(columnsFor({ role: 'CLIENT' }));
const BOOK_FOR_STAFF = book(columnsFor({ role: 'STAFF' }));

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
