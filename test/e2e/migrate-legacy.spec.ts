import { cp, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { isValueError } from '../../src/core/database/database-errors.js';
import { Database } from '../../src/core/database/database.js';
import { migrateLegacy, toErrorText } from '../../src/modules/legacy/index.js';
import { TestApp } from '../support/app.js';
import { createAccount, openClinic } from '../support/clinic.js';
import * as client from '../support/neuroaid-client.js';
import { allPublished } from '../support/outbox.js';
import { tableContents } from '../support/table-contents.js';

const PASSWORD = 'Nile-river-2024!';
const ADMIN = 'migrating@admin.test';
const FIXTURES = 'test/fixtures/legacy';

let app: TestApp;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'careslot-legacy-'));
  app = await TestApp.start({ STORAGE_DIR: join(folder, 'blobs'), JOBS_IN_PROCESS: 'false' });
  await createAccount(app, 'ADMIN', { email: ADMIN });
}, 60_000);

afterAll(async () => {
  await app.close();
  await rm(folder, { recursive: true, force: true });
});

const reportFile = (): string => join(folder, 'report.json');

/** Runs the command in this process. @returns the report */
async function migrate(from: string, args: string[] = [], onBatch?: () => void): Promise<any> {
  const zone = args.includes('--clinic') ? [] : ['--zone', 'Africa/Cairo'];
  const place = [...zone, '--country', 'EG', '--currency', 'EGP', '--locale', 'ar'];
  const clinic = args.some((arg) => /^--(create-)?clinic/.test(arg)) ? [] : ['--create-clinic', `Clinic of ${from}`];
  const files = ['--from', resolve(FIXTURES, from), '--report', reportFile()];
  await migrateLegacy(app.app, [...files, '--as', ADMIN, ...clinic, ...place, ...args], onBatch);
  return JSON.parse(await readFile(reportFile(), 'utf8'));
}

async function rollBack(source: string): Promise<any> {
  await migrateLegacy(app.app, ['--rollback', '--as', ADMIN, '--source', source, '--report', reportFile()]);
  return JSON.parse(await readFile(reportFile(), 'utf8'));
}

interface NeuroaidData {
  users: any[];
  doctors: any[];
  bookings: any[];
  favorites: any[];
}

/** A copy of the files of NeuroAid with changes. @returns its folder */
async function changedCopy(change: (data: NeuroaidData) => unknown = changeAll): Promise<string> {
  const copy = await mkdtemp(join(folder, 'neuroaid-'));
  await cp(join(FIXTURES, 'neuroaid'), copy, { recursive: true });
  const read = async (name: string): Promise<any> => JSON.parse(await readFile(join(copy, name), 'utf8'));
  const [users, database] = [await read('users.json'), await read('db.json')];
  const data = { users, ...database };
  change(data);
  const { users: changedUsers, ...changedDatabase } = data;
  await writeFile(join(copy, 'users.json'), JSON.stringify(changedUsers));
  await writeFile(join(copy, 'db.json'), JSON.stringify(changedDatabase));
  const faqs = await read('faqs.json');
  faqs[1].answer = 'Call the clinic.';
  await writeFile(join(copy, 'faqs.json'), JSON.stringify(faqs));
  return copy;
}

function changeAll(data: NeuroaidData): void {
  data.users[2].name = 'Omar Sharif';
  data.doctors[1].specialty = 'Cardiology';
  data.bookings[3].date = '2035-12-06';
  data.favorites.splice(0, 1);
}

async function findTargetId(kind: string, key: string, source = 'neuroaid'): Promise<string> {
  const { rows } = await app.db.query(
    'SELECT target_id AS id FROM legacy_record WHERE source = $1 AND kind = $2 AND legacy_key = $3',
    [source, kind, key],
  );
  return rows[0]?.id;
}

async function signIn(email: string, password: string): Promise<{ status: number; userId: string }> {
  const { status, data } = await app.call('POST', '/api/v1/auth/login', { body: { email, password } });
  return { status, userId: data?.user.id };
}

const count = async (sql: string): Promise<number> => (await app.db.query(sql)).rows.length;

const reasons = (report: any): string[] =>
  report.rows.map(({ kind, key, outcome, reason }: any) => `${kind} ${key} ${outcome}: ${reason}`);

const NEUROAID_COUNTS = {
  doctor: { CREATED: 2 },
  user: { CREATED: 7 },
  faq: { CREATED: 2 },
  favorite: { CREATED: 1, REJECTED: 1 },
  scan: { CREATED: 1, REJECTED: 2 },
  visit: { CREATED: 4, COLLIDES: 1, REJECTED: 2 },
};

