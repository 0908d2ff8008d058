import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '../../src/core/kernel/id.js';
import { ClientMergeService } from '../../src/modules/clients/index.js';
import { ErasureService } from '../../src/modules/privacy/erasure.service.js';
import { changeContacts, setDateOfBirth, setInboxText } from '../support/encrypted.js';
import { AccountMails, newAddress, PASSWORD, type Person } from '../support/account-mails.js';
import { TestApp, type Answer } from '../support/app.js';
import { aService, at, openClinic, type TestClinic } from '../support/clinic.js';
import { eventually } from '../support/eventually.js';
import { countLockWaits } from '../support/locks.js';
import { downloadExport, rowsIn } from '../support/exports.js';
import { allPublished } from '../support/outbox.js';
import { SmtpSink } from '../support/smtp-sink.js';
import { SocketClient } from '../support/sockets.js';
import { createImageForm } from './route-role.table.js';

const BORN = '1988-04-02';

let smtp: SmtpSink;
let app: TestApp;
let mails: AccountMails;
let here: TestClinic;
let there: TestClinic;
let serviceId: string;

beforeAll(async () => {
  smtp = await new SmtpSink().start();
  app = await TestApp.start({ SMTP_URL: smtp.url(), JOBS_SWEEP_SECONDS: '1', VISIT_CHANGES_PER_10_MINUTES: '1000' });
  mails = new AccountMails(app, smtp);
  [here, there] = [await openClinic(app, { doctors: 3 }), await openClinic(app)];
  serviceId = await aService(app, here);
});

afterAll(async () => {
  await app.close();
  await smtp.close();
});

const post = (path: string, token: string | undefined, body: object = {}): Promise<Answer> =>
  app.call('POST', `/api/v1/${path}`, { token, body });
const get = (path: string, token: string): Promise<Answer> => app.call('GET', `/api/v1/${path}`, { token });
const claim = (token: string, body: object = {}): Promise<Answer> => post('auth/claims', token, body);

/** A record of the front desk. */
async function deskRecord(fields: object = {}, clinic = here): Promise<{ id: string; userId: string; email: string }> {
  const body = { email: newAddress(), firstName: 'Mona', lastName: 'Hassan', ...fields };
  const { status, data } = await post('clients', clinic.staff, body);
  expect(status).toBe(201);
  return data;
}

const book = (token: string, startDateTime: string, fields: object = {}): Promise<Answer> =>
  post('appointments', token, { serviceId, doctorId: here.doctorIds[0], startDateTime, ...fields });

async function booked(token: string, startDateTime: string, fields: object = {}): Promise<any> {
  const { status, data } = await book(token, startDateTime, fields);
  expect(status).toBe(201);
  return data;
}

/** A merged record at a clinic that knew both: the row keeps its number, if the other record has one. */
const ROWS_OF_MERGED_RECORD = { 'client_clinic.client_id': 1, 'client_merge.duplicate_id': 1 };

/** The tables and columns in which a record still has rows. */
async function countRows(clientId: string): Promise<Record<string, number>> {
  const { rows } = await app.db.query<{ name: string; column: string }>(
    `SELECT c.conrelid::regclass::text AS name, a.attname AS column FROM pg_constraint c
     JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = ANY (c.conkey)
     WHERE c.contype = 'f' AND c.connamespace = 'public'::regnamespace AND c.confrelid = 'client'::regclass
     UNION SELECT 'reservation', 'resource_id'`,
  );
  const counts: Record<string, number> = {};
  for (const { name, column } of rows) {
    const { rowCount } = await app.db.query(`SELECT FROM ${name} WHERE ${column} = $1`, [clientId]);
    if (rowCount) counts[`${name}.${column}`] = rowCount;
  }
  return counts;
}

