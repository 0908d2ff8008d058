import { Injectable } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import { toSchedule, type ExceptionJson, type WeeklyRuleJson } from './schedule-json.js';
import type { ClosureFields } from './closures.repository.js';
import type { HoursException, Schedule } from './slot-query.js';

/** A doctor of a clinic with their schedule. */
export interface DoctorWithSchedule {
  id: string;
  resourceId: string;
  title: string | null;
  firstName: string;
  lastName: string;
  speciality: string;
  /** Neither deleted nor inactive. */
  isActive: boolean;
  schedule: Schedule;
}

/** The doctors of a clinic, by name. Their schedules contain its closures. */
export interface ClinicSchedules {
  name: string;
  timeZone: string;
  locale: string;
  /** Those of the days, by first day. */
  closures: ClosureFields[];
  doctors: DoctorWithSchedule[];
}

interface ClinicRow extends Omit<ClinicSchedules, 'doctors'> {
  doctors: (Omit<DoctorWithSchedule, 'schedule'> & {
    rules: WeeklyRuleJson[] | null;
    exceptions: ExceptionJson[] | null;
  })[];
}

/** Hand-written SQL: the schedules of all doctors of a clinic in one statement, with rows of other features. */
@Injectable()
export class ClinicSchedulesRepository {
  constructor(private readonly db: Database) {}

  /**
   * @param days first and last local day of the exceptions that are read
   * @returns null if the clinic does not exist
   */
  async find(clinicId: string, days: { first: string; last: string }): Promise<ClinicSchedules | null> {
    const row = await this.db.row<ClinicRow>(CLINIC_SCHEDULES, [clinicId, days.first, days.last]);
    if (!row) return null;
    const closed = row.closures.map((closure): HoursException => ({ ...closure, kind: 'CLOSED' }));
    const doctors = row.doctors.map(({ rules, exceptions, ...doctor }) => ({
      ...doctor,
      schedule: toSchedule(rules, exceptions, closed),
    }));
    return { ...row, doctors };
  }
}

const CLINIC_SCHEDULES = `
  SELECT k.name, k.time_zone AS "timeZone", k.locale,
    (SELECT coalesce(json_agg(json_build_object(
       'id', o.id, 'from', o.from_day, 'to', o.to_day, 'startMinute', o.start_minute, 'endMinute', o.end_minute,
       'reason', o.reason) ORDER BY o.from_day, o.id), '[]')
     FROM clinic_closure o WHERE o.clinic_id = k.id AND o.to_day >= $2::date AND o.from_day <= $3::date) AS closures,
    (SELECT coalesce(json_agg(json_build_object(
       'id', d.id, 'resourceId', d.resource_id, 'title', d.title, 'firstName', d.first_name, 'lastName', d.last_name,
       'speciality', d.speciality, 'isActive', d.is_active AND d.deleted_at IS NULL,
       'rules', (SELECT json_agg(json_build_array(w.weekday, w.start_minute, w.end_minute, w.valid_from, w.valid_to))
                 FROM weekly_rule w WHERE w.resource_id = d.resource_id),
       'exceptions', (SELECT json_agg(json_build_array(e.kind, e.from_day, e.to_day, e.start_minute, e.end_minute))
                      FROM schedule_exception e
                      WHERE e.resource_id = d.resource_id AND e.to_day >= $2::date AND e.from_day <= $3::date))
       ORDER BY d.last_name, d.first_name, d.id), '[]')
     FROM doctor d WHERE d.clinic_id = k.id) AS doctors
  FROM clinic k WHERE k.id = $1 AND k.deleted_at IS NULL`;
