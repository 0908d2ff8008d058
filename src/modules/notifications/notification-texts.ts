import { Injectable } from '@nestjs/common';
import { encryptedField } from '../../core/encryption/encrypted-column.js';
import { FieldEncryption } from '../../core/encryption/field-encryption.js';

const KEY = { id: 'uuid' } as const;

export const NOTIFICATION_NOTE = encryptedField('notification', 'note', KEY);
export const NOTIFICATION_TITLE = encryptedField('notification', 'title', KEY);
export const NOTIFICATION_BODY = encryptedField('notification', 'body', KEY);

/** The text of an inbox entry. */
export interface InboxText {
  title: string;
  body: string;
}

/** The text of an inbox entry as the database stores it. */
interface EncryptedInboxText {
  id: string;
  title: Buffer | null;
  body: Buffer | null;
}

/** Encrypts and decrypts the texts of deliveries: what the front desk wrote, and the entries of inboxes. */
@Injectable()
export class NotificationTexts {
  constructor(private readonly encryption: FieldEncryption) {}

  encryptNote(id: string, note: string | null): Buffer | null {
    return this.encryption.encryptText(NOTIFICATION_NOTE, note, id);
  }

  /** @throws DecryptionError */
  decryptNote(id: string, note: Buffer | null): string | null {
    return this.encryption.decryptText(NOTIFICATION_NOTE, note, id);
  }

  encryptInboxText(id: string, { title, body }: InboxText): { title: Buffer; body: Buffer } {
    return {
      title: this.encryption.encrypt(NOTIFICATION_TITLE, title, id),
      body: this.encryption.encrypt(NOTIFICATION_BODY, body, id),
    };
  }

  /** An entry that cannot be decrypted stays in the inbox, as UNREADABLE_TEXT. */
  readInboxText<Row extends EncryptedInboxText>(row: Row): Omit<Row, keyof InboxText> & InboxText {
    const { id, title, body } = row;
    return {
      ...row,
      title: this.encryption.readText(NOTIFICATION_TITLE, title, id) as string,
      body: this.encryption.readText(NOTIFICATION_BODY, body, id) as string,
    };
  }
}
