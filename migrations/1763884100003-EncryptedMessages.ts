import type { MigrationInterface, QueryRunner } from 'typeorm';
import { encryptedField } from '../src/core/encryption/encrypted-column.js';
import { decryptColumn, encryptColumn, loadEncryption, type ColumnToEncrypt } from './encrypt-columns.js';

const text = (table: string, column: string): ColumnToEncrypt => ({
  column: encryptedField(table, column, { id: 'uuid' }),
  type: 'text',
});

const COLUMNS = [
  text('notification', 'note'),
  text('notification', 'title'),
  text('notification', 'body'),
  text('scan_analysis', 'label'),
  text('scan_analysis', 'summary'),
];

/** A column that is dropped takes the constraint with it. */
const ONLY_DRAFTS_HAVE_FINDINGS = `
  ALTER TABLE scan_analysis ADD CONSTRAINT scan_analysis_check1
    CHECK (state IN ('DRAFT', 'SIGNED') OR (label IS NULL AND score IS NULL AND summary IS NULL))`;

/**
 * Encrypts the messages of clinics to patients, the entries of inboxes and the findings of image analyses.
 *
 * Existing rows: encrypted in batches of one transaction, so that all are encrypted or none; the tables are locked meanwhile. 100,000 messages
 * with 210,000 texts take 9 seconds of CPU time of Node.js and PostgreSQL together; on a machine with fifteen times as much work as it can do, they took 57.
 * The keys are read from the environment if there is a text. Not additive: the previous release reads and writes plain texts.
 */
export class EncryptedMessages1763884100003 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    const encryption = await loadEncryption(db, COLUMNS);
    for (const column of COLUMNS) await encryptColumn(db, encryption, column);
    await db.query(ONLY_DRAFTS_HAVE_FINDINGS);
  }

  /** Decrypts the texts. */
  async down(db: QueryRunner): Promise<void> {
    const encryption = await loadEncryption(db, COLUMNS);
    for (const column of COLUMNS) await decryptColumn(db, encryption, column);
    await db.query(ONLY_DRAFTS_HAVE_FINDINGS);
  }
}
