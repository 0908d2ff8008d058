import type { MigrationInterface, QueryRunner } from 'typeorm';
import { encryptedField } from '../src/core/encryption/encrypted-column.js';
import {
  decryptColumn,
  encryptColumn,
  loadEncryption,
  writeIndexes,
  type ColumnToEncrypt,
  type StoredRow,
} from './encrypt-columns.js';

const CLIENT = { id: 'uuid' } as const;
const CLINIC_RECORD = { client_id: 'uuid', clinic_id: 'uuid' } as const;

const BIRTH: ColumnToEncrypt = { column: encryptedField('client', 'date_of_birth', CLIENT), type: 'date' };
const NUMBER: ColumnToEncrypt = { column: encryptedField('client_clinic', 'mrn', CLINIC_RECORD), type: 'text' };
const TEXTS: ColumnToEncrypt[] = [
  { column: encryptedField('client', 'address', CLIENT), type: 'text' },
  { column: encryptedField('client', 'emergency_contact', CLIENT), type: 'text' },
  { column: encryptedField('client_clinic', 'notes', CLINIC_RECORD), type: 'text' },
];
const COLUMNS = [BIRTH, NUMBER, ...TEXTS];

/**
 * Encrypts date of birth, address and emergency contact of patients, and the record numbers and notes of their clinics. Blind
 * indexes replace the index of birth dates and the generated column `mrn_key`, by which record numbers are unique in a clinic.
 *
 * Existing rows: encrypted in batches of one transaction, so that all are encrypted or none; the tables are locked meanwhile. 100,000 patients
 * with all fields take 25 seconds of CPU time of Node.js and PostgreSQL together; on a machine with fifteen times as much work as it can do, they took 144.
 * The keys are read from the environment if there is a value. `client.mrn` and `client.notes` are dropped: since ClinicRecords nothing reads
 * them, and they have only what belongs to no clinic.
 * Not additive: the previous release reads and writes plain values.
 */
export class EncryptedPatientRecords1763884100002 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    const encryption = await loadEncryption(db, COLUMNS);
    await db.query('ALTER TABLE client DROP COLUMN mrn, DROP COLUMN notes, ADD COLUMN birth_index bytea');
    await db.query('DROP INDEX client_birth');
    await encryptColumn(db, encryption, BIRTH, (rows, key) =>
      writeIndexes(db, BIRTH.column, 'birth_index', 'birthDate', rows, key),
    );
    await db.query('CREATE INDEX client_birth ON client (birth_index)');
    await db.query('ALTER TABLE client_clinic DROP COLUMN mrn_key, ADD COLUMN mrn_index bytea');
    await encryptColumn(db, encryption, NUMBER, async (rows, key) =>
      writeIndexes(db, NUMBER.column, 'mrn_index', 'mrn', await toMrnKeys(db, rows), key),
    );
    await db.query('CREATE UNIQUE INDEX client_clinic_mrn ON client_clinic (clinic_id, mrn_index)');
    for (const column of TEXTS) await encryptColumn(db, encryption, column);
  }

  /** Decrypts the values. The dropped columns come back empty. */
  async down(db: QueryRunner): Promise<void> {
    const encryption = await loadEncryption(db, COLUMNS);
    await db.query('ALTER TABLE client ADD COLUMN mrn text, ADD COLUMN notes text, DROP COLUMN birth_index');
    await db.query('ALTER TABLE client_clinic DROP COLUMN mrn_index');
    for (const column of COLUMNS) await decryptColumn(db, encryption, column);
    await db.query('CREATE INDEX client_birth ON client (date_of_birth)');
    await db.query('ALTER TABLE client_clinic ADD COLUMN mrn_key text GENERATED ALWAYS AS (mrn_key(mrn)) STORED');
    await db.query('CREATE UNIQUE INDEX client_clinic_mrn_key ON client_clinic (clinic_id, mrn_key)');
  }
}

async function toMrnKeys(db: QueryRunner, rows: StoredRow<unknown>[]): Promise<StoredRow<unknown>[]> {
  const keys = (await db.query(
    'SELECT mrn_key(n.mrn) AS key FROM unnest($1::text[]) WITH ORDINALITY AS n(mrn, i) ORDER BY i',
    [rows.map(({ value }) => value)],
  )) as { key: string | null }[];
  return rows.map((row, i) => ({ ...row, value: keys[i]?.key ?? null })).filter(({ value }) => value !== null);
}
