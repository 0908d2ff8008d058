import { BlindIndex } from '../../src/core/encryption/blind-index.js';
import type { EncryptedColumn } from '../../src/core/encryption/encrypted-column.js';
import { FieldEncryption } from '../../src/core/encryption/field-encryption.js';
import { CLIENT_ADDRESS, DATE_OF_BIRTH } from '../../src/modules/clients/index.js';
import { NOTIFICATION_BODY, NOTIFICATION_TITLE } from '../../src/modules/notifications/index.js';
import { AccountContacts, type Contacts, type EncryptedContacts } from '../../src/modules/users/index.js';
import type { TestApp } from './app.js';

/** Writes an encrypted value as the application would. @param key the values of the row's primary key */
export async function writeEncrypted(
  app: TestApp,
  { table, column, ...field }: EncryptedColumn,
  value: unknown,
  ...key: string[]
): Promise<void> {
  const condition = Object.keys(field.key).map((name, index) => `${name} = $${index + 2}`);
  await app.db.query(`UPDATE ${table} SET ${column} = $1 WHERE ${condition.join(' AND ')}`, [
    encrypted(app, { table, column, ...field }, value, ...key),
    ...key,
  ]);
}

/** The bytes that the application would store. @param key the values of the row's primary key */
export const encrypted = (app: TestApp, column: EncryptedColumn, value: unknown, ...key: string[]): Buffer =>
  app.app.get(FieldEncryption).encrypt(column, value, ...key);

export const decrypted = (app: TestApp, column: EncryptedColumn, value: Buffer, ...key: string[]): string =>
  app.app.get(FieldEncryption).decrypt(column, value, ...key) as string;

/** Changes the given contacts of an account, without a check. */
export async function changeContacts(app: TestApp, userId: string, changes: Partial<Contacts>): Promise<void> {
  const contacts = { ...(await readContacts(app, userId)), ...changes };
  const columns = await app.app.get(AccountContacts).encrypt(userId, contacts);
  await app.db.query(
    'UPDATE user_account SET email = $2, email_index = $3, phone = $4, phone_index = $5 WHERE id = $1',
    [userId, columns.encryptedEmail, columns.emailIndex, columns.encryptedPhone, columns.phoneIndex],
  );
}

export async function readContacts(app: TestApp, userId: string): Promise<Contacts> {
  const { rows } = await app.db.query<EncryptedContacts>('SELECT email, phone FROM user_account WHERE id = $1', [
    userId,
  ]);
  return app.app.get(AccountContacts).decrypt(userId, rows[0] as EncryptedContacts);
}

/** The blind index by which an address is found in `user_account` and `account_link`. */
export const emailIndex = (app: TestApp, email: string): Promise<Buffer> =>
  app.app.get(AccountContacts).emailIndex(email);

export async function findUserId(app: TestApp, email: string): Promise<string> {
  const { rows } = await app.db.query<{ id: string }>('SELECT id FROM user_account WHERE email_index = $1', [
    await emailIndex(app, email),
  ]);
  return rows[0]?.id as string;
}

/** Writes the same text into the inbox entries of a user. */
export async function setInboxText(app: TestApp, userId: string, title: string, body: string): Promise<void> {
  const { rows } = await app.db.query<{ id: string }>(
    `SELECT id FROM notification WHERE user_id = $1 AND channel = 'IN_APP'`,
    [userId],
  );
  for (const { id } of rows) {
    await writeEncrypted(app, NOTIFICATION_TITLE, title, id);
    await writeEncrypted(app, NOTIFICATION_BODY, body, id);
  }
}

export async function setDateOfBirth(app: TestApp, clientId: string, day: string): Promise<void> {
  await writeEncrypted(app, DATE_OF_BIRTH, day, clientId);
  const index = await app.app.get(BlindIndex).compute('birthDate', day);
  await app.db.query('UPDATE client SET birth_index = $2 WHERE id = $1', [clientId, index]);
}

export const setAddress = (app: TestApp, clientId: string, address: string): Promise<void> =>
  writeEncrypted(app, CLIENT_ADDRESS, address, clientId);
