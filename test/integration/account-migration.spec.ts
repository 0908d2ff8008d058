import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import pg from 'pg';
import { AccountAddresses1763870000000 } from '../../migrations/1763870000000-AccountAddresses.js';
import { MIGRATIONS } from '../../migrations/index.js';
import { createDatabase, dropDatabase } from '../support/app.js';
import { withMigrations } from '../support/migrations.js';

let database: { name: string; url: string };
let db: pg.Pool;

beforeEach(async () => {
  database = await createDatabase();
  db = new pg.Pool({ connectionString: database.url, max: 2 });
  db.on('error', () => undefined);
});

afterEach(async () => {
  await db.end();
  await dropDatabase(database.name);
});

/** The position of the tested migration. */
const TESTED = MIGRATIONS.indexOf(AccountAddresses1763870000000);

const up = (count: number): Promise<unknown> => withMigrations(database.url, count, (source) => source.runMigrations());
const down = (): Promise<void> => withMigrations(database.url, TESTED + 1, (source) => source.undoLastMigration());

async function account(email: string, role: string, passwordHash: string | null = 'x'): Promise<string> {
  const id = randomUUID();
  await db.query(
    `INSERT INTO user_account (id, email, role, password_hash, first_name, last_name) VALUES ($1, $2, $3, $4, 'A', 'B')`,
    [id, email, role, passwordHash],
  );
  return id;
}

async function session(userId: string, ended = false): Promise<string> {
  const id = randomUUID();
  await db.query(
    `INSERT INTO session (id, user_id, refresh_hash, expires_at, absolute_expires_at, revoked_at)
     VALUES ($1, $2, '', now() + interval '1 day', now() + interval '1 day', CASE WHEN $3 THEN now() END)`,
    [id, userId, ended],
  );
  return id;
}

const device = (userId: string): Promise<unknown> =>
  db.query(`INSERT INTO notification_device (id, user_id, token, platform) VALUES ($1::uuid, $2, $1::text, 'WEB')`, [
    randomUUID(),
    userId,
  ]);

test('the migration writes addresses in canonical form, and keeps a device only if its user has exactly one open session', async () => {
  await up(TESTED);
  const [staff, patient] = [await account('staff@x.test', 'STAFF'), await account('patient@x.test', 'CLIENT')];
  const umlaut = await account('mona@münchen.example', 'CLIENT');
  const [plain, twin] = [await account('ali@x.test', 'CLIENT'), await account('\u200bali@x.test', 'CLIENT')];
  const [one, several, ended] = [staff, patient, umlaut];
  const only = await session(one);
  await session(one, true);
  await session(several);
  await session(several);
  await session(ended, true);
  for (const userId of [one, several, ended]) await device(userId);

  await up(TESTED + 1);

  const { rows } = await db.query(
    `SELECT id, email, email_verified_at IS NOT NULL AS verified FROM user_account ORDER BY id`,
  );
  const expected = [
    { id: staff, email: 'staff@x.test', verified: true },
    { id: patient, email: 'patient@x.test', verified: false },
    { id: umlaut, email: 'mona@xn--mnchen-3ya.example', verified: false },
    { id: plain, email: 'ali@x.test', verified: false },
    { id: twin, email: '\u200bali@x.test', verified: false },
  ];
  expect(rows).toEqual(expected.sort((a, b) => (a.id < b.id ? -1 : 1)));
  const devices = await db.query(`SELECT user_id, session_id FROM notification_device`);
  expect(devices.rows).toEqual([{ user_id: one, session_id: only }]);
});

test('its down keeps an address at the account with a password and removes it from records that repeat it', async () => {
  await up(TESTED + 1);
  const owner = await account('mona@x.test', 'CLIENT');
  const record = await account('mona@x.test', 'CLIENT', null);
  const alone = await account('ali@x.test', 'CLIENT', null);
  await down();
  const { rows } = await db.query<{ id: string; email: string | null }>(`SELECT id, email FROM user_account`);
  expect(Object.fromEntries(rows.map(({ id, email }) => [id, email]))).toEqual({
    [owner]: 'mona@x.test',
    [record]: null,
    [alone]: 'ali@x.test',
  });
});