describe('a migration from the JSON files of NeuroAid', () => {
  let before: Record<string, string>;

  beforeAll(async () => {
    await allPublished(app);
    before = await tableContents(app.db);
  });

  it('writes nothing in a dry run, but reports what it would do', async () => {
    const report = await migrate('neuroaid', ['--dry-run']);
    expect(report).toMatchObject({ source: 'neuroaid', isDryRun: true, counts: NEUROAID_COUNTS });
    expect(await tableContents(app.db)).toEqual(before);
  });

  it('goes on after an interruption, and reports each row that it cannot migrate', async () => {
    let batches = 0;
    const interrupt = (): void => {
      batches += 1;
      if (batches === 2) throw new Error('killed');
    };
    await expect(migrate('neuroaid', [], interrupt)).rejects.toThrow('killed');
    expect(await count('SELECT FROM legacy_record')).toBeGreaterThan(2);
    const report = await migrate('neuroaid');
    expect(warnings(report)).toContain('user 5 phone is not a telephone number');
    const { doctor, user, ...others } = NEUROAID_COUNTS;
    expect(report.counts).toEqual({
      ...others,
      doctor: { UNCHANGED: doctor.CREATED },
      user: { UNCHANGED: user.CREATED },
    });
    expect(reasons(report)).toEqual([
      'favorite 2 REJECTED: doctorId names a doctor that was not migrated',
      'scan 2 REJECTED: imageUrl is not a file below the folder of the files',
      'scan 3 REJECTED: imageUrl is not a file below the folder of the files',
      'visit 5 COLLIDES: the doctor or the patient has another visit at this time',
      'visit 6 REJECTED: time must be a time that exists on that day in the time zone',
      'visit 7 REJECTED: userId names a user that was not migrated',
    ]);
    expect(report.rows[0].fields).toEqual(['id', 'userId', 'doctorId', 'createdAt']);
    const visit = await findTargetId('visit', '4');
    expect(report.rows[3].other).toEqual({ appointmentId: visit, startDateTime: '2035-12-04T08:00:00.000Z' });
    expect(report.listsNotMigrated).toEqual([{ file: 'db.json', name: 'chats', rows: 1 }]);
    expect(report.missing).toEqual([]);
    expect(report.fieldsNotMigrated).toMatchObject({ doctor: { rating: 2, reviews: 2 }, scan: { result: 1 } });
    const file = await stat(reportFile());
    expect(file.mode & 0o777).toBe(0o600);
    expect(await readFile(reportFile(), 'utf8')).not.toMatch(/Mona|legacy\.example|4567|دوري/);
  });

  it('reports the values that it leaves out when it creates a row', async () => {
    await rollBack('neuroaid');
    const report = await migrate('neuroaid');
    expect(report.counts).toMatchObject(NEUROAID_COUNTS);
    expect(report.warnings.map(({ kind, key, field }: any) => `${kind} ${key} ${field}`)).toEqual([
      'user 3 role',
      'user 4 email',
      'user 4 password',
      'user 5 password',
      'user 5 phone',
      'user 6 role',
      'user 7 password',
    ]);
  });

  it('sends nothing to anybody', async () => {
    await allPublished(app);
    for (const table of ['account_link', 'notification', 'dev_mailbox']) {
      expect([table, await count(`SELECT FROM ${table}`)]).toEqual([table, 0]);
    }
    const { rows } = await app.db.query('SELECT DISTINCT kind FROM planned_notification');
    expect(rows).toEqual([{ kind: 'APPOINTMENT_REMINDER' }]);
  });

  it.each([
    ['scrypt of werkzeug', 'mona@legacy.example'],
    ['bcrypt', 'ahmed@legacy.example'],
    ['pbkdf2 of werkzeug', 'omar@legacy.example'],
    ['bcrypt of PHP', 'laila@legacy.example'],
  ])('lets people sign in with their password: %s', async (_, email) => {
    const readPasswordHash = async (): Promise<string> => {
      const { userId } = await signIn(email, PASSWORD);
      const { rows } = await app.db.query('SELECT password_hash FROM user_account WHERE id = $1', [userId]);
      return rows[0].password_hash;
    };
    expect((await signIn(email, 'Nile-river-2024?')).status).toBe(401);
    const upgraded = await readPasswordHash();
    expect(upgraded).toMatch(/^\$argon2id\$/);
    expect(await readPasswordHash()).toBe(upgraded);
  });

  it('lets nobody sign in without an accepted hash or to an inactive account', async () => {
    expect((await signIn('sara@legacy.example', 'password')).status).toBe(401);
    expect((await signIn('old@legacy.example', PASSWORD)).status).toBe(401);
  });

  it('keeps the integer ids of the NeuroAid client, with visits, favourites, scans and FAQs', async () => {
    const login = await app.call('POST', '/api/main/auth/login', {
      body: { email: 'mona@legacy.example', password: PASSWORD },
    });
    const { user, token } = client.decodeSession(login.body);
    expect(user).toMatchObject({ id: 1, name: 'Mona Hassan', phone: '+201001234567', role: 'client' });
    const headers = { 'accept-language': 'ar' };
    const get = async (path: string): Promise<any> =>
      (await app.call('GET', `/api/main/${path}`, { token, headers })).body;
    expect(client.decodeDoctor(await get('doctors/1'))).toMatchObject({ id: 1, specialty: 'طب الأعصاب' });
    expect(client.decodeFavorites(await get('favorites?userId=1')).map(({ id }) => id)).toEqual([2]);
    const bookings = client.decodeBookings(await get('bookings?userId=1'));
    const shown = bookings.map(({ id, doctorId, time, status, notes }) => ({ id, doctorId, time, status, notes }));
    expect(shown.sort((a, b) => a.id - b.id)).toEqual([
      { id: 1, doctorId: 1, time: '09:30 AM', status: 'completed', notes: 'فحص دوري' },
      { id: 3, doctorId: 1, time: '10:00 AM', status: 'canceled', notes: null },
      { id: 4, doctorId: 1, time: '10:00 AM', status: 'upcoming', notes: null },
    ]);
    expect(client.asList(await get('scans')).map(client.decodeScan)).toMatchObject([{ id: 1 }]);
    const faqs = client.decodeFaqs(await get('faqs')).filter(({ id }) => id <= 2);
    expect(faqs.map(({ id }) => id).sort()).toEqual([1, 2]);
  });

  it('changes nothing when it runs again', async () => {
    await allPublished(app);
    const contents = await tableContents(app.db);
    const report = await migrate('neuroaid');
    expect(report.counts).toEqual({
      doctor: { UNCHANGED: 2 },
      user: { UNCHANGED: 7 },
      faq: { UNCHANGED: 2 },
      favorite: { UNCHANGED: 1, REJECTED: 1 },
      scan: { UNCHANGED: 1, REJECTED: 2 },
      visit: { UNCHANGED: 4, COLLIDES: 1, REJECTED: 2 },
    });
    expect(await tableContents(app.db)).toEqual(contents);
  });

  it('takes over what changed there, and leaves what also changed here', async () => {
    const changed = await changedCopy();
    await app.db.query('UPDATE faq SET version = version + 1 WHERE id = $1', [await findTargetId('faq', '2')]);
    const before = await findTargetId('visit', '4');
    const report = await migrate(changed, ['--source', 'neuroaid', '--create-clinic', 'Clinic of neuroaid']);
    expect(report.counts).toMatchObject({
      doctor: { UNCHANGED: 1, UPDATED: 1 },
      user: { UNCHANGED: 6, UPDATED: 1 },
      faq: { UNCHANGED: 1, CHANGED_HERE: 1 },
      visit: { UNCHANGED: 3, UPDATED: 1, CREATED: 1 },
    });
    expect(report.missing).toEqual([{ kind: 'favorite', key: '1' }]);
    const { rows } = await app.db.query('SELECT speciality FROM doctor WHERE id = $1', [
      await findTargetId('doctor', '2'),
    ]);
    expect(rows).toEqual([{ speciality: 'Cardiology' }]);
    const after = await findTargetId('visit', '4');
    expect(await count(`SELECT FROM appointment WHERE id = '${before}' AND status = 'CANCELLED'`)).toBe(1);
    const moved = await app.db.query('SELECT start_at, status FROM appointment WHERE id = $1', [after]);
    expect(moved.rows).toEqual([{ start_at: new Date('2035-12-06T08:00:00.000Z'), status: 'CONFIRMED' }]);
    await allPublished(app);
    expect(await count(`SELECT FROM notification WHERE kind LIKE 'APPOINTMENT%'`)).toBe(0);
    // The time of the visit that moved is free for the one that collided with it.
    expect(
      await count(`SELECT FROM appointment WHERE id = '${await findTargetId('visit', '5')}' AND status = 'CONFIRMED'`),
    ).toBe(1);
  });

  it('leaves a visit where it is if its new time collides', async () => {
    const report = await migrate(await changedCopy(() => undefined), [
      ...['--source', 'neuroaid', '--create-clinic', 'Clinic of neuroaid'],
    ]);
    expect(report.counts.visit).toMatchObject({ COLLIDES: 1, UNCHANGED: 4 });
    const { rows } = await app.db.query('SELECT start_at FROM appointment WHERE id = $1', [
      await findTargetId('visit', '4'),
    ]);
    expect(rows).toEqual([{ start_at: new Date('2035-12-06T08:00:00.000Z') }]);
  });

  it('does not bring back a person who was deleted here', async () => {
    const userId = await findTargetId('user', '5');
    await app.db.query('UPDATE user_account SET deleted_at = now() WHERE id = $1', [userId]);
    const changed = await changedCopy((data) => (data.users[4].name = 'Sara Changed'));
    const report = await migrate(changed, ['--source', 'neuroaid', '--create-clinic', 'Clinic of neuroaid']);
    expect(report.counts.user).toMatchObject({ DELETED_HERE: 1 });
  });

  it('removes in a rollback what nobody has used, and tells what it keeps', async () => {
    await allPublished(app);
    const report = await rollBack('neuroaid');
    expect(report.removed).toMatchObject({ visit: 6, favorite: 1, scan: 1, faq: 1, user: 2 });
    const kept = report.kept.map(({ kind, key, reason }: any) => `${kind} ${key} ${reason}`);
    expect(kept).toEqual(
      expect.arrayContaining([
        'faq 2 was changed here',
        'user 1 is used here by account_link, client_clinic, notification, session',
        'user 5 was deleted here, and is not migrated again',
        'clinic Clinic of neuroaid is used here by client_clinic',
      ]),
    );
  });
});

