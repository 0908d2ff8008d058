import { createHmac } from 'node:crypto';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Database } from '../database/database.js';
import { FieldEncryption } from '../encryption/field-encryption.js';
import { StoredKey } from '../encryption/stored-key.js';

const KEY_NAME = 'audit-hash';

/**
 * Hashes the records in audit rows with a key (HMAC-SHA-256). Without the key, nobody can confirm a guess, such as a date of birth. Rows
 * of earlier releases have SHA-256 without a key: audit rows are never changed.
 */
@Injectable()
export class RecordHash implements OnModuleInit {
  private readonly key: StoredKey;

  constructor(db: Database, encryption: FieldEncryption) {
    this.key = new StoredKey(db, encryption, KEY_NAME);
  }

  onModuleInit(): Promise<void> {
    return this.key.loadAtStart();
  }

  /** @returns bytea in PostgreSQL's hex format; null without a record */
  async compute(record: object | null | undefined): Promise<string | null> {
    if (!record) return null;
    const key = await this.key.load();
    return `\\x${createHmac('sha256', key).update(JSON.stringify(record)).digest('hex')}`;
  }
}
