import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { newId } from '../../src/core/kernel/id.js';
import { AccountMails, PASSWORD } from '../support/account-mails.js';
import { TestApp, type Answer } from '../support/app.js';
import { aService, at, openClinic, type TestClinic } from '../support/clinic.js';
import { eventually } from '../support/eventually.js';
import { findLeaks, readTables, RedisTraffic, runPgDump } from '../support/leaks.js';
import { ApiProcess } from '../support/processes.js';
import { SmtpSink } from '../support/smtp-sink.js';
import { WrittenTexts } from '../support/written-texts.js';

/**
 * Health data and contacts must not be readable in the database, in Redis or in the logs (docs/encryption.md). `npm run leaks` runs this
 * file on another PostgreSQL server and sets PG_DUMP, so that the output of pg_dump is also searched.
 */

const RECORD = {
  dateOfBirth: '1931-07-19',
  address: '١٧ شارع التسريبات، الإسكندرية',
  emergencyContact: 'Aunt Zenobiasdottir +20 122 765 4321',
  mrn: 'LEAK-3141592653589',
  notes: 'क्विलवर्ट से एलर्जी, allergic to quillwort',
};
const CHANGED = {
  dateOfBirth: '1931-08-23',
  address: '18 Trickling Avenue',
  emergencyContact: 'Uncle Barnabasson +20 122 765 4322',
  mrn: 'LEAK-2718281828459',
  notes: 'also allergic to bladderwort',
  phone: '+201007654322',
};
const CONTACTS = { email: 'leaky.patient@canary.test', phone: '+201007654321' };
const VISITOR = {
  dateOfBirth: '1933-02-17',
  address: '19 Dribbling Crescent',
  emergencyContact: 'Cousin Cunegundes +20 122 765 4329',
  mrn: 'LEAK-1414213562373',
  notes: 'allergic to butterwort',
  email: 'leaky.visitor@canary.test',
  phone: '+201007654328',
};
const MEMBER = { email: 'leaky.member@canary.test', phone: '+201007654323' };
const CHANGED_MEMBER = { email: 'dripping.member@canary.test', phone: '+201007654324' };
const SELF = { email: 'leaky.self@canary.test', phone: '+201007654325' };
const MOBILE = { email: 'leaky.mobile@canary.test', phone: '+201007654326' };
const CHANGED_MOBILE = { email: 'dripping.mobile@canary.test', phone: '+201007654327' };

/** Written only outside of production, for developers without a mail server. */
const NOT_IN_PRODUCTION = ['dev_mailbox'];

const written = new WrittenTexts();
let app: TestApp;
let smtp: SmtpSink;
let mails: AccountMails;
let api: ApiProcess;
let redis: RedisTraffic;
let clinic: TestClinic;
let folder: string;
let log: number;

beforeAll(async () => {
  smtp = await new SmtpSink().start();
  const services = { SMTP_URL: smtp.url(), SMTP_REQUIRE_TLS: 'false' };
  app = await TestApp.start({ JOBS_IN_PROCESS: 'false' });
  mails = new AccountMails(app, smtp);
  clinic = await openClinic(app);
  redis = await RedisTraffic.start(app.environment.REDIS_URL as string);
  folder = mkdtempSync(join(tmpdir(), 'careslot-leaks-'));
  log = openSync(join(folder, 'log'), 'w');
  api = await ApiProcess.start({ ...app.environment, ...services, LOG_LEVEL: 'trace' }, undefined, log);
});

afterAll(async () => {
  await api.kill();
  closeSync(log);
  rmSync(folder, { recursive: true });
  redis.close();
  await app.close();
  await smtp.close();
});

async function call(
  method: string,
  path: string,
  body?: object,
  status = 200,
  token: string | undefined = clinic.staff,
): Promise<Answer> {
  const full = path.startsWith('/') ? path : `/api/v1/${path}`;
  written.record(method, full, body);
  const headers = method === 'POST' ? { 'idempotency-key': newId() } : undefined;
  const answer = await app.call(method, `${api.url}${full}`, { token, body, headers });
  expect({ path, status: answer.status, code: answer.code }).toMatchObject({ path, status });
  return answer;
}

