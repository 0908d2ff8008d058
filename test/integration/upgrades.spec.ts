import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { MIGRATIONS } from '../../migrations/index.js';
import { ormconfig } from '../../ormconfig.js';
import { createApp } from '../../src/app.js';
import { loadConfig } from '../../src/core/config/config.js';
import { createDataSource } from '../../src/core/database/data-source.js';
import { migrate } from '../../src/migrate.js';
import { builtPath } from '../../tools/test-build.js';
import { createDatabase, dropDatabase, PRODUCTION, testEnvironment } from '../support/app.js';
import { inLongForm, rounds } from '../support/long-form.js';
import { readSchemaObjects } from '../support/schema-objects.js';
import { eventually } from '../support/eventually.js';
import { lockTable } from '../support/locks.js';
import { withMigrations } from '../support/migrations.js';
import { ApiProcess, TestProcess } from '../support/processes.js';

/** Upgrades of the schema (docs/complaints.md, 25): killed, with data, undone, and a build on another schema. */

const run = promisify(execFile);

const NAMES = MIGRATIONS.map(({ name }) => name);

/** The number of migrations before those that have a test. */
const BEFORE = {
  countries: NAMES.indexOf('ClinicCountries1763871000000'),
  clinicRecords: NAMES.indexOf('ClinicRecords1763871200000'),
  staffNotes: NAMES.findIndex((name) => name.startsWith('StaffNotes')),
  chatKeys: NAMES.indexOf('ChatIdempotency1763882500000'),
};

/**
 * The first number of migrations whose schema is compared, step by step. Those that earlier runs have compared do not change, so
 * the test command compares the newest; `npm run test:long -- upgrades` compares all.
 */
const FIRST_COMPARED = rounds(NAMES.length - 3, 1);

/** The schema after each number of migrations, from FIRST_COMPARED on. */
const schemas = new Map<number, string[]>();
/** Databases for the tests to copy, by the number of migrations that were run. */
const copies = new Map<number, { name: string; url: string }>();
let whole: { name: string; url: string };

let database: { name: string; url: string };
let db: pg.Pool;

beforeAll(async () => {
  whole = await createDatabase();
  const copied = new Set([1, ...Object.values(BEFORE)]);
  for (let count = 1; count <= NAMES.length; count += 1) {
    if (count < FIRST_COMPARED && !copied.has(count)) continue;
    await runUntil(whole.url, count);
    if (count >= FIRST_COMPARED) schemas.set(count, await readSchema(whole.url));
    if (copied.has(count)) copies.set(count, await createDatabase(whole.name));
  }
}, 240_000);

afterAll(() => Promise.all([whole, ...copies.values()].map(({ name }) => dropDatabase(name))));

afterEach(async () => {
  await db.end();
  await dropDatabase(database.name);
});

const runUntil = (url: string, count: number): Promise<unknown> =>
  withMigrations(url, count, (source) => source.runMigrations({ transaction: 'each' }));

/** Creates the database of the test. @param count how many migrations were run; default: none */
async function useDatabase(count?: number): Promise<void> {
  const template = count === NAMES.length ? whole.name : count && copies.get(count)?.name;
  database = await createDatabase(template || undefined);
  db = new pg.Pool({ connectionString: database.url, max: 3 });
  db.on('error', () => undefined);
}

const migrateTo = (count: number): Promise<unknown> => runUntil(database.url, count);
const undoLast = (count: number): Promise<void> =>
  withMigrations(database.url, count, (source) => source.undoLastMigration({ transaction: 'each' }));

const applied = async (): Promise<string[]> =>
  (await db.query<{ name: string }>('SELECT name FROM migration ORDER BY id')).rows.map(({ name }) => name);

/** Returns one line for each object that the migrations created. TypeORM creates its own table when it needs it first. */
async function readSchema(url: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const objects = await readSchemaObjects(client);
  await client.end();
  return [...objects]
    .map(([name, definition]) => `${name}: ${definition}`)
    .filter((line) => !line.includes('typeorm_metadata'));
}

const schema = (): Promise<string[]> => readSchema(database.url);