describe('a rollback', () => {
  it('leaves the tables as they were before the migration', async () => {
    await allPublished(app);
    const contents = await tableContents(app.db);
    const name = ['--source-name', 'second', '--create-clinic', 'Second clinic', '--doctor-accounts'];
    const other = await changedCopy((data) => {
      for (const user of data.users) user.email = `second.${user.email}`;
      data.doctors[1].email = `second.${data.doctors[1].email}`;
    });
    const report = await migrate(other, ['--source', 'neuroaid', ...name]);
    expect(report.counts.visit).toMatchObject({ CREATED: 4 });
    const { rows } = await app.db.query(
      `SELECT u.role FROM doctor d JOIN user_account u ON u.id = d.user_id WHERE d.id IN
         (SELECT target_id FROM legacy_record WHERE source = 'second')`,
    );
    expect(rows).toEqual([{ role: 'DOCTOR' }]);
    await allPublished(app);
    expect(await rollBack('second')).toMatchObject({ kept: [] });
    expect(await tableContents(app.db)).toEqual(contents);
  });
});

const readClient = async (source: string, key: string): Promise<any> => {
  const { rows } = await app.db.query('SELECT id FROM client WHERE user_id = $1', [
    await findTargetId('user', key, source),
  ]);
  const admin = app.tokenFor({ userId: await createAccount(app, 'ADMIN'), role: 'ADMIN' });
  return (await app.call('GET', `/api/v1/clients/${rows[0].id}`, { token: admin })).data;
};

