import { Injectable } from '@nestjs/common';
import { In, Not } from 'typeorm';
import { Database } from '../../../core/database/database.js';
import { BlindIndex } from '../../../core/encryption/blind-index.js';
import { ImportKey } from './import-key.entity.js';
import type { ImportKind } from './import-kinds.js';

declare module '../../../core/encryption/blind-index.js' {
  interface IndexedFields {
    importedRecord: true;
  }
}

/** Finds the records of rows that were imported before. */
@Injectable()
export class ImportKeysRepository {
  constructor(
    private readonly db: Database,
    private readonly indexes: BlindIndex,
  ) {}

  /** @param parts the row's id in the other system, or what identifies it. The order of the parts matters */
  compute(clinicId: string, kind: ImportKind, parts: readonly (string | null | undefined)[]): Promise<Buffer> {
    return this.indexes.compute(
      'importedRecord',
      JSON.stringify([clinicId, kind, ...parts.map((part) => part ?? null)]),
    );
  }

  /** The ids of records, by key in base64. Of a merged patient, the one that they were merged into. SQL: joins two tables. */
  async find(keys: readonly Buffer[]): Promise<Map<string, string>> {
    if (keys.length === 0) return new Map();
    const rows = await this.db.rows<ImportKey>(
      `SELECT k.key, coalesce(c.merged_into_id, k.record_id) AS "recordId"
       FROM import_key k LEFT JOIN client c ON c.id = k.record_id WHERE k.key = ANY ($1::bytea[])`,
      [keys],
    );
    return new Map(rows.map(({ key, recordId }) => [key.toString('base64'), recordId]));
  }

  /** Those of the records as which rows with other keys than these were imported. */
  async findImported(recordIds: readonly string[], exceptKeys: readonly Buffer[]): Promise<Set<string>> {
    if (recordIds.length === 0) return new Set();
    const where = { recordId: In(recordIds), key: Not(In(exceptKeys)) };
    const rows = await this.db.repository(ImportKey).find({ where });
    return new Set(rows.map(({ recordId }) => recordId));
  }

  /** A key whose record was deleted gets the new one. */
  async save(rows: readonly ImportKey[]): Promise<void> {
    if (rows.length === 0) return;
    const unique = new Map(rows.map((row) => [row.key.toString('base64'), row]));
    await this.db.rows(
      `INSERT INTO import_key (key, record_id) SELECT * FROM unnest($1::bytea[], $2::uuid[])
       ON CONFLICT (key) DO UPDATE SET record_id = excluded.record_id`,
      [[...unique.values()].map(({ key }) => key), [...unique.values()].map(({ recordId }) => recordId)],
    );
  }
}
