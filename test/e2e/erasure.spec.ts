import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { FieldEncryption } from '../../src/core/encryption/field-encryption.js';
import { DecryptionError } from '../../src/core/security/field-cipher.js';
import { ENCRYPTED_COLUMNS } from '../../src/encrypted-columns.js';
import { STAFF_NOTES } from '../../src/modules/appointments/index.js';
import { ClientMergeService } from '../../src/modules/clients/index.js';
import { ErasureTask } from '../../src/modules/privacy/erasure.task.js';
import { PASSWORD } from '../support/account-mails.js';
import { TestApp, type Answer } from '../support/app.js';
import { canariesIn, plantCanaries } from '../support/canaries.js';
import { aService, at, createAccount, openClinic, type TestClinic } from '../support/clinic.js';
import { emailIndex, setAddress, writeEncrypted } from '../support/encrypted.js';
import { eventually } from '../support/eventually.js';
import { countLockWaits } from '../support/locks.js';
import { linkGuardian } from '../support/guardians.js';
import { inLongForm } from '../support/long-form.js';
import { allPublished } from '../support/outbox.js';
import { ApiProcess } from '../support/processes.js';
import { SettableClock } from '../support/settable-clock.js';
import { SocketClient } from '../support/sockets.js';
import { createImageForm } from './route-role.table.js';

const MINUTE = 60_000;
const clock = new SettableClock();

let app: TestApp;
let clinic: TestClinic;
let serviceId: string;
let people = 0;
let day = 10;

interface Person {
  userId: string;
  clientId: string;
  token: string;
  email: string;
}

beforeAll(async () => {
  app = await TestApp.start({ JWT_EXPIRES_IN: '12h' }, undefined, clock);
  clinic = await openClinic(app);
  serviceId = await aService(app, clinic);
});

afterEach(() => {
  clock.set(new Date().toISOString());
  // `plantCanaries` switches it off.
  app.checksAnswers = true;
});

afterAll(() => app.close());

async function register(firstName = 'Mona'): Promise<Person> {
  const email = `e${(people += 1)}@erasure.test`;
  const body = { email, password: PASSWORD, firstName, lastName: 'Hassan' };
  const { user, accessToken: token } = (await app.call('POST', '/api/v1/auth/register', { body })).data;
  return { email, userId: user.id, clientId: user.clientId, token };
}

const erase = (userId: string, token: string, body: object = { password: PASSWORD }): Promise<Answer> =>
  app.call('POST', `/api/v1/users/${userId}/erase`, { token, body });

const book = (token: string, fields: object = {}): Promise<Answer> =>
  app.call('POST', '/api/v1/appointments', {
    token,
    body: { serviceId, doctorId: clinic.doctorIds[0], startDateTime: at((day += 1)), ...fields },
  });

const merge = (stays: Person, duplicate: Person): Promise<unknown> =>
  app.app.get(ClientMergeService, { strict: false }).merge(stays.clientId, duplicate.clientId);

const finish = (): Promise<number> => app.app.get(ErasureTask, { strict: false }).finish();

async function one<Row = any>(sql: string, values: unknown[]): Promise<Row> {
  return (await app.db.query(sql, values)).rows[0] as Row;
}

/** Every row of every table as text; bytes as they are, and encrypted values in plain text. */
async function dump(): Promise<Map<string, string>> {
  const { rows } = await app.db.query<{ name: string }>(
    `SELECT c.relname AS name FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')`,
  );
  const tables = new Map<string, string>();
  for (const { name } of rows) {
    const { rows: content } = await app.db.query<Record<string, unknown>>(`SELECT * FROM ${name}`);
    for (const row of content) decryptRow(name, row);
    const text = JSON.stringify(content, (_, value) =>
      value?.type === 'Buffer' ? Buffer.from(value.data as number[]).toString('latin1') : (value as unknown),
    );
    tables.set(name, text);
  }
  return tables;
}

