import { Injectable } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import { keyset, toPage, type Page } from '../../core/http/page.js';
import { lockSchedule } from '../clinics/index.js';
import { ClinicClosure } from './clinic-closure.entity.js';
import type { ExceptionsQuery } from './schedules.dto.js';

export type ClosureFields = Omit<ClinicClosure, 'clinicId' | 'createdAt'>;

/** Reads and writes the closures of clinics. */
@Injectable()
export class ClosuresRepository {
  constructor(private readonly db: Database) {}

  /** Locks the clinic's schedule until the transaction ends: no booking is committed in between. */
  lockSchedule(clinicId: string): Promise<void> {
    return lockSchedule(this.db, 'clinic', clinicId);
  }

  async insert(clinicId: string, closure: ClosureFields): Promise<void> {
    await this.db.repository(ClinicClosure).insert({ ...closure, clinicId });
  }

  /** @returns the deleted closure; null if it does not exist */
  async delete(clinicId: string, id: string): Promise<ClosureFields | null> {
    const where = { id, clinicId };
    const closures = this.db.repository(ClinicClosure);
    const closure = await closures.findOne({ where, lock: { mode: 'pessimistic_write' } });
    if (closure) await closures.delete(where);
    return closure;
  }

  /** SQL: TypeORM does not support row comparison for cursors. */
  async list(clinicId: string, { from, to, cursor, limit, withTotal }: ExceptionsQuery): Promise<Page<ClosureFields>> {
    const page = keyset({
      sort: 'from',
      columns: { from: { column: `to_char(e.from_day, 'YYYY-MM-DD')`, type: 'text' } },
      idColumn: 'e.id',
      cursor,
    });
    const values = [clinicId, from ?? null, to ?? null];
    const rows = await this.db.rows<ClosureFields>(
      `SELECT e.id, to_char(e.from_day, 'YYYY-MM-DD') AS "from", to_char(e.to_day, 'YYYY-MM-DD') AS "to",
              e.start_minute AS "startMinute", e.end_minute AS "endMinute", e.reason
       FROM clinic_closure e WHERE ${WHERE} ${page.where(5)} ${page.orderBy} LIMIT $4`,
      [...values, limit + 1, ...page.values],
    );
    const total = withTotal ? await this.db.row<{ n: number }>(COUNT, values) : null;
    return toPage(rows, limit, page, total?.n);
  }
}

const WHERE = `e.clinic_id = $1 AND ($2::date IS NULL OR e.to_day >= $2) AND ($3::date IS NULL OR e.from_day <= $3)`;
const COUNT = `SELECT count(*)::int AS n FROM clinic_closure e WHERE ${WHERE}`;
