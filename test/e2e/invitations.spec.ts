import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { AccountLinkTokens } from '../../src/modules/account-links/index.js';
import { newAddress, PASSWORD } from '../support/account-mails.js';
import { changeContacts } from '../support/encrypted.js';
import { TestApp, type Answer } from '../support/app.js';
import { openClinic, type TestClinic } from '../support/clinic.js';
import { eventually } from '../support/eventually.js';
import { FakeTwilio, type TwilioMessage } from '../support/fake-twilio.js';
import { allPublished } from '../support/outbox.js';
import { SettableClock } from '../support/settable-clock.js';
import { SmtpSink, type ReceivedMail } from '../support/smtp-sink.js';

const BORN = '1988-04-02';
const DAY = 86_400_000;

const clock = new SettableClock();
let smtp: SmtpSink;
let twilio: FakeTwilio;
let app: TestApp;
let here: TestClinic;
let there: TestClinic;
let callers = 0;

beforeAll(async () => {
  [smtp, twilio] = [await new SmtpSink().start(), await new FakeTwilio().start()];
  const env = {
    SMTP_URL: smtp.url(),
    JOBS_SWEEP_SECONDS: '1',
    TRUST_PROXY: '1',
    TWILIO_ACCOUNT_SID: twilio.accountSid,
    TWILIO_AUTH_TOKEN: twilio.authToken,
    TWILIO_FROM: '+15550001111',
    TWILIO_API_URL: twilio.url,
  };
  app = await TestApp.start(env, undefined, clock);
  [here, there] = [await openClinic(app), await openClinic(app)];
  await app.db.query(`UPDATE clinic SET name = 'Nile Clinic' WHERE id = $1`, [here.id]);
});

afterEach(() => clock.set(new Date().toISOString()));

afterAll(async () => {
  await app.close();
  await smtp.close();
  await twilio.close();
});

/** Each call comes from another address, so that the limit of one address does not count. */
const post = (path: string, body: object = {}, token?: string): Promise<Answer> => {
  callers += 1;
  const from = `198.51.${Math.floor(callers / 250)}.${callers % 250}`;
  return app.call('POST', path, { body, token, headers: { 'x-forwarded-for': from } });
};
const createUser = async (token: string, fields: object = {}): Promise<any> => {
  const body = { email: newAddress(), firstName: 'Sara', lastName: 'Adel', ...fields };
  const { status, data } = await post('/api/v1/users', body, token);
  expect(status).toBe(201);
  return data;
};
const createPatient = async (fields: object = {}, token = here.staff): Promise<any> => {
  const body = { email: newAddress(), firstName: 'Mona', lastName: 'Hassan', ...fields };
  const { status, data } = await post('/api/v1/clients', body, token);
  expect(status).toBe(201);
  return data;
};
const mailsTo = (email: string): ReceivedMail[] => smtp.mails.filter(({ to }) => to.includes(email));
const waitForMails = (email: string, count = 1): Promise<ReceivedMail[]> =>
  eventually(() => {
    expect(mailsTo(email)).toHaveLength(count);
    return Promise.resolve(mailsTo(email));
  });
/** Waits for the SMS to a new number. */
const smsTo = (phone: string): Promise<TwilioMessage> =>
  eventually(() => {
    const message = twilio.messages.find(({ to }) => to === phone);
    return message ? Promise.resolve(message) : Promise.reject(new Error(`no SMS to ${phone}`));
  });

const tokenIn = (text: string | undefined): string => /\/links\/(\S+)/.exec(text ?? '')?.[1] as string;
const tokenFor = async (email: string, count = 1): Promise<string> =>
  tokenIn((await waitForMails(email, count)).at(-1)?.mail.text);
const accept = (token: string, fields: object = {}): Promise<Answer> =>
  post('/api/v1/auth/invitations/accept', { token, password: PASSWORD, ...fields });