const anonymously = (path: string, body: object, status: number): Promise<Answer> =>
  call('POST', path, body, status, '');

const search = (q: string, path = 'clients', token = clinic.staff): Promise<Answer> =>
  call('GET', `${path}?q=${encodeURIComponent(q)}`, undefined, 200, token);

/** The front desk registers, changes and searches a patient. @returns the patient's id */
async function useRecord(): Promise<string> {
  const person = { firstName: 'Leaky', lastName: 'Patient', locale: 'en', ...CONTACTS, ...RECORD };
  const { data: client } = await call('POST', 'clients', person, 201);
  await call('POST', 'clients', { ...person, email: `2.${CONTACTS.email}`, mrn: `${RECORD.mrn}-2` }, 201);
  await call('POST', 'clients', person, 409);
  for (const q of [...Object.values(RECORD), ...Object.values(CONTACTS)]) await search(q);
  await search(CONTACTS.email, 'exports/clients', clinic.manager);
  await call('PUT', `clients/${client.id}`, CHANGED);
  return client.id;
}

async function useVisit(clientId: string): Promise<void> {
  const serviceId = await aService(app, clinic, { mode: 'VIDEO' });
  const visit = {
    ...{ serviceId, doctorId: clinic.doctorIds[0], clientId, startDateTime: at(5) },
    ...{ notes: 'palpitations since Ramadan', staffNotes: 'smells of turpentine' },
    ...{ insuranceNote: 'Policy Brightwater 88-1' },
    ...{ overrideHours: true, overrideReason: 'before her tonsillectomy' },
  };
  const { data: appointment } = await call('POST', 'appointments', visit, 201);
  await call('POST', 'appointments', visit, 409);
  const changes = {
    notes: 'heartburnings are gone',
    staffNotes: 'smells of wintergreen',
    insuranceNote: 'Policy Greenholm 88-2',
  };
  await call('PUT', `appointments/${appointment.id}`, changes);
  const moved = { startDateTime: at(5, '10:07'), overrideHours: true, overrideReason: 'after her tracheotomy' };
  await call('PUT', `appointments/${appointment.id}`, { ...moved, videoUrl: 'https://video.canary.test/periwinkles' });
  const bulk = { action: 'MOVE', appointmentIds: [appointment.id], reason: 'needs her bronchoscopy earlier' };
  expect((await call('POST', 'appointments/bulk', bulk)).data).toMatchObject([{ outcome: 'MOVED' }]);
  await call('POST', 'referrals', { serviceId, clientId, afterMonths: 3, reason: 'review of her thrombocytosis' }, 201);
  await call('GET', `referrals?clientId=${clientId}`);
  await search(CONTACTS.email, 'appointments');
  await search(CONTACTS.email, 'exports/appointments', clinic.manager);
  await call('GET', `appointments?clientId=${clientId}`);
  await call('DELETE', `appointments/${appointment.id}?reason=${encodeURIComponent('broke her claviculae')}`);
  await call('GET', `appointments/${appointment.id}/history`);
  const series = {
    ...{ serviceId, clientId, startDateTime: at(30), rrule: 'FREQ=DAILY;COUNT=2' },
    ...{ notes: 'dialysis because of glomerulonephritis', staffNotes: 'smells of camphor' },
    ...{ insuranceNote: 'Policy Oakhurst 88-3' },
    ...{ overrideHours: true, overrideReason: 'between her transfusions' },
  };
  await call('POST', 'appointments/series', series, 201);
  const message = { clinicId: clinic.id, clientIds: [clientId], message: 'Bring the histopathology report' };
  await call('POST', 'notifications', { ...message, template: 'MESSAGE_FROM_CLINIC', channels: ['EMAIL'] }, 201);
  const { staff: stranger } = await openClinic(app);
  await call(
    'POST',
    `clients/${clientId}/break-glass`,
    { reason: 'found comatose after a hornet sting' },
    201,
    stranger,
  );
  await call('POST', 'ai/chat', { message: 'I have haemochromatosis, where may I park?' });
}

