import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { TOTP } from 'otpauth';
import pg from 'pg';
import { migrate } from '../../src/migrate.js';
import { createDatabase, dropDatabase, PRODUCTION, testEnvironment } from '../support/app.js';
import { at } from '../support/clinic.js';
import { eventually } from '../support/eventually.js';
import { ApiProcess } from '../support/processes.js';
import { SmtpSink } from '../support/smtp-sink.js';

/**
 * From an empty production database to a patient with a second factor, with the built command and server. Every link is read from
 * the mail that a person got. Needs `npm run build`.
 */

const run = promisify(execFile);

const PASSWORDS = { own: 'a-long-and-quiet-river', newer: 'seven-green-lamps-outside' };
const BORN = '1988-04-02';
const MANAGER = 'manager@nile.test';
const STAFF = 'staff@nile.test';
const DOCTOR = 'doctor@nile.test';
const PATIENT = 'mona@example.test';

let smtp: SmtpSink;
let database: { name: string; url: string };
let db: pg.Pool;
let env: Record<string, string>;
let api: ApiProcess;

beforeAll(async () => {
  smtp = await new SmtpSink().start();
  database = await createDatabase();
  await migrate(database.url);
  db = new pg.Pool({ connectionString: database.url, max: 2 });
  env = {
    ...testEnvironment(database.url),
    ...PRODUCTION,
    SMTP_URL: smtp.url(),
    MAIL_FROM: 'CareSlot <mail@clinic.example>',
    JOBS_IN_PROCESS: 'true',
    JOBS_SWEEP_SECONDS: '1',
  };
  api = await ApiProcess.start(env);
}, 120_000);

afterAll(async () => {
  await api.stop();
  await db.end();
  await smtp.close();
  await dropDatabase(database.name);
});

interface Reply {
  status: number;
  code?: string;
  data: any;
}

async function call(method: string, path: string, token?: string, body?: object): Promise<Reply> {
  const headers = {
    'content-type': 'application/json',
    ...(token && { authorization: `Bearer ${token}` }),
  };
  const init = { method, headers, ...(body && { body: JSON.stringify(body) }) };
  const response = await fetch(`${api.url}/api/v1/${path}`, init);
  const json = (await response.json()) as { data?: unknown; error?: { code: string } };
  return { status: response.status, code: json.error?.code, data: json.data };
}

/** @throws Error with the answer, unless it succeeds */
async function done(method: string, path: string, token?: string, body?: object): Promise<any> {
  const reply = await call(method, path, token, body);
  if (reply.status >= 300) throw new Error(`${method} ${path} returned ${reply.status} ${reply.code}`);
  return reply.data;
}

/** Waits for a mail to the address. @returns the address of its first link */
const mailedLink = (email: string, subject: string): Promise<string> =>
  eventually(() => {
    const mail = smtp.mails.filter((one) => one.to.includes(email) && one.mail.subject === subject).at(-1);
    const link = /http\S+\/links\/\S+/.exec(mail?.mail.text ?? '')?.[0];
    if (!link) throw new Error(`no mail "${subject}" to ${email}`);
    return Promise.resolve(link);
  }, 20_000);

const toToken = (link: string): string => link.split('/').at(-1) as string;

/** Fills in the page of a link, as in a browser. */
const submit = (link: string, fields: Record<string, string>): Promise<Response> =>
  fetch(`${api.url}/links/${toToken(link)}`, { method: 'POST', body: new URLSearchParams(fields) });

const signIn = (email: string, password: string, otp?: string): Promise<Reply> =>
  call('POST', 'auth/login', undefined, { email, password, ...(otp && { otp }) });

async function accept(email: string): Promise<string> {
  const token = toToken(await mailedLink(email, 'Your account at Nile Clinic'));
  const { accessToken, user } = await done('POST', 'auth/invitations/accept', undefined, {
    token,
    password: PASSWORDS.own,
  });
  expect(user).toMatchObject({ email, emailVerified: true });
  return accessToken;
}

