import { setImmediate } from 'node:timers/promises';
import type { Database } from '../database/database.js';
import type { EncryptedColumn } from './encrypted-column.js';
import type { FieldEncryption } from './field-encryption.js';

const BATCH_ROWS = 500;

export interface RotatedColumn {
  table: string;
  column: string;
  /** Values that are encrypted with the current key now and were not before. */
  rotated: number;
  /** Values that another process changed meanwhile. They are encrypted with the key of that process. */
  changed: number;
  /** Values that no key can decrypt. */
  unreadable: number;
}

interface StoredValue {
  key: string[];
  value: Buffer;
}

/**
 * Encrypts all values of a column again that are not encrypted with the current key, in batches of short transactions. Serving
 * goes on meanwhile. If it is interrupted, the next run continues with the rest.
 */
export async function rotateColumn(
  db: Database,
  encryption: FieldEncryption,
  column: EncryptedColumn,
): Promise<RotatedColumn> {
  const { table, column: name } = column;
  const result = { table, column: name, rotated: 0, changed: 0, unreadable: 0 };
  const { read, write } = toStatements(column);
  let after: string[] | null = null;
  for (;;) {
    const rows: StoredValue[] = await db.rows<StoredValue>(read, [
      ...Object.keys(column.key).map((_, i) => after?.[i] ?? null),
      BATCH_ROWS,
    ]);
    const last = rows.at(-1);
    if (!last) return result;
    after = last.key;
    const changes = rows.flatMap(({ key, value }) => {
      try {
        const next = encryption.reencrypt(column, value, ...key);
        return next ? [{ key, value, next }] : [];
      } catch {
        result.unreadable += 1;
        return [];
      }
    });
    const written = await db.rows(write, [
      ...Object.keys(column.key).map((_, i) => changes.map(({ key }) => key[i])),
      changes.map(({ value }) => value),
      changes.map(({ next }) => next),
    ]);
    result.rotated += written.length;
    result.changed += changes.length - written.length;
    await setImmediate();
  }
}

/** Reads the values after a key, in the order of keys; writes values if they are still the ones that were read. */
function toStatements({ table, column, key }: EncryptedColumn): { read: string; write: string } {
  const keys = Object.entries(key);
  const list = keys.map(([name]) => name).join(', ');
  const after = keys.map(([, type], i) => `$${i + 1}::${type}`).join(', ');
  const read = `
    SELECT ARRAY[${keys.map(([name]) => `${name}::text`).join(', ')}] AS key, ${column} AS value FROM ${table}
    WHERE ${column} IS NOT NULL AND ($1::${keys[0]?.[1]} IS NULL OR (${list}) > (${after}))
    ORDER BY ${list} LIMIT $${keys.length + 1}`;
  const arrays = keys.map(([, type], i) => `$${i + 1}::${type}[]`).join(', ');
  const names = keys.map((_, i) => `key${i}`);
  const write = `
    UPDATE ${table} t SET ${column} = n.next
    FROM unnest(${arrays}, $${keys.length + 1}::bytea[], $${keys.length + 2}::bytea[]) AS n(${names.join(', ')}, value, next)
    WHERE ${keys.map(([name], i) => `t.${name} = n.${names[i]}`).join(' AND ')} AND t.${column} = n.value RETURNING 1 AS one`;
  return { read, write };
}
