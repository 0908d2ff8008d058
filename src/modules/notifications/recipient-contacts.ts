import { Injectable } from '@nestjs/common';
import { FieldEncryption } from '../../core/encryption/field-encryption.js';
import { LINK_EMAIL, LINK_PHONE } from '../account-links/index.js';
import { AccountContacts, type EncryptedContacts } from '../users/index.js';

/** The contacts of the recipient's account, and those that the account link with the id of the delivery was sent to. */
export interface EncryptedRecipient extends EncryptedContacts {
  id: string;
  userId: string;
  linkEmail: Buffer | null;
  linkPhone: Buffer | null;
}

/** Decrypts where a delivery is sent to. The contacts of the account link come first. */
@Injectable()
export class RecipientContacts {
  constructor(
    private readonly accounts: AccountContacts,
    private readonly encryption: FieldEncryption,
  ) {}

  email({ id, userId, email, linkEmail }: EncryptedRecipient): string | null {
    return this.encryption.decryptText(LINK_EMAIL, linkEmail, id) ?? this.accounts.decryptEmail(userId, email);
  }

  phone({ id, userId, phone, linkPhone }: EncryptedRecipient): string | null {
    return this.encryption.decryptText(LINK_PHONE, linkPhone, id) ?? this.accounts.decryptPhone(userId, phone);
  }
}