/** A new patient comes without an appointment, and is moved in the queue. */
async function useQueue(): Promise<void> {
  const walkIn = {
    ...{ clinicId: clinic.id, serviceId: await aService(app, clinic), withSlot: false },
    client: { firstName: 'Leaky', lastName: 'Visitor', locale: 'en', timeZone: 'UTC', ...VISITOR },
  };
  const { data: entry } = await call('POST', 'queue/walk-ins', walkIn, 201);
  const { client: _, ...same } = walkIn;
  await call(
    'POST',
    'queue/walk-ins',
    { ...same, client: { firstName: 'Other', lastName: 'Visitor', locale: 'en' } },
    201,
  );
  await call('POST', `queue/${entry.id}/move`, { beforeId: null, reason: 'waits for her hydroxyurea' });
}

/** Invitation, registration, claim, sign-in and change of accounts. */
async function useAccounts(clientId: string): Promise<void> {
  const member = { firstName: 'Leaky', lastName: 'Member', role: 'STAFF', clinicIds: [clinic.id], ...MEMBER };
  const { data: user } = await call('POST', 'users', { ...member, password: PASSWORD }, 201, clinic.admin);
  await search(MEMBER.email, 'users', clinic.admin);
  await search(MEMBER.email, 'exports/users', clinic.admin);
  const { data: session } = await anonymously('auth/login', { email: MEMBER.email, password: PASSWORD }, 200);
  const proof = { password: PASSWORD };
  await call('PUT', `users/${user.id}`, { ...CHANGED_MEMBER, ...proof }, 200, session.accessToken);
  // The first one was sent when the front desk registered the patient.
  const subject = 'Your account at Test clinic';
  await mails.text(CONTACTS.email, subject);
  await call('POST', `clients/${clientId}/invite`);
  const token = await mails.token(CONTACTS.email, subject, 2);
  const secrets = { password: 'nine-blue-kettles-inside', dateOfBirth: CHANGED.dateOfBirth };
  await anonymously('auth/invitations/accept', { token: 'x', email: CONTACTS.email, ...secrets }, 400);
  await anonymously('auth/invitations/accept', { token, ...secrets }, 200);
  await anonymously('auth/login', { email: CONTACTS.email, password: 'wrong-turnstile-77' }, 401);
  await anonymously('auth/password/forgot', { email: CONTACTS.email }, 202);
  const self = { firstName: 'Leaky', lastName: 'Self', password: 'four-green-ladders-outside', ...SELF };
  const { data } = await anonymously('auth/register', self, 201);
  await call('POST', 'auth/claims', { dateOfBirth: '1931-09-27' }, 403, data.accessToken);
}

/** The same features by the routes of the mobile client. */
async function useMobileClient(): Promise<void> {
  const { body: session } = await anonymously(
    '/api/auth/register',
    { name: 'Leaky Mobile', password: PASSWORD, ...MOBILE },
    201,
  );
  const { token } = session;
  const { body: doctors } = await call('GET', '/api/doctors', undefined, 200, token);
  const { id: doctorId } = doctors.find(({ name }: { name: string }) => name === 'Doc No 1');
  const visit = {
    doctorId,
    date: at(6).slice(0, 10),
    time: '10:00 AM',
    notes: 'sleeplessness since Easter',
    insuranceNote: 'Policy Elmfield 88-4',
  };
  const { body: booking } = await call('POST', '/api/bookings', visit, 201, token);
  await call('POST', '/api/bookings', { ...visit, time: '11:00 AM', staffNotes: 'smells of spearmint' }, 403, token);
  await call(
    'DELETE',
    `/api/bookings/${booking.id}?reason=${encodeURIComponent('has a laryngitis')}`,
    undefined,
    200,
    token,
  );
  const history = [{ role: 'user', content: 'I have a hypothyroidism' }];
  const chat = { message: 'I have a sarcoidosis, where may I park?', conversationHistory: history };
  await call('POST', '/api/ai/chat', chat, 200, token);
  const { email, phone } = CHANGED_MOBILE;
  await call('PATCH', `/api/users/${session.user.id}`, { phone }, 200, token);
  await call('PATCH', `/api/users/${session.user.id}`, { email }, 403, token);
  await anonymously('/api/auth/login', { email: MOBILE.email, password: PASSWORD }, 200);
  await search(MOBILE.email, '/api/users', clinic.admin);
  // Refused: only the front desk overrides hours.
  const override = { overrideHours: true, overrideReason: 'needs her thrombolysis' };
  await call('POST', '/api/bookings', { ...visit, time: '3:07 AM', ...override }, 403, token);
}

