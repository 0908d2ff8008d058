import { createHmac, type KeyObject } from 'node:crypto';
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { Database } from '../database/database.js';
import { FieldEncryption } from './field-encryption.js';
import { readOrCreateKey, StoredKey } from './stored-key.js';

/**
 * The fields that have a blind index. Equal values of different fields have different indexes. A feature adds its own fields
 * (`declare module`).
 */
// oxlint-disable-next-line typescript/no-empty-object-type -- features add the members
export interface IndexedFields {}

export type IndexedField = keyof IndexedFields;

const KEY_NAME = 'blind-index';
/** 128 bits: two of a billion values are equal by chance with a probability of 10^-21. */
const INDEX_BYTES = 16;

/**
 * Computes keyed hashes (HMAC-SHA-256) of encrypted values, by which equal values are found. Values must be in their canonical form.
 * The key is random and stored encrypted, so that the indexes stay the same when the keys of the configuration change.
 */
@Injectable()
export class BlindIndex implements OnModuleInit {
  private readonly key: StoredKey;

  constructor(@Inject(Database) db: Pick<Database, 'rows'>, encryption: FieldEncryption) {
    this.key = new StoredKey(db, encryption, KEY_NAME);
  }

  onModuleInit(): Promise<void> {
    return this.key.loadAtStart();
  }

  async compute(field: IndexedField, value: string): Promise<Buffer> {
    return computeIndex(await this.key.load(), field, value);
  }

  async computeOptional(field: IndexedField, value: string | null): Promise<Buffer | null> {
    return value === null ? null : this.compute(field, value);
  }

  async computeAll(field: IndexedField, values: readonly string[]): Promise<Buffer[]> {
    const key = await this.key.load();
    return values.map((value) => computeIndex(key, field, value));
  }
}

export const computeIndex = (key: KeyObject, field: IndexedField, value: string): Buffer =>
  createHmac('sha256', key).update(`${field}\0${value}`).digest().subarray(0, INDEX_BYTES);

/** Reads the key of the blind indexes, or creates it once. @throws DecryptionError if it was encrypted with an unknown key */
export const readOrCreateIndexKey = (
  query: Parameters<typeof readOrCreateKey>[0],
  encryption: FieldEncryption,
): Promise<KeyObject> => readOrCreateKey(query, encryption, KEY_NAME);