test('a migration that is killed half-way changes nothing, and runs when it is started again', async () => {
  await useDatabase(1);
  const before = await schema();
  // A later migration alters this table: it waits here after its first statements.
  const release = await lockTable(db, 'clinic', 'ACCESS SHARE');
  const upgrade = new TestProcess('src/migrate.ts', testEnvironment(database.url));
  await eventually(async () => {
    const { rows } = await db.query(
      `SELECT FROM pg_stat_activity WHERE datname = $1 AND wait_event_type = 'Lock' AND query LIKE 'ALTER TABLE clinic%'`,
      [database.name],
    );
    expect(rows).toHaveLength(1);
  });
  const done = await applied();
  expect(done.length).toBeGreaterThan(1);
  expect(done.length).toBeLessThan(NAMES.length);
  await upgrade.kill();
  await release();

  const after = await eventually(async () => {
    const { rows } = await db.query(
      `SELECT FROM pg_stat_activity WHERE datname = $1 AND application_name = 'careslot'`,
      [database.name],
    );
    expect(rows).toEqual([]);
    return schema();
  });
  expect(await applied()).toEqual(done);
  expect(after.some((line) => line.includes('uuid7()'))).toBe(false);
  expect(after.length).toBeGreaterThan(before.length);

  expect(await migrate(database.url)).toEqual(NAMES.slice(done.length));
  expect(await migrate(database.url)).toEqual([]);
  expect(await schema()).toEqual(schemas.get(NAMES.length));
});

test('a migration may take longer than the four seconds of a request, but does not wait long for a lock', async () => {
  await useDatabase();
  const source = await createDataSource(ormconfig, database.url).initialize();
  const limits = await source.query<object[]>(
    `SELECT name, setting FROM pg_settings WHERE name IN ('statement_timeout', 'lock_timeout') ORDER BY name`,
  );
  await source.destroy();
  expect(limits).toEqual([
    { name: 'lock_timeout', setting: '2000' },
    { name: 'statement_timeout', setting: '0' },
  ]);
});

test('each migration is undone by its down, and can be run again', async () => {
  await useDatabase(NAMES.length);
  for (let count = NAMES.length; count > FIRST_COMPARED; count -= 1) {
    await undoLast(count);
    expect({ without: NAMES[count - 1], schema: await schema() }).toEqual({
      without: NAMES[count - 1],
      schema: schemas.get(count - 1),
    });
  }
  await migrate(database.url);
  expect(await schema()).toEqual(schemas.get(NAMES.length));
}, 240_000);

inLongForm(test)('the data of the first release is kept by the upgrade to this one', async () => {
  await useDatabase(1);
  await db.query(FIRST_RELEASE);
  await migrate(database.url);
  const { rows } = await db.query(
    `SELECT a.status, a.schedule_version, (SELECT count(*)::int FROM reminder_plan) AS compared,
            o.published_at IS NOT NULL AS published,
            (SELECT count(*)::int FROM reservation) AS reservations
     FROM appointment a JOIN clinic c ON c.id = a.clinic_id, outbox o`,
  );
  expect(rows).toEqual([{ status: 'CONFIRMED', schedule_version: 1, compared: 0, published: true, reservations: 2 }]);
  const app = await createApp(loadConfig(testEnvironment(database.url)));
  await app.listen(0, '127.0.0.1');
  try {
    const url = (await app.getUrl()).replace('[::1]', '127.0.0.1');
    expect((await fetch(`${url}/health/ready`)).status).toBe(200);
    const doctors = (await (await fetch(`${url}/api/v1/doctors`)).json()) as { data: unknown[] };
    expect(doctors.data).toHaveLength(1);
  } finally {
    await app.close();
  }
});

