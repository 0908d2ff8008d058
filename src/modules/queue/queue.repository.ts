import { Injectable } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import { lockKey } from '../../core/database/advisory-locks.js';
import { encryptedField } from '../../core/encryption/encrypted-column.js';
import { FieldEncryption } from '../../core/encryption/field-encryption.js';
import { Clock, toIso } from '../../core/kernel/clock.js';
import type { Actor } from '../../core/kernel/actor.js';
import { notFound } from '../../core/kernel/domain-error.js';
import { newId } from '../../core/kernel/id.js';
import { Zone } from '../../core/kernel/zone.js';
import type { AppointmentStatus, ChangedAppointment } from '../appointments/index.js';
import { mayBookFor } from '../clients/index.js';
import { QueueEntry } from './queue-entry.entity.js';
import type { ReservedTime } from './waiting-times.js';

export const QUEUE_MOVE_REASONS = encryptedField('queue_entry', 'move_reasons', { id: 'uuid' });

/** The current local day of a clinic. Instants in epoch milliseconds. */
export interface QueueDay {
  clinicId: string;
  /** YYYY-MM-DD */
  day: string;
  start: number;
  end: number;
  now: number;
}

/** An entry with its visit, patient and service. Instants are ISO 8601 text in UTC, whose order is that of the instants. */
export interface QueueRow {
  id: string;
  version: number;
  number: number;
  isWalkIn: boolean;
  arrivedAt: string | null;
  calledAt: string | null;
  leftAt: string | null;
  sortAt: string | null;
  sortTie: number | null;
  moveReasons: string[];
  appointmentId: string | null;
  status: AppointmentStatus | null;
  groupId: string | null;
  startAt: string | null;
  endAt: string | null;
  checkedInAt: string | null;
  startedAt: string | null;
  completedAt: string | null;
  clientId: string;
  doctorId: string;
  serviceId: string;
  durationMinutes: number;
  firstName: string;
  lastName: string;
}

type PlainRow = Omit<QueueRow, 'moveReasons'>;
type EncryptedRow = PlainRow & { moveReasons: Buffer | null };

/** The visit of a patient who has arrived. */
type ArrivedVisit = Pick<ChangedAppointment, 'id' | 'clinicId' | 'startAt'>;

/** A walk-in who waits for a gap. */
type NewWalkIn = Pick<QueueEntry, 'id'> & { clientId: string; doctorId: string; serviceId: string };

/** Reads and writes the queue. Hand-written SQL: joins of other features' tables, and numbers that are computed in the statement. */
@Injectable()
export class QueueRepository {
  constructor(
    private readonly db: Database,
    private readonly encryption: FieldEncryption,
    private readonly clock: Clock,
  ) {}

  /** @throws DomainError NOT_FOUND for an unknown clinic */
  async getToday(clinicId: string): Promise<QueueDay> {
    const now = this.clock.now();
    return { ...(await this.getDayAt(clinicId, now)), now };
  }

  /** Locks the queue of a clinic until the transaction ends: every number, call and move is decided under it. */
  async lock(clinicId: string): Promise<void> {
    await this.db.rows(`SELECT pg_advisory_xact_lock(${lockKey('queue', '$1::text')})`, [clinicId]);
  }

  /** Runs work in a transaction under the lock. */
  locked<T>(clinicId: string, work: () => Promise<T>): Promise<T> {
    return this.db.transaction(async () => {
      await this.lock(clinicId);
      return work();
    });
  }

  async findClinicId(id: string): Promise<string | null> {
    const entry = await this.db.repository(QueueEntry).findOne({ where: { id }, select: { id: true, clinicId: true } });
    return entry?.clinicId ?? null;
  }

  async list({ clinicId, day, start, end }: QueueDay): Promise<QueueRow[]> {
    const rows = await this.db.rowsWithTextInstants<EncryptedRow>(LIST, [clinicId, day, toIso(start), toIso(end)]);
    // A copy of each row would take as long as its reading.
    return rows.map((row) => Object.assign(row as PlainRow, { moveReasons: this.readReasons(row) }));
  }

  /** The names of the reserved rooms, by the id of the visit. */
  async findRooms(appointmentIds: string[]): Promise<Map<string, string[]>> {
    const rows = await this.db.rows<{ id: string; rooms: string[] }>(ROOMS, [appointmentIds]);
    return new Map(rows.map(({ id, rooms }) => [id, rooms]));
  }

  /** The patients who have arrived but have no number: processes of an earlier release checked them in. */
  async findUnnumbered({ clinicId, day, start, end }: QueueDay): Promise<ArrivedVisit[]> {
    return this.db.rows<ArrivedVisit>(UNNUMBERED, [clinicId, day, toIso(start), toIso(end)]);
  }

