import { Injectable } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import { keyset, pageOf, type Page } from '../../core/http/page.js';
import { lockSchedule } from '../clinics/index.js';
import type { WeeklyHours } from './availability.js';
import type { ExceptionsQuery } from './schedules.dto.js';

export interface ExceptionRow {
  id: string;
  from: string;
  to: string;
  kind: string;
  startMinute: number | null;
  endMinute: number | null;
  reason: string | null;
}

export interface ScheduledDoctor {
  id: string;
  resourceId: string;
  clinicId: string;
  timeZone: string;
}

const EXCEPTION_COLUMNS = `
  e.id, to_char(e.from_day, 'YYYY-MM-DD') AS "from", to_char(e.to_day, 'YYYY-MM-DD') AS "to", e.kind,
  e.start_minute AS "startMinute", e.end_minute AS "endMinute", e.reason`;

@Injectable()
export class SchedulesRepository {
  constructor(private readonly db: Database) {}

  findRules(resourceId: string): Promise<WeeklyHours[]> {
    return this.db.rows<WeeklyHours>(
      `SELECT weekday, start_minute AS "startMinute", end_minute AS "endMinute",
              to_char(valid_from, 'YYYY-MM-DD') AS "validFrom", to_char(valid_to, 'YYYY-MM-DD') AS "validTo"
       FROM weekly_rule WHERE resource_id = $1 ORDER BY weekday, start_minute, valid_from NULLS FIRST, id`,
      [resourceId],
    );
  }

  /** Locks the clinic's schedule first, as bookings and moves do, so concurrent writers run one after the other. */
  async replaceRules(resourceId: string, rules: WeeklyHours[]): Promise<void> {
    await lockSchedule(this.db, 'resource', resourceId);
    await this.db.rows(`DELETE FROM weekly_rule WHERE resource_id = $1`, [resourceId]);
    await this.db.rows(
      `INSERT INTO weekly_rule (resource_id, weekday, start_minute, end_minute, valid_from, valid_to)
       SELECT $1, * FROM unnest($2::smallint[], $3::smallint[], $4::smallint[], $5::date[], $6::date[])`,
      [
        resourceId,
        rules.map((rule) => rule.weekday),
        rules.map((rule) => rule.startMinute),
        rules.map((rule) => rule.endMinute),
        rules.map((rule) => rule.validFrom ?? null),
        rules.map((rule) => rule.validTo ?? null),
      ],
    );
  }

  async insertException(resourceId: string, row: ExceptionRow): Promise<void> {
    await this.db.rows(
      `INSERT INTO schedule_exception (id, resource_id, kind, from_day, to_day, start_minute, end_minute, reason)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
      [row.id, resourceId, row.kind, row.from, row.to, row.startMinute, row.endMinute, row.reason],
    );
  }

  /** @returns the first and last local day of the deleted exception; null if it does not exist */
  deleteException(resourceId: string, id: string): Promise<{ from: string; to: string } | null> {
    return this.db.row(
      `DELETE FROM schedule_exception WHERE id = $1 AND resource_id = $2
       RETURNING to_char(from_day, 'YYYY-MM-DD') AS "from", to_char(to_day, 'YYYY-MM-DD') AS "to"`,
      [id, resourceId],
    );
  }

  /** The doctors to whom these resources belong, with the clinic's zone. */
  findDoctors(resourceIds: string[]): Promise<ScheduledDoctor[]> {
    return this.db.rows<ScheduledDoctor>(
      `SELECT d.id, d.resource_id AS "resourceId", d.clinic_id AS "clinicId", k.time_zone AS "timeZone"
       FROM doctor d JOIN clinic k ON k.id = d.clinic_id
       WHERE d.resource_id = ANY ($1::uuid[]) AND d.deleted_at IS NULL`,
      [resourceIds],
    );
  }

  async findExceptions(resourceId: string, query: ExceptionsQuery): Promise<Page<ExceptionRow>> {
    const page = keyset({
      sort: 'from',
      columns: { from: { column: `to_char(e.from_day, 'YYYY-MM-DD')`, type: 'text' } },
      idColumn: 'e.id',
      cursor: query.cursor,
    });
    const where = `e.resource_id = $1 AND ($2::date IS NULL OR e.to_day >= $2) AND ($3::date IS NULL OR e.from_day <= $3)`;
    const values = [resourceId, query.from ?? null, query.to ?? null];
    const rows = await this.db.rows<ExceptionRow>(
      `SELECT ${EXCEPTION_COLUMNS} FROM schedule_exception e
       WHERE ${where} ${page.where(5)} ${page.orderBy} LIMIT $4`,
      [...values, query.limit + 1, ...page.values],
    );
    const total = query.withTotal
      ? await this.db.row<{ n: number }>(`SELECT count(*)::int AS n FROM schedule_exception e WHERE ${where}`, values)
      : null;
    return pageOf(rows, query.limit, page, total?.n);
  }
}