inLongForm(test)(
  'the upgrade to records of each clinic moves record numbers and notes to their clinics, and loses none',
  async () => {
    const before = BEFORE.clinicRecords;
    await useDatabase(before);
    await db.query(RECORDS_BEFORE);
    await migrateTo(before + 1);
    const rows = async (): Promise<unknown[]> => {
      const found = await db.query(
        `SELECT c.address AS who, k.name AS clinic, x.registered_at IS NOT NULL AS registered, x.mrn, x.notes,
              EXISTS (SELECT FROM clinic_patient p WHERE p.client_id = c.id AND p.clinic_id = k.id) AS known
       FROM client c JOIN client_clinic x ON x.client_id = c.id JOIN clinic k ON k.id = x.clinic_id ORDER BY 1, 2`,
      );
      return found.rows;
    };
    expect(await rows()).toEqual([
      { who: 'edited by B', clinic: 'A', registered: true, mrn: null, notes: null, known: true },
      { who: 'edited by B', clinic: 'B', registered: false, mrn: 'M-1', notes: 'of B', known: true },
      { who: 'only cancelled', clinic: 'B', registered: false, mrn: null, notes: null, known: false },
      { who: 'same number', clinic: 'A', registered: true, mrn: 'M-2', notes: null, known: true },
      {
        who: 'same number again',
        clinic: 'A',
        registered: true,
        mrn: null,
        notes: 'Record number m-2 (in use for two patients)',
        known: true,
      },
      { who: 'stranger edited by A', clinic: 'A', registered: false, mrn: 'M-3', notes: null, known: false },
      { who: 'unaudited', clinic: 'A', registered: true, mrn: null, notes: null, known: true },
      { who: 'unaudited', clinic: 'B', registered: false, mrn: null, notes: 'of whom?', known: true },
    ]);
    const { rows: left } = await db.query(
      'SELECT address AS who, mrn FROM client WHERE mrn IS NOT NULL OR notes IS NOT NULL',
    );
    expect(left).toEqual([{ who: 'of nobody', mrn: 'M-4' }]);
    await undoLast(before + 1);
    const { rows: back } = await db.query(
      'SELECT address AS who, mrn, notes FROM client WHERE mrn IS NOT NULL ORDER BY 1',
    );
    expect(back).toEqual([
      { who: 'edited by B', mrn: 'M-1', notes: 'of B' },
      { who: 'of nobody', mrn: 'M-4', notes: null },
      { who: 'same number', mrn: 'M-2', notes: null },
      { who: 'stranger edited by A', mrn: 'M-3', notes: null },
    ]);
  },
);

inLongForm(test)(
  'the upgrade to countries converts unambiguous telephone numbers to E.164, and keeps the others',
  async () => {
    const before = BEFORE.countries;
    await useDatabase(before);
    await db.query(NUMBERS_BEFORE);
    await migrateTo(before + 1);
    const { rows: clinics } = await db.query('SELECT name, country, locale, phone FROM clinic ORDER BY name');
    expect(clinics).toEqual([
      { name: 'Cairo', country: 'EG', locale: 'en', phone: '+20227941234' },
      { name: 'Kigali', country: 'RW', locale: 'en', phone: '16676' },
      { name: 'Nowhere', country: null, locale: 'en', phone: '+14155550132' },
    ]);
    const { rows: people } = await db.query('SELECT last_name AS who, phone FROM user_account ORDER BY 1');
    expect(people).toEqual([
      { who: 'at Cairo', phone: '+201001234567' },
      { who: 'at both', phone: '+250788123456' },
      { who: 'in Kigali', phone: '+250788123456' },
      { who: 'international', phone: '+201001234567' },
      { who: 'no number', phone: '12345' },
      { who: 'nowhere', phone: '0100 123 4567' },
    ]);
  },
);

inLongForm(test)(
  'the upgrade to staff notes moves notes that staff wrote last, and keeps those of patients and of unknown writers',
  async () => {
    const before = BEFORE.staffNotes;
    await useDatabase(before);
    await db.query(FIRST_RELEASE);
    const note = async (n: number, ...writers: string[]): Promise<void> => {
      await db.query(
        `INSERT INTO appointment (id, clinic_id, client_id, doctor_id, service_id, start_at, end_at, status, price_minor, currency, notes)
       SELECT md5($1)::uuid, clinic_id, client_id, doctor_id, service_id, start_at, end_at, 'CANCELLED', 0, 'EGP', $1
       FROM appointment WHERE id = ${ID(7)}`,
        [`note ${n}`],
      );
      for (const [index, role] of writers.entries()) {
        await db.query(
          `INSERT INTO audit_log (id, actor_role, action, object_type, object_id, changes) VALUES (uuid7(), $1, $2, 'appointment', md5($3)::uuid, $4)`,
          [role, index ? 'appointment.updated' : 'appointment.booked', `note ${n}`, index ? '{"notes": true}' : '{}'],
        );
      }
    };
    await note(1, 'CLIENT');
    await note(2, 'STAFF');
    await note(3, 'CLIENT', 'DOCTOR');
    await note(4, 'STAFF', 'CLIENT');
    await note(5);
    const notes = async (columns: string): Promise<unknown[]> =>
      (await db.query(`SELECT ${columns} FROM appointment WHERE id <> ${ID(7)} ORDER BY coalesce(notes, staff_notes)`))
        .rows;
    await migrateTo(before + 1);
    expect(await notes('notes, staff_notes')).toEqual([
      { notes: 'note 1', staff_notes: null },
      { notes: null, staff_notes: 'note 2' },
      { notes: null, staff_notes: 'note 3' },
      { notes: 'note 4', staff_notes: null },
      { notes: 'note 5', staff_notes: null },
    ]);
    await undoLast(before + 1);
    const { rows } = await db.query(`SELECT notes FROM appointment WHERE id <> ${ID(7)} ORDER BY notes`);
    expect(rows.map(({ notes: text }) => text)).toEqual(['note 1', 'note 2', 'note 3', 'note 4', 'note 5']);
  },
);