describe('a patient who registered with the address of a record', () => {
  it('takes the record over after the address is verified, and sees nothing of it before', async () => {
    const record = await deskRecord({ mrn: 'MRN-77', dateOfBirth: BORN, phone: null });
    const visit = await booked(here.staff, at(3, '09:00'), { clientId: record.id });
    const person = await mails.register(record.email, { firstName: 'Muna' });
    expect((await claim(person.token, { dateOfBirth: BORN })).code).toBe('EMAIL_NOT_VERIFIED');
    const token = await mails.token(person.email, 'Confirm your e-mail address');
    expect((await post('auth/email/verify', undefined, { token })).status).toBe(200);
    expect((await get('appointments', person.token)).data).toEqual([]);
    expect((await get(`appointments/${visit.id}`, person.token)).status).toBe(404);

    const { status, data } = await claim(person.token, { dateOfBirth: BORN });
    expect([status, data]).toEqual([
      200,
      expect.objectContaining({ id: person.userId, clientId: record.id, email: person.email, firstName: 'Mona' }),
    ]);
    // With the access token of before.
    expect((await get('appointments', person.token)).data.map(({ id }: { id: string }) => id)).toEqual([visit.id]);
    const { data: seen } = await get(`clients/${record.id}`, here.staff);
    expect(seen).toMatchObject({ id: record.id, userId: person.userId, mrn: 'MRN-77', emailVerified: true });
    expect((await mails.login(person.email)).data.user.clientId).toBe(record.id);
    expect((await claim(person.token, { dateOfBirth: BORN })).code).toBe('NOT_FOUND');
  });

  it('gives the birth date if the record has one, and gets five tries, also of 20 at the same time', async () => {
    const record = await deskRecord({ dateOfBirth: BORN });
    const { token } = await mails.verified(record.email);
    expect((await claim(token)).body.error.details).toEqual([{ field: 'dateOfBirth', error: 'is required' }]);
    const wrong = await Promise.all(
      Array.from({ length: 20 }, (_, n) => claim(token, { dateOfBirth: `19${60 + n}-01-01` })),
    );
    const answers = wrong.map(({ status }) => status);
    expect(answers.filter((status) => status === 400)).toHaveLength(5);
    expect(answers.filter((status) => status === 429)).toHaveLength(15);
    const refused = await claim(token, { dateOfBirth: BORN });
    expect([refused.code, Number(refused.headers.get('retry-after')) > 86_400]).toEqual(['RATE_LIMITED', true]);
  });

  it('gets a limited number of claims in an hour, whatever they contain', async () => {
    const { token } = await mails.verified();
    const codes = new Set<string>();
    for (let n = 1; n <= 30; n += 1) codes.add((await claim(token)).code as string);
    expect([...codes]).toEqual(['NOT_FOUND']);
    expect((await claim(token)).code).toBe('RATE_LIMITED');
  });

  it('gets the same answer if no record has the address and if several have it', async () => {
    const email = newAddress();
    await deskRecord({ email });
    await deskRecord({ email, firstName: 'Omar', dateOfBirth: BORN });
    const [nobody, family] = [await mails.verified(), await mails.verified(email)];
    const bodies = await Promise.all(
      [nobody, family].map(async ({ token }) => (await claim(token, { dateOfBirth: BORN })).body.error),
    );
    expect(bodies[0]).toMatchObject({ code: 'NOT_FOUND' });
    expect(bodies[1]).toEqual(bodies[0]);
  });

  it('does not get the record of somebody else in the family after their own was linked', async () => {
    const email = newAddress();
    await deskRecord({ email });
    const mother = await mails.verified(email);
    expect((await claim(mother.token)).status).toBe(200);
    const child = await deskRecord({ email: newAddress(), firstName: 'Omar', dateOfBirth: BORN });
    // The address was entered before the mother had an account.
    await changeContacts(app, child.userId, { email });
    expect((await claim(mother.token, { dateOfBirth: BORN })).code).toBe('NOT_FOUND');
  });

  it('does not get the record of a person with another birth date', async () => {
    const record = await deskRecord({ dateOfBirth: BORN });
    const person = await mails.verified(record.email);
    await setDateOfBirth(app, person.clientId, '1990-01-01');
    expect((await claim(person.token, { dateOfBirth: BORN })).code).toBe('NOT_FOUND');
  });

  it.each([
    ['in upper case', (email: string) => email.toUpperCase()],
    ['with spaces', (email: string) => `  ${email} `],
  ])('gets the record if they wrote the address %s', async (_name, spell) => {
    const record = await deskRecord();
    const { token } = await mails.verified(spell(record.email));
    expect((await claim(token)).data.clientId).toBe(record.id);
  });

  it('does not get the record of a similar address', async () => {
    await deskRecord({ email: 'amina@claims.test' });
    const { token } = await mails.verified('\u0430mina@claims.test');
    expect((await claim(token)).code).toBe('NOT_FOUND');
  });

  it('is the only one who can sign in with the address: an index refuses a password for the account of the record', async () => {
    const record = await deskRecord();
    await mails.verified(record.email);
    const change = app.db.query(`UPDATE user_account SET password_hash = 'x' WHERE id = $1`, [record.userId]);
    await expect(change).rejects.toMatchObject({ constraint: 'user_account_email_key' });
  });

  it('claims it once of 20 at the same time', async () => {
    const record = await deskRecord({ dateOfBirth: BORN });
    const { token } = await mails.verified(record.email);
    const answers = await Promise.all(Array.from({ length: 20 }, () => claim(token, { dateOfBirth: BORN })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array<number>(19).fill(404)]);
    const { rows } = await app.db.query('SELECT FROM client_merge WHERE client_id = $1', [record.id]);
    expect(rows).toHaveLength(1);
  });

  it('cannot use an invitation to the record any more', async () => {
    const record = await deskRecord();
    const token = await mails.token(record.email, 'Your account at Test clinic');
    const person = await mails.verified(record.email);
    expect((await claim(person.token)).status).toBe(200);
    const accepted = await post('auth/invitations/accept', undefined, { token, password: PASSWORD });
    expect(accepted.body.error.details).toEqual([{ field: 'token', error: expect.stringContaining('invalid') }]);
  });

  it('is audited without the address or the birth date', async () => {
    const record = await deskRecord({ dateOfBirth: BORN });
    const person = await mails.verified(record.email);
    await claim(person.token, { dateOfBirth: '1999-01-01' });
    await claim(person.token, { dateOfBirth: BORN });
    const { rows } = await app.db.query(
      `SELECT action, actor_user_id, changes::text FROM audit_log WHERE object_id = $1 ORDER BY id`,
      [record.id],
    );
    expect(rows.map(({ action }) => action)).toEqual(
      expect.arrayContaining(['client.claim-refused', 'client.merged', 'client.claimed']),
    );
    for (const { changes } of rows) expect(changes ?? '').not.toMatch(/1999|1988|@/);
  });
});

