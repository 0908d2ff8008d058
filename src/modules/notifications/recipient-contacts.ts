import { Injectable } from '@nestjs/common';
import { FieldEncryption } from '../../core/encryption/field-encryption.js';
import { LINK_EMAIL, LINK_PHONE } from '../account-links/index.js';
import { AccountContacts, type Contacts, type EncryptedContacts } from '../users/index.js';

/** The contacts of the recipient's account, and those that the account link with the id of the delivery was sent to. */
interface EncryptedRecipient extends EncryptedContacts {
  id: string;
  userId: string;
  linkEmail: Buffer | null;
  linkPhone: Buffer | null;
}

/** Decrypts where a delivery is sent to. */
@Injectable()
export class RecipientContacts {
  constructor(
    private readonly accounts: AccountContacts,
    private readonly encryption: FieldEncryption,
  ) {}

  /** The contacts of the link come first. */
  decrypt({ id, userId, email, phone, linkEmail, linkPhone }: EncryptedRecipient): Contacts {
    return {
      email: this.encryption.decryptText(LINK_EMAIL, linkEmail, id) ?? this.accounts.email(userId, email),
      phone: this.encryption.decryptText(LINK_PHONE, linkPhone, id) ?? this.accounts.phone(userId, phone),
    };
  }
}