inLongForm(test)(
  'the upgrade of the keys of chat messages keeps those of the last 48 hours, and can be undone',
  async () => {
    const before = BEFORE.chatKeys;
    await useDatabase(before);
    await db.query(CHAT_KEYS_BEFORE);
    await migrateTo(before + 1);
    const { rows: keys } = await db.query(
      `SELECT k.key, k.route, k.request_hash AS hash, m.model AS answer FROM idempotency_key k
     LEFT JOIN conversation_message m ON m.id = k.answer_id ORDER BY k.key`,
    );
    const route = 'POST /api/v1/ai/chat';
    expect(keys).toEqual([
      { key: 'answered', route, hash: Buffer.from('1'), answer: 'fake-1' },
      { key: 'of another route', route: 'POST /x', hash: Buffer.from('5'), answer: null },
      { key: 'unanswered', route, hash: Buffer.from('2'), answer: null },
    ]);
    await undoLast(before + 1);
    const { rows: messages } = await db.query(
      `SELECT request_key AS key, request_hash AS hash FROM conversation_message WHERE request_key IS NOT NULL`,
    );
    expect(messages).toEqual([{ key: 'answered', hash: Buffer.from('1') }]);
    const { rows: left } = await db.query(`SELECT key FROM idempotency_key`);
    expect(left).toEqual([{ key: 'of another route' }]);
  },
);

inLongForm(test)(
  'API and worker do not start on a missing, older or newer schema, and their error names the command to run',
  async () => {
    const refused = async (entry: string): Promise<string> => {
      const env = { ...testEnvironment(database.url), ...PRODUCTION };
      const fault: unknown = await run(process.execPath, [builtPath(entry)], { env, timeout: 60_000 }).catch(
        (error) => error,
      );
      expect(fault).toMatchObject({ code: 1, stdout: '' });
      return (fault as { stderr: string }).stderr;
    };
    const expectRefusal = async (message: RegExp): Promise<void> => {
      const messages = await Promise.all(['src/main.ts', 'src/worker.ts'].map(refused));
      for (const text of messages) expect(text).toMatch(message);
    };
    const lacking =
      /^The database lacks migrations of this build \(.*\): run `node dist\/src\/migrate.js up` and start again\.\n$/;
    const last = NAMES.at(-1) as string;
    await useDatabase();
    await expectRefusal(lacking);
    await db.end();
    await dropDatabase(database.name);
    await useDatabase(NAMES.length);
    await db.query(`DELETE FROM migration WHERE name = $1`, [last]);
    await expectRefusal(lacking);
    await db.query(`INSERT INTO migration (timestamp, name) VALUES (1, $1), (9999999999999, 'Later')`, [last]);
    await expectRefusal(/^The database has had migrations that this build does not know \(Later\): .*\n$/);
  },
);