/** The weekly hours of a doctor, in minutes of the day. */
const listHours = async (source: string, key: string): Promise<string[]> => {
  const { rows } = await app.db.query(
    `SELECT w.weekday || ' ' || w.start_minute || '-' || w.end_minute AS hours
     FROM weekly_rule w JOIN doctor d ON d.resource_id = w.resource_id WHERE d.id = $1 ORDER BY w.weekday, w.start_minute`,
    [await findTargetId('doctor', key, source)],
  );
  return rows.map(({ hours }) => hours);
};

const listVisits = async (source: string): Promise<any[]> => {
  const { rows } = await app.db.query(
    `SELECT r.legacy_key AS key, a.start_at AS start, (extract(epoch FROM a.end_at - a.start_at) / 60)::int AS minutes, a.status
     FROM legacy_record r JOIN appointment a ON a.id = r.target_id WHERE r.source = $1 ORDER BY r.legacy_key`,
    [source],
  );
  return rows;
};

describe('a migration from MongoDB', () => {
  it('reads documents in canonical and relaxed Extended JSON, and reports those that it cannot read', async () => {
    const report = await migrate('mongodb');
    expect(report).toMatchObject({
      source: 'mongodb',
      counts: { doctor: { CREATED: 1 }, user: { CREATED: 2, REJECTED: 1 } },
    });
    expect(reasons(report)).toEqual([
      'user null REJECTED: is not valid JSON',
      'visit 65f0000000000000000000a3 REJECTED: status is not a known status',
    ]);
    expect(report.rows[0]).toMatchObject({ file: 'clinic.users.json', line: 3 });
    expect(report.listsNotMigrated).toEqual([{ file: 'clinic.messages.json', name: 'messages', rows: 1 }]);
    expect(await readClient('mongodb', '65f000000000000000000002')).toMatchObject({
      ...{ firstName: 'Karim', lastName: 'Nabil', phone: '+201001234571', dateOfBirth: '1990-01-01' },
    });
    expect((await signIn('amina@mongo.example', PASSWORD)).status).toBe(200);
    expect(await listVisits('mongodb')).toEqual([
      { key: '65f0000000000000000000a1', start: new Date('2024-12-02T07:30:00Z'), minutes: 45, status: 'NO_SHOW' },
      { key: '65f0000000000000000000a2', start: new Date(2_080_371_600_000), minutes: 30, status: 'CONFIRMED' },
    ]);
    const { rows } = await app.db.query(
      `SELECT d.title, d.first_name, s.price_minor::int AS price FROM doctor d JOIN service_doctor x ON x.doctor_id = d.id
       JOIN service s ON s.id = x.service_id WHERE d.id = $1`,
      [await findTargetId('doctor', '65f0000000000000000000d1', 'mongodb')],
    );
    expect(rows).toEqual([{ title: 'Prof. Dr.', first_name: 'Hoda', price: 35_050 }]);
  });
});