const login = (email: string): Promise<Answer> => post('/api/v1/auth/login', { email, password: PASSWORD });
const inviteUser = (id: string, token = here.manager): Promise<Answer> => post(`/api/v1/users/${id}/invite`, {}, token);
const invitePatient = (id: string, token = here.staff): Promise<Answer> =>
  post(`/api/v1/clients/${id}/invite`, undefined, token);
const revoke = (id: string, token = here.manager): Promise<Answer> =>
  app.call('DELETE', `/api/v1/users/${id}/invite`, { token });
const USED = [{ field: 'token', error: expect.stringContaining('invalid') }];

describe('an invitation to staff', () => {
  it('is mailed when the account is created, names the clinic, and signs the person in', async () => {
    const user = await createUser(here.manager, { role: 'STAFF' });
    const [mail] = await waitForMails(user.email);
    expect(mail?.mail.subject).toBe('Your account at Nile Clinic');
    const { status, data } = await accept(tokenIn(mail?.mail.text));
    expect(status).toBe(200);
    expect(data.user).toMatchObject({ id: user.id, emailVerified: true, clinicIds: [here.id], role: 'STAFF' });
    expect((await app.call('GET', '/api/v1/auth/profile', { token: data.accessToken })).status).toBe(200);
    expect((await login(user.email)).status).toBe(200);
    const { rows } = await app.db.query(
      `SELECT actor_user_id FROM audit_log WHERE object_id = $1 AND action = 'user.invitation-accepted'`,
      [user.id],
    );
    expect(rows).toHaveLength(1);
  });

  it.each(['ar', 'hi'])('is in the language of the person (%s)', async (locale) => {
    const user = await createUser(here.manager, { role: 'DOCTOR', locale });
    const [mail] = await waitForMails(user.email);
    expect(mail?.mail.subject).toContain('Nile Clinic');
    expect(mail?.mail.html).toContain(`lang="${locale}"`);
    expect((await accept(tokenIn(mail?.mail.text))).status).toBe(200);
  });

  it('is not sent if the account was created with a password', async () => {
    const user = await createUser(here.manager, { role: 'STAFF', password: PASSWORD });
    await allPublished(app);
    expect(mailsTo(user.email)).toEqual([]);
    expect((await inviteUser(user.id)).code).toBe('ALREADY_EXISTS');
  });

  it('works once, also if it is accepted 20 times at the same time', async () => {
    const user = await createUser(here.manager, { role: 'STAFF' });
    const token = await tokenFor(user.email);
    const answers = await Promise.all(Array.from({ length: 20 }, () => accept(token)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array<number>(19).fill(400)]);
    expect((await accept(token)).body.error.details).toEqual(USED);
  });

  it('ends when another one is sent or it is revoked', async () => {
    const user = await createUser(here.manager, { role: 'STAFF' });
    const first = await tokenFor(user.email);
    expect((await inviteUser(user.id)).status).toBe(200);
    const second = await tokenFor(user.email, 2);
    expect((await accept(first)).body.error.details).toEqual(USED);
    expect((await revoke(user.id)).status).toBe(200);
    expect((await accept(second)).body.error.details).toEqual(USED);
    expect((await revoke(user.id)).status).toBe(404);
    expect((await inviteUser(user.id)).status).toBe(200);
    expect((await inviteUser(user.id)).code).toBe('RATE_LIMITED');
    expect((await accept(await tokenFor(user.email, 3))).status).toBe(200);
  });

  it('expires after seven days', async () => {
    const [late, early] = [await createUser(here.manager, { role: 'STAFF' }), await createUser(here.manager)];
    const [lateToken, earlyToken] = [await tokenFor(late.email), await tokenFor(early.email)];
    clock.set(new Date(Date.now() + 7 * DAY - 60_000).toISOString());
    expect((await accept(earlyToken)).status).toBe(200);
    clock.set(new Date(Date.now() + 7 * DAY + 60_000).toISOString());
    expect((await accept(lateToken)).body.error.details).toEqual(USED);
  });

  it('cannot be replaced by a link of another purpose or a forged one', async () => {
    const user = await createUser(here.manager, { role: 'STAFF' });
    const token = await tokenFor(user.email);
    const { rows } = await app.db.query('SELECT id FROM account_link WHERE user_id = $1', [user.id]);
    const tokens = app.app.get(AccountLinkTokens, { strict: false });
    const forged = [
      tokens.create('verify', rows[0].id),
      tokens.create('reset-password', rows[0].id),
      `${token}x`,
      randomUUID(),
    ];
    for (const other of forged) expect((await accept(other)).body.error.details).toEqual(USED);
    expect((await post('/api/v1/auth/email/verify', { token })).status).toBe(400);
    expect((await accept(token)).status).toBe(200);
  });

  it('ends when the address of the account changes', async () => {
    const user = await createUser(here.manager, { role: 'STAFF' });
    const token = await tokenFor(user.email);
    await changeContacts(app, user.id, { email: newAddress() });
    expect((await accept(token)).body.error.details).toEqual(USED);
  });

  it('refuses a password that is easy to guess, and keeps working', async () => {
    const user = await createUser(here.manager, { role: 'STAFF' });
    const token = await tokenFor(user.email);
    const { status, body } = await accept(token, { password: 'careslot1' });
    expect([status, body.error.details[0].field]).toEqual([400, 'password']);
    expect((await accept(token)).status).toBe(200);
  });

  it('is sent and revoked only by managers of the person’s clinic', async () => {
    const user = await createUser(here.manager, { role: 'STAFF' });
    const statuses = [
      await inviteUser(user.id, there.manager),
      await revoke(user.id, there.manager),
      await inviteUser(user.id, here.staff),
      await inviteUser(randomUUID()),
    ].map(({ status }) => status);
    expect(statuses).toEqual([404, 404, 403, 404]);
  });
});

