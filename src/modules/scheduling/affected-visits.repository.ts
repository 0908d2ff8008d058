import { Injectable } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import { toIso } from '../../core/kernel/clock.js';
import type { AffectedVisitView } from './schedules.dto.js';
import type { Range } from './ranges.js';

/** A longer list is cut; `total` counts all. */
const MAX_LISTED = 500;

interface AffectedRow extends AffectedVisitView {
  total: number;
}

export interface AffectedVisits {
  visits: AffectedVisitView[];
  /** Also of those that are not listed. */
  total: number;
}

/** Finds the visits that still have to take place in closed time. Hand-written SQL: appointments belong to another feature. */
@Injectable()
export class AffectedVisitsRepository {
  constructor(private readonly db: Database) {}

  /** The visits that reserve a doctor, room or piece of equipment. */
  findByResource(resourceId: string, closed: readonly Range[], now: number): Promise<AffectedVisits> {
    return this.find(AFFECTED_AT_RESOURCE, resourceId, closed, now);
  }

  findByClinic(clinicId: string, closed: readonly Range[], now: number): Promise<AffectedVisits> {
    return this.find(AFFECTED_AT_CLINIC, clinicId, closed, now);
  }

  async getTimeZone(clinicId: string): Promise<string> {
    const row = await this.db.row<{ zone: string }>('SELECT time_zone AS zone FROM clinic WHERE id = $1', [clinicId]);
    return row?.zone ?? 'UTC';
  }

  private async find(sql: string, id: string, closed: readonly Range[], now: number): Promise<AffectedVisits> {
    const [starts, ends] = [closed.map(({ start }) => toIso(start)), closed.map(({ end }) => toIso(end))];
    const rows = await this.db.rows<AffectedRow>(sql, [id, starts, ends, toIso(now)]);
    return { visits: rows.slice(0, MAX_LISTED).map(({ total: _, ...visit }) => visit), total: rows[0]?.total ?? 0 };
  }
}

// No visit takes a whole day, so the first condition on the start lets the index of starts be used.
const selectAffected = (condition: string): string => `
  SELECT a.id, a.client_id AS "clientId", a.doctor_id AS "doctorId", a.service_id AS "serviceId",
         a.start_at AS "startDateTime", a.end_at AS "endDateTime", a.status, a.version, count(*) OVER ()::int AS total
  FROM appointment a
  WHERE ${condition} AND a.status IN ('PENDING', 'CONFIRMED') AND a.end_at > $4::timestamptz
    AND a.start_at > (SELECT min(begins) FROM unnest($2::timestamptz[]) AS begins) - interval '1 day'
    AND a.start_at < (SELECT max(ends) FROM unnest($3::timestamptz[]) AS ends)
    AND EXISTS (SELECT FROM unnest($2::timestamptz[], $3::timestamptz[]) AS closed (begins, ends)
                WHERE a.start_at < closed.ends AND a.end_at > closed.begins)
  ORDER BY a.start_at, a.id LIMIT ${MAX_LISTED}`;

const AFFECTED_AT_CLINIC = selectAffected('a.clinic_id = $1::uuid');

const AFFECTED_AT_RESOURCE = selectAffected(`a.clinic_id = (SELECT r.clinic_id FROM resource r WHERE r.id = $1::uuid)
  AND (a.doctor_id = (SELECT d.id FROM doctor d WHERE d.resource_id = $1::uuid) OR $1::uuid = ANY (a.resource_ids))`);
