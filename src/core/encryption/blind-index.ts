import { createHmac, createSecretKey, randomBytes, type KeyObject } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';
import type { EncryptedColumn } from './encrypted-column.js';
import { FieldEncryption } from './field-encryption.js';

/** The fields that have a blind index. Equal values of different fields have different indexes. */
export type IndexedField = 'email' | 'phone' | 'mrn' | 'birthDate';

const KEY_NAME = 'blind-index';
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
export class BlindIndex {
  private key: Promise<KeyObject> | null = null;

  constructor(
    @Inject(Database) private readonly db: Pick<Database, 'rows'>,
    private readonly encryption: FieldEncryption,
  ) {}

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

  private loadKey(): Promise<KeyObject> {
    this.key ??= readOrCreateIndexKey((text, values) => this.db.rows(text, values), this.encryption).catch((error) => {
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