describe('a person who works at another clinic', () => {
  const working = async (role = 'STAFF'): Promise<any> =>
    createUser(there.admin, { role, clinicIds: [there.id], password: PASSWORD, phone: '+201001234567' });
  const readAccount = async (id: string): Promise<object> =>
    (await app.db.query(`SELECT u.*, NULL AS updated_at FROM user_account u WHERE id = $1`, [id])).rows[0];

  it('joins by accepting, and until then nothing of their account changes or is shown', async () => {
    const user = await working();
    const before = await readAccount(user.id);
    const request = { email: user.email, role: 'STAFF', firstName: 'Other', lastName: 'Name' };
    const asked = await createUser(here.manager, request);
    expect(asked).toMatchObject({ ...request, id: user.id, joinRequested: true, phone: null, clinicIds: [] });
    const token = await tokenFor(user.email);
    expect(await readAccount(user.id)).toEqual(before);
    expect((await app.call('GET', `/api/v1/users/${user.id}`, { token: here.manager })).status).toBe(404);
    expect((await accept(token, { password: 'not-the-password' })).code).toBe('INVALID_CREDENTIALS');
    const { data } = await accept(token);
    expect(data.user).toMatchObject({ firstName: 'Sara', clinicIds: [here.id, there.id].sort() });
    expect((await app.call('GET', '/api/v1/clients', { token: data.accessToken })).status).toBe(200);
    expect((await app.call('GET', `/api/v1/users/${user.id}`, { token: here.manager })).status).toBe(200);
    expect((await accept(token)).body.error.details).toEqual(USED);
  });

  it('can be asked again, and the invitation can be revoked', async () => {
    const user = await working('DOCTOR');
    await createUser(here.manager, { email: user.email, role: 'DOCTOR' });
    const first = await tokenFor(user.email);
    expect((await inviteUser(user.id)).status).toBe(200);
    const second = await tokenFor(user.email, 2);
    expect((await accept(first)).status).toBe(400);
    expect((await revoke(user.id)).status).toBe(200);
    expect((await accept(second)).status).toBe(400);
    expect((await login(user.email)).data.user.clinicIds).toEqual([there.id]);
  });

  it.each(['MANAGER', 'DOCTOR'])('is not asked to join as staff if they are a %s', async (role) => {
    const user = await working(role);
    const body = { email: user.email, role: 'STAFF', firstName: 'A', lastName: 'B' };
    expect((await post('/api/v1/users', body, here.manager)).code).toBe('EMAIL_TAKEN');
  });
});

