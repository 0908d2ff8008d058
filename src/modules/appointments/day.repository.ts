import { Injectable } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import type { Range } from '../scheduling/index.js';
import { AppointmentTexts } from './appointment-texts.js';
import { STAFF_COLUMNS, type ViewRow } from './appointments.repository.js';
import type { AppointmentView } from './appointments.dto.js';
import { readRange } from './reservations.repository.js';
import { shortObjects } from './short-objects.js';
import type { Expandable } from './short-objects.dto.js';
import type { DayHoldView } from './holds.dto.js';

export interface DayFilter {
  clinicId: string;
  /** Epoch milliseconds. */
  day: Range;
  /** Only this doctor's; null for all. */
  doctorId: string | null;
  expand: readonly Expandable[];
}

/** A reservation of a doctor; `hold` if it is one of a hold. */
export interface BusyRow extends Range {
  resourceId: string;
  /** The appointment, or the hold. */
  appointmentId: string;
  hold: DayHoldView | null;
}

/** Reads the visits and reservations of a clinic's day for the feature clinic-day, each with one statement. Hand-written SQL: JSON of several tables, and ranges. */
@Injectable()
export class DayRepository {
  constructor(
    private readonly db: Database,
    private readonly texts: AppointmentTexts,
  ) {}

  /** The appointments that start on the day, by start. */
  async findAppointments({ clinicId, day, doctorId, expand }: DayFilter): Promise<AppointmentView[]> {
    const rows = await this.db.rows<ViewRow>(
      `SELECT ${STAFF_COLUMNS} ${shortObjects(expand)} FROM appointment a
       WHERE a.clinic_id = $1::uuid AND a.start_at >= $2::timestamptz AND a.start_at < $3::timestamptz
         ${doctorId ? 'AND a.doctor_id = $4::uuid' : ''}
       ORDER BY a.start_at, a.id`,
      [clinicId, iso(day.start), iso(day.end), ...(doctorId ? [doctorId] : [])],
    );
    return rows.map((row) => this.texts.readRow(row));
  }

  /** The reservations of the resources that overlap the day. Expired holds reserve nothing. */
  findBusy(resourceIds: string[], day: Range, expand: readonly Expandable[], now: number): Promise<BusyRow[]> {
    return this.db.rows<BusyRow>(busyTimes(expand), [resourceIds, iso(day.start), iso(day.end), iso(now)]);
  }
}

const iso = (instant: number): string => new Date(instant).toISOString();

const HOLD_COLUMNS = `
  a.id, a.clinic_id AS "clinicId", a.client_id AS "clientId", a.doctor_id AS "doctorId", a.service_id AS "serviceId",
  a.resource_ids AS "resourceIds", a.start_at AS "startDateTime", a.end_at AS "endDateTime", a.expires_at AS "expiresAt"`;

/** One index lookup for each resource. The alias `a` of holds is that of `shortObjects`. */
const busyTimes = (expand: readonly Expandable[]): string => `
  SELECT v.resource_id AS "resourceId", v.appointment_id AS "appointmentId", ${readRange('v.during')},
    CASE WHEN v.hold_id IS NOT NULL THEN
      (SELECT to_json(h) FROM (SELECT ${HOLD_COLUMNS} ${shortObjects(expand.filter((name) => name !== 'doctor'))}
                               FROM hold a WHERE a.id = v.hold_id) h) END AS hold
  FROM unnest($1::uuid[]) AS requested(id) CROSS JOIN LATERAL (
    SELECT r.resource_id, r.appointment_id, r.during, r.hold_id FROM reservation r
    WHERE r.resource_id = requested.id AND r.active AND r.during && tstzrange($2::timestamptz, $3::timestamptz)
      AND (r.expires_at IS NULL OR r.expires_at > $4::timestamptz)) v
  ORDER BY lower(v.during), v.resource_id`;