/** Rows of the demo data that were encrypted with other keys stay as they are. */
function decryptRow(table: string, row: Record<string, unknown>): void {
  const encryption = app.app.get(FieldEncryption);
  for (const field of ENCRYPTED_COLUMNS.filter((one) => one.table === table)) {
    const value = row[field.column];
    if (!Buffer.isBuffer(value)) continue;
    const key = Object.keys(field.key).map((name) => String(row[name]));
    try {
      row[field.column] = encryption.decrypt(field, value, ...key);
    } catch (error) {
      if (!(error instanceof DecryptionError)) throw error;
    }
  }
}

async function dumpRedis(): Promise<string> {
  const redis = new Redis(app.environment.REDIS_URL as string);
  try {
    const keys = await redis.keys('*');
    const values = await Promise.all(
      keys.map(async (key) => {
        const type = await redis.type(key);
        return `${key} ${type === 'hash' ? JSON.stringify(await redis.hgetall(key)) : type === 'string' ? await redis.get(key) : ''}`;
      }),
    );
    return values.join('\n');
  } finally {
    redis.disconnect();
  }
}

/** The paths of the stored files of a scan. */
async function storedFiles(scanId: string): Promise<string[]> {
  const folder = join('.data/test-blobs/scans', scanId);
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  return names.map((name) => join(folder, name));
}

