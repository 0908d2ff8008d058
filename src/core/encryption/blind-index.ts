import { createHmac, createSecretKey, randomBytes, type KeyObject } from 'node:crypto';
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { currentContext, runInContext } from '../context/request-context.js';
import { Database } from '../database/database.js';
import type { EncryptedColumn } from './encrypted-column.js';
import { FieldEncryption } from './field-encryption.js';
import { DecryptionError } from '../security/field-cipher.js';

/** The fields that have a blind index. Equal values of different fields have different indexes. */
export type IndexedField = 'email' | 'phone' | 'mrn' | 'birthDate';

const KEY_NAME = 'blind-index';
const WRONG_KEYS =
  'FIELD_ENCRYPTION_KEYS and JWT_SECRET give no key that decrypts the data of this database. Add the key that encrypted it (docs/security.md).';
const KEY_BYTES = 32;
/** 128 bits: two of a billion values are equal by chance with a probability of 10^-21. */
const INDEX_BYTES = 16;

export const WRAPPED_KEY: EncryptedColumn = {
  table: 'wrapped_key',
  column: 'wrapped',
  key: { name: 'text' },
  purpose: 'wrapped-keys',
  toPlace: (name) => `wrapped_key|${name}`,
};

/** A connection, of pg or of TypeORM's query runner, or `Database.rows`. */
type Query = (text: string, values: unknown[]) => Promise<{ wrapped: Buffer }[]>;

/**
 * Computes keyed hashes (HMAC-SHA-256) of encrypted values, by which equal values are found. Values must be in their canonical form.
 * The key is random and stored encrypted, so that the indexes stay the same when the keys of the configuration change.
 */
@Injectable()
export class BlindIndex implements OnModuleInit {
  private key: Promise<KeyObject> | null = null;

  constructor(
    @Inject(Database) private readonly db: Pick<Database, 'rows'>,
    private readonly encryption: FieldEncryption,
  ) {}

  /**
   * Prevents the start of a process whose keys are not those of the database: it could neither read the data nor find an account.
   * @throws Error that says what to do
   */
  async onModuleInit(): Promise<void> {
    try {
      await this.loadKey();
    } catch (error) {
      // Other errors, such as a database that is read-only, concern only the requests that need the key.
      if (error instanceof DecryptionError) throw new Error(WRONG_KEYS, { cause: error });
    }
  }

  async of(field: IndexedField, value: string): Promise<Buffer> {
    return computeIndex(await this.loadKey(), field, value);
  }

  async ofOptional(field: IndexedField, value: string | null): Promise<Buffer | null> {
    return value === null ? null : this.of(field, value);
  }

  async ofAll(field: IndexedField, values: readonly string[]): Promise<Buffer[]> {
    const key = await this.loadKey();
    return values.map((value) => computeIndex(key, field, value));
  }

  /** An HMAC of a record, by which equal states of a record can be recognised, but a state cannot be guessed. */
  async ofRecord(record: object): Promise<Buffer> {
    return createHmac('sha256', await this.loadKey())
      .update(`record\0${JSON.stringify(record)}`)
      .digest();
  }

  /** Outside of the caller's transaction: after a rollback, this process would go on with a key that is not stored. */
  private loadKey(): Promise<KeyObject> {
    this.key ??= runInContext({ ...currentContext(), transaction: null }, () =>
      readOrCreateIndexKey((text, values) => this.db.rows(text, values), this.encryption),
    ).catch((error: unknown) => {
      this.key = null;
      throw error;
    });
    return this.key;
  }
}

export const computeIndex = (key: KeyObject, field: IndexedField, value: string): Buffer =>
  createHmac('sha256', key).update(`${field}\0${value}`).digest().subarray(0, INDEX_BYTES);

/** Reads the key of the blind indexes, or creates it once. @throws DecryptionError if it was encrypted with an unknown key */
export async function readOrCreateIndexKey(query: Query, encryption: FieldEncryption): Promise<KeyObject> {
  const READ = 'SELECT wrapped FROM wrapped_key WHERE name = $1';
  let [row] = await query(READ, [KEY_NAME]);
  if (!row) {
    const wrapped = encryption.encrypt(WRAPPED_KEY, randomBytes(KEY_BYTES).toString('base64'), KEY_NAME);
    await query('INSERT INTO wrapped_key (name, wrapped) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING', [
      KEY_NAME,
      wrapped,
    ]);
    [row] = await query(READ, [KEY_NAME]);
  }
  if (!row) throw new Error('The key of the blind indexes was not stored');
  return createSecretKey(Buffer.from(encryption.decrypt(WRAPPED_KEY, row.wrapped, KEY_NAME) as string, 'base64'));
}
