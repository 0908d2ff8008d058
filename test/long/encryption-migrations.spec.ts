import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { MIGRATIONS } from '../../migrations/index.js';
import type { EncryptedColumn } from '../../src/core/encryption/encrypted-column.js';
import { computeIndex, readOrCreateIndexKey } from '../../src/core/encryption/blind-index.js';
import { FieldEncryption } from '../../src/core/encryption/field-encryption.js';
import { CLIENT_ADDRESS, DATE_OF_BIRTH, MRN } from '../../src/modules/clients/index.js';
import { NOTIFICATION_NOTE } from '../../src/modules/notifications/index.js';
import { builtPath } from '../../tools/test-build.js';
import { createDatabase, dropDatabase } from '../support/app.js';
import { eventually } from '../support/eventually.js';
import { countLockWaits, inTransaction } from '../support/locks.js';
import { withMigrations } from '../support/migrations.js';

const run = promisify(execFile);

/** The migrations that encrypt columns, with rows of the release before. */

const SECRET = 'q8Zr1vKx0LmN4tYw7PbE2sHd9GjCfUaV';
const KEY = { id: 'k1', secret: randomBytes(32).toString('base64') };
const KEYS = { JWT_SECRET: SECRET, FIELD_ENCRYPTION_KEYS: `${KEY.id}:${KEY.secret}` };
const encryption = new FieldEncryption({ JWT_SECRET: SECRET, FIELD_ENCRYPTION_KEYS: [KEY] });
const BEFORE = MIGRATIONS.findIndex(({ name }) => name.startsWith('WrappedKeys')) + 1;
const ENCRYPTING = MIGRATIONS.slice(BEFORE).map(({ name }) => name);
/** More than a batch. */
const PATIENTS = 1_203;

let database: { name: string; url: string };
let db: pg.Pool;

beforeEach(async () => {
  database = await createDatabase();
  db = new pg.Pool({ connectionString: database.url, max: 2 });
  db.on('error', () => undefined);
  await withMigrations(database.url, BEFORE, (source) => source.runMigrations({ transaction: 'each' }));
});

afterEach(async () => {
  await db.end();
  await dropDatabase(database.name);
});

/** Runs the migration program. */
const migrate = (
  env: Record<string, string>,
  ...args: string[]
): Promise<{ code: number; stdout: string; stderr: string }> =>
  run(process.execPath, [builtPath('src/migrate.ts'), ...args], {
    // An empty variable overrides that of the developer's .env.
    env: { DATABASE_URL: database.url, NODE_ENV: 'test', JWT_SECRET: '', FIELD_ENCRYPTION_KEYS: '', ...env },
    timeout: 60_000,
  }).then(
    (done) => ({ ...done, code: 0 }),
    (error: { code: number; stdout: string; stderr: string }) => error,
  );

const firstAddress = async (): Promise<unknown> =>
  (await db.query<{ address: unknown }>('SELECT address FROM client ORDER BY address LIMIT 1')).rows[0]?.address;

const addRows = (): Promise<unknown> =>
  db.query(
    `INSERT INTO clinic (id, name, time_zone) VALUES (uuid7(), 'A', 'UTC');
     INSERT INTO user_account (id, role, first_name, last_name) SELECT uuid7(), 'CLIENT', 'F', n::text FROM generate_series(1, ${PATIENTS}) n;
     INSERT INTO client (id, user_id, date_of_birth, address)
       SELECT uuid7(), id, DATE '1950-01-01' + last_name::int, 'Street ' || last_name FROM user_account;
     INSERT INTO client_clinic (client_id, clinic_id, mrn) SELECT c.id, k.id, ' Á-' || u.last_name
       FROM client c JOIN user_account u ON u.id = c.user_id, clinic k;
     INSERT INTO notification (user_id, kind, channel, note, due_at, next_attempt_at)
       SELECT id, 'MESSAGE_FROM_CLINIC', 'SMS', 'note of ' || last_name, now(), now() FROM user_account;`,
  );

/** The decrypted values by the number of the patient. @param from SQL that selects `n`, `key` and `value` */
async function readDecrypted(column: EncryptedColumn, from: string): Promise<Map<number, unknown>> {
  const { rows } = await db.query<{ n: number; key: string[]; value: Buffer }>(from);
  return new Map(rows.map(({ n, key, value }) => [n, encryption.decrypt(column, value, ...key)]));
}

const OF_CLIENT = `FROM client c JOIN user_account u ON u.id = c.user_id`;
const clientColumn = (name: string): string =>
  `SELECT u.last_name::int AS n, ARRAY[c.id::text] AS key, c.${name} AS value ${OF_CLIENT}`;

