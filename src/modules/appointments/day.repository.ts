import { Injectable } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import type { TextInstants } from '../../core/database/text-instants.js';
import { toIso } from '../../core/kernel/clock.js';
import type { Range } from '../scheduling/index.js';
import { AppointmentTexts } from './appointment-texts.js';
import { PLAIN_STAFF_COLUMNS, type ViewRow } from './appointment-columns.js';
import type { AppointmentView, PriceView } from './appointments.dto.js';
import { readRange } from './reservations.repository.js';
import { SHORT_OBJECTS, shortObjects, type ShortObjectsRow } from './short-objects.js';
import type {
  Expandable,
  ShortClientView,
  ShortDoctorView,
  ShortObjects,
  ShortResourceView,
  ShortServiceView,
} from './short-objects.dto.js';
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
  hold: TextInstants<DayHoldView> | null;
}

/** An appointment as it is sent: instants are text. */
export type SentAppointment = TextInstants<AppointmentView>;

type DayRow = TextInstants<
  Omit<ViewRow, 'price' | keyof ShortObjects> & PriceView & Partial<Pick<ShortClientView, 'firstName' | 'lastName'>>
>;

/** What many visits share, by id. */
interface SharedObjects {
  doctors: Map<string, ShortDoctorView>;
  services: Map<string, ShortServiceView>;
  /** By name; null without `expand=resources`. */
  resources: ShortResourceView[] | null;
}

/**
 * Reads the visits and reservations of a clinic's day for the feature clinic-day. Hand-written SQL: JSON of several tables, and ranges.
 * A day has hundreds of visits. Their rows have no JSON: it would take longer than everything else that is read.
 */
@Injectable()
export class DayRepository {
  constructor(
    private readonly db: Database,
    private readonly texts: AppointmentTexts,
  ) {}

  /** The appointments that start on the day, by start: one statement for them, and one for what they share. */
  async findAppointments({ clinicId, day, doctorId, expand }: DayFilter): Promise<SentAppointment[]> {
    const values = [clinicId, toIso(day.start), toIso(day.end), ...(doctorId === null ? [] : [doctorId])];
    const sql = selectVisits({ withClient: expand.includes('client'), onlyDoctor: doctorId !== null });
    const rows = await this.db.rowsWithTextInstants<DayRow>(sql, values);
    const shared = await this.findShared(rows, expand);
    return rows.map((row) => this.toAppointment(row, shared));
  }

  /** The reservations of the resources that overlap the day. Expired holds reserve nothing. */
  findBusy(resourceIds: string[], day: Range, expand: readonly Expandable[], now: number): Promise<BusyRow[]> {
    return this.db.rows<BusyRow>(selectBusyTimes(expand), [resourceIds, toIso(day.start), toIso(day.end), toIso(now)]);
  }

  private async findShared(rows: readonly DayRow[], expand: readonly Expandable[]): Promise<SharedObjects> {
    const collectIds = (name: Expandable, toIds: (row: DayRow) => string | string[]): string[] =>
      expand.includes(name) ? [...new Set(rows.flatMap(toIds))] : [];
    const found = await this.db.row<ShortObjectsRow>(SHORT_OBJECTS, [
      collectIds('doctor', ({ doctorId }) => doctorId),
      collectIds('service', ({ serviceId }) => serviceId),
      collectIds('resources', ({ resourceIds }) => resourceIds),
    ]);
    const { doctors = [], services = [], resources = [] } = found ?? {};
    return {
      doctors: new Map(doctors.map((doctor) => [doctor.id, doctor])),
      services: new Map(services.map((service) => [service.id, service])),
      resources: expand.includes('resources') ? resources : null,
    };
  }

  /** One object without spreads, which take several times as long. Fields that are undefined are not in the JSON. */
  private toAppointment(row: DayRow, { doctors, services, resources }: SharedObjects): SentAppointment {
    const { clientId, firstName, lastName, resourceIds } = row;
    const { notes, staffNotes, insuranceNote, cancelReason } = this.texts.read(row);
    return {
      id: row.id,
      clinicId: row.clinicId,
      clientId,
      doctorId: row.doctorId,
      serviceId: row.serviceId,
      resourceIds,
      startDateTime: row.startDateTime,
      endDateTime: row.endDateTime,
      status: row.status,
      notes,
      insuranceNote,
      price: { amount: row.amount, currency: row.currency, taxBasisPoints: row.taxBasisPoints },
      seriesId: row.seriesId,
      groupId: row.groupId,
      version: row.version,
      clientConfirmedAt: row.clientConfirmedAt,
      checkedInAt: row.checkedInAt,
      startedAt: row.startedAt,
      completedAt: row.completedAt,
      cancelledAt: row.cancelledAt,
      cancelReason,
      createdAt: row.createdAt,
      updatedAt: row.updatedAt,
      staffNotes,
      client: firstName === undefined || lastName === undefined ? undefined : { id: clientId, firstName, lastName },
      doctor: doctors.get(row.doctorId),
      service: services.get(row.serviceId),
      resources: resources?.filter(({ id }) => resourceIds.includes(id)),
    };
  }
}

const selectVisits = ({ withClient, onlyDoctor }: { withClient: boolean; onlyDoctor: boolean }): string => `
  SELECT ${PLAIN_STAFF_COLUMNS} ${withClient ? ', u.first_name AS "firstName", u.last_name AS "lastName"' : ''}
  FROM appointment a ${withClient ? 'JOIN client c ON c.id = a.client_id JOIN user_account u ON u.id = c.user_id' : ''}
  WHERE a.clinic_id = $1::uuid AND a.start_at >= $2::timestamptz AND a.start_at < $3::timestamptz
    ${onlyDoctor ? 'AND a.doctor_id = $4::uuid' : ''}
  ORDER BY a.start_at, a.id`;

const HOLD_COLUMNS = `
  a.id, a.clinic_id AS "clinicId", a.client_id AS "clientId", a.doctor_id AS "doctorId", a.service_id AS "serviceId",
  a.resource_ids AS "resourceIds", a.start_at AS "startDateTime", a.end_at AS "endDateTime", a.expires_at AS "expiresAt"`;

/** One index lookup for each resource. The alias `a` of holds is that of `shortObjects`. */
const selectBusyTimes = (expand: readonly Expandable[]): string => `
  SELECT v.resource_id AS "resourceId", v.appointment_id AS "appointmentId", ${readRange('v.during')},
    CASE WHEN v.hold_id IS NOT NULL THEN
      (SELECT to_json(h) FROM (SELECT ${HOLD_COLUMNS} ${shortObjects(expand.filter((name) => name !== 'doctor'))}
                               FROM hold a WHERE a.id = v.hold_id) h) END AS hold
  FROM unnest($1::uuid[]) AS requested(id) CROSS JOIN LATERAL (
    SELECT r.resource_id, r.appointment_id, r.during, r.hold_id FROM reservation r
    WHERE r.resource_id = requested.id AND r.active AND r.during && tstzrange($2::timestamptz, $3::timestamptz)
      AND (r.expires_at IS NULL OR r.expires_at > $4::timestamptz)) v
  ORDER BY lower(v.during), v.resource_id`;
