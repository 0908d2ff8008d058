import { Injectable } from '@nestjs/common';
import { LessThanOrEqual } from 'typeorm';
import { Database } from '../../core/database/database.js';
import { Clock, toIso } from '../../core/kernel/clock.js';
import { FreedTime } from './freed-time.entity.js';

/** A range of a doctor's time that was freed. */
export interface NewFreedTime {
  clinicId: string;
  doctorId: string;
  startAt: Date;
  endAt: Date;
  /** Default: now. */
  freedAt?: Date;
  /** Rooms or equipment were freed, too. */
  usesResources?: boolean;
}

/** The times that were freed. Hand-written SQL: upserts, and locks that skip what another process works on. */
@Injectable()
export class FreedTimesRepository {
  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
  ) {}

  /** Adds those that are not over; one that is known already is looked at again. */
  async add(times: readonly NewFreedTime[]): Promise<void> {
    const now = this.clock.now();
    const current = times.filter(({ startAt, endAt }) => endAt.getTime() > now && startAt < endAt);
    if (current.length > 0) await this.db.rows(ADD, [JSON.stringify(current)]);
  }

  /** Locks a pending time until the transaction ends. Those that another process works on are skipped. */
  lockPending(clinicId: string): Promise<FreedTime | null> {
    return this.db.row<FreedTime>(LOCK_PENDING, [clinicId, this.now()]);
  }

  /** Marks a time as settled: it is not offered, because nobody who waits fits or because it is no longer free. */
  async settle(id: string): Promise<void> {
    await this.db.repository(FreedTime).update({ id }, { isPending: false });
  }

  /** Makes the times pending again that the patient of an entry could get, after the patient had an offer. */
  async reconsider(entryId: string): Promise<void> {
    await this.db.rows(RECONSIDER, [entryId, this.now()]);
  }

  /** Deletes the times that are over. */
  async deleteOver(): Promise<void> {
    await this.db.repository(FreedTime).delete({ endAt: LessThanOrEqual(new Date(this.clock.now())) });
  }

  /** The minutes that services reserve before and after visits. The table belongs to another feature. */
  async findBuffers(serviceIds: string[]): Promise<Map<string, { before: number; after: number }>> {
    if (serviceIds.length === 0) return new Map();
    const rows = await this.db.rows<{ id: string; before: number; after: number }>(
      `SELECT id, buffer_before_minutes AS before, buffer_after_minutes AS after FROM service WHERE id = ANY ($1::uuid[])`,
      [serviceIds],
    );
    return new Map(rows.map(({ id, ...buffers }) => [id, buffers]));
  }

  private now(): string {
    return toIso(this.clock.now());
  }
}

/** A room can make other doctors free, too: those of services with rooms for which somebody waits. */
const ADD = `
  WITH freed AS (
    SELECT t."clinicId" AS clinic_id, t."doctorId" AS doctor_id, t."startAt" AS start_at, t."endAt" AS end_at,
           coalesce(t."freedAt", now()) AS freed_at, coalesce(t."usesResources", false) AS uses_resources
    FROM json_to_recordset($1::json) AS t (
      "clinicId" uuid, "doctorId" uuid, "startAt" timestamptz, "endAt" timestamptz, "freedAt" timestamptz, "usesResources" boolean)
  )
  INSERT INTO waitlist_time (clinic_id, doctor_id, start_at, end_at, freed_at)
  SELECT clinic_id, doctor_id, start_at, end_at, max(freed_at)
  FROM (
    SELECT clinic_id, doctor_id, start_at, end_at, freed_at FROM freed
    UNION ALL
    SELECT f.clinic_id, sd.doctor_id, f.start_at, f.end_at, f.freed_at
    FROM freed f
    JOIN waitlist_entry e ON f.uses_resources AND e.clinic_id = f.clinic_id AND e.status = 'WAITING'
    JOIN service s ON s.id = e.service_id AND s.required_resource_kinds <> '{}'
    JOIN service_doctor sd ON sd.service_id = s.id AND (e.doctor_id IS NULL OR e.doctor_id = sd.doctor_id)
  ) AS t
  GROUP BY 1, 2, 3, 4 ORDER BY 2, 3, 4
  ON CONFLICT (doctor_id, start_at, end_at) DO UPDATE SET
    freed_at = greatest(waitlist_time.freed_at, excluded.freed_at), is_pending = true`;

const LOCK_PENDING = `
  SELECT id, clinic_id AS "clinicId", doctor_id AS "doctorId", start_at AS "startAt", end_at AS "endAt", freed_at AS "freedAt"
  FROM waitlist_time WHERE clinic_id = $1::uuid AND is_pending AND end_at > $2::timestamptz
  ORDER BY start_at, id LIMIT 1 FOR UPDATE SKIP LOCKED`;

const RECONSIDER = `
  UPDATE waitlist_time t SET is_pending = true FROM waitlist_entry e
  WHERE e.id = $1::uuid AND t.clinic_id = e.clinic_id AND NOT t.is_pending AND t.end_at > $2::timestamptz
    AND t.start_at < e.ends_at AND t.freed_at >= date_trunc('milliseconds', e.created_at) AND (e.doctor_id IS NULL OR e.doctor_id = t.doctor_id)`;
