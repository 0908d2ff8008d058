import { Injectable } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import { Clock } from '../../core/kernel/clock.js';
import { Zone } from '../../core/kernel/zone.js';
import type { AppointmentView } from './appointments.dto.js';
import { STAFF_COLUMNS } from './appointments.repository.js';

/** An appointment as doctor and desk read it, and what is needed to say who hears of it. */
export interface Heard {
  view: AppointmentView;
  clientUserId: string;
  timeZone: string;
}

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

const AROUND = 36 * 3_600_000;

type Row = AppointmentView & { clientUserId: string; timeZone: string };

/** What the listener reads for a whole batch of events. */
@Injectable()
export class AppointmentEventsRepository {
  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
  ) {}

  async heard(ids: string[]): Promise<Map<string, Heard>> {
    const rows = await this.db.rows<Row>(
      `SELECT ${STAFF_COLUMNS}, c.user_id AS "clientUserId", k.time_zone AS "timeZone"
       FROM appointment a JOIN client c ON c.id = a.client_id JOIN clinic k ON k.id = a.clinic_id
       WHERE a.id = ANY ($1::uuid[])`,
      [ids],
    );
    return new Map(rows.map(({ clientUserId, timeZone, ...view }) => [view.id, { view, clientUserId, timeZone }]));
  }

  /** How many wait for each of these doctors: checked in, not started, and of the clinic's today. */
  async queues(doctorIds: string[]): Promise<Map<string, Queue>> {
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
    return new Map(rows.map((row) => [row.doctorId, this.queueOf(row)]));
  }

  /** Wide enough for the local day of every zone. Days are counted here: PostgreSQL may not know the clinic's zone. */
  private aroundToday(): string[] {
    const now = this.clock.now();
    return [now - AROUND, now + AROUND].map((instant) => new Date(instant).toISOString());
  }

  private queueOf({ clinicId, doctorId, timeZone, starts }: WaitingRow): Queue {
    const zone = Zone.of(timeZone);
    const today = zone.dayNumberOf(this.clock.now());
    const waiting = starts.filter((start) => zone.dayNumberOf(start.getTime()) === today).length;
    return { clinicId, doctorId, waiting };
  }
}