inLongForm(test)('a process starts and stays ready if migrations of a newer build are marked as additive', async () => {
  await useDatabase(NAMES.length);
  const apply = async (name: string, additive: boolean | null): Promise<void> => {
    if (additive !== null) await db.query(`INSERT INTO migration_mark VALUES ($1, $2)`, [name, additive]);
    await db.query(`INSERT INTO migration (timestamp, name) VALUES (9999999999999, $1)`, [name]);
  };
  const env = { ...testEnvironment(database.url), ...PRODUCTION };
  await apply('AddedBefore', true);
  const worker = new TestProcess('src/worker.ts', { ...env, LOG_LEVEL: 'info' });
  const api = await ApiProcess.start(env);
  try {
    await eventually(async () => expect(worker.log).toContain('listening for probes'), 60_000);
    await apply('AddedMeanwhile', true);
    await apply('Breaking', false);
    await eventually(async () => expect((await fetch(`${api.url}/health/ready`)).status).toBe(503));
    await db.query(`DELETE FROM migration WHERE name = 'Breaking'`);
    await eventually(async () => expect((await fetch(`${api.url}/health/ready`)).status).toBe(200));
    await apply('WithoutMark', null);
    await eventually(async () => expect((await fetch(`${api.url}/health/ready`)).status).toBe(503));
  } finally {
    await Promise.all([api.kill(), worker.kill()]);
  }
});

inLongForm(test)(
  'the migration program lists applied migrations, undoes and runs them, and does not undo those of another build',
  async () => {
    await useDatabase();
    const program = (...args: string[]): Promise<{ stdout: string; stderr: string; code: number }> =>
      run(process.execPath, [builtPath('src/migrate.ts'), ...args], {
        env: { DATABASE_URL: database.url, NODE_ENV: 'test' },
        timeout: 60_000,
      }).then(
        (done) => ({ ...done, code: 0 }),
        (error: { stdout: string; stderr: string; code: number }) => error,
      );
    const last = NAMES.at(-1) as string;
    expect((await program()).stdout).toBe(`Ran: ${NAMES.join(', ')}\n`);
    expect((await program('down')).stdout).toBe(`Undone: ${last}\n`);
    const state = `Applied: ${NAMES.length - 1} of ${NAMES.length} migrations of this build\nNot applied: ${last}\n`;
    expect((await program('status')).stdout).toContain(state);
    expect((await program('up')).stdout).toBe(`Ran: ${last}\n`);

    await db.query(`INSERT INTO migration (timestamp, name) VALUES (9999999999999, 'Later')`);
    const [status, down, sideways] = await Promise.all(
      ['status', 'down', 'sideways'].map((command) => program(command)),
    );
    expect(status?.stdout).toContain('Of another build, breaking: Later');
    expect(down).toMatchObject({ code: 1, stderr: expect.stringContaining('Later, is of another build') });
    expect(sideways).toMatchObject({ code: 1, stderr: expect.stringContaining('Usage: ') });
    expect(await applied()).toEqual([...NAMES, 'Later']);
  },
);

test('a build on an older, a newer or another schema is not ready', async () => {
  await useDatabase(NAMES.length);
  const app = await createApp(loadConfig(testEnvironment(database.url)));
  await app.listen(0, '127.0.0.1');
  const url = (await app.getUrl()).replace('[::1]', '127.0.0.1');
  const ready = async (status: number): Promise<void> =>
    eventually(async () => {
      const answer = await fetch(`${url}/health/ready`);
      expect(answer.status).toBe(status);
      if (status === 503) expect(answer.headers.get('retry-after')).toBe('1');
      expect((await fetch(`${url}/health/live`)).status).toBe(200);
    });
  try {
    const last = NAMES.at(-1);
    await ready(200);
    await db.query(`INSERT INTO migration (timestamp, name) VALUES (9999999999999, 'Later')`);
    await ready(503);
    await db.query(`DELETE FROM migration WHERE name = 'Later'`);
    await ready(200);
    // As many as this build has, but not the same.
    await db.query(`UPDATE migration SET name = 'Other' WHERE name = $1`, [last]);
    await ready(503);
    await db.query(`UPDATE migration SET name = $1 WHERE name = 'Other'`, [last]);
    await ready(200);
    await db.query(`DELETE FROM migration WHERE name = $1`, [last]);
    await ready(503);
  } finally {
    await app.close();
  }
});

const ID = (n: number): string => `'00000000-0000-7000-8000-00000000000${n}'`;