describe('a patient with visits of their own', () => {
  /** A record of the desk, and a patient with a visit of their own. */
  async function addRecordAndPatient(
    fields: object = {},
  ): Promise<{ record: { id: string; userId: string }; person: Person }> {
    const record = await deskRecord(fields);
    return { record, person: await mails.verified(record.email) };
  }

  it('has the visits of both records, and books with the token of before', async () => {
    const { record, person } = await addRecordAndPatient();
    const [theirs, own] = [
      await booked(here.staff, at(4, '09:00'), { clientId: record.id }),
      await booked(person.token, at(4, '10:00'), { doctorId: here.doctorIds[1] }),
    ];
    expect((await claim(person.token)).status).toBe(200);
    const { data } = await get('appointments?sort=startDateTime', person.token);
    expect(data.map(({ id }: { id: string }) => id)).toEqual([theirs.id, own.id]);
    expect(data.map(({ clientId }: { clientId: string }) => clientId)).toEqual([record.id, record.id]);
    expect(await countRows(person.clientId)).toEqual(ROWS_OF_MERGED_RECORD);
    const next = await booked(person.token, at(4, '11:00'));
    expect(next.clientId).toBe(record.id);
    // Both visits still reserve the patient's time.
    for (const startDateTime of [at(4, '09:00'), at(4, '10:00')]) {
      const clash = await book(person.token, startDateTime, { doctorId: here.doctorIds[2] });
      expect([clash.code, clash.body.error.details.conflictingWith]).toEqual(['APPOINTMENT_CONFLICT', 'CLIENT']);
    }
    const moved = await app.call('PUT', `/api/v1/appointments/${own.id}`, {
      token: person.token,
      body: { startDateTime: at(4, '12:00') },
    });
    expect([moved.status, moved.data.clientId]).toEqual([200, record.id]);
  });

  it('keeps reminders, messages and favourites', async () => {
    const { record, person } = await addRecordAndPatient();
    const own = await booked(person.token, at(5, '09:00'));
    await allPublished(app);
    const reminders = async (): Promise<number> => {
      const { rowCount } = await app.db.query(
        `SELECT FROM planned_notification WHERE appointment_id = $1 AND kind = 'APPOINTMENT_REMINDER'`,
        [own.id],
      );
      return rowCount ?? 0;
    };
    const planned = await reminders();
    expect(planned).toBeGreaterThan(0);
    await post('favorites', person.token, { doctorId: here.doctorIds[0] });
    await app.db.query(
      `INSERT INTO notification (user_id, clinic_id, kind, channel, due_at, next_attempt_at, sent_at, state)
       VALUES ($1, $2, 'MESSAGE_FROM_CLINIC', 'IN_APP', now(), now(), now(), 'SENT')`,
      [record.userId, here.id],
    );
    await setInboxText(app, record.userId, 'Bring your card', '…');
    await claim(person.token);
    expect(await reminders()).toBe(planned);
    const inbox = (await get('notifications', person.token)).data.map(({ title }: { title: string }) => title);
    expect(inbox).toContain('Bring your card');
    expect((await get('favorites', person.token)).data).toHaveLength(1);
  });

  it('tells the dashboards and the patient’s devices about the visits that moved', async () => {
    const { record, person } = await addRecordAndPatient();
    const visit = await booked(here.staff, at(6, '09:00'), { clientId: record.id });
    const own = await booked(person.token, at(6, '10:00'), { doctorId: here.doctorIds[1] });
    await allPublished(app);
    const clients = [
      await SocketClient.connected(app.url, here.staff),
      await SocketClient.connected(app.url, person.token),
    ];
    try {
      for (const { socket } of clients) await socket.emitWithAck('sync', 0);
      const updates = clients.map(({ socket }) => {
        const ids = new Map<string, string>();
        socket.on('appointment:updated', ({ id, clientId }: { id: string; clientId: string }) => ids.set(id, clientId));
        return ids;
      });
      expect((await claim(person.token)).status).toBe(200);
      await eventually(() => {
        for (const ids of updates) expect(ids.get(own.id)).toBe(record.id);
        return Promise.resolve();
      });
      const before = own.version as number;
      expect((await get(`appointments/${own.id}`, here.staff)).data.version).toBeGreaterThan(before);
      expect((await get(`appointments/${visit.id}`, here.staff)).data.version).toBe(visit.version);
    } finally {
      for (const client of clients) client.close();
    }
  });

  it('cancels one of two visits at the same time first, and learns only about their own', async () => {
    const { record, person } = await addRecordAndPatient();
    const theirs = await booked(here.staff, at(7, '09:00'), { clientId: record.id });
    const own = await booked(person.token, at(7, '09:15'), { doctorId: here.doctorIds[1] });
    const refused = await claim(person.token);
    expect([refused.code, refused.body.error.details]).toEqual([
      'APPOINTMENT_CONFLICT',
      { conflictingWith: 'CLIENT', alternatives: [], appointmentIds: [own.id] },
    ]);
    expect(JSON.stringify(refused.body)).not.toContain(theirs.id);
    expect((await mails.profile(person.token)).data.clientId).toBe(person.clientId);
    expect((await app.call('DELETE', `/api/v1/appointments/${own.id}`, { token: person.token })).status).toBe(200);
    expect((await claim(person.token)).data.clientId).toBe(record.id);
  });

  it('keeps two visits that were at the same time', async () => {
    const { record, person } = await addRecordAndPatient();
    const ids = [
      (await booked(here.staff, at(10, '09:00'), { clientId: record.id })).id,
      (await booked(person.token, at(10, '10:00'), { doctorId: here.doctorIds[1] })).id,
    ];
    await app.db.query(
      `UPDATE appointment SET start_at = now() - interval '3 days', end_at = now() - interval '71 hours'
       WHERE id = ANY ($1::uuid[])`,
      [ids],
    );
    await app.db.query(
      `UPDATE reservation SET during = tstzrange(now() - interval '3 days', now() - interval '71 hours')
       WHERE appointment_id = ANY ($1::uuid[])`,
      [ids],
    );
    expect((await claim(person.token)).data.clientId).toBe(record.id);
    const { data } = await get('appointments', person.token);
    expect(data.map(({ id }: { id: string }) => id).sort()).toEqual([...ids].sort());
    expect(await app.overlaps()).toBe(0);
  });

  it('loses no visit of a booking that runs at the same time', async () => {
    const { record, person } = await addRecordAndPatient();
    // As many as the clinic allows to one patient, so that none is refused if all come before the claim.
    const times = Array.from({ length: 20 }, (_, n) =>
      at(8, `${String(Math.floor(n / 2)).padStart(2, '0')}:${n % 2 ? '30' : '00'}`),
    );
    const bookings = times.map((time, n) => book(person.token, time, { doctorId: here.doctorIds[n % 3] }));
    const claims = Array.from({ length: 3 }, () => claim(person.token));
    const answers = await Promise.all(bookings);
    expect((await Promise.all(claims)).filter(({ status }) => status === 200)).toHaveLength(1);
    const ids = answers.filter(({ status }) => status === 201).map(({ data }) => data.id);
    // A booking that began with the old record may have to be repeated.
    expect(answers.map(({ status }) => status).filter((status) => status !== 201 && status !== 404)).toEqual([]);
    const { rows } = await app.db.query(
      `SELECT a.client_id, r.resource_id FROM appointment a
       JOIN reservation r ON r.appointment_id = a.id AND r.kind = 'CLIENT' AND r.active WHERE a.id = ANY ($1::uuid[])`,
      [ids],
    );
    expect(rows).toHaveLength(ids.length);
    expect(rows.filter((row) => row.client_id !== record.id || row.resource_id !== record.id)).toEqual([]);
    expect(await countRows(person.clientId)).toEqual(ROWS_OF_MERGED_RECORD);
  });
});