describe('a migration from a dump of PostgreSQL', () => {
  it('reads COPY and INSERT statements', async () => {
    const report = await migrate('postgresql');
    expect(report).toMatchObject({ source: 'postgresql', counts: { doctor: { CREATED: 3 }, visit: { CREATED: 4 } } });
    expect(reasons(report)).toEqual(['user null REJECTED: does not have as many values as the table has columns']);
    expect(report.listsNotMigrated).toEqual([{ file: 'clinic.sql', name: 'alembic_version', rows: 1 }]);
    expect(await readClient('postgresql', '11')).toMatchObject({
      lastName: "O'Neil",
      dateOfBirth: '1985-03-04',
      sex: 'FEMALE',
    });
    expect((await signIn('yusuf@sql.example', PASSWORD)).status).toBe(200);
    const { rows } = await app.db.query(
      `SELECT number::int, first_name, last_name, speciality, bio FROM neuroaid_id n JOIN doctor d ON d.id = n.uuid
       WHERE kind = 'doctor' AND number BETWEEN 21 AND 23 ORDER BY number`,
    );
    expect(rows).toMatchObject([
      { number: 21, bio: 'Trained in Cairo;\nspeaks "Arabic" and it\'s fine' },
      { number: 22, speciality: 'General', bio: 'One line\nand another' },
      { number: 23, last_name: '(Ali)' },
    ]);
    expect(await listVisits('postgresql')).toEqual([
      { key: '31', start: new Date('2024-12-02T07:30:00Z'), minutes: 30, status: 'COMPLETED' },
      { key: '32', start: new Date('2035-12-07T12:00:00Z'), minutes: 30, status: 'PENDING' },
      { key: '41', start: new Date('2024-12-04T07:00:00Z'), minutes: 45, status: 'COMPLETED' },
      { key: '42', start: new Date('2035-12-04T09:00:00Z'), minutes: 30, status: 'CONFIRMED' },
    ]);
  });
});

describe('a migration from Cal.com', () => {
  it('makes services of event types, doctors of hosts and patients of attendees', async () => {
    const report = await migrate('calcom');
    expect(report).toMatchObject({
      source: 'calcom',
      counts: {
        service: { CREATED: 1 },
        doctor: { CREATED: 1 },
        user: { CREATED: 3 },
        visit: { CREATED: 3, REJECTED: 1 },
      },
    });
    expect(reasons(report)).toEqual([
      'visit uid-two REJECTED: attendees has several people: book them as a group session',
    ]);
    expect(report.listsNotMigrated).toEqual([]);
    expect(await listHours('calcom', '71')).toEqual(['1 540-1020', '7 540-1020']);
    expect(await listVisits('calcom')).toEqual([
      { key: 'uid-cancelled', start: new Date('2035-12-03T07:30:00Z'), minutes: 45, status: 'CANCELLED' },
      { key: 'uid-next', start: new Date('2035-12-02T07:30:00Z'), minutes: 45, status: 'CONFIRMED' },
      { key: 'uid-past', start: new Date('2024-12-02T07:30:00Z'), minutes: 45, status: 'NO_SHOW' },
    ]);
    const { rows } = await app.db.query(
      `SELECT legacy_key AS key FROM legacy_record WHERE source = 'calcom' AND kind = 'user'`,
    );
    for (const { key } of rows) expect(key).toMatch(/^[0-9a-f]{64}$/);
    await allPublished(app);
    expect(await count(`SELECT FROM notification WHERE kind LIKE 'INVITATION%'`)).toBe(0);
    const again = await migrate('calcom');
    expect(again.counts).toMatchObject({ user: { UNCHANGED: 3 }, visit: { UNCHANGED: 3 } });
  });
});

describe('a migration from Easy!Appointments', () => {
  it('reads providers, services, customers and appointments', async () => {
    const report = await migrate('easyappointments');
    expect(report).toMatchObject({
      source: 'easyappointments',
      counts: {
        service: { CREATED: 1 },
        doctor: { CREATED: 1 },
        user: { CREATED: 2 },
        visit: { CREATED: 2, REJECTED: 1 },
      },
    });
    expect(reasons(report)).toEqual([
      'visit 3 REJECTED: start must be a time that exists on that day in the time zone',
    ]);
    expect(report.warnings).toMatchObject([{ kind: 'service', key: '7', field: 'currency' }]);
    expect(await listHours('easyappointments', '4')).toEqual(['1 540-870', '1 900-1080']);
    expect(await readClient('easyappointments', '56')).toMatchObject({
      ...{ phone: '+201001234590', address: 'Some Str. 123, 12345, Cairo', notes: 'prefers mornings' },
    });
    expect(await listVisits('easyappointments')).toEqual([
      { key: '1', start: new Date('2024-07-08T15:00:00Z'), minutes: 30, status: 'COMPLETED' },
      { key: '2', start: new Date('2035-07-09T15:00:00Z'), minutes: 30, status: 'CONFIRMED' },
    ]);
  });
});

const HASH = '$2b$10$MbIvHJAVnGmFEgaKPgDxv.6kuNO7CnptFLFKKX4NVoXzTaRvPlGPu';
const person = (id: unknown, fields: object = {}): object => ({
  ...{ id, name: 'Mona Hassan', email: `person${String(id)}@records.example`, role: 'client' },
  ...fields,
});
const doctor = (id: unknown, fields: object = {}): object => ({ id, name: 'Dr. Laila Mansour', ...fields });
const booking = (id: unknown, fields: object = {}): object => ({
  ...{ id, userId: 'p1', doctorId: 'd1', date: '2024-12-02', time: '09:30', status: 'upcoming' },
  ...fields,
});

/** Writes the files of NeuroAid with these records, and migrates them. */
async function migrateRecords(name: string, records: Record<string, unknown>, args: string[] = []): Promise<any> {
  const from = await mkdtemp(join(folder, 'records-'));
  const { users = [], ...database } = records;
  await writeFile(join(from, 'users.json'), JSON.stringify(users));
  await writeFile(join(from, 'db.json'), JSON.stringify(database));
  const clinic = args.some((arg) => /^--(create-)?clinic/.test(arg)) ? [] : ['--create-clinic', `Clinic ${name}`];
  return migrate(from, ['--source', 'neuroaid', '--source-name', name, ...clinic, ...args]);
}

