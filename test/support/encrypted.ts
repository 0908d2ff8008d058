import { BlindIndex } from '../../src/core/encryption/blind-index.js';
import type { EncryptedColumn } from '../../src/core/encryption/encrypted-column.js';
import { FieldEncryption } from '../../src/core/encryption/field-encryption.js';
import { CLIENT_ADDRESS, DATE_OF_BIRTH } from '../../src/modules/clients/index.js';
import { NOTIFICATION_BODY, NOTIFICATION_TITLE } from '../../src/modules/notifications/index.js';
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
  const index = await app.app.get(BlindIndex).of('birthDate', day);
  await app.db.query('UPDATE client SET birth_index = $2 WHERE id = $1', [clientId, index]);
}

export const setAddress = (app: TestApp, clientId: string, address: string): Promise<void> =>
  writeEncrypted(app, CLIENT_ADDRESS, address, clientId);