it('a leaked text is found in every form', () => {
  const text = RECORD.notes;
  const bytes = Buffer.from(`{"a":"${text}"}`);
  const escaped = text.replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
  const forms = [text.toUpperCase(), bytes.toString('hex'), bytes.toString('base64url'), escaped, "'quillwort':3"];
  for (const form of [...forms, encodeURIComponent(text)]) expect(findLeaks(`x ${form} x`, [text])).toEqual([text]);
  expect(findLeaks('tel:01007654321', [CONTACTS.phone])).toEqual([CONTACTS.phone]);
  expect(findLeaks('19.07.1931', [RECORD.dateOfBirth])).toEqual([RECORD.dateOfBirth]);
  expect(findLeaks('allergic to nothing, 1931-07-20, 01007654329', [text, CONTACTS.phone])).toEqual([]);
});

/** A patient with a visit. */
async function addPatient(name: string, day: number): Promise<{ id: string; userId: string; visitId: string }> {
  const contacts = { email: `${name}@canary.test`, phone: `+2010076${String(day).padStart(5, '0')}` };
  const record = {
    dateOfBirth: '1950-01-02',
    address: `${name} street`,
    mrn: `mrn of ${name}`,
    notes: `${name} notes`,
  };
  const person = { firstName: name, lastName: 'Patient', locale: 'en', ...contacts, ...record };
  const { data: client } = await call('POST', 'clients', person, 201);
  const slot = { doctorId: clinic.doctorIds[0], clientId: client.id, startDateTime: at(day) };
  const visit = {
    serviceId: await aService(app, clinic),
    ...slot,
    notes: `${name} comes`,
    staffNotes: `${name} waits`,
  };
  const { data: appointment } = await call('POST', 'appointments', visit, 201);
  return { id: client.id, userId: client.userId, visitId: appointment.id };
}

