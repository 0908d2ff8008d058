import { Injectable } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import type { Range, Schedule } from './availability.js';

/** A doctor or another resource that a service may take, with what keeps it busy in the window asked for. */
export interface OfferedResource {
  id: string;
  /** The doctor whose resource this is; null for a room, a machine, a nurse. */
  doctorId: string | null;
  kind: string;
  schedule: Schedule;
  busy: Range[];
}

/** The seats of a group session that are taken. */
export interface GroupSession {
  doctorId: string;
  start: number;
  taken: number;
  resourceIds: string[];
}

/** Everything that decides when a service can be had: one read, one moment. */
export interface Offer {
  serviceId: string;
  clinicId: string;
  timeZone: string;
  durationMinutes: number;
  bufferBeforeMinutes: number;
  bufferAfterMinutes: number;
  capacity: number;
  requiredResourceKinds: string[];
  priceMinor: number;
  currency: string;
  slotStepMinutes: number;
  minimumNoticeMinutes: number;
  horizonDays: number;
  cancellationCutoffMinutes: number;
  requiresConfirmation: boolean;
  resources: OfferedResource[];
  sessions: GroupSession[];
}

type Rule = [weekday: number, start: number, end: number, from: string | null, to: string | null];
type Exception = ['CLOSED' | 'OPEN', from: string, to: string, start: number | null, end: number | null];
type ResourceJson = [
  id: string,
  doctorId: string | null,
  kind: string,
  Rule[] | null,
  Exception[] | null,
  [number, number][] | null,
];

interface OfferRow extends Omit<Offer, 'resources' | 'sessions'> {
  resources: ResourceJson[] | null;
  sessions: [string, number, number, string[]][] | null;
}

@Injectable()
export class OfferRepository {
  constructor(private readonly db: Database) {}

  /**
   * One statement, whatever the number of doctors and days. `from` and `to` are instants (epoch milliseconds) between
   * which busy ranges are wanted.
   * @returns null where the service does not exist or isn't offered
   */
  async find(serviceId: string, doctorId: string | null, from: number, to: number): Promise<Offer | null> {
    const window = [new Date(from).toISOString(), new Date(to).toISOString()];
    const row = doctorId
      ? await this.db.row<OfferRow>(OFFER_OF_DOCTOR, [serviceId, ...window, doctorId])
      : await this.db.row<OfferRow>(OFFER, [serviceId, ...window]);
    return row && offerOf(row);
  }

  /** The same for several services and doctors, in one statement too. */
  async findAll(
    serviceIds: readonly string[],
    doctorIds: readonly string[],
    from: number,
    to: number,
  ): Promise<Offer[]> {
    const window = [new Date(from).toISOString(), new Date(to).toISOString()];
    const rows = await this.db.rows<OfferRow>(OFFERS_OF_DOCTORS, [serviceIds, ...window, doctorIds]);
    return rows.map(offerOf);
  }
}

const offerOf = (row: OfferRow): Offer => ({
  ...row,
  resources: (row.resources ?? []).map(resourceOf),
  sessions: (row.sessions ?? []).map(sessionOf),
});

const resourceOf = ([id, doctorId, kind, rules, exceptions, busy]: ResourceJson): OfferedResource => ({
  id,
  doctorId,
  kind,
  schedule: {
    rules: (rules ?? []).map(([weekday, startMinute, endMinute, validFrom, validTo]) => ({
      weekday,
      startMinute,
      endMinute,
      validFrom,
      validTo,
    })),
    exceptions: (exceptions ?? []).map(([kindOf, fromDay, toDay, startMinute, endMinute]) => ({
      kind: kindOf,
      from: fromDay,
      to: toDay,
      startMinute,
      endMinute,
    })),
  },
  busy: (busy ?? []).map(([start, end]) => ({ start, end })).sort((a, b) => a.start - b.start),
});

const sessionOf = ([doctorId, start, taken, resourceIds]: [string, number, number, string[]]): GroupSession => ({
  doctorId,
  start,
  taken,
  resourceIds,
});

/** Epoch milliseconds as a whole JSON number. */
const milliseconds = (expression: string): string => `(extract(epoch FROM ${expression}) * 1000)::bigint`;