const warnings = (report: any): string[] =>
  report.warnings.map(({ kind, key, field, reason }: any) => `${kind} ${key} ${field} ${reason}`);

const readRow = async (sql: string, ...values: unknown[]): Promise<any> => (await app.db.query(sql, values)).rows[0];

const readVisit = async (key: string, source: string): Promise<any> =>
  readRow(
    'SELECT status, start_at::text AS start FROM appointment WHERE id = $1',
    await findTargetId('visit', key, source),
  );

describe('a visit of the old system', () => {
  const next = { userId: 'p1', doctorId: 'd1', date: '2035-12-04', time: '10:00' };
  const visits = (...bookings: object[]): Record<string, unknown> => ({
    ...{ users: [person('p1')], doctors: [doctor('d1')], bookings },
  });

  /** What a reminder leaves. */
  const remind = async (key: string): Promise<string> => {
    const id = await findTargetId('visit', key, 'moves');
    const user = await findTargetId('user', 'p1', 'moves');
    await app.db.query(
      `INSERT INTO notification (id, user_id, appointment_id, clinic_id, kind, channel, state, version, due_at, next_attempt_at)
       SELECT gen_random_uuid(), $2, a.id, a.clinic_id, 'APPOINTMENT_REMINDER', 'EMAIL', 'SENT', 1, now(), now() FROM appointment a WHERE a.id = $1`,
      [id, user],
    );
    return id;
  };

  it('is cancelled and moved here although the patient had a reminder, without a message', async () => {
    await migrateRecords(
      'moves',
      visits(booking('v1', next), booking('v2', { ...next, time: '12:00' }), booking('v3', { ...next, time: '14:00' })),
    );
    const [first, second, third] = [await remind('v1'), await remind('v2'), await remind('v3')];
    const report = await migrateRecords(
      'moves',
      visits(
        booking('v1', { ...next, status: 'canceled' }),
        booking('v2', { ...next, date: '2035-12-05' }),
        booking('v3', { ...next, time: '14:00', notes: 'brings the letter' }),
      ),
    );
    expect(report.counts.visit).toEqual({ UPDATED: 3 });
    const readStatus = async (id: string): Promise<string> =>
      (await readRow('SELECT status FROM appointment WHERE id = $1', id)).status;
    expect([await readStatus(first), await readStatus(second), await readStatus(third)]).toEqual([
      ...['CANCELLED', 'CANCELLED', 'CANCELLED'],
    ]);
    expect(await findTargetId('visit', 'v1', 'moves')).toBe(first);
    expect(await readVisit('v2', 'moves')).toMatchObject({
      status: 'CONFIRMED',
      start: expect.stringMatching('2035-12-05'),
    });
    expect(await readVisit('v3', 'moves')).toMatchObject({ status: 'CONFIRMED' });
    await allPublished(app);
    expect(await count(`SELECT FROM notification WHERE kind LIKE 'APPOINTMENT%' AND state <> 'SENT'`)).toBe(0);
  });

  it('does not change if only fields change that are not migrated', async () => {
    const views = { views: 1 };
    await migrateRecords('views', visits(booking('v1', next)));
    const report = await migrateRecords('views', visits(booking('v1', { ...next, ...views })));
    expect(report.counts.visit).toEqual({ UNCHANGED: 1 });
  });
});

describe('an account of the old system', () => {
  const people = (fields: object): Record<string, unknown> => ({ users: [person('a1', fields)] });
  const email = 'persona1@records.example';
  const attempt = async (): Promise<number> => (await signIn(email, PASSWORD)).status;

  it('gets its first password, and none after it was deactivated', async () => {
    await migrateRecords('accounts', people({}));
    await migrateRecords('accounts', people({ password: HASH }));
    const isStored = async (): Promise<boolean> =>
      (
        await readRow(
          'SELECT password_hash = $2 AS same FROM user_account WHERE id = $1',
          await findTargetId('user', 'a1', 'accounts'),
          HASH,
        )
      ).same;
    expect(await isStored()).toBe(true);
    const closed = await migrateRecords('accounts', people({ password: HASH, isActive: false }));
    expect(closed.counts.user).toEqual({ UPDATED: 1 });
    expect(await attempt()).toBe(401);
    await migrateRecords('accounts', people({ password: HASH, isActive: true }));
    expect(await attempt()).toBe(200);
    const late = await migrateRecords('accounts', people({ password: HASH, isActive: false }));
    expect(warnings(late)).toContain(
      'user a1 isActive is false, but the person signs in here already: close the account here',
    );
    expect(await attempt()).toBe(200);
  });

  it('becomes the account of a doctor only with the address that it really gets', async () => {
    const address = { email: 'laila@records.example', role: 'doctor', password: HASH };
    const report = await migrateRecords(
      'impostor',
      {
        users: [person('u1', address), person('u2', { ...address, email: 'Laila@Records.example' })],
        doctors: [doctor('d1', { email: address.email })],
      },
      ['--doctor-accounts'],
    );
    expect(warnings(report)).toContain(
      'user u2 role was not migrated: the account is a patient’s until an administrator changes its role',
    );
    const { userId } = await readRow(
      'SELECT user_id AS "userId" FROM doctor WHERE id = $1',
      await findTargetId('doctor', 'd1', 'impostor'),
    );
    expect(userId).toBe(await findTargetId('user', 'u1', 'impostor'));
  });

  it('that was merged here gets the visits of both', async () => {
    const records = { users: [person('m1'), person('m2')], doctors: [doctor('d1')] };
    await migrateRecords('merged', records);
    const [kept, merged] = [await findTargetId('user', 'm1', 'merged'), await findTargetId('user', 'm2', 'merged')];
    const clientId = async (userId: string): Promise<string> =>
      (await readRow('SELECT id FROM client WHERE user_id = $1', userId)).id;
    const target = await clientId(kept);
    await app.db.query('UPDATE client SET merged_into_id = $1 WHERE user_id = $2', [target, merged]);
    await app.db.query('UPDATE user_account SET deleted_at = now() WHERE id = $1', [merged]);
    const report = await migrateRecords('merged', { ...records, bookings: [booking('v1', { userId: 'm2' })] });
    expect(report.counts.visit).toEqual({ CREATED: 1 });
    const visit = await findTargetId('visit', 'v1', 'merged');
    expect(await readRow('SELECT client_id AS id FROM appointment WHERE id = $1', visit)).toEqual({ id: target });
  });
});