const FIRST_RELEASE = `
  INSERT INTO clinic (id, name, time_zone) VALUES (${ID(1)}, 'Old', 'Africa/Cairo');
  INSERT INTO user_account (id, email, role, first_name, last_name) VALUES (${ID(2)}, 'old@test.test', 'CLIENT', 'O', 'Ld');
  INSERT INTO client (id, user_id) VALUES (${ID(3)}, ${ID(2)});
  INSERT INTO resource (id, clinic_id, kind, name) VALUES (${ID(4)}, ${ID(1)}, 'PERSONNEL', 'Dr. Old');
  INSERT INTO doctor (id, clinic_id, resource_id, first_name, last_name, speciality)
    VALUES (${ID(5)}, ${ID(1)}, ${ID(4)}, 'D', 'Old', 'Neurology');
  INSERT INTO service (id, clinic_id, name, duration_minutes, currency) VALUES (${ID(6)}, ${ID(1)}, 'Visit', 30, 'EGP');
  INSERT INTO appointment (id, clinic_id, client_id, doctor_id, service_id, start_at, end_at, status, price_minor, currency)
    VALUES (${ID(7)}, ${ID(1)}, ${ID(3)}, ${ID(5)}, ${ID(6)}, now() + interval '2 days', now() + interval '2 days 30 minutes', 'CONFIRMED', 0, 'EGP');
  INSERT INTO reservation (appointment_id, resource_id, kind, group_id, during)
    SELECT ${ID(7)}, id, kind, ${ID(7)}, tstzrange(now() + interval '2 days', now() + interval '2 days 30 minutes')
    FROM (VALUES (${ID(4)}::uuid, 'DOCTOR'), (${ID(3)}::uuid, 'CLIENT')) AS reserved (id, kind);
  INSERT INTO outbox (id, event, aggregate_id, clinic_id, payload)
    VALUES (${ID(8)}, 'appointment:created', ${ID(7)}, ${ID(1)}, '{"action": "booked", "version": 1}');`;

const RECORDS_BEFORE = `
  INSERT INTO clinic (id, name, time_zone) VALUES (${ID(1)}, 'A', 'UTC'), (${ID(2)}, 'B', 'UTC');
  INSERT INTO user_account (id, role, first_name, last_name) SELECT
    ('00000000-0000-7000-8000-0000000000' || n)::uuid, CASE WHEN n < 13 THEN 'STAFF' ELSE 'CLIENT' END, 'F', 'L'
    FROM generate_series(11, 29) AS n;
  INSERT INTO user_clinic (user_id, clinic_id) VALUES
    ('00000000-0000-7000-8000-000000000011', ${ID(1)}), ('00000000-0000-7000-8000-000000000012', ${ID(2)});
  INSERT INTO client (id, user_id, address, mrn, notes, created_at) SELECT
    ('00000000-0000-7000-8000-0000000000' || n)::uuid, ('00000000-0000-7000-8000-0000000000' || n)::uuid, who, mrn, notes,
    timestamptz '2026-01-01' + n * interval '1 day'
    FROM (VALUES (21, 'edited by B', 'M-1', 'of B'), (22, 'only cancelled', NULL, NULL), (23, 'same number', 'M-2', NULL),
      (24, 'same number again', 'm-2', NULL), (25, 'stranger edited by A', 'M-3', NULL), (26, 'unaudited', NULL, 'of whom?'),
      (27, 'of nobody', 'M-4', NULL)) AS old (n, who, mrn, notes);
  INSERT INTO client_clinic (client_id, clinic_id) SELECT ('00000000-0000-7000-8000-0000000000' || n)::uuid, clinic
    FROM (VALUES (21, ${ID(1)}::uuid), (21, ${ID(2)}::uuid), (22, ${ID(2)}::uuid), (23, ${ID(1)}::uuid), (24, ${ID(1)}::uuid),
      (26, ${ID(1)}::uuid), (26, ${ID(2)}::uuid)) AS old (n, clinic);
  INSERT INTO audit_log (id, occurred_at, actor_user_id, action, object_type, object_id, clinic_id) SELECT
    gen_random_uuid(), at::timestamptz, ('00000000-0000-7000-8000-0000000000' || writer)::uuid, action, 'client',
    ('00000000-0000-7000-8000-0000000000' || n)::uuid, clinic::uuid
    FROM (VALUES ('2026-01-01', 11, 'client.created', 21, ${ID(1)}), ('2026-02-01', 12, 'client.updated', 21, NULL),
      ('2026-02-02', 12, 'client.read', 25, NULL), ('2026-02-01', 11, 'client.updated', 25, NULL)) AS old (at, writer, action, n, clinic);
  INSERT INTO resource (id, clinic_id, kind, name) VALUES (${ID(4)}, ${ID(2)}, 'PERSONNEL', 'Dr. B');
  INSERT INTO doctor (id, clinic_id, resource_id, first_name, last_name, speciality)
    VALUES (${ID(5)}, ${ID(2)}, ${ID(4)}, 'D', 'B', 'Neurology');
  INSERT INTO service (id, clinic_id, name, duration_minutes, currency) VALUES (${ID(6)}, ${ID(2)}, 'Visit', 30, 'EGP');
  INSERT INTO appointment (id, clinic_id, client_id, doctor_id, service_id, start_at, end_at, status, price_minor, currency, created_at)
    SELECT gen_random_uuid(), ${ID(2)}, ('00000000-0000-7000-8000-0000000000' || n)::uuid, ${ID(5)}, ${ID(6)}, now(),
      now() + interval '30 minutes', status, 0, 'EGP', created::timestamptz
    FROM (VALUES (21, 'CONFIRMED', '2026-02-01'), (22, 'CANCELLED', '2026-02-01'), (26, 'COMPLETED', '2026-01-02')) AS old (n, status, created);`;

