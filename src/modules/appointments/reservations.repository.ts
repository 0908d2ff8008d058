import { Injectable } from '@nestjs/common';
import { LessThan } from 'typeorm';
import { lockKey } from '../../core/database/advisory-locks.js';
import { Database } from '../../core/database/database.js';
import { Clock, toIso } from '../../core/kernel/clock.js';
import { OutdatedRulesError, type Range } from '../scheduling/index.js';
import type { ReservedRange } from './requested-slot.js';
import { Reservation } from './reservation.entity.js';

/** A seat in a group session. `resourceIds` are the group's rooms; null for the first seat. */
export interface Seat {
  number: number;
  resourceIds: string[] | null;
}

interface Visit {
  id: string;
  clientId: string;
  clinicId: string;
}

/** SQL for an instant in epoch milliseconds. */
const epochMilliseconds = (instant: string): string => `extract(epoch FROM ${instant})::float8 * 1000`;

/** Selects start and end of a range in epoch milliseconds. */
export const readRange = (range: string): string =>
  `${epochMilliseconds(`lower(${range})`)} AS start, ${epochMilliseconds(`upper(${range})`)} AS "end"`;

/** A row of RESERVED_COLUMNS. */
export type ReservedRow = Omit<ReservedRange, 'during'> & Range;

export const RESERVED_COLUMNS = `resource_id AS "resourceId", kind, group_id AS "groupId", ${readRange('during')}`;

export const toReservedRange = ({ start, end, ...row }: ReservedRow): ReservedRange => ({
  ...row,
  during: { start, end },
});

/**
 * Reads and writes the time that appointments reserve; booking.statement.ts writes that of new appointments. Hand-written SQL
 * where TypeORM cannot express it (ranges, ON CONFLICT) and for rows of other features.
 *
 * All rows of an appointment are inserted by one statement, sorted by resource, so two bookings cannot deadlock. Plain inserts
 * into the exclusion constraint can deadlock with others of the same slot, so all use ON CONFLICT DO NOTHING and check which
 * rows were inserted.
 */
