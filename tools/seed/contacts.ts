import type pg from 'pg';
import { BlindIndex } from '../../src/core/encryption/blind-index.js';
import { FieldEncryption } from '../../src/core/encryption/field-encryption.js';
import type { EncryptionSecrets } from '../../src/core/security/field-cipher.js';
import { AccountContacts } from '../../src/modules/users/account-contacts.js';

/** Encrypts contacts for rows that are inserted by SQL. */
export function contactsFor(db: Pick<pg.Client, 'query'>, secrets: EncryptionSecrets): AccountContacts {
  const fields = new FieldEncryption(secrets);
  const rows = async (text: string, values?: unknown[]): Promise<never[]> =>
    (await db.query(text, values)).rows as never[];
  return new AccountContacts(fields, new BlindIndex({ rows }, fields));
}
