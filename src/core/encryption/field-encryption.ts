import { Inject, Injectable } from '@nestjs/common';
import { Config } from '../config/config.js';
import { FieldCipher, type EncryptionSecrets } from '../security/field-cipher.js';
import type { EncryptedColumn } from './encrypted-column.js';

/** Encrypts health data and contacts for their columns (docs/security.md). */
@Injectable()
export class FieldEncryption {
  private readonly ciphers = new Map<string, FieldCipher>();

  constructor(@Inject(Config) private readonly config: EncryptionSecrets) {}

  /** @param key the values of the row's primary key */
  encrypt(column: EncryptedColumn, value: unknown, ...key: string[]): Buffer {
    return this.cipherOf(column).encrypt(value, column.toPlace(...key));
  }

  /** @throws DecryptionError if the bytes were changed or copied from elsewhere, or if their key is unknown */
  decrypt(column: EncryptedColumn, encrypted: Buffer, ...key: string[]): unknown {
    return this.cipherOf(column).decrypt(encrypted, column.toPlace(...key));
  }

  /** Like `encrypt`, for a column that can be null. */
  encryptText(column: EncryptedColumn, text: string | null, ...key: string[]): Buffer | null {
    return text === null ? null : this.encrypt(column, text, ...key);
  }

  /** Like `decrypt`, for a column that can be null. */
  decryptText(column: EncryptedColumn, encrypted: Buffer | null, ...key: string[]): string | null {
    return encrypted === null ? null : (this.decrypt(column, encrypted, ...key) as string);
  }

  /** The value encrypted with the key that encrypts now; null if it is already. @throws DecryptionError */
  reencrypt(column: EncryptedColumn, encrypted: Buffer, ...key: string[]): Buffer | null {
    const cipher = this.cipherOf(column);
    if (cipher.isCurrent(encrypted)) return null;
    const place = column.toPlace(...key);
    return cipher.encrypt(cipher.decrypt(encrypted, place), place);
  }

  private cipherOf({ purpose }: EncryptedColumn): FieldCipher {
    const cipher = this.ciphers.get(purpose) ?? FieldCipher.for(this.config, purpose);
    this.ciphers.set(purpose, cipher);
    return cipher;
  }
}
