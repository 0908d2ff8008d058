import type { Client } from 'pg';
import { loadEncryptionConfig } from '../src/core/config/encryption-config.js';
import { FieldEncryption } from '../src/core/encryption/field-encryption.js';
import type { AccountContacts } from '../src/modules/users/account-contacts.js';
import { DATE_OF_BIRTH } from '../src/modules/clients/record-encryption.js';
import { contactsFor } from '../tools/seed/contacts.js';
import * as data from './dataset.js';
import { FIELD_KEYS } from './field-keys.js';

const BATCH = 10_000;
const BIRTH_DATE = '1980-05-17';

/** The keys of the benchmark. Its data is encrypted with FIELD_KEYS, so the secret can be another one in each run. */
export const SECRETS = loadEncryptionConfig({
  NODE_ENV: 'test',
  JWT_SECRET: 'x'.repeat(32),
  FIELD_ENCRYPTION_KEYS: FIELD_KEYS,
});

export const benchContacts = (client: Client): AccountContacts => contactsFor(client, SECRETS);

/** The plain addresses and numbers, for the reference, which does not encrypt. */
export const CONTACT_TABLE = `
  CREATE TABLE bench_contact (email text PRIMARY KEY, user_id uuid NOT NULL, phone text NOT NULL)`;

/** Inserts patients with accounts and clinics. All have the same password, because checking any password costs the same. */
export async function seedClients(
  client: Client,
  contacts: AccountContacts,
  count: number,
  passwordHash: string,
): Promise<void> {
  const fields = new FieldEncryption(SECRETS);
  for (let start = 0; start < count; start += BATCH) {
    const rows = await Promise.all(
      Array.from({ length: Math.min(BATCH, count - start) }, (_, i) => toRow(contacts, fields, start + i)),
    );
    const column = <Key extends keyof (typeof rows)[number]>(name: Key) => rows.map((row) => row[name]);
    const ids = [column('n'), column('userId')];
    const encrypted = (['encryptedEmail', 'emailIndex', 'encryptedPhone', 'phoneIndex'] as const).map(column);
    await client.query(USERS, [...ids, ...encrypted, passwordHash]);
    await client.query(PLAIN_CONTACTS, [column('userId'), column('email'), column('phone')]);
    await client.query(CLIENTS, [...ids, column('birth')]);
  }
  await client.query(CLINICS, [count]);
}

async function toRow(contacts: AccountContacts, fields: FieldEncryption, n: number) {
  const userId = data.getId('user', n);
  const plain = { email: data.getEmail(n), phone: `+2010${String(n).padStart(8, '0')}` };
  const birth = fields.encrypt(DATE_OF_BIRTH, BIRTH_DATE, data.getId('client', n));
  return { n, userId, ...plain, birth, ...(await contacts.encrypt(userId, plain)) };
}

const NUMBERS = 'generate_series(0::bigint, $1::bigint - 1) n';
const SINCE = `timestamptz '2025-01-01T00:00:00Z'`;

const USERS = `
  INSERT INTO user_account (id, email, email_index, phone, phone_index, password_hash, role, first_name, last_name, time_zone, locale,
                            email_verified_at, authorization_changed_at, version, created_at, updated_at)
  SELECT u.id, email, email_index, phone, phone_index, $7, 'CLIENT', 'First' || n, 'Last' || n, 'UTC', 'en',
         ${SINCE}, ${SINCE}, 1, ${SINCE}, ${SINCE}
  FROM unnest($1::bigint[], $2::uuid[], $3::bytea[], $4::bytea[], $5::bytea[], $6::bytea[])
    AS u (n, id, email, email_index, phone, phone_index)`;

const PLAIN_CONTACTS = `
  INSERT INTO bench_contact (user_id, email, phone) SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[])`;

const CLIENTS = `
  INSERT INTO client (id, user_id, date_of_birth, sex, version, created_at, updated_at)
  SELECT ${data.idInSql('client', 'n')}, user_id, birth, 'UNKNOWN', 1, ${SINCE}, ${SINCE}
  FROM unnest($1::bigint[], $2::uuid[], $3::bytea[]) AS c (n, user_id, birth)`;

const CLINICS = `
  INSERT INTO client_clinic (client_id, clinic_id, registered_at)
  SELECT ${data.idInSql('client', 'n')}, ${data.idInSql('clinic', `n % ${data.CLINICS}`)}, ${SINCE}
  FROM ${NUMBERS}`;
