import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { newId } from '../../src/core/kernel/id.js';
import { TestApp, type Answer } from '../support/app.js';
import { aService, at, openClinic, type TestClinic } from '../support/clinic.js';
import { eventually } from '../support/eventually.js';
import { ApiProcess } from '../support/processes.js';
import { SmtpSink } from '../support/smtp-sink.js';

/** Health data and contacts must not be readable in the database, in Redis or in the logs (docs/security.md). */

const RECORD = {
  dateOfBirth: '1931-07-19',
  address: '17 Leaky Lane',
  emergencyContact: 'Aunt Zenobia +20 122 765 4321',
  mrn: 'LEAK-3141592653589',
  notes: 'allergic to quillwort',
};
const CONTACTS = { email: 'leaky.patient@canary.test', phone: '+201007654321' };
const TEXTS = {
  notes: 'palpitations since Ramadan',
  staffNotes: 'smells of gentian',
  newNotes: 'palpitations are gone',
  reason: 'broke her clavicle',
  message: 'Bring the biopsy report',
  question: 'I have haemochromatosis, where may I park?',
  emergency: 'unconscious after a hornet sting',
};

/** Written only outside of production, for developers without a mail server. */
const NOT_IN_PRODUCTION = ['dev_mailbox'];

let app: TestApp;
let smtp: SmtpSink;
let api: ApiProcess;
let clinic: TestClinic;
let folder: string;
let log: number;

beforeAll(async () => {
  smtp = await new SmtpSink().start();
  const services = { SMTP_URL: smtp.url(), SMTP_REQUIRE_TLS: 'false' };
  app = await TestApp.start({ JOBS_IN_PROCESS: 'false' });
  clinic = await openClinic(app);
  folder = mkdtempSync(join(tmpdir(), 'careslot-leaks-'));
  log = openSync(join(folder, 'log'), 'w');
  api = await ApiProcess.start({ ...app.environment, ...services, LOG_LEVEL: 'trace' }, undefined, log);
}, 90_000);

afterAll(async () => {
  await api.kill();
  closeSync(log);
  rmSync(folder, { recursive: true });
  await app.close();
  await smtp.close();
});

async function call(method: string, path: string, body?: object, status = 200): Promise<Answer> {
  const headers = method === 'POST' ? { 'idempotency-key': newId() } : undefined;
  const answer = await app.call(method, `${api.url}/api/v1/${path}`, { token: clinic.staff, body, headers });
  expect({ path, status: answer.status }).toEqual({ path, status });
  return answer;
}

/** Writes every text by the API, and reads and searches it. */
async function useEverything(): Promise<void> {
  const serviceId = await aService(app, clinic);
  const person = { firstName: 'Leaky', lastName: 'Patient', locale: 'en', ...CONTACTS, ...RECORD };
  const { data: client } = await call('POST', 'clients', person, 201);
  await call('POST', 'clients', { ...person, email: `2.${CONTACTS.email}`, mrn: `${RECORD.mrn}-2` }, 201);
  await call('POST', 'clients', person, 409);
  for (const q of [...Object.values(RECORD), ...Object.values(CONTACTS)]) {
    await call('GET', `clients?q=${encodeURIComponent(q)}`);
  }
  const { notes, staffNotes, newNotes, reason, message, question, emergency } = TEXTS;
  const visit = {
    serviceId,
    doctorId: clinic.doctorIds[0],
    clientId: client.id,
    startDateTime: at(5),
    notes,
    staffNotes,
  };
  const { data: appointment } = await call('POST', 'appointments', visit, 201);
  await call('POST', 'appointments', visit, 409);
  await call('PUT', `appointments/${appointment.id}`, { notes: newNotes });
  await call('GET', `appointments?clientId=${client.id}`);
  await call('DELETE', `appointments/${appointment.id}?reason=${encodeURIComponent(reason)}`);
  await call('GET', `appointments/${appointment.id}/history`);
  const template = 'MESSAGE_FROM_CLINIC';
  const sent = { clinicId: clinic.id, clientIds: [client.id], template, message, channels: ['EMAIL'] };
  await call('POST', 'notifications', sent, 201);
  await call('POST', 'ai/chat', { message: question });
  const { staff: stranger } = await openClinic(app);
  const opening = { token: stranger, body: { reason: emergency }, headers: { 'idempotency-key': newId() } };
  const opened = await app.call('POST', `${api.url}/api/v1/clients/${client.id}/break-glass`, opening);
  expect(opened.status).toBe(201);
  await app.call('POST', `${api.url}/api/v1/auth/login`, { body: { email: CONTACTS.email, password: 'wrong-1234' } });
  await app.call('POST', `${api.url}/api/v1/auth/password/forgot`, { body: { email: CONTACTS.email } });
  await eventually(async () => {
    const mails = smtp.mails.map(({ mail }) => mail.text ?? '').join('\n');
    expect(mails).toContain(message);
    expect(mails).toContain(reason);
    const { rows } = await app.db.query(`SELECT FROM outbox WHERE published_at IS NULL`);
    expect(rows).toEqual([]);
  }, 30_000);
}

