import { Injectable } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import { Clock } from '../../core/kernel/clock.js';
import { Zone } from '../../core/kernel/zone.js';

/** How many patients are waiting for a doctor. */
export interface QueueCount {
  clinicId: string;
  doctorId: string;
  waiting: number;
}

interface WaitingRow {
  clinicId: string;
  doctorId: string;
  timeZone: string;
  times: Date[];
}

/** Longer than any local day: at most 25 hours, where the clocks are put back. */
const MARGIN_MILLISECONDS = 36 * 3_600_000;

/** Hand-written SQL: counts of a join for many doctors at once. */
@Injectable()
export class QueueCountsRepository {
  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
  ) {}

  /** Counts the patients who wait for each doctor on the clinic's current day: arrived, not called and not started. */
  async countWaiting(doctorIds: string[]): Promise<Map<string, QueueCount>> {
    if (doctorIds.length === 0) return new Map();
    const rows = await this.db.rows<WaitingRow>(WAITING, [doctorIds, ...this.aroundToday()]);
    return new Map(rows.map((row) => [row.doctorId, this.toCount(row)]));
  }

  /** A range that contains today in every zone. Exact days are computed in the process: PostgreSQL may not know the zone. */
  private aroundToday(): string[] {
    const now = this.clock.now();
    return [now - MARGIN_MILLISECONDS, now + MARGIN_MILLISECONDS].map((instant) => new Date(instant).toISOString());
  }

  private toCount({ clinicId, doctorId, timeZone, times }: WaitingRow): QueueCount {
    const zone = Zone.of(timeZone);
    const today = zone.toDayNumber(this.clock.now());
    const waiting = times.filter((time) => zone.toDayNumber(time.getTime()) === today).length;
    return { clinicId, doctorId, waiting };
  }
}

/** The starts of visits, and the arrivals of walk-ins without one. */
const WAITING = `
  SELECT k.id AS "clinicId", d.id AS "doctorId", k.time_zone AS "timeZone", ARRAY(
    SELECT a.start_at FROM appointment a WHERE a.doctor_id = d.id AND a.status = 'CONFIRMED' AND a.checked_in_at IS NOT NULL
      AND a.start_at BETWEEN $2::timestamptz AND $3::timestamptz
      AND NOT EXISTS (SELECT FROM queue_entry q WHERE q.appointment_id = a.id AND q.called_at IS NOT NULL)
    UNION ALL
    SELECT q.arrived_at FROM queue_entry q WHERE q.doctor_id = d.id AND q.left_at IS NULL
      AND q.arrived_at BETWEEN $2::timestamptz AND $3::timestamptz
  ) AS times
  FROM doctor d JOIN clinic k ON k.id = d.clinic_id WHERE d.id = ANY ($1::uuid[])`;
