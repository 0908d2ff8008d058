import type pg from 'pg';
import { BlindIndex } from '../src/core/encryption/blind-index.js';
import { FieldEncryption } from '../src/core/encryption/field-encryption.js';
import { RecordEncryption } from '../src/modules/clients/record-encryption.js';
import { AccountContacts } from '../src/modules/users/account-contacts.js';
import { withClient } from './client.js';
import { getId } from './dataset.js';
import { COUNTRIES, getPerson, type Person } from './search-people.js';
import { SECRETS } from './seed-clients.js';

const BATCH = 5_000;

/** The schema with the tables as they would be without encryption. */
export const PLAIN_SCHEMA = 'plain';

/** Inserts the same patients into the encrypted tables and into plain ones, in the same order. */
export const insertPeople = (databaseUrl: string, count: number): Promise<void> =>
  withClient(databaseUrl, async (db) => {
    await db.query('SET synchronous_commit = off');
    for (const [n, country] of COUNTRIES.entries()) {
      await db.query('UPDATE clinic SET country = $2 WHERE id = $1', [getId('clinic', n), country]);
    }
    for (const statement of CREATE_PLAIN) await db.query(statement);
    const encrypt = encryptor(db);
    for (let start = 0; start < count; start += BATCH) {
      const people = Array.from({ length: Math.min(BATCH, count - start) }, (_, i) => getPerson(start + i));
      await insert(db, 'public', ENCRYPTED, await encrypt(people));
      await insert(db, PLAIN_SCHEMA, PLAIN, people.map(toPlainRow));
    }
    await db.query('VACUUM (FREEZE, ANALYZE)');
  });

/** The same columns, constraints and indexes, except those of encrypted columns. */
const CREATE_PLAIN = [
  `CREATE SCHEMA ${PLAIN_SCHEMA}`,
  ...['user_account', 'client', 'client_clinic'].map(
    (table) => `CREATE TABLE ${PLAIN_SCHEMA}.${table} (LIKE public.${table} INCLUDING ALL)`,
  ),
  `ALTER TABLE ${PLAIN_SCHEMA}.user_account DROP COLUMN email, DROP COLUMN email_index, DROP COLUMN phone,
     DROP COLUMN phone_index, ADD COLUMN email text, ADD COLUMN phone text`,
  `CREATE UNIQUE INDEX plain_email ON ${PLAIN_SCHEMA}.user_account (email) WHERE deleted_at IS NULL`,
  `CREATE INDEX plain_phone ON ${PLAIN_SCHEMA}.user_account (phone)`,
  `ALTER TABLE ${PLAIN_SCHEMA}.client DROP COLUMN date_of_birth, DROP COLUMN birth_index, DROP COLUMN address,
     DROP COLUMN emergency_contact, ADD COLUMN date_of_birth date, ADD COLUMN address text, ADD COLUMN emergency_contact text`,
  `CREATE INDEX plain_birth ON ${PLAIN_SCHEMA}.client (date_of_birth)`,
  `ALTER TABLE ${PLAIN_SCHEMA}.client_clinic DROP COLUMN mrn, DROP COLUMN mrn_index, DROP COLUMN notes, ADD COLUMN mrn text,
     ADD COLUMN notes text, ADD COLUMN mrn_key text GENERATED ALWAYS AS (mrn_key(mrn)) STORED`,
  `CREATE UNIQUE INDEX plain_mrn ON ${PLAIN_SCHEMA}.client_clinic (clinic_id, mrn_key)`,
  `CREATE VIEW ${PLAIN_SCHEMA}.clinic_patient AS
   SELECT x.client_id, x.clinic_id FROM ${PLAIN_SCHEMA}.client_clinic x
   WHERE x.registered_at IS NOT NULL
      OR EXISTS (SELECT FROM appointment a
                 WHERE a.client_id = x.client_id AND a.clinic_id = x.clinic_id AND a.status <> 'CANCELLED')`,
];

type Row = Record<string, unknown>;

const toPlainRow = (person: Person): Row => ({
  ...person,
  notes: person.notes || null,
});