describe('the upgrade to encrypted columns', () => {
  it('encrypts all values with their blind indexes, and its undoing decrypts them', async () => {
    await addRows();
    const contents = async (): Promise<unknown[]> =>
      (
        await db.query(
          `SELECT u.last_name, c.date_of_birth::text, c.address, x.mrn, x.mrn_key, n.note ${OF_CLIENT}
           JOIN client_clinic x ON x.client_id = c.id JOIN notification n ON n.user_id = u.id ORDER BY u.id`,
        )
      ).rows;
    const before = await contents();
    expect(before).toHaveLength(PATIENTS);
    const up = await migrate(KEYS);
    expect(up).toMatchObject({ code: 0, stdout: `Ran: ${ENCRYPTING.join(', ')}\n` });

    const addresses = await readDecrypted(CLIENT_ADDRESS, clientColumn('address'));
    expect([addresses.size, addresses.get(7)]).toEqual([PATIENTS, 'Street 7']);
    const births = await readDecrypted(DATE_OF_BIRTH, clientColumn('date_of_birth'));
    expect(births.get(30)).toBe('1950-01-31');
    const notes = await readDecrypted(
      NOTIFICATION_NOTE,
      `SELECT u.last_name::int AS n, ARRAY[n.id::text] AS key, n.note AS value FROM notification n JOIN user_account u ON u.id = n.user_id`,
    );
    expect(notes.get(1_203)).toBe('note of 1203');
    const key = await readOrCreateIndexKey(async (sql, values) => (await db.query(sql, values)).rows, encryption);
    const find = async (table: string, column: string, index: Buffer): Promise<number> =>
      (await db.query(`SELECT FROM ${table} WHERE ${column} = $1`, [index])).rowCount ?? 0;
    expect(await find('client', 'birth_index', computeIndex(key, 'birthDate', '1950-01-31'))).toBe(1);
    expect(await find('client_clinic', 'mrn_index', computeIndex(key, 'mrn', 'a-12'))).toBe(1);
    const numbers = await readDecrypted(
      MRN,
      `SELECT u.last_name::int AS n, ARRAY[x.client_id::text, x.clinic_id::text] AS key, x.mrn AS value
       ${OF_CLIENT} JOIN client_clinic x ON x.client_id = c.id`,
    );
    expect(numbers.get(12)).toBe(' Á-12');

    const down = await migrate(KEYS, 'down', String(ENCRYPTING.length));
    expect(down.code).toBe(0);
    expect(await contents()).toEqual(before);
  });

  it('changes nothing without keys if there are rows, and names the variables', async () => {
    await addRows();
    const missing = await migrate({});
    expect(missing).toMatchObject({ code: 1, stderr: expect.stringContaining('JWT_SECRET: is not set') });
    expect(await firstAddress()).toBe('Street 1');
    const production = { JWT_SECRET: SECRET, NODE_ENV: 'production', DATABASE_INSECURE: 'true' };
    expect(await migrate(production)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('FIELD_ENCRYPTION_KEYS: is not set'),
    });
    expect(await firstAddress()).toBe('Street 1');
    expect((await migrate(KEYS)).code).toBe(0);
  });

  it('needs no keys for an empty database', async () => {
    expect(await migrate({})).toMatchObject({ code: 0, stdout: `Ran: ${ENCRYPTING.join(', ')}\n` });
  });

  it('loses nothing that the previous release writes meanwhile', async () => {
    const migrated = await inTransaction(db, async (other) => {
      await other.query(
        `INSERT INTO user_account (id, role, first_name, last_name) VALUES (uuid7(), 'CLIENT', 'F', '1')`,
      );
      await other.query(`INSERT INTO client (id, user_id, address) SELECT uuid7(), id, 'Street 1' FROM user_account`);
      const migrating = migrate({});
      await eventually(async () => expect(await countLockWaits(db)).toBe(1));
      await other.query('COMMIT');
      return migrating;
    });
    expect(migrated.code).toBe(1);
    expect(await firstAddress()).toBe('Street 1');
  });

  it('changes nothing if the keys are not those that the index key was encrypted with', async () => {
    await addRows();
    await readOrCreateIndexKey(async (sql, values) => (await db.query(sql, values)).rows, encryption);
    const other = `k1:${randomBytes(32).toString('base64')}`;
    expect((await migrate({ JWT_SECRET: SECRET, FIELD_ENCRYPTION_KEYS: other })).code).toBe(1);
    expect(await firstAddress()).toBe('Street 1');
  });
});
