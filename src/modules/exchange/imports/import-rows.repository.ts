import { Injectable } from '@nestjs/common';
import { MoreThan } from 'typeorm';
import { Database } from '../../../core/database/database.js';
import { FieldEncryption, UNREADABLE_TEXT } from '../../../core/encryption/field-encryption.js';
import { newId } from '../../../core/kernel/id.js';
import type { FailedRow, ImportError } from './failed-row.js';
import { IMPORT_ROW } from './import-encryption.js';
import { ImportRow } from './import-row.entity.js';

/** Shown for a row that cannot be decrypted. */
const UNREADABLE: ImportError = { column: null, code: 'INTERNAL_ERROR', message: UNREADABLE_TEXT };

/** The rows that failed, encrypted. */
@Injectable()
export class ImportRowsRepository {
  constructor(
    private readonly db: Database,
    private readonly encryption: FieldEncryption,
  ) {}

  async insertAll(importId: string, failed: readonly FailedRow[]): Promise<void> {
    if (failed.length === 0) return;
    await this.rows.insert(
      failed.map((row) => {
        const id = newId();
        const { rowNumber } = row;
        return { id, importId, rowNumber, encryptedContent: this.encryption.encrypt(IMPORT_ROW, row, id) };
      }),
    );
  }

  /** Rows after a row number, ascending. */
  async findAfter(importId: string, rowNumber: number, limit: number): Promise<FailedRow[]> {
    const where = { importId, rowNumber: MoreThan(rowNumber) };
    const rows = await this.rows.find({ where, order: { rowNumber: 'ASC' }, take: limit });
    return rows.map(({ id, rowNumber: number, encryptedContent }) => {
      const row = this.encryption.read(IMPORT_ROW, encryptedContent, id) as FailedRow | null;
      return row ?? { rowNumber: number, cells: [], errors: [UNREADABLE] };
    });
  }

  async deleteAll(importId: string): Promise<void> {
    await this.rows.delete({ importId });
  }

  /** Deletes rows of imports that were not changed since an instant. SQL: joins two tables. */
  async deleteOlderThan(before: Date): Promise<void> {
    await this.db.rows(
      `DELETE FROM import_row r USING import i
       WHERE i.id = r.import_id AND i.updated_at < $1 AND i.status NOT IN ('CHECKING', 'RUNNING')`,
      [before],
    );
  }

  private get rows() {
    return this.db.repository(ImportRow);
  }
}
