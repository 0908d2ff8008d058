import { Injectable } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import { toIso } from '../../core/kernel/clock.js';

/** Days on which times of a clinic may have been opened; null for all doctors, services and days. */
export interface OpenedDays {
  clinicId: string | null;
  doctorId: string | null;
  serviceId: string | null;
  from: string | null;
  to: string | null;
}

/** A local day of a doctor for which somebody waits. */
export interface WaitedDay {
  /** The index in the list of opened days. */
  openedIndex: number;
  clinicId: string;
  doctorId: string;
  timeZone: string;
  day: string;
}

/** Finds for which days and doctors patients wait. Hand-written SQL: series of days, and joins of other features' tables. */
@Injectable()
export class WaitedDaysRepository {
  constructor(private readonly db: Database) {}

  /** The opened days for which somebody waits, by doctor, up to the horizon of the service. */
  find(opened: readonly OpenedDays[], now: number): Promise<WaitedDay[]> {
    return this.db.rows<WaitedDay>(WAITED_DAYS, [
      JSON.stringify(opened.map((days, openedIndex) => ({ openedIndex, ...days }))),
      toIso(now),
    ]);
  }

  /** The doctors to whom resources belong, by resource. */
  async findDoctors(resourceIds: string[]): Promise<Map<string, string>> {
    const rows = await this.db.rows<{ id: string; resourceId: string }>(
      'SELECT id, resource_id AS "resourceId" FROM doctor WHERE resource_id = ANY ($1::uuid[]) AND deleted_at IS NULL',
      [resourceIds],
    );
    return new Map(rows.map(({ id, resourceId }) => [resourceId, id]));
  }
}

// The clinic's local day differs from that in UTC by at most one.
const WAITED_DAYS = `
  SELECT DISTINCT t."openedIndex", k.id AS "clinicId", sd.doctor_id AS "doctorId", k.time_zone AS "timeZone", d.day::date::text AS day
  FROM json_to_recordset($1::json)
    AS t ("openedIndex" int, "clinicId" uuid, "doctorId" uuid, "serviceId" uuid, "from" date, "to" date)
  JOIN clinic k ON k.id = t."clinicId"
  JOIN waitlist_entry e ON e.clinic_id = k.id AND e.status = 'WAITING' AND e.ends_at > $2::timestamptz
    AND (t."serviceId" IS NULL OR e.service_id = t."serviceId")
  JOIN service s ON s.id = e.service_id AND s.is_active AND s.deleted_at IS NULL
  JOIN service_doctor sd ON sd.service_id = s.id AND (t."doctorId" IS NULL OR sd.doctor_id = t."doctorId")
    AND (e.doctor_id IS NULL OR e.doctor_id = sd.doctor_id)
  CROSS JOIN LATERAL generate_series(
    greatest(e.from_day, t."from", ($2::timestamptz AT TIME ZONE 'UTC')::date - 1)::timestamp,
    least(e.to_day, t."to", ($2::timestamptz AT TIME ZONE 'UTC')::date + 1
      + coalesce((s.policy ->> 'horizonDays')::int, k.horizon_days))::timestamp,
    interval '1 day') AS d (day)
  WHERE e.weekdays IS NULL OR extract(isodow FROM d.day)::int = ANY (e.weekdays)
  ORDER BY 3, 5`;
