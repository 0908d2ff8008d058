import { Database } from '../src/core/database/database.js';

/** Remembers the last statement, to explain it. */
export class RecordingDatabase extends Database {
  last: { sql: string; values: readonly unknown[] } | null = null;

  override rows<T extends object>(sql: string, values: readonly unknown[] = []): Promise<T[]> {
    this.last = { sql, values };
    return super.rows<T>(sql, values);
  }
}