describe('rows that cannot be stored', () => {
  it('are rejected with a reason, and do not end the run', async () => {
    const visit = (id: string, start: string, fields: object): object => ({
      ...{ id, userId: 'p1', doctorId: 'd1', startDateTime: start, status: 'completed' },
      ...fields,
    });
    const report = await migrateRecords('poison', {
      users: [
        person('p1'),
        person('bad\u0000'),
        person('x'.repeat(5_000)),
        person('p4', { email: 'a\ud800@b.example' }),
      ],
      doctors: [doctor('d1')],
      bookings: [
        visit('v1', '2024-12-02T09:30:00Z', { end: '2024-12-02T09:00:00Z' }),
        visit('v2', '2024-12-02T09:30:00Z', { end: '2024-12-02T09:30:00Z' }),
        visit('v3', '2024-12-02T09:30:00Z', { duration: 1e12 }),
        visit('v4', '2024-12-02T09:30:00Z', { end: '10:00:00.000' }),
        visit('v5', '2024-12-03T09:30:00Z', { status: 'pending' }),
        visit('v6', '2035-12-03T09:30:00Z', { status: 'upcoming', end: '2035-12-03T10:30:00Z' }),
        visit('v7', '2024-12-03T09:30:00Z', { duration: 5e9 }),
      ],
      scans: [{ id: 's1', userId: 'p1', imageUrl: 'uploads/a.png', takenAt: 'at noon' }],
    });
    expect(reasons(report).map((text) => text.replace(/x{10,}/, 'xxx'))).toEqual([
      'user bad\u0000 REJECTED: id must have at most 200 characters that can be stored',
      'user xxx REJECTED: id must have at most 200 characters that can be stored',
      'scan s1 REJECTED: takenAt must be a day and a time',
      'visit v1 REJECTED: end must be after the start of the visit',
      'visit v2 REJECTED: end must be after the start of the visit',
      'visit v3 REJECTED: duration is too long',
      'visit v7 REJECTED: end must be after the start, and at most 12 hours later',
    ]);
    expect(warnings(report)).toEqual([
      'user p4 email is not an e-mail address',
      'visit v5 status is pending although the visit is in the past: complete or cancel it here',
    ]);
    expect(report.counts).toMatchObject({ user: { CREATED: 2 }, visit: { CREATED: 3 } });
    const { rows } = await app.db.query(`SELECT end_at FROM appointment WHERE start_at = '2035-12-03T09:30:00Z'`);
    expect(rows).toEqual([{ end_at: new Date('2035-12-03T10:30:00Z') }]);
  });

  it('are recognised by the error of the database where no rule knows them', async () => {
    const isRefused = async (sql: string): Promise<boolean> =>
      isValueError(
        await app.app
          .get(Database)
          .rows(sql)
          .catch((error: unknown) => error),
      );
    expect(await isRefused(`SELECT 'noon'::timestamptz`)).toBe(true);
    expect(await isRefused(`SELECT tstzrange('2030-01-02', '2030-01-01')`)).toBe(true);
    expect(await isRefused(`UPDATE user_account SET role = 'KING'`)).toBe(true);
    expect(await isRefused('SELECT nothing')).toBe(false);
  });
});

