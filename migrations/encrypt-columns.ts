import type { KeyObject } from 'node:crypto';
import type { QueryRunner } from 'typeorm';
import { loadEncryptionConfig } from '../src/core/config/encryption-config.js';
import { computeIndex, readOrCreateIndexKey, type IndexedField } from '../src/core/encryption/blind-index.js';
import type { EncryptedColumn } from '../src/core/encryption/encrypted-column.js';
import { FieldEncryption } from '../src/core/encryption/field-encryption.js';

const BATCH_ROWS = 1_000;

/** A column that a migration encrypts. It becomes `bytea` and keeps its name. */
export interface ColumnToEncrypt {
  column: EncryptedColumn;
  /** The type before. */
  type: 'text' | 'date' | 'jsonb';
}

/** A stored value: the primary key, and the content, encrypted or not. */
export interface StoredRow<Value> {
  key: string[];
  value: Value;
}

/** Writes what else depends on the plain values of a batch, such as a blind index. */
export type OnBatch = (rows: StoredRow<unknown>[], indexKey: KeyObject) => Promise<void>;

/**
 * Reads the keys from the environment if there is something to encrypt or to decrypt. Call it before the first change. Locks the
 * tables before, because a value that the previous release writes after this check would be dropped.
 * @throws ConfigError that names the variables; DecryptionError if the keys are not those of the API
 */
export async function loadEncryption(db: QueryRunner, columns: readonly ColumnToEncrypt[]): Promise<Encryption> {
  await db.query(
    `LOCK TABLE ${[...new Set(columns.map(({ column }) => column.table))].join()} IN ACCESS EXCLUSIVE MODE`,
  );
  for (const { column } of columns) {
    const [row] = (await db.query(
      `SELECT 1 AS one FROM ${column.table} WHERE ${column.column} IS NOT NULL LIMIT 1`,
    )) as unknown[];
    if (row) return readKeys(db);
  }
  return null;
}

/** Null if there are no values. */
type Encryption = { fields: FieldEncryption; indexKey: KeyObject } | null;

async function readKeys(db: QueryRunner): Promise<Encryption> {
  const fields = new FieldEncryption(loadEncryptionConfig());
  const query = (text: string, values: unknown[]): Promise<{ wrapped: Buffer }[]> => db.query(text, values);
  return { fields, indexKey: await readOrCreateIndexKey(query, fields) };
}

/**
 * Replaces a column by an encrypted one of the same name, in batches. The plain values are also overwritten in the rows, so that
 * the next vacuum removes them from the table's files.
 */
export async function encryptColumn(
  db: QueryRunner,
  encryption: Encryption,
  { column }: ColumnToEncrypt,
  onBatch?: OnBatch,
): Promise<void> {
  const { table, column: name, key } = column;
  await db.query(`ALTER TABLE ${table} ADD COLUMN encrypted_value bytea`);
  if (encryption) {
    for await (const rows of readBatches<unknown>(db, column, `to_jsonb(${name})`)) {
      const values = rows.map((row) => encryption.fields.encrypt(column, row.value, ...row.key));
      await db.query(
        `UPDATE ${table} t SET encrypted_value = n.value, ${name} = NULL
         FROM unnest(${keyArrays(column)}, $${keyCount(column) + 1}::bytea[]) AS n(${Object.keys(key).join()}, value)
         WHERE ${sameKey(column)}`,
        [...keyValues(column, rows), values],
      );
      await onBatch?.(rows, encryption.indexKey);
    }
  }
  await replaceColumn(db, column, 'encrypted_value');
}

/** The opposite of `encryptColumn`. */
export async function decryptColumn(
  db: QueryRunner,
  encryption: Encryption,
  { column, type }: ColumnToEncrypt,
): Promise<void> {
  const { table, column: name, key } = column;
  await db.query(`ALTER TABLE ${table} ADD COLUMN plain_value ${type}`);
  if (encryption) {
    for await (const rows of readBatches<Buffer>(db, column, name)) {
      const values = rows.map((row) => JSON.stringify(encryption.fields.decrypt(column, row.value, ...row.key)));
      await db.query(
        `UPDATE ${table} t SET plain_value = ${type === 'jsonb' ? 'n.value' : `(n.value #>> '{}')::${type}`}
         FROM unnest(${keyArrays(column)}, $${keyCount(column) + 1}::jsonb[]) AS n(${Object.keys(key).join()}, value)
         WHERE ${sameKey(column)}`,
        [...keyValues(column, rows), values],
      );
    }
  }
  await replaceColumn(db, column, 'plain_value');
}

async function replaceColumn(db: QueryRunner, { table, column }: EncryptedColumn, by: string): Promise<void> {
  await db.query(`ALTER TABLE ${table} DROP COLUMN ${column}`);
  await db.query(`ALTER TABLE ${table} RENAME COLUMN ${by} TO ${column}`);
}

/** Reads a column in the order of the primary key, without nulls. @param value the SQL expression of the value */
async function* readBatches<Value>(
  db: QueryRunner,
  { table, column, key }: EncryptedColumn,
  value: string,
): AsyncGenerator<StoredRow<Value>[]> {
  const names = Object.keys(key);
  const after = Object.values(key).map((type, i) => `$${i + 1}::${type}`);
  let last: string[] | null = null;
  for (;;) {
    const rows = (await db.query(
      `SELECT ARRAY[${names.map((name) => `${name}::text`).join()}] AS key, ${value} AS value FROM ${table}
       WHERE ${column} IS NOT NULL AND (${after[0]} IS NULL OR (${names.join()}) > (${after.join()}))
       ORDER BY ${names.join()} LIMIT ${BATCH_ROWS}`,
      names.map((_, i) => last?.[i] ?? null),
    )) as StoredRow<Value>[];
    if (rows.length === 0) return;
    last = (rows.at(-1) as StoredRow<Value>).key;
    yield rows;
  }
}

/** Writes the blind indexes of a batch. @param index the column; the values are in canonical form */
export async function writeIndexes(
  db: QueryRunner,
  column: EncryptedColumn,
  index: string,
  field: IndexedField,
  rows: StoredRow<unknown>[],
  key: KeyObject,
): Promise<void> {
  const names = Object.keys(column.key);
  await db.query(
    `UPDATE ${column.table} t SET ${index} = n.value
     FROM unnest(${keyArrays(column)}, $${names.length + 1}::bytea[]) AS n(${names.join()}, value) WHERE ${sameKey(column)}`,
    [...keyValues(column, rows), rows.map(({ value }) => computeIndex(key, field, value as string))],
  );
}

const keyCount = ({ key }: EncryptedColumn): number => Object.keys(key).length;

/** `$1::uuid[], $2::text[]` */
const keyArrays = ({ key }: EncryptedColumn): string =>
  Object.values(key)
    .map((type, i) => `$${i + 1}::${type}[]`)
    .join();

/** `t.id = n.id` */
const sameKey = ({ key }: EncryptedColumn): string =>
  Object.keys(key)
    .map((name) => `t.${name} = n.${name}`)
    .join(' AND ');

/** One array for each column of the primary key. */
const keyValues = ({ key }: EncryptedColumn, rows: readonly StoredRow<unknown>[]): string[][] =>
  Object.keys(key).map((_, i) => rows.map((row) => row.key[i] as string));
