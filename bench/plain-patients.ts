import type { DataSource } from 'typeorm';
import { BlindIndex, type IndexedField } from '../src/core/encryption/blind-index.js';
import { FieldEncryption } from '../src/core/encryption/field-encryption.js';
import { ClientsRepository } from '../src/modules/clients/clients.repository.js';
import { RecordEncryption } from '../src/modules/clients/record-encryption.js';
import { AccountContacts } from '../src/modules/users/account-contacts.js';
import { RecordingDatabase } from './recording-database.js';
import { PLAIN_SCHEMA } from './search-tables.js';
import { SECRETS } from './seed-clients.js';

/**
 * CareSlot's search of patients without encryption: the same statement, with plain columns in the place of blind indexes, and
 * nothing to decrypt.
 */
export function plainPatients(dataSource: DataSource): { patients: ClientsRepository; db: PlainDatabase } {
  const db = new PlainDatabase(dataSource);
  const fields = new PlainFields(SECRETS);
  const indexes = new PlainIndex(db, fields);
  const records = new RecordEncryption(fields, indexes);
  return { db, patients: new ClientsRepository(db, records, indexes, new AccountContacts(fields, indexes)) };
}

/** The URL of a database, in which the plain tables hide the encrypted ones. */
export function toPlainUrl(databaseUrl: string): string {
  const url = new URL(databaseUrl);
  url.searchParams.set('options', `-c search_path=${PLAIN_SCHEMA},public`);
  return url.href;
}

export class PlainDatabase extends RecordingDatabase {
  private readonly plain = new Map<string, string>();

  override rows<T extends object>(sql: string, values: readonly unknown[] = []): Promise<T[]> {
    // The statement of the search computes it.
    if (sql === 'SELECT mrn_key($1) AS key') return Promise.resolve([{ key: values[0] } as T]);
    let text = this.plain.get(sql);
    if (text === undefined) {
      text = toPlain(sql);
      this.plain.set(sql, text);
    }
    return super.rows<T>(text, values);
  }
}

const toPlain = (sql: string): string =>
  sql
    .replace(/mrn_index = (\$\d+)::bytea/g, 'mrn_key = mrn_key($1::text)')
    .replace(/birth_index = ANY \((\$\d+)::bytea\[\]\)/g, 'date_of_birth = ANY ($1::date[])')
    .replace(/phone_index = ANY \((\$\d+)::bytea\[\]\)/g, 'phone = ANY ($1::text[])')
    .replace(/email_index\b/g, 'email')
    .replace('c.date_of_birth AS', 'c.date_of_birth::text AS');

/** Passes values through, as if they were encrypted ones. */
class PlainFields extends FieldEncryption {
  override decrypt(_column: unknown, value: Buffer): unknown {
    return value;
  }
}

/** Returns the values as they are stored in plain columns. */
class PlainIndex extends BlindIndex {
  override compute(field: IndexedField, value: string): Promise<Buffer> {
    return Promise.resolve(toStored(field, value));
  }

  override computeAll(field: IndexedField, values: readonly string[]): Promise<Buffer[]> {
    return Promise.resolve(values.map((value) => toStored(field, value)));
  }
}

const toStored = (field: IndexedField, value: string): Buffer =>
  (field === 'phone' ? `+${value}` : value) as unknown as Buffer;
