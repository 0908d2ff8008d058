import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import pg from 'pg';
import { AccountLinks1763883300000 } from '../../migrations/1763883300000-AccountLinks.js';
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

const TESTED = MIGRATIONS.indexOf(AccountLinks1763883300000);
const OLD_COLUMNS = 'id, user_id, email, created_at, expires_at, used_at';

test('the migration to account links keeps verification links with their ids, and its down loses only other links', async () => {
  await withMigrations(database.url, TESTED, (source) => source.runMigrations());
  const userId = randomUUID();
  await db.query(
    `INSERT INTO user_account (id, email, role, first_name, last_name) VALUES ($1, 'a@x.test', 'CLIENT', 'A', 'B')`,
    [userId],
  );
  const [open, used] = [randomUUID(), randomUUID()];
  for (const [id, usedAt] of [
    [open, null],
    [used, new Date()],
  ]) {
    await db.query(
      `INSERT INTO email_verification (id, user_id, email, expires_at, used_at) VALUES ($1, $2, 'a@x.test', now() + interval '1 day', $3)`,
      [id, userId, usedAt],
    );
  }
  const before = await db.query(`SELECT ${OLD_COLUMNS} FROM email_verification ORDER BY id`);

  await withMigrations(database.url, TESTED + 1, (source) => source.runMigrations());
  const after = await db.query(`SELECT ${OLD_COLUMNS}, purpose, revoked_at FROM account_link ORDER BY id`);
  expect(after.rows).toEqual(
    before.rows.map((row: object) => ({ ...row, purpose: 'EMAIL_VERIFICATION', revoked_at: null })),
  );

  const reset = randomUUID();
  await db.query(
    `INSERT INTO account_link (id, user_id, purpose, email, expires_at) VALUES ($1, $2, 'PASSWORD_RESET', 'a@x.test', now())`,
    [reset, userId],
  );
  for (const [id, kind] of [
    [open, 'EMAIL_VERIFICATION'],
    [reset, 'PASSWORD_RESET'],
  ]) {
    await db.query(
      `INSERT INTO notification (id, user_id, kind, channel, due_at, next_attempt_at) VALUES ($1, $2, $3, 'EMAIL', now(), now())`,
      [id, userId, kind],
    );
  }
  await withMigrations(database.url, TESTED + 1, (source) => source.undoLastMigration());
  expect((await db.query(`SELECT ${OLD_COLUMNS} FROM email_verification ORDER BY id`)).rows).toEqual(before.rows);
  expect((await db.query('SELECT id FROM notification')).rows).toEqual([{ id: open }]);
});
