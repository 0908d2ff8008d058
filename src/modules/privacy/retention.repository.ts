import { Injectable } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import { INACTIVE_PATIENTS, type RetentionClass } from './retention-classes.js';

/** Hand-written SQL: tables of every feature, in batches. */
@Injectable()
export class RetentionRepository {
  constructor(private readonly db: Database) {}

  async count({ due }: Pick<RetentionClass, 'due'>, before: Date): Promise<number> {
    const row = await this.db.row<{ n: number }>(`SELECT count(*)::int AS n FROM (${due}) due`, [before.toISOString()]);
    return row?.n ?? 0;
  }

  /** Changes up to `limit` rows in one transaction. @returns their number */
  async apply({ due, statements }: RetentionClass, before: Date, limit: number): Promise<number> {
    return this.db.transaction(async () => {
      const rows = await this.db.rows<{ id: string }>(`${due} ORDER BY 1 LIMIT $2 FOR UPDATE SKIP LOCKED`, [
        before.toISOString(),
        limit,
      ]);
      if (rows.length === 0) return 0;
      const ids = rows.map(({ id }) => id);
      for (const statement of statements) await this.db.rows(statement, [ids]);
      return ids.length;
    });
  }

  async countInactive(before: Date): Promise<number> {
    const row = await this.db.row<{ n: number }>(`SELECT count(*)::int AS n FROM (${INACTIVE_PATIENTS}) due`, [
      before.toISOString(),
      null,
    ]);
    return row?.n ?? 0;
  }

  async findInactive(before: Date, limit: number): Promise<string[]> {
    const rows = await this.db.rows<{ id: string }>(`${INACTIVE_PATIENTS} ORDER BY u.id LIMIT $3`, [
      before.toISOString(),
      null,
      limit,
    ]);
    return rows.map(({ id }) => id);
  }

  /** Whether a patient, whose account and record are locked, is still inactive. */
  async isInactive(userId: string, before: Date): Promise<boolean> {
    return (await this.db.row(INACTIVE_PATIENTS, [before.toISOString(), userId])) !== null;
  }
}