  /**
   * Gives the patient of a visit the next number of the visit's day. An entry of this day keeps its number.
   * @param isNewArrival also ends an earlier call or move
   */
  async addVisit({ id, clinicId, startAt }: ArrivedVisit, { isNewArrival }: { isNewArrival: boolean }): Promise<void> {
    await this.lock(clinicId);
    const { day } = await this.getDayAt(clinicId, startAt.getTime());
    await this.db.rows(ADD_VISIT, [newId(), clinicId, day, id, isNewArrival, this.nowText()]);
  }

  /** Ends the call and the move of a visit's patient. Their number and the check-in stay. */
  async endCall({ id, clinicId }: ChangedAppointment): Promise<void> {
    await this.lock(clinicId);
    await this.db.repository(QueueEntry).update(
      { appointmentId: id },
      {
        calledAt: null,
        sortAt: null,
        sortTie: null,
        version: () => 'version + 1',
        updatedAt: new Date(this.clock.now()),
      },
    );
  }

  async addWalkIn({ clinicId, day, now }: QueueDay, { id, clientId, doctorId, serviceId }: NewWalkIn): Promise<void> {
    await this.db.rows(ADD_WALK_IN, [id, clinicId, day, clientId, doctorId, serviceId, toIso(now)]);
  }

  /** Links the visit to the entry of a walk-in, which then has patient, doctor and service from the visit. */
  async linkVisit(id: string, appointmentId: string): Promise<void> {
    const visit = { appointmentId, clientId: null, doctorId: null, serviceId: null };
    await this.db.repository(QueueEntry).update({ id }, visit);
  }

  /** @returns the entry's id */
  async markAsWalkIn(appointmentId: string): Promise<string> {
    const entry = await this.db.repository(QueueEntry).findOneByOrFail({ appointmentId });
    await this.db.repository(QueueEntry).update({ id: entry.id }, { isWalkIn: true });
    return entry.id;
  }

  async change(
    id: string,
    fields: Partial<Pick<QueueEntry, 'calledAt' | 'leftAt' | 'sortAt' | 'sortTie'>>,
    moveReasons?: string[],
  ): Promise<void> {
    const reasons = moveReasons && { moveReasons: this.encryption.encrypt(QUEUE_MOVE_REASONS, moveReasons, id) };
    const updatedAt = new Date(this.clock.now());
    await this.db
      .repository(QueueEntry)
      .update({ id }, { ...fields, ...reasons, version: () => 'version + 1', updatedAt });
  }

  /** The reserved times of doctors from now to the end of the day. */
  async findReserved({ now, end }: QueueDay, doctorIds: string[]): Promise<(ReservedTime & { doctorId: string })[]> {
    const rows = await this.db.rows<{ doctorId: string; appointmentId: string; start: Date; end: Date }>(RESERVED, [
      doctorIds,
      toIso(now),
      toIso(end),
    ]);
    return rows.map((row) => ({ ...row, start: row.start.getTime(), end: row.end.getTime() }));
  }

  /** Whether the front desk may queue the patient, or the doctor their own patient. Nobody may queue a deleted account. */
  async mayQueue({ role, clinicIds, doctorId }: Actor, clientId: string): Promise<boolean> {
    const row = await this.db.row<{ may: boolean }>(MAY_QUEUE, [clientId, role, clinicIds, doctorId]);
    return row?.may ?? false;
  }

  private async getDayAt(clinicId: string, instant: number): Promise<Omit<QueueDay, 'now'>> {
    const clinic = await this.db.row<{ timeZone: string }>(
      'SELECT time_zone AS "timeZone" FROM clinic WHERE id = $1::uuid',
      [clinicId],
    );
    if (!clinic) throw notFound();
    const zone = Zone.of(clinic.timeZone);
    const day = zone.toDay(instant);
    return { clinicId, day, ...zone.rangeOfDay(day) };
  }

  private readReasons({ id, moveReasons }: Pick<EncryptedRow, 'id' | 'moveReasons'>): string[] {
    const reasons = moveReasons && this.encryption.read(QUEUE_MOVE_REASONS, moveReasons, id);
    return Array.isArray(reasons) ? (reasons as string[]) : [];
  }

  private nowText(): string {
    return toIso(this.clock.now());
  }
}