describe('the page of an invitation', () => {
  const show = (token: string): Promise<Answer> => app.call('GET', `/links/${token}`);
  const send = (token: string, fields: Record<string, string>): Promise<Answer> => {
    callers += 1;
    const from = `198.52.${Math.floor(callers / 250)}.${callers % 250}`;
    return app.call('POST', `/links/${token}`, {
      body: new URLSearchParams(fields).toString(),
      headers: { 'content-type': 'application/x-www-form-urlencoded', 'x-forwarded-for': from },
    });
  };

  it.each([
    ['en', 'Choose a password for your account'],
    ['ar', 'اختر كلمة مرور لحسابك'],
    ['hi', 'अपने खाते के लिए पासवर्ड चुनें'],
  ])('asks for a password in the person’s language (%s) and shows nothing about them', async (locale, heading) => {
    const patient = await createPatient({ locale, dateOfBirth: BORN });
    const token = await tokenFor(patient.email);
    const page = await show(token);
    expect([page.status, page.body]).toEqual([200, expect.stringContaining(heading)]);
    for (const secret of ['Mona', 'Hassan', BORN, patient.email]) expect(page.body).not.toContain(secret);
    expect(page.body).toMatch(/name="password"[^]*name="dateOfBirth"/);
    expect((await send(token, { password: 'careslot1', dateOfBirth: BORN })).status).toBe(400);
    expect((await send(token, { password: PASSWORD })).status).toBe(400);
    expect((await send(token, { password: PASSWORD, dateOfBirth: '1990-01-01' })).status).toBe(400);
    expect((await send(token, { password: PASSWORD, dateOfBirth: BORN })).status).toBe(200);
    expect((await login(patient.email)).data.user.clientId).toBe(patient.id);
    for (const over of [await show(token), await send(token, { password: PASSWORD, dateOfBirth: BORN })])
      expect([over.status, over.body]).toEqual([410, expect.stringContaining(`lang="${locale}"`)]);
  });

  it('asks a patient with only a telephone number for an address', async () => {
    const phone = `+2015${String(Date.now()).slice(-8)}`;
    await createPatient({ email: null, phone });
    const token = tokenIn((await smsTo(phone)).body);
    expect((await show(token)).body).toContain('name="email"');
    expect((await send(token, { email: 'nobody' })).status).toBe(400);
    const email = newAddress();
    expect((await send(token, { email: ` ${email.toUpperCase()}` })).body).toContain('A link was sent');
    expect((await send(await tokenFor(email), { password: PASSWORD })).status).toBe(200);
    expect((await login(email)).status).toBe(200);
  });

  it('adds the clinic to an account after its password, and leaves no session open', async () => {
    const user = await createUser(there.manager, { role: 'STAFF', password: PASSWORD });
    await createUser(here.manager, { email: user.email, role: 'STAFF' });
    const token = await tokenFor(user.email);
    expect((await show(token)).body).toMatch(/Nile Clinic[^]*name="password"[^]*name="otp"/);
    expect((await send(token, { password: 'not-the-password' })).status).toBe(400);
    expect((await send(token, { password: PASSWORD })).status).toBe(200);
    const { rowCount } = await app.db.query('SELECT FROM session WHERE user_id = $1 AND revoked_at IS NULL', [user.id]);
    expect(rowCount).toBe(0);
    expect((await login(user.email)).data.user.clinicIds).toEqual([here.id, there.id].sort());
  });

  it('of a person who became a manager does not make them a manager of the clinic', async () => {
    const user = await createUser(there.manager, { role: 'STAFF', password: PASSWORD });
    await createUser(here.manager, { email: user.email, role: 'STAFF' });
    const token = await tokenFor(user.email);
    const body = { role: 'MANAGER' };
    expect((await app.call('PUT', `/api/v1/users/${user.id}`, { token: here.admin, body })).status).toBe(200);
    expect((await send(token, { password: PASSWORD })).status).toBe(410);
    expect((await login(user.email)).data.user.clinicIds).toEqual([there.id]);
  });
});