it('a value that cannot be decrypted fails no page and no message of others, and is logged with its place (P-04)', async () => {
  const [damaged, intact] = [await addPatient('damaged', 6), await addPatient('intact', 7)];
  const damage: [string, string][] = [
    // The address of somebody else, bytes of no key, and a value without its end.
    [
      `UPDATE user_account SET email = (SELECT email FROM user_account WHERE id = '${intact.userId}'), phone = '\\x00'`,
      damaged.userId,
    ],
    [`UPDATE client SET date_of_birth = '\\x0102', address = substr(address, 1, 40)`, damaged.id],
    [`UPDATE appointment SET notes = staff_notes`, damaged.visitId],
  ];
  for (const [statement, id] of damage) await app.db.query(`${statement} WHERE id = $1`, [id]);
  await app.db.query(`UPDATE client_clinic SET mrn = '\\x', notes = mrn WHERE client_id = $1`, [damaged.id]);

  const { data: patients } = await call('GET', 'clients?limit=100');
  const find = (id: string): unknown => patients.find((patient: { id: string }) => patient.id === id);
  expect(find(intact.id)).toMatchObject({
    email: 'intact@canary.test',
    address: 'intact street',
    notes: 'intact notes',
  });
  const texts = { address: '[unreadable]', notes: '[unreadable]' };
  const unreadable = { email: null, phone: null, dateOfBirth: null, mrn: null, ...texts };
  expect(find(damaged.id)).toMatchObject({ firstName: 'damaged', ...unreadable });
  expect((await call('GET', `clients/${damaged.id}`)).data).toMatchObject(unreadable);
  const { data: visits } = await call('GET', 'appointments?limit=100');
  const notes = visits.map((visit: { id: string; notes: string }) => [visit.id, visit.notes]);
  expect(Object.fromEntries(notes)).toMatchObject({
    [damaged.visitId]: '[unreadable]',
    [intact.visitId]: 'intact comes',
  });

  // A change would write back what could not be read.
  await call('PUT', `clients/${damaged.id}`, { sex: 'FEMALE' }, 500);
  const { rows } = await app.db.query(`SELECT date_of_birth FROM client WHERE id = $1`, [damaged.id]);
  expect(rows[0].date_of_birth).toEqual(Buffer.from([1, 2]));

  const template = 'MESSAGE_FROM_CLINIC';
  const message = { clinicId: clinic.id, template, message: 'Bring your card', channels: ['EMAIL'] };
  await call('POST', 'notifications', { ...message, clientIds: [damaged.id, intact.id] }, 201);
  await eventually(async () => {
    const sent = await app.db.query(
      `SELECT user_id, state, reason FROM notification WHERE kind = $1 AND channel = 'EMAIL' AND attempts > 0 ORDER BY state`,
      [template],
    );
    expect(sent.rows).toEqual([
      { user_id: damaged.userId, state: 'PENDING', reason: 'INTERNAL' },
      { user_id: intact.userId, state: 'SENT', reason: null },
    ]);
  });
  await eventually(async () => {
    const log = readFileSync(join(folder, 'log'), 'utf8');
    expect(log).toContain(`"table":"client","column":"address","key":["${damaged.id}"]`);
  });
  // Not again while the other tests read the log.
  await app.db.query(`UPDATE notification SET state = 'FAILED' WHERE user_id = $1`, [damaged.userId]);
});

it('no health data and no contact is in the database, in Redis or in the logs (L-02, P-04)', async () => {
  const clientId = await useRecord();
  await useVisit(clientId);
  await useQueue();
  await useAccounts(clientId);
  await useMobileClient();
  expect(written.missing).toEqual([]);
  expect(written.outdatedPatterns).toEqual([]);
  const canaries = written.personalValues;
  await eventually(async () => {
    const texts = smtp.mails.map(({ mail }) => mail.text ?? '').join('\n');
    expect(texts).toContain('Bring the histopathology report');
    expect(texts).toContain('broke her claviculae');
    const { rows } = await app.db.query(`SELECT FROM outbox WHERE published_at IS NULL`);
    expect(rows).toEqual([]);
  });

  const dumps = [await readTables(app.db)];
  if (process.env.PG_DUMP) dumps.push(await runPgDump(process.env.PG_DUMP, app.environment.DATABASE_URL as string));
  for (const dump of dumps) {
    const inTables = [...dump]
      .filter(([table]) => !NOT_IN_PRODUCTION.includes(table))
      .map(([table, text]) => ({ table, leaks: findLeaks(text, canaries) }))
      .filter(({ leaks }) => leaks.length > 0);
    expect(inTables).toEqual([]);
    // What is not encrypted is found.
    expect(findLeaks(dump.get('appointment') as string, [clinic.id])).toEqual([clinic.id]);
  }
  expect(findLeaks(await redis.readAll(), canaries)).toEqual([]);
  expect(redis.text).toContain('careslot');
  expect(findLeaks(redis.text, canaries)).toEqual([]);
  await api.stop();
  const lines = readFileSync(join(folder, 'log'), 'utf8');
  expect(lines).toContain('/api/v1/appointments');
  expect(findLeaks(lines, canaries)).toEqual([]);
});