/** An entry of a visit counts only on the visit's day: the visit may have been moved to another day since. */
const LIST = `
  SELECT q.id, q.version, q.number, q.is_walk_in AS "isWalkIn", q.arrived_at AS "arrivedAt", q.called_at AS "calledAt",
         q.left_at AS "leftAt", q.sort_at AS "sortAt", q.sort_tie AS "sortTie", q.move_reasons AS "moveReasons",
         a.id AS "appointmentId", a.status, a.group_id AS "groupId", a.start_at AS "startAt", a.end_at AS "endAt",
         a.checked_in_at AS "checkedInAt", a.started_at AS "startedAt", a.completed_at AS "completedAt",
         c.id AS "clientId", coalesce(a.doctor_id, q.doctor_id) AS "doctorId", s.id AS "serviceId",
         s.duration_minutes AS "durationMinutes", u.first_name AS "firstName", u.last_name AS "lastName"
  FROM queue_entry q LEFT JOIN appointment a ON a.id = q.appointment_id
  JOIN client c ON c.id = coalesce(a.client_id, q.client_id) JOIN user_account u ON u.id = c.user_id
  JOIN service s ON s.id = coalesce(a.service_id, q.service_id)
  WHERE q.clinic_id = $1::uuid AND q.day = $2::date
    AND (a.id IS NULL OR a.start_at >= $3::timestamptz AND a.start_at < $4::timestamptz)
  ORDER BY q.number`;

const ROOMS = `
  SELECT a.id, ARRAY(SELECT r.name FROM resource r WHERE r.id = ANY (a.resource_ids) AND r.kind = 'ROOM' ORDER BY r.name) AS rooms
  FROM appointment a WHERE a.id = ANY ($1::uuid[])`;

const UNNUMBERED = `
  SELECT a.id, a.clinic_id AS "clinicId", a.start_at AS "startAt" FROM appointment a
  WHERE a.clinic_id = $1::uuid AND a.start_at >= $3::timestamptz AND a.start_at < $4::timestamptz
    AND (a.status = 'CONFIRMED' AND a.checked_in_at IS NOT NULL OR a.status IN ('IN_PROGRESS', 'COMPLETED'))
    AND NOT EXISTS (SELECT FROM queue_entry q WHERE q.appointment_id = a.id AND q.day = $2::date)
  ORDER BY coalesce(a.checked_in_at, a.started_at), a.id`;

const NEXT_NUMBER = `(SELECT coalesce(max(n.number), 0) + 1 FROM queue_entry n WHERE n.clinic_id = $2::uuid AND n.day = $3::date)`;

// An entry of another day gets the number of the new day, as a new one would.
const ADD_VISIT = `
  INSERT INTO queue_entry AS q (id, clinic_id, day, number, appointment_id, created_at, updated_at)
  VALUES ($1::uuid, $2::uuid, $3::date, ${NEXT_NUMBER}, $4::uuid, $6::timestamptz, $6::timestamptz)
  ON CONFLICT (appointment_id) DO UPDATE SET
    number = CASE WHEN q.day = excluded.day THEN q.number ELSE excluded.number END,
    day = excluded.day, called_at = NULL, sort_at = NULL, sort_tie = NULL, version = q.version + 1, updated_at = excluded.updated_at
  WHERE $5::boolean OR q.day <> excluded.day`;

const ADD_WALK_IN = `
  INSERT INTO queue_entry (id, clinic_id, day, number, client_id, doctor_id, service_id, is_walk_in, arrived_at, created_at, updated_at)
  VALUES ($1::uuid, $2::uuid, $3::date, ${NEXT_NUMBER}, $4::uuid, $5::uuid, $6::uuid, true, $7::timestamptz, $7::timestamptz, $7::timestamptz)`;

const RESERVED = `
  SELECT d.id AS "doctorId", r.appointment_id AS "appointmentId", lower(r.during) AS start, upper(r.during) AS "end"
  FROM doctor d JOIN reservation r ON r.resource_id = d.resource_id AND r.active
    AND (r.expires_at IS NULL OR r.expires_at > $2::timestamptz) AND r.during && tstzrange($2::timestamptz, $3::timestamptz)
  WHERE d.id = ANY ($1::uuid[])`;

const MAY_QUEUE = `
  SELECT CASE WHEN b.booker_role = 'DOCTOR'
    THEN EXISTS (SELECT FROM client c JOIN user_account u ON u.id = c.user_id AND u.deleted_at IS NULL
                 JOIN appointment a ON a.client_id = c.id AND a.doctor_id = $4::uuid AND a.status <> 'CANCELLED'
                 WHERE c.id = b.client_id)
    ELSE ${mayBookFor('b')} END AS may
  FROM (SELECT $1::uuid AS client_id, $2::text AS booker_role, $3::uuid[] AS booker_clinic_ids, NULL::uuid AS booker_id) b`;
