import { Injectable } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import { keyset, toPage, type Page } from '../../core/http/page.js';
import { lockSchedule } from '../clinics/index.js';
import { ScheduleException } from './schedule-exception.entity.js';
import type { ExceptionsQuery } from './schedules.dto.js';
import type { WeeklyHours } from './slot-query.js';
import { WeeklyRule } from './weekly-rule.entity.js';

export type ExceptionFields = Omit<ScheduleException, 'resourceId' | 'createdAt'>;

/** A doctor with the time zone of the clinic. */
export interface DoctorWithZone {
  id: string;
  resourceId: string;
  clinicId: string;
  timeZone: string;
}

const EXCEPTION_COLUMNS = `
  e.id, e.kind, to_char(e.from_day, 'YYYY-MM-DD') AS "from", to_char(e.to_day, 'YYYY-MM-DD') AS "to",
  e.start_minute AS "startMinute", e.end_minute AS "endMinute", e.reason`;

/** Reads and writes weekly rules and exceptions of resources. A doctor's schedule is that of the doctor's resource. */
@Injectable()
export class SchedulesRepository {
  constructor(private readonly db: Database) {}

  async findRules(resourceId: string): Promise<WeeklyHours[]> {
    const rules = await this.rules.find({
      where: { resourceId },
      order: { weekday: 'ASC', startMinute: 'ASC', validFrom: { direction: 'ASC', nulls: 'FIRST' }, id: 'ASC' },
    });
    return rules.map(({ id: _id, resourceId: _resourceId, ...hours }) => hours);
  }

  /** Locks the clinic's schedule until the transaction ends: concurrent writers run one after the other. */
  lockSchedule(resourceId: string): Promise<void> {
    return lockSchedule(this.db, 'resource', resourceId);
  }

  async replaceRules(resourceId: string, rules: WeeklyHours[]): Promise<void> {
    await this.rules.delete({ resourceId });
    await this.rules.insert(rules.map((hours) => ({ ...hours, resourceId })));
  }

  async insertException(resourceId: string, exception: ExceptionFields): Promise<void> {
    await this.exceptions.insert({ ...exception, resourceId });
  }

  /** @returns the deleted exception; null if it does not exist */
  async deleteException(resourceId: string, id: string): Promise<ScheduleException | null> {
    const where = { id, resourceId };
    const exception = await this.exceptions.findOne({ where, lock: { mode: 'pessimistic_write' } });
    if (exception) await this.exceptions.delete(where);
    return exception;
  }

  /** The doctors to whom these resources belong, or who work at these clinics. SQL: joins tables of two other features. */
  findDoctors(resourceOrClinicIds: string[]): Promise<DoctorWithZone[]> {
    return this.db.rows<DoctorWithZone>(
      `SELECT d.id, d.resource_id AS "resourceId", d.clinic_id AS "clinicId", k.time_zone AS "timeZone"
       FROM doctor d JOIN clinic k ON k.id = d.clinic_id
       WHERE (d.resource_id = ANY ($1::uuid[]) OR d.clinic_id = ANY ($1::uuid[])) AND d.deleted_at IS NULL`,
      [resourceOrClinicIds],
    );
  }

  /** SQL: TypeORM does not support row comparison for cursors. */
  async findExceptions(resourceId: string, query: ExceptionsQuery): Promise<Page<ExceptionFields>> {
    const page = keyset({
      sort: 'from',
      columns: { from: { column: `to_char(e.from_day, 'YYYY-MM-DD')`, type: 'text' } },
      idColumn: 'e.id',
      cursor: query.cursor,
    });
    const where = `e.resource_id = $1 AND ($2::date IS NULL OR e.to_day >= $2) AND ($3::date IS NULL OR e.from_day <= $3)`;
    const values = [resourceId, query.from ?? null, query.to ?? null];
    const rows = await this.db.rows<ExceptionFields>(
      `SELECT ${EXCEPTION_COLUMNS} FROM schedule_exception e
       WHERE ${where} ${page.where(5)} ${page.orderBy} LIMIT $4`,
      [...values, query.limit + 1, ...page.values],
    );
    const total = query.withTotal
      ? await this.db.row<{ n: number }>(`SELECT count(*)::int AS n FROM schedule_exception e WHERE ${where}`, values)
      : null;
    return toPage(rows, query.limit, page, total?.n);
  }

  private get rules() {
    return this.db.repository(WeeklyRule);
  }

  private get exceptions() {
    return this.db.repository(ScheduleException);
  }
}