function encryptor(db: pg.Client): (people: readonly Person[]) => Promise<Row[]> {
  const fields = new FieldEncryption(SECRETS);
  const rows = async (text: string, values?: readonly unknown[]): Promise<never[]> =>
    (await db.query(text, values && [...values])).rows as never[];
  const indexes = new BlindIndex({ rows }, fields);
  const contacts = new AccountContacts(fields, indexes);
  const records = new RecordEncryption(fields, indexes);
  return async (people) => {
    const { rows: keys } = await db.query<{ key: string }>(
      'SELECT mrn_key(n.mrn) AS key FROM unnest($1::text[]) WITH ORDINALITY AS n(mrn, i) ORDER BY i',
      [people.map(({ mrn }) => mrn)],
    );
    return Promise.all(
      people.map(async (person, i) => {
        const { userId, clientId, clinicId, mrn, notes } = person;
        const record = await records.encryptClinicRecord(
          clientId,
          clinicId,
          { mrn, notes: notes || null },
          keys[i]?.key ?? null,
        );
        return {
          ...person,
          ...(await contacts.encrypt(userId, person)),
          ...(await records.encryptClient(clientId, person)),
          ...record,
        };
      }),
    );
  };
}

/** For each table, its columns with their types and the properties of a row. */
type Columns = Record<'user_account' | 'client' | 'client_clinic', [column: string, type: string, property: string][]>;

const USER: Columns['user_account'] = [
  ['id', 'uuid', 'userId'],
  ['first_name', 'text', 'firstName'],
  ['last_name', 'text', 'lastName'],
];
const CLIENT: Columns['client'] = [
  ['id', 'uuid', 'clientId'],
  ['user_id', 'uuid', 'userId'],
];
const RECORD: Columns['client_clinic'] = [
  ['client_id', 'uuid', 'clientId'],
  ['clinic_id', 'uuid', 'clinicId'],
];

const ENCRYPTED: Columns = {
  user_account: [
    ...USER,
    ['email', 'bytea', 'encryptedEmail'],
    ['email_index', 'bytea', 'emailIndex'],
    ['phone', 'bytea', 'encryptedPhone'],
    ['phone_index', 'bytea', 'phoneIndex'],
  ],
  client: [
    ...CLIENT,
    ['date_of_birth', 'bytea', 'encryptedDateOfBirth'],
    ['birth_index', 'bytea', 'birthIndex'],
    ['address', 'bytea', 'encryptedAddress'],
    ['emergency_contact', 'bytea', 'encryptedEmergencyContact'],
  ],
  client_clinic: [
    ...RECORD,
    ['mrn', 'bytea', 'encryptedMrn'],
    ['mrn_index', 'bytea', 'mrnIndex'],
    ['notes', 'bytea', 'encryptedNotes'],
  ],
};

const PLAIN: Columns = {
  user_account: [...USER, ['email', 'text', 'email'], ['phone', 'text', 'phone']],
  client: [
    ...CLIENT,
    ['date_of_birth', 'date', 'dateOfBirth'],
    ['address', 'text', 'address'],
    ['emergency_contact', 'text', 'emergencyContact'],
  ],
  client_clinic: [...RECORD, ['mrn', 'text', 'mrn'], ['notes', 'text', 'notes']],
};

/** Columns that have the same value in all rows. */
const CONSTANTS = {
  user_account: { role: `'CLIENT'`, email_verified_at: `timestamptz '2025-01-01T00:00:00Z'` },
  client: { sex: `'UNKNOWN'` },
  client_clinic: { registered_at: `timestamptz '2025-01-01T00:00:00Z'` },
};

const SINCE = `timestamptz '2025-01-01T00:00:00Z'`;

async function insert(db: pg.Client, schema: string, columns: Columns, rows: Row[]): Promise<void> {
  for (const table of ['user_account', 'client', 'client_clinic'] as const) {
    const given = columns[table];
    const times = table === 'client_clinic' ? {} : { created_at: SINCE, updated_at: SINCE };
    const constants = { ...CONSTANTS[table], ...times };
    const names = [...given.map(([name]) => name), ...Object.keys(constants)];
    const arrays = given.map(([, type], i) => `$${i + 1}::${type}[]`);
    await db.query(
      `INSERT INTO ${schema}.${table} (${names.join()})
       SELECT u.*, ${Object.values(constants).join()} FROM unnest(${arrays.join()}) AS u`,
      given.map(([, , property]) => rows.map((row) => row[property])),
    );
  }
}