describe('a doctor of the old system', () => {
  const readService = async (): Promise<any> =>
    readRow(
      `SELECT s.price_minor::int AS price, s.currency, s.duration_minutes AS minutes FROM service s JOIN service_doctor d ON d.service_id = s.id
       WHERE d.doctor_id = $1`,
      await findTargetId('doctor', 'd1', 'fees'),
    );

  it('has the fee of the old system, which may have a currency, as long as nobody changes it here', async () => {
    await migrateRecords('fees', { doctors: [doctor('d1', { fee: '300 EGP' })] });
    expect(await readService()).toEqual({ price: 30_000, currency: 'EGP', minutes: 30 });
    await migrateRecords('fees', { doctors: [doctor('d1', { fee: '$1,200.50', slotMinutes: 45 })] });
    expect(await readService()).toEqual({ price: 120_050, currency: 'USD', minutes: 45 });
    await app.db.query(
      'UPDATE service SET version = version + 1 WHERE id IN (SELECT service_id FROM service_doctor WHERE doctor_id = $1)',
      [await findTargetId('doctor', 'd1', 'fees')],
    );
    const late = await migrateRecords('fees', { doctors: [doctor('d1', { fee: 500 }), doctor('d2', { fee: 'free' })] });
    expect(await readService()).toMatchObject({ price: 120_050 });
    expect(warnings(late)).toEqual([
      'doctor d1 price and length of visits stay as they are here, because the service was changed here',
    ]);
    expect(reasons(late)).toEqual(['doctor d2 REJECTED: price must be an amount, such as 250.50 or 250.50 EGP']);
  });
});

describe('a clinic that was here before', () => {
  it('is the only one for a source, and stays after a rollback', async () => {
    const [own, other] = [await openClinic(app, { timeZone: 'Asia/Kolkata' }), await openClinic(app)];
    const records = { users: [person('o1')], doctors: [doctor('d1')], bookings: [booking('v1', { userId: 'o1' })] };
    await migrateRecords('own', records, ['--clinic', own.id]);
    // Without --zone, times are local times of the clinic.
    expect(await readVisit('v1', 'own')).toMatchObject({ start: expect.stringMatching(/^2024-12-02 04:00:00/) });
    await expect(migrateRecords('own', { users: [person('o1')] }, ['--clinic', other.id])).rejects.toMatchObject({
      code: 'VALIDATION_ERROR',
    });
    await allPublished(app);
    const report = await rollBack('own');
    expect(report.kept.map(({ reason }: any) => reason)).toEqual(['was here before the migration']);
    expect(await readRow('SELECT deleted_at FROM clinic WHERE id = $1', own.id)).toEqual({ deleted_at: null });
    const again = await migrateRecords('own', { users: [person('o1')] }, ['--clinic', other.id]);
    expect(again.counts.user).toEqual({ CREATED: 1 });
  });
});

describe('an appointment of Easy!Appointments', () => {
  it('has a local time of its provider', async () => {
    const copy = await mkdtemp(join(folder, 'easy-'));
    await cp(join(FIXTURES, 'easyappointments'), copy, { recursive: true });
    const providers = JSON.parse(await readFile(join(copy, 'providers.json'), 'utf8'));
    await writeFile(
      join(copy, 'providers.json'),
      JSON.stringify(providers.map((provider: object) => ({ ...provider, timezone: 'Asia/Kolkata' }))),
    );
    await migrate(copy, ['--source-name', 'easy-zone', '--create-clinic', 'Clinic of another zone']);
    const [first] = await listVisits('easy-zone');
    // 18:00 in Kolkata, not in Cairo.
    expect(first).toMatchObject({ key: '1', start: new Date('2024-07-08T12:30:00Z') });
  });
});

describe('the command', () => {
  const run = (...args: string[]): Promise<string> => migrateLegacy(app.app, args);

  it('tells what is wrong with its options', async () => {
    const from = resolve(FIXTURES, 'neuroaid');
    await expect(run('--form', from)).rejects.toThrow(/Usage:/);
    await expect(run('--from', from)).rejects.toThrow(/Usage:/);
    const complete = ['--from', from, '--create-clinic', 'Some clinic'];
    const failing = async (...args: string[]): Promise<string> =>
      toErrorText(
        await run(...args).then(
          () => new Error('no error'),
          (error: Error) => error,
        ),
      );
    expect(await failing(...complete, '--as', 'mona@legacy.example')).toBe(
      '--as must be the address of an administrator',
    );
    expect(await failing(...complete, '--as', ADMIN, '--zone', 'Cairo')).toMatch(/^--zone must be a time zone/);
    expect(await failing(...complete, '--as', ADMIN, '--country', 'Egypt')).toMatch(/^--country must be/);
    expect(await failing(...complete, '--as', ADMIN, '--source', 'fax')).toMatch(/^--source must be one of neuroaid/);
    const other = ['--from', from, '--as', ADMIN, '--create-clinic', 'Another clinic'];
    expect(await failing(...other)).toBe(
      '--create-clinic must be the clinic of the first run, "Clinic of neuroaid", or give a --source-name',
    );
    expect(await failing('--rollback', '--as', ADMIN, '--source', 'nuroaid')).toBe(
      '--source names a source from which nothing was migrated',
    );
    const empty = await mkdtemp(join(folder, 'empty-'));
    expect(await failing('--from', empty, '--create-clinic', 'X', '--as', ADMIN)).toBe(
      '--from has no file of a known system',
    );
    expect(await failing('--from', '/nowhere', '--create-clinic', 'X', '--as', ADMIN)).toBe('--from must be a folder');
  });
});
