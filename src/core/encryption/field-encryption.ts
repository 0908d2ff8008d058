import { Inject, Injectable, Optional } from '@nestjs/common';
import type { Logger } from 'pino';
import { Config } from '../config/config.js';
import { notStorable } from '../database/database-errors.js';
import { LOGGER } from '../logging/logger.js';
import { DecryptionError, FieldCipher, type EncryptionSecrets } from '../security/field-cipher.js';
import type { EncryptedColumn } from './encrypted-column.js';

/** Shown in place of a text that cannot be decrypted, so that nobody takes it for a text that was never written. */
export const UNREADABLE_TEXT = '[unreadable]';

/**
 * Encrypts health data and contacts for their columns (docs/encryption.md).
 *
 * `decrypt` and `decryptText` throw if a value cannot be decrypted: for changes, which would overwrite it, and for decisions. The
 * `read` methods log its place and go on without it, so that one damaged value does not fail a page or a batch of others.
 */
@Injectable()
export class FieldEncryption {
  private readonly ciphers = new Map<string, FieldCipher>();

  constructor(
    @Inject(Config) private readonly config: EncryptionSecrets,
    @Optional() @Inject(LOGGER) private readonly logger?: Pick<Logger, 'error'>,
  ) {}

  /**
   * @param key the values of the row's primary key
   * @throws DomainError VALIDATION_ERROR for a text with a NUL, which PostgreSQL could not store in a plain column
   */
  encrypt(column: EncryptedColumn, value: unknown, ...key: string[]): Buffer {
    if (typeof value === 'string' && value.includes('\0')) throw notStorable();
    return this.getCipher(column).encrypt(value, column.toAssociatedData(...key));
  }

  /** @throws DecryptionError if the bytes were changed or copied from elsewhere, or if their key is unknown */
  decrypt(column: EncryptedColumn, encrypted: Buffer, ...key: string[]): unknown {
    return this.getCipher(column).decrypt(encrypted, column.toAssociatedData(...key));
  }

  /** Like `encrypt`, for a column that can be null. */
  encryptText(column: EncryptedColumn, text: string | null, ...key: string[]): Buffer | null {
    return text === null ? null : this.encrypt(column, text, ...key);
  }

  /** Like `decrypt`, for a column that can be null. */
  decryptText(column: EncryptedColumn, encrypted: Buffer | null, ...key: string[]): string | null {
    return encrypted === null ? null : (this.decrypt(column, encrypted, ...key) as string);
  }

  /** Like `decrypt`. @returns null if the value cannot be decrypted */
  read(column: EncryptedColumn, encrypted: Buffer, ...key: string[]): unknown {
    try {
      return this.decrypt(column, encrypted, ...key);
    } catch (error) {
      if (!(error instanceof DecryptionError)) throw error;
      const { table, column: name } = column;
      this.logger?.error({ table, column: name, key }, 'a stored value cannot be decrypted');
      return null;
    }
  }

  /** Like `decryptText`, for a contact or a date. @returns null if the value cannot be decrypted */
  readField(column: EncryptedColumn, encrypted: Buffer | null, ...key: string[]): string | null {
    return encrypted === null ? null : (this.read(column, encrypted, ...key) as string | null);
  }

  /** Like `decryptText`, for a text that people read. @returns UNREADABLE_TEXT if it cannot be decrypted */
  readText(column: EncryptedColumn, encrypted: Buffer | null, ...key: string[]): string | null {
    return encrypted === null ? null : (this.readField(column, encrypted, ...key) ?? UNREADABLE_TEXT);
  }

  /**
   * The value encrypted with the key that encrypts now; null if it is already.
   * @throws DecryptionError also if the value names the current key but cannot be decrypted with it
   */
  reencrypt(column: EncryptedColumn, encrypted: Buffer, ...key: string[]): Buffer | null {
    const cipher = this.getCipher(column);
    const associatedData = column.toAssociatedData(...key);
    const value = cipher.decrypt(encrypted, associatedData);
    return cipher.isCurrent(encrypted) ? null : cipher.encrypt(value, associatedData);
  }

  private getCipher({ purpose }: EncryptedColumn): FieldCipher {
    const known = this.ciphers.get(purpose);
    if (known) return known;
    const cipher = FieldCipher.for(this.config, purpose);
    this.ciphers.set(purpose, cipher);
    return cipher;
  }
}
