import { Injectable } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import type { PatientVisit } from './patient-limits.js';

/** Reads the visits that the limits of patients count. Hand-written SQL: appointments belong to another feature. */
@Injectable()
export class PatientVisitsRepository {
  constructor(private readonly db: Database) {}

  /** No-shows within a year, and the visits of the last two days and the future that are not cancelled. */
  find(clientId: string, clinicId: string, now: number): Promise<PatientVisit[]> {
    return this.db.rows<PatientVisit>(
      `SELECT a.id, a.service_id AS "serviceId", extract(epoch FROM a.start_at)::float8 * 1000 AS start, a.status FROM appointment a
       WHERE a.client_id = $1 AND a.clinic_id = $2 AND (
         (a.status = 'NO_SHOW' AND a.start_at > $3::timestamptz - interval '1 year')
         OR (a.status NOT IN ('CANCELLED', 'NO_SHOW') AND a.start_at > $3::timestamptz - interval '2 days'))`,
      [clientId, clinicId, new Date(now).toISOString()],
    );
  }
}