describe('an erasure', () => {
  it('leaves no personal value of the person in any table or in Redis, except what the audit log and the accounts keep (P-10)', async () => {
    const { fixture, insiders } = await plantCanaries(app);
    await app.db.query('UPDATE session SET proven_at = now() WHERE user_id = $1', [fixture.clientUserId]);
    expect(canariesIn([...(await dump()).values()].join('\n')).length).toBeGreaterThan(50);
    expect((await erase(fixture.clientUserId, insiders.CLIENT, {})).status).toBe(200);
    const found = Object.fromEntries(
      [...(await dump())].map(([table, text]) => [table, canariesIn(text)]).filter(([, canaries]) => canaries?.length),
    );
    // The planted row of the outbox, the mailbox, the doctor's leave, key and link, and the webhook belong to others.
    const {
      outbox: _,
      dev_mailbox: _mailbox,
      schedule_exception: _leave,
      api_key: _key,
      doctor: _link,
      webhook_endpoint: _endpoint,
      ...kept
    } = found;
    expect(kept).toEqual({
      audit_log: ['after_hash', 'before_hash', 'changes', 'device', 'ip', 'request_id'].map(
        (column) => `audit_log.${column}`,
      ),
      // Accounts must be kept: numbers of the provider, without the person.
      payment: ['payment.provider_order_id', 'payment.provider_payment_id'],
      payment_event: ['payment_event.id'],
      payment_refund: ['payment_refund.provider_refund_id'],
    });
    expect(canariesIn(await dumpRedis())).toEqual([]);
  });

  it('keeps past visits without the person, cancels future ones and tells the clinic', async () => {
    const person = await register('Zubaida');
    const visit = await book(person.token, { notes: 'Zubaida has migraine.' });
    const past = await book(person.token, { notes: 'Zubaida again.' });
    await app.db.query(
      `UPDATE appointment SET status = 'COMPLETED', start_at = now() - interval '2 days',
         end_at = now() - interval '47 hours' WHERE id = $1`,
      [past.data.id],
    );
    await writeEncrypted(app, STAFF_NOTES, 'Zubaida is better.', past.data.id);
    const desk = await SocketClient.connected(app.url, clinic.staff);
    expect((await erase(person.userId, person.token)).data).toMatchObject({ userId: person.userId });
    await desk.waitFor('appointment:cancelled', (id: string) => id === visit.data.id);
    const columns = 'status, notes, staff_notes, cancel_reason, client_id';
    expect(await one(`SELECT ${columns} FROM appointment WHERE id = $1`, [past.data.id])).toEqual({
      ...{ status: 'COMPLETED', notes: null, staff_notes: null, cancel_reason: null, client_id: person.clientId },
    });
    expect(await one(`SELECT ${columns} FROM appointment WHERE id = $1`, [visit.data.id])).toMatchObject({
      status: 'CANCELLED',
      notes: null,
    });
    expect(
      await one('SELECT count(*)::int AS n FROM reservation WHERE appointment_id = $1 AND active', [visit.data.id]),
    ).toEqual({ n: 0 });
    const text = [...(await dump()).values()].join('\n');
    expect(text).not.toContain('Zubaida');
    expect(text).not.toContain(person.email);
    desk.close();
  });

  it('lets nobody add texts or images to the visits, or reinstate them', async () => {
    const person = await register('Zahra');
    const visit = await book(person.token);
    const past = await book(person.token);
    await app.db.query(
      `UPDATE appointment SET status = 'COMPLETED', start_at = now() - interval '2 days',
         end_at = now() - interval '47 hours' WHERE id = $1`,
      [past.data.id],
    );
    await erase(person.userId, person.token);
    const userId = await createAccount(app, 'DOCTOR');
    const [doctorId] = clinic.doctorIds as [string];
    const doctor = app.tokenFor({ userId, role: 'DOCTOR', doctorId, clinicIds: [clinic.id] });
    const reinstate = await app.call('POST', `/api/v1/appointments/${visit.data.id}/reinstate`, {
      token: clinic.staff,
    });
    const write = await app.call('PUT', `/api/v1/appointments/${past.data.id}`, {
      token: doctor,
      body: { staffNotes: 'Zahra was better.' },
    });
    expect([reinstate.code, write.code]).toEqual(['INVALID_TRANSITION', 'INVALID_TRANSITION']);
    const assess = { clientId: person.clientId, symptoms: { face: true } };
    const answer = await app.call('POST', '/api/v1/ai/stroke-assessment', { token: doctor, body: assess });
    expect(answer.data.level).toBe('CALL_EMERGENCY');
    expect(
      await one('SELECT count(*)::int AS n FROM stroke_assessment WHERE client_id = $1', [person.clientId]),
    ).toEqual({ n: 0 });
    const upload = await app.call('POST', '/api/v1/scans', { token: doctor, form: createImageForm(person.clientId) });
    expect(upload.status).toBe(404);
  });

  it('ends tokens, sockets and sign-in at once, and the address can be registered again (P-10)', async () => {
    const person = await register();
    const socket = await SocketClient.connected(app.url, person.token);
    await erase(person.userId, person.token);
    expect((await app.call('GET', '/api/v1/auth/profile', { token: person.token })).code).toBe('TOKEN_REVOKED');
    await socket.waitFor('session:ended', () => true);
    const credentials = { email: person.email, password: PASSWORD };
    expect((await app.call('POST', '/api/v1/auth/login', { body: credentials })).status).toBe(401);
    const again = await app.call('POST', '/api/v1/auth/register', {
      body: { ...credentials, firstName: 'Mona', lastName: 'Hassan' },
    });
    expect(again.status).toBe(201);
    expect(again.data.user.id).not.toBe(person.userId);
    socket.close();
  });

  it('includes records that were merged into the record of the person', async () => {
    const [person, merged] = [await register(), await register('Zenobia')];
    await merge(person, merged);
    await setAddress(app, merged.clientId, 'Zenobia Street');
    await erase(person.userId, person.token);
    expect([...(await dump()).values()].join('\n')).not.toContain('Zenobia');
  });

  it('of a child deletes the messages about them to their guardian, and no others', async () => {
    const [child, parent] = [await register('Zenobia'), await register()];
    await linkGuardian(app, clinic, child, parent);
    const visit = await book(child.token);
    const own = await book(parent.token);
    await allPublished(app);
    const inbox = async (): Promise<string[]> =>
      (await app.call('GET', '/api/v1/notifications', { token: parent.token })).data.map(
        ({ appointmentId }: { appointmentId: string }) => appointmentId,
      );
    await eventually(async () => expect((await inbox()).sort()).toEqual([visit.data.id, own.data.id].sort()));
    expect([...(await dump()).values()].join('\n')).toContain('Zenobia');
    await erase(child.userId, child.token);
    expect(await inbox()).toEqual([own.data.id]);
    expect([...(await dump()).values()].join('\n')).not.toContain('Zenobia');
  });

  it('deletes the files of images (P-10)', async () => {
    const person = await register();
    const scan = await app.call('POST', '/api/v1/scans', { token: person.token, form: createImageForm() });
    const files = (): Promise<string[]> => storedFiles(scan.data.id);
    expect((await files()).length).toBeGreaterThan(0);
    for (const path of await files()) expect((await readFile(path)).length).toBeGreaterThan(0);
    await erase(person.userId, person.token);
    expect(await files()).toEqual([]);
  });

  it('of a member of staff keeps their assessments of visitors', async () => {
    const token = await app.login('staff@careslot.test');
    const { data } = await app.call('GET', '/api/v1/auth/profile', { token });
    for (const rater of [{ role: 'BYSTANDER' }, { role: 'SELF' }]) {
      await app.call('POST', '/api/v1/ai/stroke-assessment', { token, body: { rater, symptoms: { face: true } } });
    }
    expect((await erase(data.id, token, { password: 'careslot-demo-1' })).status).toBe(200);
    const { rows } = await app.db.query('SELECT rater_role FROM stroke_assessment WHERE rater_user_id = $1', [data.id]);
    expect(rows).toEqual([{ rater_role: 'BYSTANDER' }]);
  });

  it('needs fresh proof, and is for the person and administrators only', async () => {
    const [person, other] = [await register(), await register()];
    expect(await erase(person.userId, person.token, {})).toMatchObject({
      status: 403,
      body: { error: { details: { reason: 'REAUTHENTICATE' } } },
    });
    expect((await erase(person.userId, person.token, { password: 'wrong' })).status).toBe(403);
    expect((await erase(person.userId, other.token)).status).toBe(404);
    expect((await erase(person.userId, await app.login('manager@careslot.test'))).status).toBe(404);
    const admin = await app.login('admin@careslot.test');
    const password = 'careslot-demo-1';
    const first = await erase(person.userId, admin, { password });
    const second = await erase(person.userId, admin, { password });
    expect([first.status, second.status]).toEqual([200, 200]);
    expect(second.data).toEqual(first.data);
    const audited = await app.db.query(
      `SELECT actor_role FROM audit_log WHERE action = 'user.erased' AND object_id = $1`,
      [person.userId],
    );
    expect(audited.rows[0]).toEqual({ actor_role: 'ADMIN' });
  });

  it('returns the same erasedAt to ten concurrent requests', async () => {
    const person = await register();
    await app.call('POST', '/api/v1/auth/reauthenticate', { token: person.token, body: { password: PASSWORD } });
    const answers = await Promise.all(Array.from({ length: 10 }, () => erase(person.userId, person.token, {})));
    expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThan(0);
    const times = new Set(answers.filter(({ status }) => status === 200).map(({ data }) => data.erasedAt));
    expect(times.size).toBe(1);
    expect(answers.filter(({ status }) => status >= 500)).toEqual([]);
  });

  it('leaves no future visit that was booked at the same time', async () => {
    const person = await register();
    await app.call('POST', '/api/v1/auth/reauthenticate', { token: person.token, body: { password: PASSWORD } });
    const bookings = Array.from({ length: 5 }, () => book(person.token, { notes: 'At the same time.' }));
    const [erased] = await Promise.all([erase(person.userId, person.token, {}), ...bookings]);
    expect(erased.status).toBe(200);
    await finish();
    const open = `SELECT count(*)::int AS n FROM appointment WHERE client_id = $1 AND (status <> 'CANCELLED' OR notes IS NOT NULL)`;
    expect(await one(open, [person.clientId])).toEqual({ n: 0 });
  });

  it('is finished by a task that also erases what was written shortly after', async () => {
    const person = await register();
    await erase(person.userId, person.token);
    await app.db.query(
      `INSERT INTO notification (id, user_id, kind, channel, state, due_at, next_attempt_at)
       VALUES (uuid7(), $1, 'MESSAGE_FROM_CLINIC', 'IN_APP', 'SENT', now(), now())`,
      [person.userId],
    );
    const state = (): Promise<{ finished: boolean }> =>
      one('SELECT finished_at IS NOT NULL AS finished FROM erasure WHERE user_id = $1', [person.userId]);
    await finish();
    expect(await one('SELECT count(*)::int AS n FROM notification WHERE user_id = $1', [person.userId])).toEqual({
      n: 0,
    });
    expect(await state()).toEqual({ finished: false });
    clock.set(new Date(Date.now() + 11 * MINUTE).toISOString());
    await finish();
    expect(await state()).toEqual({ finished: true });
  });

  inLongForm(it)('is complete or not begun after a kill, and its files are deleted by the next process', async () => {
    const [begun, committed] = [await register('Zohra'), await register('Zohra')];
    await app.call('POST', '/api/v1/favorites', { token: begun.token, body: { doctorId: clinic.doctorIds[0] } });
    const visit = await book(begun.token, { notes: 'Zohra has migraine.' });
    const scanIds: string[] = [];
    for (let n = 0; n < 2; n += 1) {
      const form = createImageForm();
      scanIds.push((await app.call('POST', '/api/v1/scans', { token: committed.token, form })).data.id);
    }
    const files = async (): Promise<string[]> => (await Promise.all(scanIds.map(storedFiles))).flat();
    const before = (await files()).length;
    const holder = await app.db.connect();
    const api = await ApiProcess.start(app.environment);
    const eraseThere = ({ userId, token }: Person): Promise<unknown> =>
      fetch(`${api.url}/api/v1/users/${userId}/erase`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ password: PASSWORD }),
      }).catch((error: unknown) => error);
    try {
      // One waits in the middle of its transaction, the other one before it marks the files of the first image as deleted.
      await holder.query(`CREATE FUNCTION hold_purge() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN PERFORM pg_advisory_xact_lock_shared(7701); RETURN NEW; END'`);
      await holder.query(
        `CREATE TRIGGER hold_purge BEFORE UPDATE OF purged_at ON scan FOR EACH ROW EXECUTE FUNCTION hold_purge()`,
      );
      await holder.query('SELECT pg_advisory_lock(7701)');
      await holder.query('BEGIN');
      await holder.query('SELECT FROM favorite WHERE user_id = $1 FOR UPDATE', [begun.userId]);
      const answers = [eraseThere(begun), eraseThere(committed)];
      await eventually(async () => expect(await countLockWaits(app.db)).toBe(2));
      await api.kill();
      expect(await Promise.all(answers)).toEqual([expect.any(Error), expect.any(Error)]);
      await holder.query('COMMIT');
    } finally {
      await api.kill();
      await holder.query('SELECT pg_advisory_unlock_all()');
      await holder.query('DROP TRIGGER IF EXISTS hold_purge ON scan');
      holder.release();
    }
    // Nothing of the first one: the person can repeat it.
    await eventually(async () => expect(await countLockWaits(app.db)).toBe(0));
    const state = `SELECT u.first_name, a.status, a.notes IS NOT NULL AS "hasNotes" FROM user_account u
      JOIN client c ON c.user_id = u.id JOIN appointment a ON a.client_id = c.id WHERE a.id = $1`;
    expect(await one(state, [visit.data.id])).toEqual({
      first_name: 'Zohra',
      status: visit.data.status,
      hasNotes: true,
    });
    expect((await app.call('GET', `/api/v1/appointments/${visit.data.id}`, { token: begun.token })).data.notes).toBe(
      'Zohra has migraine.',
    );
    // All rows of the second one; its remaining files are unreachable, and deleted next.
    expect(await one('SELECT first_name FROM user_account WHERE id = $1', [committed.userId])).toEqual({
      first_name: 'Erased',
    });
    expect([before > (await files()).length, (await files()).length > 0]).toEqual([true, true]);
    await finish();
    expect(await files()).toEqual([]);
    expect((await erase(begun.userId, begun.token)).status).toBe(200);
  });

  it('deletes requests to reset the password, which contain the address', async () => {
    const person = await register();
    await app.call('POST', '/api/v1/auth/password/forgot', { body: { email: person.email } });
    const requests = `SELECT count(*)::int AS n FROM outbox WHERE payload ->> 'emailIndex' = $1`;
    const index = (await emailIndex(app, person.email)).toString('hex');
    expect(await one(requests, [index])).toEqual({ n: 1 });
    await erase(person.userId, person.token);
    expect(await one(requests, [index])).toEqual({ n: 0 });
    await allPublished(app);
    await finish();
    expect(await one(`SELECT count(*)::int AS n FROM outbox WHERE payload ->> 'userId' = $1`, [person.userId])).toEqual(
      { n: 0 },
    );
  });

  it('cancels the visits of a record that the account took over at the same time', async () => {
    const [person, record] = [await register(), await register()];
    const visit = await book(record.token, {});
    await app.call('POST', '/api/v1/auth/reauthenticate', { token: person.token, body: { password: PASSWORD } });
    const merging = await app.db.connect();
    try {
      await merging.query('BEGIN');
      await merging.query('SELECT id FROM user_account WHERE id = ANY ($1) ORDER BY id FOR NO KEY UPDATE', [
        [person.userId, record.userId],
      ]);
      const erased = erase(person.userId, person.token, {});
      await eventually(async () => expect(await countLockWaits(app.db)).toBe(1));
      await merging.query('UPDATE client SET user_id = NULL WHERE id = $1', [person.clientId]);
      await merging.query('UPDATE client SET user_id = $2 WHERE id = $1', [record.clientId, person.userId]);
      await merging.query('UPDATE client SET user_id = $2, merged_into_id = $3 WHERE id = $1', [
        ...[person.clientId, record.userId, record.clientId],
      ]);
      await merging.query('COMMIT');
      expect((await erased).status).toBe(200);
    } finally {
      merging.release();
    }
    expect(await one('SELECT status FROM appointment WHERE id = $1', [visit.data.id])).toEqual({ status: 'CANCELLED' });
  });

  it('of an account that was closed by a merge erases the person', async () => {
    const [person, merged] = [await register('Zenobia'), await register()];
    await merge(person, merged);
    const admin = await app.login('admin@careslot.test');
    const { data } = await erase(merged.userId, admin, { password: 'careslot-demo-1' });
    expect(data.userId).toBe(person.userId);
    expect(await one('SELECT first_name FROM user_account WHERE id = $1', [person.userId])).toEqual({
      first_name: 'Erased',
    });
  });

  it('is finished however many others are not', async () => {
    // Of a newer list than the restored database: without accounts.
    await app.db.query(
      `INSERT INTO erasure (user_id, erased_at) SELECT uuid7(), now() - interval '1 day' FROM generate_series(1, 250)`,
    );
    await finish();
    expect(
      await one(
        `SELECT count(*)::int AS n FROM erasure WHERE finished_at IS NULL AND erased_at < now() - interval '1 hour'`,
        [],
      ),
    ).toEqual({ n: 0 });
  });

  it('of the last administrator who can sign in is refused', async () => {
    const admin = await app.login('admin@careslot.test');
    const { data } = await app.call('GET', '/api/v1/auth/profile', { token: admin });
    const { rows: others } = await app.db.query<{ id: string }>(
      `UPDATE user_account SET deleted_at = now() WHERE role = 'ADMIN' AND deleted_at IS NULL AND id <> $1 RETURNING id`,
      [data.id],
    );
    // Invited, but cannot sign in yet.
    await createAccount(app, 'ADMIN');
    const refused = await erase(data.id, admin, { password: 'careslot-demo-1' });
    await app.db.query('UPDATE user_account SET deleted_at = NULL WHERE id = ANY ($1)', [others.map(({ id }) => id)]);
    expect(refused).toMatchObject({ status: 409, code: 'IN_USE' });
  });
});