@Injectable()
export class ReservationsRepository {
  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
  ) {}

  /** Locks the doctor until the transaction ends. @returns whether the doctor is active */
  async lockDoctor(doctorId: string): Promise<boolean> {
    const row = await this.db.row<{ isActive: boolean }>(
      `SELECT is_active AND deleted_at IS NULL AS "isActive" FROM doctor WHERE id = $1 FOR SHARE`,
      [doctorId],
    );
    return row?.isActive ?? false;
  }

  /**
   * Reserves ranges for a new version of an appointment, in addition to those of its earlier versions.
   * @param rules the schedule revision that the clinic must have; null for no check
   * @returns the ranges that are not free
   * @throws OutdatedRulesError if the clinic has another schedule revision
   */
  async reserve(
    appointmentId: string,
    version: number,
    reservations: ReservedRange[],
    rules: { clinicId: string; revision: number } | null,
  ): Promise<ReservedRange[]> {
    if (rules) await this.assertCurrent(rules);
    const values = [appointmentId, version, JSON.stringify(reservations.map(toReservationRow)), this.now()];
    const rows = await this.db.rows<{ id: string }>(RESERVE, values);
    const reservedIds = new Set(rows.map(({ id }) => id));
    return reservations.filter(({ resourceId }) => !reservedIds.has(resourceId));
  }

  /** Locks the clinic's schedule until the transaction ends. @throws OutdatedRulesError if it has another revision */
  async assertCurrent({ clinicId, revision }: { clinicId: string; revision: number }): Promise<void> {
    const row = await this.db.row<{ revision: number }>(
      `SELECT revision::float8 AS revision FROM schedule_revision WHERE clinic_id = $1 FOR SHARE`,
      [clinicId],
    );
    if (row?.revision !== revision) throw new OutdatedRulesError();
  }

  /** Deletes the reservations of earlier versions. */
  async deleteEarlierVersions(appointmentId: string, version: number): Promise<void> {
    await this.db.repository(Reservation).delete({ appointmentId, version: LessThan(version) });
  }

  /** Deletes the reservations of one version: those of a failed attempt. */
  async deleteVersion(appointmentId: string, version: number): Promise<void> {
    await this.db.repository(Reservation).delete({ appointmentId, version });
  }

  /** Frees all reserved time; the rows stay, for reinstatements. */
  async release(appointmentId: string): Promise<void> {
    await this.db.repository(Reservation).update({ appointmentId, active: true }, { active: false });
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
    const rows = await this.db.rows<ReservedRow>(
      `SELECT DISTINCT ON (resource_id) ${RESERVED_COLUMNS}
       FROM reservation WHERE appointment_id = $1 ORDER BY resource_id, upper(during) DESC`,
      [appointmentId],
    );
    return rows.map(toReservedRange);
  }

  /** Whether any of the resources is a room. */
  async hasRoom(resourceIds: string[]): Promise<boolean> {
    if (resourceIds.length === 0) return false;
    const row = await this.db.row(`SELECT id FROM resource WHERE id = ANY ($1::uuid[]) AND kind = 'ROOM' LIMIT 1`, [
      resourceIds,
    ]);
    return row !== null;
  }

  /** The seats of a group session of the service, even of a deleted service. */
  async getCapacity(serviceId: string): Promise<number> {
    const row = await this.db.row<{ capacity: number }>(`SELECT capacity FROM service WHERE id = $1`, [serviceId]);
    return row?.capacity ?? 1;
  }

  /**
   * Counts the other visits of an appointment's patient at the clinic on a day: all, or those of one service. Increases the counter of the
   * booking statement before, so that the patient cannot book another visit until the transaction ends.
   */
  async lockAndCountOnDay({ id, clientId, clinicId }: Visit, day: Range, serviceId: string | null): Promise<number> {
    await this.db.rows(
      `INSERT INTO client_clinic (client_id, clinic_id, bookings) VALUES ($1, $2, 1)
       ON CONFLICT (client_id, clinic_id) DO UPDATE SET bookings = client_clinic.bookings + 1`,
      [clientId, clinicId],
    );
    const row = await this.db.row<{ n: number }>(
      `SELECT count(*)::int AS n FROM appointment a
       WHERE a.client_id = $1 AND a.clinic_id = $2 AND a.id <> $3 AND a.start_at >= $4 AND a.start_at < $5
         AND a.status NOT IN ('CANCELLED', 'NO_SHOW') AND ($6::uuid IS NULL OR a.service_id = $6)`,
      [clientId, clinicId, id, toIso(day.start), toIso(day.end), serviceId],
    );
    return row?.n ?? 0;
  }

  /** The ids of the resources that the appointment itself reserves in a window. */
  async findReserved(appointmentId: string, window: Range): Promise<string[]> {
    const rows = await this.db.rows<{ id: string }>(
      `SELECT resource_id AS id FROM reservation
       WHERE appointment_id = $1 AND active AND during && tstzrange($2, $3)`,
      [appointmentId, toIso(window.start), toIso(window.end)],
    );
    return rows.map(({ id }) => id);
  }

  /** The ranges in which a doctor, patient, room or piece of equipment is reserved. */
  async findBusyTimes(resourceId: string, window: Range): Promise<Range[]> {
    return this.db.rows<Range>(
      `SELECT ${readRange('during')}
       FROM reservation WHERE resource_id = $1 AND active AND during && tstzrange($2, $3)
         AND (expires_at IS NULL OR expires_at > $4)`,
      [resourceId, toIso(window.start), toIso(window.end), this.now()],
    );
  }

  /**
   * Finds the first free seat of a group session and locks the group until the transaction ends. A unique index also prevents
   * two appointments from having the same seat.
   * @param appointmentId the appointment whose own seat does not count
   * @returns null if the group session is full
   */
  async lockFreeSeat(groupId: string, capacity: number, appointmentId: string): Promise<Seat | null> {
    await this.lockGroups([groupId]);
    const taken = await this.db.rows<{ seat: number; resourceIds: string[] }>(
      `SELECT seat, resource_ids AS "resourceIds" FROM appointment
       WHERE group_id = $1 AND id <> $2 AND status NOT IN ('CANCELLED', 'NO_SHOW', 'COMPLETED')
       UNION ALL
       SELECT seat, resource_ids FROM hold WHERE group_id = $1 AND id <> $2 AND expires_at > $3 ORDER BY seat`,
      [groupId, appointmentId, this.now()],
    );
    if (taken.length >= capacity) return null;
    const seats = new Set(taken.map(({ seat }) => seat));
    let number = 1;
    while (seats.has(number)) number += 1;
    return { number, resourceIds: taken[0]?.resourceIds ?? null };
  }

  /** Locks group sessions until the transaction ends, so that nobody takes a seat. In order, so that two callers cannot deadlock. */
  async lockGroups(groupIds: Iterable<string>): Promise<void> {
    for (const groupId of [...new Set(groupIds)].sort()) {
      await this.db.rows(`SELECT pg_advisory_xact_lock(${lockKey('group-session', '$1::text')})`, [groupId]);
    }
  }

  /**
   * Keeps others from reserving time at the clinic until the transaction ends, for changes that release reserved times before they
   * reserve new ones: with several of both, they could deadlock with bookings. Lock group sessions before.
   */
  async lockClinic(clinicId: string): Promise<void> {
    await this.db.rows(`SELECT FROM schedule_revision WHERE clinic_id = $1 FOR NO KEY UPDATE`, [clinicId]);
  }

  private now(): string {
    return toIso(this.clock.now());
  }
}

/** A range as an element of the JSON parameter of a statement. */
export const toReservationRow = ({ resourceId, kind, groupId, during }: ReservedRange): object => ({
  id: resourceId,
  kind,
  group_id: groupId,
  begins: toIso(during.start),
  ends: toIso(during.end),
});

// FOR KEY SHARE waits for a concurrent deletion of a room, which is then not reserved.
// Expired holds are deleted first: the exclusion constraint does not see rows that the same statement deleted before.
const RESERVE = `
  WITH requested AS MATERIALIZED (
    SELECT r.id, r.kind, r.group_id, tstzrange(r.begins, r.ends, '[)') AS during
    FROM json_to_recordset($3::json) AS r (id uuid, kind text, group_id uuid, begins timestamptz, ends timestamptz)
  ), expired AS (
    DELETE FROM reservation v USING requested r
    WHERE v.resource_id = r.id AND v.active AND v.during && r.during AND v.expires_at <= $4::timestamptz
    RETURNING v.appointment_id
  )
  INSERT INTO reservation (appointment_id, version, resource_id, kind, group_id, during)
  SELECT $1::uuid, $2::int, r.id, r.kind, r.group_id, r.during FROM requested r
  WHERE (SELECT count(*) >= 0 FROM expired) AND (r.kind <> 'RESOURCE'
     OR EXISTS (SELECT FROM resource x WHERE x.id = r.id AND x.deleted_at IS NULL FOR KEY SHARE))
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
