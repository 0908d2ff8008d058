import { Injectable } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import { Clock } from '../../core/kernel/clock.js';
import { Zone } from '../../core/kernel/zone.js';

/** How many patients are waiting for a doctor. */
export interface Queue {
  clinicId: string;
  doctorId: string;
  waiting: number;
}

interface WaitingRow {
  clinicId: string;
  doctorId: string;
  timeZone: string;
  starts: Date[];
}

const MARGIN_MILLISECONDS = 36 * 3_600_000;

/** Hand-written SQL: counts of a join for many doctors at once. */
@Injectable()
export class QueuesRepository {
  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
  ) {}

  /** Counts the patients who wait for each doctor: checked in, not started, on the clinic's current day. */
  async find(doctorIds: string[]): Promise<Map<string, Queue>> {
    if (doctorIds.length === 0) return new Map();
    const rows = await this.db.rows<WaitingRow>(
      `SELECT k.id AS "clinicId", d.id AS "doctorId", k.time_zone AS "timeZone",
              array_remove(array_agg(a.start_at), NULL) AS starts
       FROM doctor d JOIN clinic k ON k.id = d.clinic_id
       LEFT JOIN appointment a ON a.doctor_id = d.id AND a.status = 'CONFIRMED' AND a.checked_in_at IS NOT NULL
         AND a.start_at BETWEEN $2::timestamptz AND $3::timestamptz
       WHERE d.id = ANY ($1::uuid[]) GROUP BY k.id, d.id`,
      [doctorIds, ...this.aroundToday()],
    );
    return new Map(rows.map((row) => [row.doctorId, this.toQueue(row)]));
  }

  /** A range that contains today in every zone. Exact days are computed in the process: PostgreSQL may not know the zone. */
  private aroundToday(): string[] {
    const now = this.clock.now();
    return [now - MARGIN_MILLISECONDS, now + MARGIN_MILLISECONDS].map((instant) => new Date(instant).toISOString());
  }

  private toQueue({ clinicId, doctorId, timeZone, starts }: WaitingRow): Queue {
    const zone = Zone.of(timeZone);
    const today = zone.toDayNumber(this.clock.now());
    const waiting = starts.filter((start) => zone.toDayNumber(start.getTime()) === today).length;
    return { clinicId, doctorId, waiting };
  }
}