describe('an invitation to a patient', () => {
  it('is mailed when the desk registers them, and gives them their record', async () => {
    const patient = await createPatient();
    const { status, data } = await accept(await tokenFor(patient.email));
    expect([status, data.user.clientId]).toEqual([200, patient.id]);
  });

  it('asks for the birth date if the record has one', async () => {
    const patient = await createPatient({ dateOfBirth: BORN });
    const token = await tokenFor(patient.email);
    const details = async (fields: object): Promise<unknown> => (await accept(token, fields)).body.error.details;
    expect(await details({})).toEqual([{ field: 'dateOfBirth', error: 'is required' }]);
    expect(await details({ dateOfBirth: '1990-01-01' })).toEqual([{ field: 'dateOfBirth', error: 'is wrong' }]);
    expect((await accept(token, { dateOfBirth: BORN })).status).toBe(200);
  });

  it('ends at the fifth wrong birth date, also of 20 at the same time', async () => {
    const patient = await createPatient({ dateOfBirth: BORN });
    const token = await tokenFor(patient.email);
    const wrong = await Promise.all(
      Array.from({ length: 20 }, (_, n) => accept(token, { dateOfBirth: `19${70 + n}-01-01` })),
    );
    const fields = wrong.map(({ body }) => body.error.details[0].field);
    expect(fields.filter((field: string) => field === 'dateOfBirth')).toHaveLength(5);
    expect((await accept(token, { dateOfBirth: BORN })).body.error.details).toEqual(USED);
  });

  it('is not sent by itself to an address of several records, only if the desk asks for it', async () => {
    const email = newAddress();
    const mother = await createPatient({ email });
    const token = await tokenFor(email);
    const child = await createPatient({ email, firstName: 'Omar', dateOfBirth: BORN });
    await allPublished(app);
    expect(mailsTo(email)).toHaveLength(1);
    expect((await accept(token)).body.error.details).toEqual(USED);
    expect((await invitePatient(child.id)).status).toBe(200);
    const { data } = await accept(await tokenFor(email, 2), { dateOfBirth: BORN });
    expect(data.user.clientId).toBe(child.id);
    expect((await invitePatient(mother.id)).status).toBe(200);
    expect((await accept(await tokenFor(email, 3))).code).toBe('EMAIL_TAKEN');
  });

  it('closes an account that somebody registered with the address and never verified', async () => {
    const patient = await createPatient();
    const token = await tokenFor(patient.email);
    const stranger = await post('/api/v1/auth/register', {
      email: patient.email,
      password: 'some-other-quiet-river',
      firstName: 'Not',
      lastName: 'Mona',
    });
    expect(stranger.status).toBe(201);
    const { status, data } = await accept(token);
    expect([status, data.user.clientId]).toEqual([200, patient.id]);
    const profile = await app.call('GET', '/api/v1/auth/profile', { token: stranger.data.accessToken });
    expect(profile.code).toBe('TOKEN_REVOKED');
    expect((await login(patient.email)).data.user.id).toBe(patient.userId);
  });

  it('comes by SMS to a patient with only a phone number, who then verifies an address', async () => {
    const phone = `+2010${String(Date.now()).slice(-8)}`;
    const patient = await createPatient({ email: null, phone, dateOfBirth: BORN });
    const sms = await smsTo(phone);
    expect(sms.body).toContain('Nile Clinic');
    const token = tokenIn(sms.body);
    expect((await accept(token, { dateOfBirth: BORN })).body.error.details[0].field).toBe('email');
    const [wrong, right] = [newAddress(), newAddress()];
    const recordedEmail = async (): Promise<unknown> =>
      (await app.call('GET', `/api/v1/clients/${patient.id}`, { token: here.staff })).data.email;
    for (const email of [wrong, right]) {
      const { code, data } = await accept(token, { dateOfBirth: BORN, email });
      expect([code, data]).toEqual(['EMAIL_NOT_VERIFIED', undefined]);
      // Reminders do not go to an address that nobody has verified.
      expect(await recordedEmail()).toBeNull();
    }
    expect((await accept(await tokenFor(wrong), { dateOfBirth: BORN })).body.error.details).toEqual(USED);
    const { status, data } = await accept(await tokenFor(right), { dateOfBirth: BORN });
    expect([status, data.user.email, data.user.clientId]).toEqual([200, right, patient.id]);
    expect(await recordedEmail()).toBe(right);
    expect((await accept(token, { dateOfBirth: BORN, email: newAddress() })).body.error.details).toEqual(USED);
  });

  it('by SMS does not tell whether an address has an account, and does not take one over (T-09)', async () => {
    const phone = `+2011${String(Date.now()).slice(-8)}`;
    const patient = await createPatient({ email: null, phone });
    const sms = await smsTo(phone);
    const owner = await createUser(here.admin, { role: 'STAFF', password: PASSWORD });
    const { code } = await accept(tokenIn(sms.body), { email: owner.email });
    expect(code).toBe('EMAIL_NOT_VERIFIED');
    expect((await accept(await tokenFor(owner.email))).code).toBe('EMAIL_TAKEN');
    expect((await login(owner.email)).data.user.id).toBe(owner.id);
    expect((await app.call('GET', `/api/v1/clients/${patient.id}`, { token: here.staff })).data.email).toBeNull();
  });

  it('is not sent by SMS by itself to a number of several people', async () => {
    const phone = `+2012${String(Date.now()).slice(-8)}`;
    await createPatient({ phone });
    const child = await createPatient({ email: null, phone, firstName: 'Omar' });
    await allPublished(app);
    expect(twilio.messages.filter(({ to }) => to === phone)).toEqual([]);
    expect((await invitePatient(child.id)).status).toBe(200);
    await eventually(() => {
      expect(twilio.messages.filter(({ to }) => to === phone)).toHaveLength(1);
      return Promise.resolve();
    });
  });

  it('is sent three times a day to an address, also for several people at the same time', async () => {
    const email = newAddress();
    const people = [await createPatient({ email, firstName: 'One' })];
    await waitForMails(email, 1);
    for (const firstName of ['Two', 'Three', 'Four', 'Five']) people.push(await createPatient({ email, firstName }));
    await allPublished(app);
    const answers = await Promise.all(people.map(({ id }) => invitePatient(id)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(2);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(3);
    expect(await waitForMails(email, 3)).toHaveLength(3);
  });

  it('is sent six times a day to a patient, over all addresses', async () => {
    const phone = `+2015${String(Date.now()).slice(-8)}`;
    const patient = await createPatient({ email: null, phone });
    const sms = await smsTo(phone);
    const enter = (): Promise<Answer> => accept(tokenIn(sms.body), { email: newAddress() });
    for (let mail = 1; mail <= 5; mail += 1) expect((await enter()).code).toBe('EMAIL_NOT_VERIFIED');
    expect((await enter()).body.error.details).toMatchObject({ limit: 6, remaining: 0 });
    expect((await invitePatient(patient.id)).status).toBe(429);
  });

  it('is revoked by a manager of the clinic', async () => {
    const patient = await createPatient();
    const token = await tokenFor(patient.email);
    expect((await revoke(patient.userId, there.manager)).status).toBe(404);
    expect((await revoke(patient.userId)).status).toBe(200);
    expect((await revoke(patient.userId)).status).toBe(404);
    expect((await accept(token)).body.error.details).toEqual(USED);
  });

  it('is sent only by the desk of a clinic of the patient, and only to an address or a telephone number', async () => {
    const patient = await createPatient();
    expect((await invitePatient(patient.id, there.staff)).status).toBe(404);
    const nothing = await createPatient({ email: null });
    expect((await invitePatient(nothing.id)).code).toBe('VALIDATION_ERROR');
  });
});