const NUMBERS_BEFORE = `
  INSERT INTO clinic (id, name, time_zone, phone) VALUES (${ID(1)}, 'Cairo', 'Africa/Cairo', '(02) 2794 1234'),
    (${ID(2)}, 'Kigali', 'Africa/Kigali', '16676'), (${ID(3)}, 'Nowhere', 'UTC', '+1 415-555-0132');
  INSERT INTO user_account (id, role, first_name, last_name, phone, time_zone) VALUES
    (${ID(4)}, 'STAFF', 'F', 'at Cairo', '0100 123 4567', 'UTC'), (${ID(5)}, 'CLIENT', 'F', 'at both', '0788 123 456', 'UTC'),
    (${ID(6)}, 'CLIENT', 'F', 'in Kigali', '0788-123-456', 'Africa/Kigali'),
    (${ID(7)}, 'CLIENT', 'F', 'international', '+20 (0)100-123-4567', 'UTC'),
    (${ID(8)}, 'CLIENT', 'F', 'nowhere', '0100 123 4567', 'UTC'), (${ID(9)}, 'CLIENT', 'F', 'no number', '12345', 'Africa/Cairo');
  INSERT INTO user_clinic (user_id, clinic_id) VALUES (${ID(4)}, ${ID(1)});
  INSERT INTO client (id, user_id) VALUES (${ID(5)}, ${ID(5)});
  INSERT INTO client_clinic (client_id, clinic_id) VALUES (${ID(5)}, ${ID(1)}), (${ID(5)}, ${ID(2)});`;

/** Questions: one answered, one not, one of three days ago, one without a key. */
const CHAT_KEYS_BEFORE = `
  INSERT INTO user_account (id, email, role, first_name, last_name) VALUES (${ID(2)}, 'old@test.test', 'CLIENT', 'O', 'Ld');
  INSERT INTO conversation (id, user_id, locale, expires_at) VALUES (${ID(1)}, ${ID(2)}, 'en', now() + interval '90 days');
  INSERT INTO conversation_message (id, conversation_id, user_id, role, sealed, request_key, request_hash, created_at) VALUES
    (${ID(3)}, ${ID(1)}, ${ID(2)}, 'USER', '', 'answered', '1', now()),
    (${ID(4)}, ${ID(1)}, ${ID(2)}, 'USER', '', 'unanswered', '2', now()),
    (${ID(5)}, ${ID(1)}, ${ID(2)}, 'USER', '', 'old', '3', now() - interval '3 days'),
    (${ID(6)}, ${ID(1)}, ${ID(2)}, 'USER', '', NULL, '4', now());
  INSERT INTO conversation_message (id, conversation_id, user_id, role, replies_to, sealed, model)
    VALUES (${ID(7)}, ${ID(1)}, ${ID(2)}, 'ASSISTANT', ${ID(3)}, '', 'fake-1');
  INSERT INTO idempotency_key (caller, route, key, request_hash, status, response)
    VALUES (${ID(2)}, 'POST /x', 'of another route', '5', 200, '');`;
