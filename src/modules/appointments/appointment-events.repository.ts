import { Injectable } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import type { AppointmentView } from './appointments.dto.js';
import { APPOINTMENT_COLUMNS } from './appointments.repository.js';

/** An appointment, and what is needed to say who hears of it. */
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

type Row = AppointmentView & { clientUserId: string; timeZone: string };

/** What the listener reads for a whole batch of events. */
@Injectable()
export class AppointmentEventsRepository {
  constructor(private readonly db: Database) {}

  async heard(ids: string[]): Promise<Map<string, Heard>> {
    const rows = await this.db.rows<Row>(
      `SELECT ${APPOINTMENT_COLUMNS}, c.user_id AS "clientUserId", k.time_zone AS "timeZone"
       FROM appointment a JOIN client c ON c.id = a.client_id JOIN clinic k ON k.id = a.clinic_id
       WHERE a.id = ANY ($1::uuid[])`,
      [ids],
    );
    return new Map(rows.map(({ clientUserId, timeZone, ...view }) => [view.id, { view, clientUserId, timeZone }]));
  }

  /** How many wait for each of these doctors: here, not begun, and of the clinic's today. */
  async queues(doctorIds: string[]): Promise<Map<string, Queue>> {
    if (doctorIds.length === 0) return new Map();
    const rows = await this.db.rows<Queue>(
      `SELECT k.id AS "clinicId", d.id AS "doctorId", count(a.id)::int AS waiting
       FROM doctor d JOIN clinic k ON k.id = d.clinic_id
       LEFT JOIN appointment a ON a.doctor_id = d.id AND a.status = 'CONFIRMED' AND a.checked_in_at IS NOT NULL
         AND a.start_at BETWEEN now() - interval '36 hours' AND now() + interval '36 hours'
         AND (a.start_at AT TIME ZONE k.time_zone)::date = (now() AT TIME ZONE k.time_zone)::date
       WHERE d.id = ANY ($1::uuid[]) GROUP BY k.id, d.id`,
      [doctorIds],
    );
    return new Map(rows.map((row) => [row.doctorId, row]));
  }
}