describe('a merge of two records', () => {
  const merge = (clientId: string, duplicateId: string): Promise<unknown> =>
    app.app.get(ClientMergeService).merge(clientId, duplicateId);

  it('fills the gaps of the record that stays, and keeps both record numbers findable', async () => {
    const stays = await deskRecord({ mrn: 'A-1', notes: 'first', phone: '+201001112223' });
    const duplicate = await deskRecord({ mrn: 'B-2', notes: 'second', dateOfBirth: BORN, phone: '+201009998887' });
    const before = (await get(`clients/${stays.id}`, here.staff)).data.version;
    await merge(stays.id, duplicate.id);
    const { data } = await get(`clients/${stays.id}`, here.staff);
    expect(data).toMatchObject({ mrn: 'A-1', notes: 'first\n\nsecond', dateOfBirth: BORN, phone: '+201001112223' });
    expect(data.version).toBeGreaterThan(before);
    expect((await get(`clients/${duplicate.id}`, here.staff)).status).toBe(404);
    for (const q of ['A-1', 'B-2']) {
      const { data: found } = await get(`clients?q=${q}`, here.staff);
      expect(found.map(({ id }: { id: string }) => id)).toEqual([stays.id]);
    }
    const stale = await app.call('PUT', `/api/v1/clients/${stays.id}`, {
      token: here.staff,
      body: { address: 'Nile street' },
      headers: { 'if-match': `"${before}"` },
    });
    expect(stale.code).toBe('VERSION_MISMATCH');
  });

  it('moves the record number and the clinics that only the duplicate has', async () => {
    const stays = await deskRecord({});
    const duplicate = await deskRecord({ mrn: 'C-3' });
    const elsewhere = await deskRecord({ mrn: 'D-4' }, there);
    await merge(stays.id, duplicate.id);
    await merge(stays.id, elsewhere.id);
    expect((await get(`clients/${stays.id}`, here.staff)).data.mrn).toBe('C-3');
    expect((await get(`clients/${stays.id}`, there.staff)).data.mrn).toBe('D-4');
    expect(await countRows(elsewhere.id)).toEqual({ 'client_merge.duplicate_id': 1 });
  });

  it('keeps the account with which somebody signs in, whichever record stays', async () => {
    const [record, person] = [await deskRecord({}), await mails.verified()];
    await merge(person.clientId, record.id);
    expect((await mails.profile(person.token)).data.clientId).toBe(person.clientId);
    const [first, second] = [await mails.verified(), await mails.verified()];
    await merge(first.clientId, second.clientId);
    expect((await mails.profile(first.token)).data.clientId).toBe(first.clientId);
    expect((await mails.profile(second.token)).code).toBe('TOKEN_REVOKED');
  });

  it('keeps the newest decision of both accounts about each consent', async () => {
    const [first, second] = [await mails.verified(), await mails.verified()];
    const decide = (person: Person, kind: string, given: boolean): Promise<Answer> =>
      post(`users/${person.userId}/consents`, person.token, { kind, version: '1', given });
    for (const [person, kind, given] of [
      [first, 'EMAIL', true],
      [second, 'EMAIL', false],
      [second, 'SMS', false],
      [second, 'PUSH', false],
      [first, 'PUSH', true],
    ] as const) {
      expect((await decide(person, kind, given)).status).toBe(201);
    }
    await merge(first.clientId, second.clientId);
    const { rows } = await app.db.query<{ kind: string; given: boolean }>(
      `SELECT DISTINCT ON (kind) kind, given FROM consent WHERE user_id = $1 ORDER BY kind, sequence DESC`,
      [first.userId],
    );
    const decisions = Object.fromEntries(rows.map(({ kind, given }) => [kind, given]));
    expect(decisions).toEqual({ EMAIL: false, PUSH: true, SMS: false });
  });

  /** Writes something into every table that belongs to a patient. */
  async function fill({ userId, clientId, token }: Person, text: string, day: number): Promise<void> {
    const doctorId = here.doctorIds[day % 2];
    await app.db.query('INSERT INTO client_clinic (client_id, clinic_id, registered_at) VALUES ($1, $2, now())', [
      clientId,
      here.id,
    ]);
    await booked(token, at(day), { doctorId, notes: text });
    const requests: [path: string, token: string, body: object][] = [
      ['ai/stroke-assessment', token, { symptoms: { face: true } }],
      ['ai/chat', token, { message: text }],
      ['favorites', token, { doctorId }],
      ['notifications/devices', token, { token: text, platform: 'IOS' }],
      [`users/${userId}/consents`, token, { kind: day % 2 ? 'SMS' : 'PUSH', version: text, given: false }],
      [`clients/${clientId}/break-glass`, there.staff, { reason: text }],
    ];
    for (const [path, caller, body] of requests)
      expect([path, (await post(path, caller, body)).status]).toEqual([path, path === 'ai/chat' ? 200 : 201]);
    expect((await app.call('POST', '/api/v1/scans', { token, form: createImageForm() })).status).toBe(201);
    const quietHours = { start: '22:00', end: `0${day % 10}:00` };
    await app.call('PUT', '/api/v1/notifications/preferences', { token, body: { quietHours } });
    const details = { notes: text, address: text, mrn: text };
    expect((await app.call('PUT', `/api/v1/clients/${clientId}`, { token: here.staff, body: details })).status).toBe(
      200,
    );
    await app.db.query(
      `INSERT INTO notification (user_id, clinic_id, kind, channel, due_at, next_attempt_at, sent_at, state)
       VALUES ($1, $2, 'MESSAGE_FROM_CLINIC', 'IN_APP', now(), now(), now(), 'SENT')`,
      [userId, here.id],
    );
    await setInboxText(app, userId, text, text);
  }

  it('leads from the record that stays to everything of both, which is exported and erased with it', async () => {
    const [stays, merged] = [await mails.verified(), await mails.verified()];
    await fill(stays, 'Nile-left', 11);
    await fill(merged, 'Nile-right', 12);
    await merge(stays.clientId, merged.clientId);

    // By the patient.
    const lists = ['appointments', 'scans', 'ai/stroke-assessments', 'ai/conversations', 'favorites', 'break-glass'];
    for (const path of lists) expect([path, (await get(path, stays.token)).data.length]).toEqual([path, 2]);
    const titles = (await get('notifications', stays.token)).data.map(({ title }: { title: string }) => title);
    expect(titles).toEqual(expect.arrayContaining(['Nile-left', 'Nile-right']));
    expect((await get('notifications/preferences', stays.token)).data.quietHours.end).toBe('01:00');
    const { data: consents } = await get(`users/${stays.userId}/consents`, stays.token);
    expect(consents.history.map(({ version }: { version: string }) => version).sort()).toEqual([
      'Nile-left',
      'Nile-right',
    ]);
    // The telephone of the closed account is signed out.
    expect((await get('notifications/devices', stays.token)).data).toHaveLength(1);
    // By the front desk.
    expect((await get(`appointments?clientId=${stays.clientId}`, here.staff)).data).toHaveLength(2);
    expect((await get(`clients/${stays.clientId}`, here.staff)).data.notes).toBe('Nile-left\n\nNile-right');

    expect((await post('auth/reauthenticate', stays.token, { password: PASSWORD })).status).toBe(200);
    const files = await downloadExport(app, stays.userId, stays.token);
    for (const name of [
      'appointments',
      'scans',
      'stroke-assessments',
      'conversations',
      'favorites',
      'emergency-accesses',
      'devices',
      'preferences',
      'clinic-records',
    ]) {
      expect([name, rowsIn(files, name).length]).toEqual([name, 2]);
    }
    for (const name of ['appointments', 'conversation-messages', 'messages', 'consents', 'devices', 'clinic-records']) {
      const text = files.get(`${name}.json`)?.toString() ?? '';
      expect([name, text.includes('Nile-left'), text.includes('Nile-right')]).toEqual([name, true, true]);
    }
    expect([...files.keys()].filter((name) => name.startsWith('scans/'))).toHaveLength(2);

    expect((await post(`users/${stays.userId}/erase`, stays.token, { password: PASSWORD })).status).toBe(200);
    const left = await app.db.query(
      `SELECT 'scan' AS name FROM scan WHERE client_id = ANY ($1) AND (deleted_at IS NULL OR purged_at IS NULL)
       UNION ALL SELECT 'visit' FROM appointment WHERE client_id = ANY ($1) AND (notes IS NOT NULL OR status <> 'CANCELLED')
       UNION ALL SELECT 'assessment' FROM stroke_assessment WHERE client_id = ANY ($1)
       UNION ALL SELECT 'conversation' FROM conversation WHERE user_id = ANY ($2)
       UNION ALL SELECT 'favorite' FROM favorite WHERE user_id = ANY ($2)
       UNION ALL SELECT 'message' FROM notification WHERE user_id = ANY ($2) AND kind = 'MESSAGE_FROM_CLINIC'
       UNION ALL SELECT 'device' FROM notification_device WHERE user_id = ANY ($2)
       UNION ALL SELECT 'preference' FROM notification_preference WHERE user_id = ANY ($2)
       UNION ALL SELECT 'reason' FROM break_glass WHERE client_id = ANY ($1) AND reason IS NOT NULL
       UNION ALL SELECT 'notes' FROM client_clinic WHERE client_id = ANY ($1) AND (notes IS NOT NULL OR mrn IS NOT NULL)
       UNION ALL SELECT 'address' FROM client WHERE id = ANY ($1) AND address IS NOT NULL
       UNION ALL SELECT 'account' FROM user_account WHERE id = ANY ($2) AND (email IS NOT NULL OR first_name <> 'Erased')`,
      [
        [stays.clientId, merged.clientId],
        [stays.userId, merged.userId],
      ],
    );
    expect(left.rows).toEqual([]);
  });

  it('is refused for a record that was merged before, and for the record itself', async () => {
    const [a, b, c] = [await deskRecord({}), await deskRecord({}), await deskRecord({})];
    await merge(a.id, b.id);
    for (const pair of [
      [b.id, c.id],
      [c.id, b.id],
      [c.id, c.id],
    ] as const) {
      await expect(merge(...pair)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    }
    await merge(c.id, a.id);
    const { rows } = await app.db.query('SELECT merged_into_id AS id FROM client WHERE id = $1', [b.id]);
    expect(rows).toEqual([{ id: c.id }]);
  });

  it('succeeds once if both directions run at the same time', async () => {
    const [a, b] = [await deskRecord({}), await deskRecord({})];
    const results = await Promise.allSettled([merge(a.id, b.id), merge(b.id, a.id)]);
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  it('refuses visits, scans, assessments, emergency accesses and registrations of the merged record in the database', async () => {
    const [a, b] = [await deskRecord({}), await deskRecord({})];
    await merge(a.id, b.id);
    const tables = [
      'appointment',
      'break_glass',
      'payment',
      'queue_entry',
      'referral',
      'scan',
      'scan_set',
      'stroke_assessment',
      'waitlist_entry',
    ];
    for (const table of [...tables, 'client_clinic']) {
      const insert = app.db.query(`INSERT INTO ${table} (client_id) VALUES ($1)`, [b.id]);
      await expect(insert).rejects.toMatchObject({ code: '23503', constraint: 'client_not_merged' });
    }
    expect((await book(here.staff, at(9, '09:00'), { clientId: b.id })).code).toBe('NOT_FOUND');
  });

  it('knows every table that refers to a patient or to an account', async () => {
    const { rows } = await app.db.query<{ name: string }>(
      `SELECT DISTINCT c.conrelid::regclass::text AS name FROM pg_constraint c
       WHERE c.contype = 'f' AND c.connamespace = 'public'::regnamespace
         AND c.confrelid IN ('client'::regclass, 'user_account'::regclass) ORDER BY 1`,
    );
    const moved = [
      'appointment',
      'break_glass',
      'client_clinic',
      'guardian',
      'hold',
      'payment',
      'queue_entry',
      'referral',
      'scan',
      'scan_set',
      'stroke_assessment',
      'waitlist_entry',
      'notification',
      'favorite',
      'conversation',
    ];
    const copied = ['consent', 'notification_preference'];
    // Sign-in, links and devices belong to the account that is closed; others name who did something.
    const stays = ['account_link', 'client', 'client_merge', 'doctor', 'mfa_factor', 'mfa_recovery_code'];
    const staysToo = [
      'notification_device',
      'payment_refund',
      'pending_sign_in',
      'provider_identity',
      'provider_sign_in',
      'scan_analysis',
    ];
    const andThese = ['api_key', 'calendar_feed', 'import', 'session', 'user_clinic', 'webhook_endpoint'];
    expect(rows.map(({ name }) => name)).toEqual([...moved, ...copied, ...stays, ...staysToo, ...andThese].sort());
  });
});

describe('a merge at the front desk', () => {
  const mergeAt = (clinic: TestClinic, id: string, duplicateId: string, headers = {}): Promise<Answer> =>
    app.call('POST', `/api/v1/clients/${id}/merge`, { token: clinic.staff, body: { duplicateId }, headers });
  const unmerge = (clinic: TestClinic, id: string, body: object = {}): Promise<Answer> =>
    post(`clients/${id}/unmerge`, clinic.staff, body);
  const merged = async (id: string, duplicateId: string): Promise<any> => {
    const { status, data } = await mergeAt(here, id, duplicateId);
    expect(status).toBe(200);
    return data;
  };
  const unmerged = async (id: string, duplicateId: string): Promise<void> => {
    const { status, data } = await unmerge(here, id);
    expect([status, data]).toEqual([200, { clientId: id, duplicateId }]);
  };

  /** The owner of each row of these records and accounts, by table and id. */
  async function findOwners(ids: readonly string[]): Promise<Record<string, string>> {
    const { rows } = await app.db.query<{ name: string; column: string; key: string }>(
      `SELECT c.conrelid::regclass::text AS name, a.attname AS column,
              (SELECT k.attname FROM pg_index i JOIN pg_attribute k ON k.attrelid = i.indrelid AND k.attnum = i.indkey[i.indnkeyatts - 1]
               WHERE i.indrelid = c.conrelid AND i.indisprimary) AS key
       FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = ANY (c.conkey)
       WHERE c.contype = 'f' AND c.connamespace = 'public'::regnamespace
         AND c.confrelid IN ('client'::regclass, 'user_account'::regclass)
         AND c.conrelid::regclass::text NOT IN ('client_merge', 'session', 'consent')
       UNION SELECT 'reservation', 'resource_id', 'appointment_id'`,
    );
    const owners: Record<string, string> = {};
    for (const { name, column, key } of rows) {
      const found = await app.db.query(
        // Both records can have a row of one clinic.
        `SELECT ${key} AS key, string_agg(${column}::text, ' ' ORDER BY ${column}) AS owner FROM ${name}
         WHERE ${column} = ANY ($1) GROUP BY 1`,
        [ids],
      );
      for (const row of found.rows) owners[`${name}.${column} ${row.key}`] = row.owner;
    }
    return owners;
  }

  /** A person with a row in every table that a merge moves. */
  async function addAllRows(person: Person, startDateTime: string, doctorId = here.doctorIds[0]): Promise<void> {
    const visit = await booked(person.token, startDateTime, { doctorId });
    const later = new Date(Date.parse(startDateTime) + 7_200_000).toISOString();
    expect((await post('holds', person.token, { serviceId, doctorId, startDateTime: later })).status).toBe(201);
    await post('favorites', person.token, { doctorId: here.doctorIds[0] });
    await post('ai/stroke-assessment', person.token, { symptoms: { face: true } });
    await post('ai/chat', person.token, { message: 'Where may I park?' });
    await app.call('PUT', '/api/v1/notifications/preferences', {
      token: person.token,
      body: { quietHours: { start: '22:00', end: '07:00' } },
    });
    const insert = (table: string, fields: Record<string, unknown>): Promise<unknown> =>
      app.db.query(
        `INSERT INTO ${table} (${Object.keys(fields).join()}) VALUES (${Object.keys(fields)
          .map((_, n) => `$${n + 1}`)
          .join()})`,
        Object.values(fields),
      );
    const now = new Date();
    await insert('scan', {
      ...{ id: newId(), client_id: person.clientId, uploaded_by: person.userId, format: 'PNG', original_bytes: 1 },
      ...{ original_sha256: '', total_bytes: 1, renditions: '{}', width: 1, height: 1, bit_depth: 8, channels: 1 },
      ...{ frames: 1, patient_mismatch: 'NOT_CHECKED' },
    });
    await insert('scan_set', {
      ...{ id: newId(), client_id: person.clientId, uploaded_by: person.userId, study_instance_uid: '1.2' },
    });
    await insert('waitlist_entry', {
      ...{ id: newId(), client_id: person.clientId, clinic_id: here.id, service_id: serviceId },
      ...{ from_day: '2100-01-01', to_day: '2100-01-02', ends_at: '2100-01-03' },
    });
    await insert('referral', {
      ...{ id: newId(), clinic_id: here.id, client_id: person.clientId, service_id: serviceId },
      ...{ valid_from: '2026-01-01', valid_to: '2026-02-01' },
    });
    await insert('payment', {
      ...{ id: newId(), clinic_id: here.id, client_id: person.clientId, kind: 'FULL', hold_id: newId() },
      ...{ service_id: serviceId, doctor_id: here.doctorIds[0], start_at: now, price_minor: 100, amount_minor: 100 },
      ...{ currency: 'EGP', tax_basis_points: 0, provider: 'RAZORPAY', provider_order_id: newId() },
      ...{ created_by: person.userId, created_at: now },
    });
    await insert('break_glass', {
      ...{ id: newId(), client_id: person.clientId, user_id: person.userId, role: 'STAFF', clinic_ids: [here.id] },
      ...{ opened_at: now, expires_at: now },
    });
    await insert('notification', {
      ...{ user_id: person.userId, clinic_id: here.id, kind: 'MESSAGE_FROM_CLINIC', channel: 'IN_APP', due_at: now },
      ...{ next_attempt_at: now, sent_at: now, state: 'SENT' },
    });
    await insert('provider_identity', {
      id: newId(),
      user_id: person.userId,
      provider: 'corp',
      subject: person.userId,
    });
    const { status } = await app.call('PUT', `/api/v1/clients/${person.clientId}`, {
      token: here.staff,
      body: { mrn: `M-${person.userId}`, notes: `Notes of ${person.userId}`, address: `Street of ${person.userId}` },
    });
    expect([status, visit.status]).toEqual([200, 'CONFIRMED']);
  }

  const records = (...ids: string[]): Promise<any[]> =>
    Promise.all(
      ids.map(async (id) => {
        const { version: _version, updatedAt: _updatedAt, ...record } = (await get(`clients/${id}`, here.staff)).data;
        return record;
      }),
    );

  it('is undone with every row and value of both patients, who can sign in again', async () => {
    const [first, second] = [await mails.verified(), await mails.verified()];
    await addAllRows(first, at(11, '09:00'));
    await addAllRows(second, at(11, '14:00'), here.doctorIds[1]);
    await app.call('PUT', `/api/v1/clients/${second.clientId}`, {
      token: here.staff,
      body: { dateOfBirth: BORN, sex: 'FEMALE', phone: '+201007776665' },
    });
    await allPublished(app);
    const ids = [first, second].flatMap(({ clientId, userId }) => [clientId, userId]);
    const [ownersBefore, before] = [await findOwners(ids), await records(first.clientId, second.clientId)];

    const answer = await merged(first.clientId, second.clientId);
    expect(answer).toMatchObject({ id: first.clientId, mrn: before[0].mrn, dateOfBirth: BORN, phone: '+201007776665' });
    expect(answer.notes).toBe(`${before[0].notes}\n\n${before[1].notes}`);
    const mergedOwners = await findOwners(ids);
    for (const table of [
      'appointment',
      'scan',
      'scan_set',
      'hold',
      'payment',
      'referral',
      'break_glass',
      'stroke_assessment',
      'waitlist_entry',
    ])
      expect(
        Object.entries(mergedOwners).filter(
          ([key, owner]) => key.startsWith(`${table}.client_id `) && owner === second.clientId,
        ),
      ).toEqual([]);
    expect((await mails.profile(second.token)).code).toBe('TOKEN_REVOKED');

    await unmerged(first.clientId, second.clientId);
    await allPublished(app);
    const withoutChoice = (owners: Record<string, string>): Record<string, string> =>
      Object.fromEntries(Object.entries(owners).filter(([key]) => !/^provider_identity|^notification\./.test(key)));
    expect(withoutChoice(await findOwners(ids))).toEqual(withoutChoice(ownersBefore));
    expect(await records(first.clientId, second.clientId)).toEqual(before);
    const { rows } = await app.db.query(`SELECT subject FROM provider_identity WHERE user_id = $1`, [second.userId]);
    expect(rows).toEqual([{ subject: second.userId }]);
    const { data } = await mails.login(second.email);
    expect(data.user).toMatchObject({ id: second.userId, clientId: second.clientId, firstName: 'Mona' });
    expect((await get('appointments', data.accessToken)).data).toHaveLength(1);
    expect((await get('appointments', first.token)).data).toHaveLength(1);
    expect(await app.overlaps()).toBe(0);
  });

  it('is undone after a claim: each account has its own record again, also with a token of before', async () => {
    const record = await deskRecord({ mrn: 'U-1', notes: 'desk' });
    const visit = await booked(here.staff, at(12, '09:00'), { clientId: record.id });
    const person = await mails.verified(record.email);
    const own = await booked(person.token, at(12, '10:00'), { doctorId: here.doctorIds[1] });
    expect((await claim(person.token)).status).toBe(200);
    const { accessToken } = (await mails.login(person.email)).data;
    const later = await booked(person.token, at(12, '11:00'));

    await unmerged(record.id, person.clientId);
    for (const token of [person.token, accessToken]) {
      expect((await mails.profile(token)).data).toMatchObject({ id: person.userId, clientId: person.clientId });
      expect((await get('appointments', token)).data.map(({ id }: { id: string }) => id)).toEqual([own.id]);
      expect((await get(`appointments/${visit.id}`, token)).status).toBe(404);
    }
    expect((await get(`clients/${record.id}`, here.staff)).data).toMatchObject({
      ...{ userId: record.userId, mrn: 'U-1', notes: 'desk', emailVerified: false, firstName: 'Mona' },
    });
    const { data } = await get(`appointments?clientId=${record.id}`, here.staff);
    expect(data.map(({ id }: { id: string }) => id).sort()).toEqual([visit.id, later.id].sort());
  });

  it('keeps with the record that stayed what was changed and booked after the merge', async () => {
    const [stays, duplicate] = [
      await deskRecord({ notes: 'first' }),
      await deskRecord({ mrn: 'U-2', notes: 'second' }),
    ];
    await merged(stays.id, duplicate.id);
    const change = { notes: 'written later', firstName: 'Amina', dateOfBirth: BORN };
    await app.call('PUT', `/api/v1/clients/${stays.id}`, { token: here.staff, body: change });
    const visit = await booked(here.staff, at(13, '09:00'), { clientId: stays.id });
    await unmerged(stays.id, duplicate.id);
    const [one, two] = await records(stays.id, duplicate.id);
    expect(one).toMatchObject({ ...change, mrn: null });
    expect(two).toMatchObject({ notes: 'second', mrn: 'U-2', firstName: 'Mona', dateOfBirth: null });
    expect((await get(`appointments/${visit.id}`, here.staff)).data.clientId).toBe(stays.id);
  });

  it('leaves no decision of the other person about a consent in force after it is undone', async () => {
    const [first, second] = [await mails.verified(), await mails.verified()];
    for (const { clientId } of [first, second])
      await app.db.query('INSERT INTO client_clinic (client_id, clinic_id, registered_at) VALUES ($1, $2, now())', [
        clientId,
        here.id,
      ]);
    const decide = (person: Person, kind: string, given: boolean): Promise<Answer> =>
      post(`users/${person.userId}/consents`, person.token, { kind, version: '1', given });
    for (const [person, kind, given] of [
      [first, 'PUSH', false],
      [second, 'EMAIL', false],
      [second, 'AI_CHAT', true],
      [second, 'PUSH', true],
    ] as const)
      expect((await decide(person, kind, given)).status).toBe(201);
    await merged(first.clientId, second.clientId);
    await unmerged(first.clientId, second.clientId);
    const { rows } = await app.db.query(
      `SELECT DISTINCT ON (kind) kind, version, given, recorded_by = $1 AS own FROM consent WHERE user_id = $1
       ORDER BY kind, sequence DESC`,
      [first.userId],
    );
    expect(rows).toEqual([
      { kind: 'AI_CHAT', version: 'undone-merge', given: true, own: false },
      { kind: 'EMAIL', version: 'undone-merge', given: true, own: false },
      { kind: 'PUSH', version: '1', given: false, own: true },
    ]);
  });

  it('is undone in the order of the merges, also of one that waited for a lock', async () => {
    const [b, a, c] = [await deskRecord({}), await deskRecord({}), await deskRecord({})];
    const holder = await app.db.connect();
    try {
      await holder.query('BEGIN');
      await holder.query('SELECT FROM client WHERE id = $1 FOR UPDATE', [b.id]);
      const waiting = merged(a.id, b.id);
      await eventually(async () => expect(await countLockWaits(app.db)).toBe(1));
      await merged(a.id, c.id);
      await holder.query('COMMIT');
      await waiting;
    } finally {
      holder.release(true);
    }
    await unmerged(a.id, b.id);
    await unmerged(a.id, c.id);
  });

  it('joins notes that the desk can save again, also if they are longer than new ones may be', async () => {
    const [a, b] = [await deskRecord({ notes: 'a'.repeat(5_000) }), await deskRecord({ notes: 'b'.repeat(5_000) })];
    const { notes } = await merged(a.id, b.id);
    const save = async (text: string): Promise<number> =>
      (await app.call('PUT', `/api/v1/clients/${a.id}`, { token: here.staff, body: { notes: text } })).status;
    expect(notes).toHaveLength(10_002);
    expect([await save(`${notes}!`), await save(notes), await save(notes.slice(0, 7_000))]).toEqual([400, 200, 200]);
    expect([await save(notes), await save('short'), await save('x'.repeat(5_001))]).toEqual([400, 200, 400]);
  });

  it('is undone once, the newest first, and then can be repeated', async () => {
    const [a, b, c] = [await deskRecord({}), await deskRecord({}), await deskRecord({})];
    expect((await unmerge(here, a.id)).body.error.details).toEqual({ reason: 'NOT_MERGED' });
    await merged(b.id, c.id);
    await merged(a.id, b.id);
    expect((await unmerge(here, a.id, { duplicateId: c.id })).body.error.details).toEqual({ reason: 'NOT_NEWEST' });
    const answers = await Promise.all(Array.from({ length: 20 }, () => unmerge(here, a.id)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array<number>(19).fill(409)]);
    expect((await get(`clients/${c.id}`, here.staff)).status).toBe(404);
    await unmerged(b.id, c.id);
    await merged(a.id, c.id);
    await unmerged(a.id, c.id);
    expect((await records(a.id, b.id, c.id)).map(({ id }) => id)).toEqual([a.id, b.id, c.id]);
  });

  it('names the visits that overlap, and changes nothing', async () => {
    const [a, b] = [await deskRecord({}), await deskRecord({})];
    const [one, two] = [
      await booked(here.staff, at(14, '09:00'), { clientId: a.id }),
      await booked(here.staff, at(14, '09:15'), { clientId: b.id, doctorId: here.doctorIds[1] }),
    ];
    const refused = await mergeAt(here, a.id, b.id);
    expect([refused.status, refused.body.error.details.overlaps]).toEqual([
      409,
      [{ clientAppointmentId: one.id, duplicateAppointmentId: two.id }],
    ]);
    expect((await get(`appointments/${two.id}`, here.staff)).data.clientId).toBe(b.id);
  });

  it('needs access to both records, and their current version', async () => {
    const [a, b] = [await deskRecord({}), await deskRecord({})];
    const elsewhere = await deskRecord({}, there);
    expect((await mergeAt(here, a.id, elsewhere.id)).status).toBe(404);
    expect((await mergeAt(here, elsewhere.id, a.id)).status).toBe(404);
    expect((await mergeAt(here, a.id, a.id)).status).toBe(404);
    const stranger = await mails.register();
    expect((await mergeAt(here, a.id, stranger.clientId)).status).toBe(403);
    expect((await mergeAt(here, a.id, b.id, { 'if-match': '"7"' })).code).toBe('VERSION_MISMATCH');
    await merged(a.id, b.id);
    expect((await unmerge(there, a.id)).status).toBe(404);
  });

  it('cannot be undone after an erasure, nor while somebody else has the address', async () => {
    const [a, b] = [await deskRecord({}), await mails.verified()];
    await booked(b.token, at(15, '09:00'));
    const [stays, closed] = [await mails.verified(), b];
    await booked(stays.token, at(15, '10:00'));
    await merged(stays.clientId, closed.clientId);
    const other = await mails.register(closed.email);
    expect((await unmerge(here, stays.clientId)).code).toBe('EMAIL_TAKEN');
    await app.call('DELETE', `/api/v1/users/${other.userId}`, { token: here.admin });
    await unmerged(stays.clientId, closed.clientId);
    await merged(a.id, stays.clientId);
    await app.app.get(ErasureService, { strict: false }).erase(stays.userId, null, new Date());
    expect((await unmerge(here, a.id)).status).toBe(404);
    const { rows } = await app.db.query('SELECT values_before AS values FROM client_merge WHERE client_id = $1', [
      a.id,
    ]);
    expect(rows).toEqual([{ values: null }]);
  });

  it('cannot be undone if the values from before it were not kept', async () => {
    const [a, b] = [await deskRecord(), await deskRecord()];
    await merged(a.id, b.id);
    await app.db.query('UPDATE client_merge SET values_before = NULL WHERE client_id = $1', [a.id]);
    expect((await unmerge(here, a.id)).body.error.details).toEqual({ reason: 'NOT_KEPT' });
  });

  it('lists possible duplicates, also of a record that exists', async () => {
    const a = await deskRecord({ lastName: 'Twin', phone: '+201001234500' });
    const b = await deskRecord({ lastName: 'Twin', phone: '+201001234500' });
    await deskRecord({ lastName: 'Twin', phone: '+201001234500' }, there);
    const { data } = await get(`clients/${a.id}/duplicates`, here.staff);
    expect(data).toEqual([expect.objectContaining({ id: b.id, matchingOn: ['NAME', 'PHONE'] })]);
    await merged(a.id, b.id);
    expect((await get(`clients/${a.id}/duplicates`, here.staff)).data).toEqual([]);
  });
});
