import { Injectable } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import { FieldEncryption, UNREADABLE_TEXT } from '../../core/encryption/field-encryption.js';
import type { ExportedTable } from './exported-tables.js';
import type { Person } from './people.repository.js';

export interface ExportedScan {
  id: string;
  format: string;
  /** The names of its files in the store. */
  files: string[];
}

type Row = Record<string, unknown>;

const BATCH_ROWS = 200;

/** Reads everything about a person in batches, so that an export of any size needs little memory. Hand-written SQL: whole rows as JSON. */
@Injectable()
export class ExportRepository {
  constructor(
    private readonly db: Database,
    private readonly encryption: FieldEncryption,
  ) {}

  async *rows(table: ExportedTable, { userId, clientId }: Person): AsyncGenerator<Row, void> {
    const { from, where, key, omit = [], batch = BATCH_ROWS } = table;
    // Conditions may use only one of the ids; both are used here so that PostgreSQL knows their types.
    const text = `
      SELECT (${key})::text COLLATE "C" AS key, to_jsonb(t) - $4::text[] AS row FROM ${from}
      WHERE $1::uuid IS NOT NULL AND ($2::uuid IS NULL OR true) AND (${where})
        AND ($3::text IS NULL OR (${key})::text COLLATE "C" > $3::text) ORDER BY 1 LIMIT ${batch}`;
    let after: string | null = null;
    for (;;) {
      const rows: { key: string; row: Row }[] = await this.db.rows(text, [userId, clientId, after, omit]);
      for (const { row } of rows) yield this.decrypt(table, row);
      after = rows.at(-1)?.key ?? null;
      if (rows.length < batch) return;
    }
  }

  async *scans(clientId: string | null): AsyncGenerator<ExportedScan, void> {
    let after: string | null = null;
    for (;;) {
      const scans: ExportedScan[] = await this.db.rows<ExportedScan>(
        `SELECT id, format, ARRAY(SELECT jsonb_object_keys(renditions)) AS files FROM scan
         WHERE client_id = $1 AND deleted_at IS NULL AND ($2::uuid IS NULL OR id > $2) ORDER BY id LIMIT ${BATCH_ROWS}`,
        [clientId, after],
      );
      yield* scans;
      after = scans.at(-1)?.id ?? null;
      if (scans.length < BATCH_ROWS) return;
    }
  }

  private decrypt({ encrypted = [] }: ExportedTable, row: Row): Row {
    const decrypted = { ...row };
    for (const field of encrypted) {
      const hex = row[field.column];
      if (typeof hex !== 'string') continue;
      // JSON has bytea in PostgreSQL's hex format.
      const bytes = Buffer.from(hex.slice(2), 'hex');
      const key = Object.keys(field.key).map((name) => String(row[name]));
      decrypted[field.column] = this.encryption.read(field, bytes, ...key) ?? UNREADABLE_TEXT;
    }
    return decrypted;
  }
}
