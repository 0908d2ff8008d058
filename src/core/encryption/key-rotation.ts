import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '../database/database.js';
import { DecryptionError } from '../security/field-cipher.js';
import type { EncryptedColumn } from './encrypted-column.js';
import type { FieldEncryption } from './field-encryption.js';

const BATCH_ROWS = 500;
const MAX_PASSES = 10;
const PASS_PAUSE_MILLISECONDS = 500;

export interface RotatedColumn {
  table: string;
  column: string;
  /** Values that are encrypted with the current key now and were not before. */
  rotated: number;
  /** Values that are left because other processes held their rows or changed them in every pass. */
  skipped: number;
  /** Values that no key can decrypt. */
  unreadable: number;
}

type Pass = Pick<RotatedColumn, 'rotated' | 'skipped' | 'unreadable'>;

interface StoredValue {
  key: string[];
  value: Buffer;
}

/**
 * Encrypts all values of a column again that are not encrypted with the current key, in batches of short transactions. Serving
 * goes on meanwhile: rows that other transactions hold or change are left for the next pass. If it is interrupted, the next run
 * continues with the rest. Also decrypts the values that need no change, so that a damaged one is found.
 */
export async function rotateColumn(
  db: Database,
  encryption: FieldEncryption,
  column: EncryptedColumn,
): Promise<RotatedColumn> {
  const { table, column: name } = column;
  let rotated = 0;
  for (let pass = 1; ; pass += 1) {
    const result = await runPass(db, encryption, column);
    rotated += result.rotated;
    if (result.skipped === 0 || pass === MAX_PASSES) return { table, column: name, ...result, rotated };
    await sleep(PASS_PAUSE_MILLISECONDS);
  }
}

async function runPass(db: Database, encryption: FieldEncryption, column: EncryptedColumn): Promise<Pass> {
  const result: Pass = { rotated: 0, skipped: 0, unreadable: 0 };
  const { readFirst, readNext, write } = toStatements(column);
  const names = Object.keys(column.key);
  let after: string[] | null = null;
  for (;;) {
    const rows: StoredValue[] = after
      ? await db.rows<StoredValue>(readNext, [BATCH_ROWS, ...after])
      : await db.rows<StoredValue>(readFirst, [BATCH_ROWS]);
    const last = rows.at(-1);
    if (!last) return result;
    after = last.key;
    const changes = rows.flatMap(({ key, value }) => {
      try {
        const next = encryption.reencrypt(column, value, ...key);
        return next ? [{ key, value, next }] : [];
      } catch (error) {
        if (!(error instanceof DecryptionError)) throw error;
        result.unreadable += 1;
        return [];
      }
    });
    if (changes.length === 0) continue;
    const written = await db.rows(write, [
      ...names.map((_, i) => changes.map(({ key }) => key[i])),
      changes.map(({ value }) => value),
      changes.map(({ next }) => next),
    ]);
    result.rotated += written.length;
    result.skipped += changes.length - written.length;
  }
}

/**
 * Reads the values after a key, in the order of keys; writes values if they are still the ones that were read. SKIP LOCKED: the
 * statement would otherwise wait while it holds the other rows of its batch, so that requests for these would fail, and two
 * transactions could wait for each other.
 */
function toStatements({ table, column, key }: EncryptedColumn): Record<'readFirst' | 'readNext' | 'write', string> {
  const keys = Object.entries(key);
  const list = keys.map(([name]) => name).join(', ');
  const after = keys.map(([, type], i) => `$${i + 2}::${type}`).join(', ');
  const read = (condition: string): string => `
    SELECT ARRAY[${keys.map(([name]) => `${name}::text`).join(', ')}] AS key, ${column} AS value FROM ${table}
    WHERE ${column} IS NOT NULL ${condition} ORDER BY ${list} LIMIT $1`;
  const arrays = keys.map(([, type], i) => `$${i + 1}::${type}[]`).join(', ');
  const names = keys.map((_, i) => `key${i}`);
  const sameKey = (one: string, other: string): string =>
    keys.map(([name], i) => `${one}.${name} = ${other}.${names[i]}`).join(' AND ');
  const write = `
    WITH free AS (
      SELECT ${names.map((name) => `n.${name}`).join(', ')}, n.next
      FROM unnest(${arrays}, $${keys.length + 1}::bytea[], $${keys.length + 2}::bytea[]) AS n(${names.join(', ')}, value, next)
      JOIN ${table} t ON ${sameKey('t', 'n')} AND t.${column} = n.value
      FOR NO KEY UPDATE OF t SKIP LOCKED)
    UPDATE ${table} t SET ${column} = free.next FROM free WHERE ${sameKey('t', 'free')} RETURNING 1 AS one`;
  // Two statements: with "$2 IS NULL OR", the plan of a prepared statement would read all rows before the batch again.
  return { readFirst: read(''), readNext: read(`AND (${list}) > (${after})`), write };
}
