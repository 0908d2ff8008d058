import { Injectable } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import { Clock } from '../../core/kernel/clock.js';
import type { RemainingAppointment } from './staff.dto.js';

/** What a doctor still has to do at a clinic. */
@Injectable()
export class StaffRepository {
  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
  ) {}

  /** The doctor's appointments that are not over. SQL: the table belongs to another feature. */
  findRemainingAppointments(doctorId: string): Promise<RemainingAppointment[]> {
    return this.db.rows<RemainingAppointment>(
      `SELECT id, start_at AS "startDateTime", end_at AS "endDateTime" FROM appointment
       WHERE doctor_id = $1 AND end_at > $2::timestamptz AND status IN ('PENDING', 'CONFIRMED', 'IN_PROGRESS') ORDER BY start_at, id`,
      [doctorId, new Date(this.clock.now()).toISOString()],
    );
  }
}