// Exceptions are wanted for every local day that the window touches, in whatever zone: hence the days on either side.
const offer = (service: string, doctors: string): string => `
  WITH asked AS (
    SELECT s.id, s.clinic_id, s.duration_minutes, s.buffer_before_minutes, s.buffer_after_minutes, s.capacity,
           s.required_resource_kinds, s.price_minor, s.currency, c.time_zone, c.slot_step_minutes,
           c.minimum_notice_minutes, c.horizon_days, c.cancellation_cutoff_minutes, c.requires_confirmation
    FROM service s JOIN clinic c ON c.id = s.clinic_id
    WHERE s.id = ${service} AND s.is_active AND s.deleted_at IS NULL AND c.deleted_at IS NULL
  ), bookable AS (
    SELECT d.resource_id AS id, d.id AS doctor_id, 'PERSONNEL' AS kind
    FROM service_doctor sd JOIN doctor d ON d.id = sd.doctor_id
    WHERE sd.service_id = ${service} AND d.is_active AND d.deleted_at IS NULL ${doctors}
    UNION ALL
    SELECT r.id, NULL, r.kind
    FROM asked JOIN resource r ON r.clinic_id = asked.clinic_id AND r.kind = ANY (asked.required_resource_kinds)
    WHERE r.is_active AND r.deleted_at IS NULL AND NOT EXISTS (SELECT FROM doctor d WHERE d.resource_id = r.id)
  )
  SELECT asked.id AS "serviceId", asked.clinic_id AS "clinicId", asked.time_zone AS "timeZone",
         asked.duration_minutes AS "durationMinutes", asked.buffer_before_minutes AS "bufferBeforeMinutes",
         asked.buffer_after_minutes AS "bufferAfterMinutes", asked.capacity,
         asked.required_resource_kinds AS "requiredResourceKinds", asked.price_minor::float8 AS "priceMinor",
         asked.currency, asked.slot_step_minutes AS "slotStepMinutes",
         asked.minimum_notice_minutes AS "minimumNoticeMinutes", asked.horizon_days AS "horizonDays",
         asked.cancellation_cutoff_minutes AS "cancellationCutoffMinutes",
         asked.requires_confirmation AS "requiresConfirmation",
    (SELECT json_agg(json_build_array(b.id, b.doctor_id, b.kind,
       (SELECT json_agg(json_build_array(w.weekday, w.start_minute, w.end_minute, w.valid_from, w.valid_to))
        FROM weekly_rule w WHERE w.resource_id = b.id),
       (SELECT json_agg(json_build_array(e.kind, e.from_day, e.to_day, e.start_minute, e.end_minute))
        FROM schedule_exception e
        WHERE e.resource_id = b.id AND e.to_day >= $2::timestamptz::date - 2 AND e.from_day <= $3::timestamptz::date + 2),
       (SELECT json_agg(json_build_array(${milliseconds('lower(v.during)')}, ${milliseconds('upper(v.during)')}))
        FROM reservation v
        WHERE v.resource_id = b.id AND v.active AND v.during && tstzrange($2::timestamptz, $3::timestamptz)))
       ORDER BY b.id) FROM bookable b) AS resources,
    CASE WHEN asked.capacity > 1 THEN (
      SELECT json_agg(json_build_array(g.doctor_id, ${milliseconds('g.start_at')}, g.taken, g.resource_ids))
      FROM (SELECT a.doctor_id, a.start_at, count(*) AS taken, min(a.resource_ids) AS resource_ids
            FROM appointment a
            WHERE a.service_id = ${service} AND a.group_id IS NOT NULL AND a.status NOT IN ('CANCELLED', 'NO_SHOW', 'COMPLETED')
              AND a.start_at >= $2::timestamptz AND a.start_at < $3::timestamptz
            GROUP BY a.doctor_id, a.start_at) g) END AS sessions
  FROM asked`;

const OFFER = offer('$1::uuid', '');
const OFFER_OF_DOCTOR = offer('$1::uuid', 'AND d.id = $4::uuid');
const OFFERS_OF_DOCTORS = `
  SELECT offered.* FROM unnest($1::uuid[]) AS wanted(id)
  CROSS JOIN LATERAL (${offer('wanted.id', 'AND d.id = ANY ($4::uuid[])')}) offered`;
