import { Injectable } from '@nestjs/common';
import { BlindIndex } from '../../core/encryption/blind-index.js';
import { encryptedField } from '../../core/encryption/encrypted-column.js';
import { FieldEncryption } from '../../core/encryption/field-encryption.js';
import { mayBeCompleteNumber, phoneDigits, possibleE164, toE164, toPhoneKey } from '../../core/kernel/phone.js';
import type { User } from './user.entity.js';

declare module '../../core/encryption/blind-index.js' {
  interface IndexedFields {
    email: true;
    phone: true;
  }
}

export const USER_EMAIL = encryptedField('user_account', 'email', { id: 'uuid' });
export const USER_PHONE = encryptedField('user_account', 'phone', { id: 'uuid' });

export interface Contacts {
  email: string | null;
  phone: string | null;
}

/** Contacts as the database returns them. */
export interface EncryptedContacts {
  email: Buffer | null;
  phone: Buffer | null;
}

type ContactColumns = Required<Pick<User, 'encryptedEmail' | 'emailIndex' | 'encryptedPhone' | 'phoneIndex'>>;

/** Encrypts and decrypts e-mail addresses and telephone numbers of accounts, and computes their blind indexes (docs/encryption.md). */
@Injectable()
export class AccountContacts {
  constructor(
    private readonly encryption: FieldEncryption,
    private readonly indexes: BlindIndex,
  ) {}

  async encrypt(userId: string, { email, phone }: Contacts): Promise<ContactColumns> {
    return {
      ...(await this.encryptEmail(userId, email)),
      encryptedPhone: this.encryption.encryptText(USER_PHONE, phone, userId),
      phoneIndex: await this.phoneIndex(phone),
    };
  }

  /** Replaces the encrypted columns of an entity by its contacts. @throws DecryptionError */
  decryptUser(user: User): User {
    const { id, encryptedEmail = null, encryptedPhone = null } = user;
    user.email = this.decryptEmail(id, encryptedEmail);
    user.phone = this.decryptPhone(id, encryptedPhone);
    delete user.encryptedEmail;
    delete user.encryptedPhone;
    return user;
  }

  /** The columns of an e-mail address. */
  async encryptEmail(
    userId: string,
    email: string | null,
  ): Promise<Pick<ContactColumns, 'encryptedEmail' | 'emailIndex'>> {
    return {
      encryptedEmail: this.encryption.encryptText(USER_EMAIL, email, userId),
      emailIndex: await this.indexes.computeOptional('email', email),
    };
  }

  /** For views: a contact that cannot be decrypted is null. */
  read<Row extends EncryptedContacts>(userId: string, row: Row): Omit<Row, keyof Contacts> & Contacts {
    return { ...row, email: this.readEmail(userId, row.email), phone: this.readPhone(userId, row.phone) };
  }

  /** @returns null if it cannot be decrypted */
  readEmail(userId: string, encrypted: Buffer | null): string | null {
    return this.encryption.readField(USER_EMAIL, encrypted, userId);
  }

  /** @returns null if it cannot be decrypted */
  readPhone(userId: string, encrypted: Buffer | null): string | null {
    return this.encryption.readField(USER_PHONE, encrypted, userId);
  }

  /** For changes and for messages. @throws DecryptionError */
  decrypt<Row extends EncryptedContacts>(userId: string, row: Row): Omit<Row, keyof Contacts> & Contacts {
    return { ...row, email: this.decryptEmail(userId, row.email), phone: this.decryptPhone(userId, row.phone) };
  }

  /** @throws DecryptionError */
  decryptEmail(userId: string, encrypted: Buffer | null): string | null {
    return this.encryption.decryptText(USER_EMAIL, encrypted, userId);
  }

  /** @throws DecryptionError */
  decryptPhone(userId: string, encrypted: Buffer | null): string | null {
    return this.encryption.decryptText(USER_PHONE, encrypted, userId);
  }

  /** @param email in canonical form */
  emailIndex(email: string): Promise<Buffer> {
    return this.indexes.compute('email', email);
  }

  phoneIndex(phone: string | null): Promise<Buffer | null> {
    return this.indexes.computeOptional('phone', phone && toPhoneKey(phone));
  }

  /** The blind indexes of all numbers that a complete number can mean in these countries; none for other texts. */
  phoneIndexes(typed: string, countries: readonly string[]): Promise<Buffer[]> {
    if (!mayBeCompleteNumber(typed)) return Promise.resolve([]);
    const digits = phoneDigits(typed);
    // The library may not know the number: then it was stored as that of the likeliest country.
    const stored = toE164(typed, countries);
    const meant = [...possibleE164(typed, countries), ...(stored ? [stored] : [])];
    const keys = new Set([digits, ...meant.map(toPhoneKey)]);
    return this.indexes.computeAll('phone', [...keys]);
  }
}