/** Every row of every table as text, as a dump has them; bytes in hexadecimal digits. */
async function dumpDatabase(): Promise<Map<string, string>> {
  const { rows: tables } = await app.db.query<{ name: string }>(
    `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'`,
  );
  const dump = new Map<string, string>();
  for (const { name } of tables) {
    const { rows } = await app.db.query<{ row: string }>(`SELECT t::text AS row FROM ${name} t`);
    dump.set(name, rows.map(({ row }) => row).join('\n'));
  }
  return dump;
}

/** All keys and values. */
async function dumpRedis(): Promise<string> {
  const redis = new Redis(app.environment.REDIS_URL as string);
  const found: string[] = [];
  for (const key of await redis.keys('*')) {
    const type = await redis.type(key);
    const value: unknown =
      type === 'string'
        ? await redis.get(key)
        : type === 'hash'
          ? await redis.hgetall(key)
          : type === 'list'
            ? await redis.lrange(key, 0, -1)
            : type === 'set'
              ? await redis.smembers(key)
              : type === 'zset'
                ? await redis.zrange(key, 0, -1)
                : await redis.xrange(key, '-', '+');
    found.push(key, JSON.stringify(value));
  }
  redis.disconnect();
  return found.join('\n');
}

const CANARIES = [...Object.values(RECORD), ...Object.values(CONTACTS), ...Object.values(TEXTS)];

/** The parts that are searched for: also without the plus sign, in URLs, in base64 and as bytes in hexadecimal digits. */
const spellings = (text: string): string[] => {
  const bytes = Buffer.from(text);
  // Base64 of a longer text contains that of a part of three-byte groups, which begins at one of three offsets.
  const base64 = [0, 1, 2].map((offset) => {
    const groups = Math.floor((bytes.length - offset) / 3);
    return bytes.subarray(offset, offset + groups * 3).toString('base64');
  });
  return [text, text.replace('+', ''), encodeURIComponent(text), bytes.toString('hex'), ...base64];
};

const findLeaks = (text: string, canaries: string[]): string[] => {
  const lower = text.toLowerCase();
  return canaries.filter((canary) => spellings(canary).some((spelling) => lower.includes(spelling.toLowerCase())));
};

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

it('a value that cannot be decrypted fails no page and no message of others, and is logged with its place', async () => {
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
  }, 30_000);
  await eventually(async () => {
    const log = readFileSync(join(folder, 'log'), 'utf8');
    expect(log).toContain(`"table":"client","column":"address","key":["${damaged.id}"]`);
  });
  // Not again while the other tests read the log.
  await app.db.query(`UPDATE notification SET state = 'FAILED' WHERE user_id = $1`, [damaged.userId]);
}, 60_000);

it('no health data and no contact is in the database, in Redis or in the logs', async () => {
  await useEverything();
  const dump = await dumpDatabase();
  const inTables = [...dump]
    .filter(([table]) => !NOT_IN_PRODUCTION.includes(table))
    .map(([table, text]) => ({ table, leaks: findLeaks(text, CANARIES) }))
    .filter(({ leaks }) => leaks.length > 0);
  expect(inTables).toEqual([]);
  expect(findLeaks(dump.get('appointment') as string, [clinic.id])).toEqual([clinic.id]);
  expect(findLeaks(await dumpRedis(), CANARIES)).toEqual([]);
  await api.stop();
  const lines = readFileSync(join(folder, 'log'), 'utf8');
  expect(lines).toContain('/api/v1/appointments');
  expect(findLeaks(lines, CANARIES)).toEqual([]);
}, 120_000);