it('leads from an empty production database to patients, staff and doctors with accounts of their own', async () => {
  expect((await db.query('SELECT FROM user_account')).rowCount).toBe(0);
  const command = ['dist/tools/create-admin.js', '--email', 'owner@nile.test'];
  const { stdout } = await run(process.execPath, command, { env: { PATH: process.env.PATH ?? '', ...env } });
  expect(stdout).toContain('was mailed');
  const ownerLink = await mailedLink('owner@nile.test', 'Your account at an online booking service for clinics');
  expect(ownerLink.startsWith(env.PUBLIC_URL as string)).toBe(true);
  expect((await submit(ownerLink, { password: PASSWORDS.own })).status).toBe(200);
  const admin = (await signIn('owner@nile.test', PASSWORDS.own)).data.accessToken;

  const clinic = await done('POST', 'clinics', admin, {
    name: 'Nile Clinic',
    timeZone: 'Africa/Cairo',
    country: 'EG',
    policy: { slotStepMinutes: 15, minimumNoticeMinutes: 0, cancellationCutoffMinutes: 0 },
  });
  const person = { firstName: 'Sara', lastName: 'Adel', locale: 'en' };
  await done('POST', 'users', admin, { ...person, email: MANAGER, role: 'MANAGER', clinicIds: [clinic.id] });
  const manager = await accept(MANAGER);

  await done('POST', 'users', manager, { ...person, email: STAFF, role: 'STAFF' });
  const doctorUser = await done('POST', 'users', manager, { ...person, email: DOCTOR, role: 'DOCTOR' });
  const staff = await accept(STAFF);
  const doctor = await done('POST', 'doctors', manager, {
    clinicId: clinic.id,
    firstName: 'Karim',
    lastName: 'Nabil',
    speciality: 'Neurology',
    userId: doctorUser.id,
  });
  await accept(DOCTOR);
  const everyDay = [1, 2, 3, 4, 5, 6, 7].map((weekday) => ({ weekday, start: '00:00', end: '24:00' }));
  await done('PUT', `doctors/${doctor.id}/schedule`, manager, { rules: everyDay });
  const service = await done('POST', 'services', manager, {
    clinicId: clinic.id,
    name: 'Visit',
    durationMinutes: 30,
    price: { amount: 50_000, currency: 'EGP' },
    doctorIds: [doctor.id],
  });
  const visit = { serviceId: service.id, doctorId: doctor.id };

  // A patient at the desk accepts the invitation on its page.
  const omar = await done('POST', 'clients', staff, {
    firstName: 'Omar',
    lastName: 'Said',
    email: 'omar@example.test',
    dateOfBirth: BORN,
    locale: 'en',
  });
  const page = await mailedLink('omar@example.test', 'Your account at Nile Clinic');
  expect((await fetch(`${api.url}/links/${toToken(page)}`)).status).toBe(200);
  expect((await submit(page, { password: PASSWORDS.own, dateOfBirth: '1990-01-01' })).status).toBe(400);
  expect((await submit(page, { password: PASSWORDS.own, dateOfBirth: BORN })).status).toBe(200);
  expect((await signIn('omar@example.test', PASSWORDS.own)).data.user.clientId).toBe(omar.id);

  // Another one registers instead, books, verifies the address, and claims the record.
  const mona = await done('POST', 'clients', staff, {
    firstName: 'Mona',
    lastName: 'Hassan',
    email: PATIENT,
    dateOfBirth: BORN,
    locale: 'en',
  });
  const byDesk = await done('POST', 'appointments', staff, {
    ...visit,
    clientId: mona.id,
    startDateTime: at(2, '09:00'),
  });
  const { accessToken: patient } = await done('POST', 'auth/register', undefined, {
    email: PATIENT,
    password: PASSWORDS.own,
    firstName: 'Mona',
    lastName: 'H',
    locale: 'en',
  });
  const own = await done('POST', 'appointments', patient, { ...visit, startDateTime: at(3, '09:00') });
  expect((await call('POST', 'auth/claims', patient, { dateOfBirth: BORN })).code).toBe('EMAIL_NOT_VERIFIED');
  expect((await submit(await mailedLink(PATIENT, 'Confirm your e-mail address'), {})).status).toBe(200);
  expect((await done('POST', 'auth/claims', patient, { dateOfBirth: BORN })).clientId).toBe(mona.id);
  const next = await done('POST', 'appointments', patient, { ...visit, startDateTime: at(4, '09:00') });
  const visits = await done('GET', 'appointments?sort=startDateTime', patient);
  expect(visits.map(({ id }: { id: string }) => id)).toEqual([byDesk.id, own.id, next.id]);

  // A forgotten password.
  await done('POST', 'auth/password/forgot', undefined, { email: PATIENT });
  const token = toToken(await mailedLink(PATIENT, 'Choose a new password'));
  await done('POST', 'auth/password/reset', undefined, { token, password: PASSWORDS.newer });
  expect((await call('GET', 'auth/profile', patient)).code).toBe('TOKEN_REVOKED');
  expect((await signIn(PATIENT, PASSWORDS.own)).code).toBe('INVALID_CREDENTIALS');

  // A second factor.
  const { accessToken } = (await signIn(PATIENT, PASSWORDS.newer)).data;
  const { secret } = await done('POST', 'auth/mfa/setup', accessToken, { password: PASSWORDS.newer });
  const { recoveryCodes } = await done('POST', 'auth/mfa/enable', accessToken, {
    otp: new TOTP({ secret }).generate(),
  });
  expect((await signIn(PATIENT, PASSWORDS.newer)).code).toBe('MFA_REQUIRED');
  const signedIn = await signIn(PATIENT, PASSWORDS.newer, recoveryCodes[0]);
  expect([signedIn.status, signedIn.data.user.clientId]).toEqual([200, mona.id]);
}, 180_000);
