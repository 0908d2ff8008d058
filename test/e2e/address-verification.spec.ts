import { request as httpRequest } from 'node:http';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AccountLinkTokens } from '../../src/modules/account-links/index.js';
import { newAddress, PASSWORD } from '../support/account-mails.js';
import { createMaker, insertApiKey } from '../support/api-keys.js';
import { TestApp, type Answer } from '../support/app.js';
import { aService, at, openClinic, type TestClinic } from '../support/clinic.js';
import { eventually, within } from '../support/eventually.js';
import { countLockWaits, inTransaction } from '../support/locks.js';
import { allPublished } from '../support/outbox.js';
import { signInMember } from '../support/second-factor.js';
import { SmtpSink, type ReceivedMail } from '../support/smtp-sink.js';
import { changeContacts } from '../support/encrypted.js';

interface Patient {
  clientId: string;
  userId: string;
  token: string;
}

let smtp: SmtpSink;
let app: TestApp;
let clinic: TestClinic;
let serviceId: string;
let hours = 0;

beforeAll(async () => {
  smtp = await new SmtpSink().start();
  app = await TestApp.start({ SMTP_URL: smtp.url(), JOBS_SWEEP_SECONDS: '1' });
  clinic = await openClinic(app);
  serviceId = await aService(app, clinic);
});

afterAll(async () => {
  await app.close();
  await smtp.close();
});

const register = (email: string, fields: object = {}): Promise<Answer> =>
  app.call('POST', '/api/v1/auth/register', {
    body: { email, password: PASSWORD, firstName: 'Mona', lastName: 'Hassan', ...fields },
  });
const login = (email: string): Promise<Answer> =>
  app.call('POST', '/api/v1/auth/login', { body: { email, password: PASSWORD } });
const profile = async (token: string): Promise<any> => (await app.call('GET', '/api/v1/auth/profile', { token })).data;
const resend = (token: string): Promise<Answer> => app.call('POST', '/api/v1/auth/email/resend', { token });
const verify = (token: string): Promise<Answer> => app.call('POST', '/api/v1/auth/email/verify', { body: { token } });
const mailsTo = (email: string): ReceivedMail[] => smtp.mails.filter(({ to }) => to.includes(email));
const linksIn = ({ mail }: ReceivedMail): string[] => mail.text?.match(/http\S+\/links\/\S+/g) ?? [];
const tokenIn = (link: string): string => link.split('/').at(-1) as string;
const toPath = (link: string): string => new URL(link).pathname;

const waitForMails = (email: string, count = 1): Promise<ReceivedMail[]> =>
  eventually(async () => {
    const mails = mailsTo(email);
    expect(mails).toHaveLength(count);
    return Promise.resolve(mails);
  });

/** A patient who registered, and the links of the mail. */
async function registered(fields: object = {}) {
  const email = newAddress();
  const { data } = await register(email, fields);
  const [mail] = await waitForMails(email);
  const [verifyLink, disownLink] = linksIn(mail as ReceivedMail) as [string, string];
  return {
    email,
    token: data.accessToken as string,
    user: data.user,
    mail: mail as ReceivedMail,
    verifyLink,
    disownLink,
  };
}

const book = (token: string, fields: object = {}): Promise<Answer> =>
  app.call('POST', '/api/v1/appointments', {
    token,
    body: {
      serviceId,
      doctorId: clinic.doctorIds[0],
      startDateTime: at(3 + Math.floor((hours += 1) / 20), `${String(hours % 20).padStart(2, '0')}:00`),
      ...fields,
    },
  });

const readDeliveryStates = async (userId: string): Promise<Record<string, string>> => {
  const { rows } = await app.db.query<{ channel: string; state: string }>(
    `SELECT channel, state FROM notification WHERE user_id = $1 AND kind <> 'EMAIL_VERIFICATION' ORDER BY channel`,
    [userId],
  );
  return Object.fromEntries(rows.map(({ channel, state }) => [channel, state]));
};

describe('the verification mail', () => {
  it('has two links and no names, and is in the language of the patient', async () => {
    for (const [locale, subject] of [
      ['en', 'Confirm your e-mail address'],
      ['ar-EG', 'أكّد عنوان بريدك الإلكتروني'],
      ['hi-IN', 'अपने ईमेल पते की पुष्टि करें'],
    ]) {
      const { mail } = await registered({ firstName: 'Zebulon', lastName: 'Quackenbush', locale });
      expect(mail.mail.subject).toBe(subject);
      expect(linksIn(mail)).toHaveLength(2);
      expect(mail.raw + mail.mail.text + mail.mail.html).not.toMatch(/Zebulon|Quackenbush/);
      expect(mail.mail.headers.map(({ key }) => key)).not.toContain('list-unsubscribe');
    }
  });

  it('is sent to an address at most three times a day, also if the account is closed and created again', async () => {
    const { email, token, disownLink } = await registered();
    expect((await resend(token)).status).toBe(200);
    // A mail that was not sent before the account is closed is never sent.
    await waitForMails(email, 2);
    await app.call('POST', toPath(disownLink));
    const again = await register(email);
    expect(again.status).toBe(201);
    await waitForMails(email, 3);
    const refused = await resend(again.data.accessToken);
    expect(refused).toMatchObject({ status: 429, code: 'RATE_LIMITED' });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(23 * 3_600);
    expect(mailsTo(email)).toHaveLength(3);
  });

  it('is sent again at a sign-in only if its link has expired', async () => {
    const { email, user } = await registered();
    await login(email);
    await allPublished(app);
    const { rowCount } = await app.db.query('SELECT FROM account_link WHERE user_id = $1', [user.id]);
    expect(rowCount).toBe(1);
    await app.db.query(`UPDATE account_link SET expires_at = now() WHERE user_id = $1`, [user.id]);
    await login(email);
    await waitForMails(email, 2);
  });

  it('has tokens that are not stored in the database', async () => {
    const { verifyLink, disownLink } = await registered();
    const { rows } = await app.db.query<{ name: string }>(
      `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'`,
    );
    for (const { name } of rows) {
      const found = await app.db.query(`SELECT FROM ${name} t WHERE t::text LIKE ANY ($1)`, [
        [verifyLink, disownLink].map((link) => `%${tokenIn(link)}%`),
      ]);
      expect({ name, rows: found.rowCount }).toEqual({ name, rows: 0 });
    }
  });
});

describe('a link of the verification mail', () => {
  it('opens a page that changes nothing, and its button verifies the address once', async () => {
    const { token, user, verifyLink } = await registered();
    expect(user.emailVerified).toBe(false);
    const page = await app.call('GET', toPath(verifyLink));
    expect(page.status).toBe(200);
    expect(page.body).toContain('<form method="post">');
    expect((await profile(token)).emailVerified).toBe(false);
    expect((await app.call('POST', toPath(verifyLink))).status).toBe(200);
    expect(await profile(token)).toMatchObject({ emailVerified: true, version: user.version + 1 });
    for (const method of ['GET', 'POST']) expect((await app.call(method, toPath(verifyLink))).status).toBe(410);
  });

  it('opens a page in the language of the account also after it was used, and of the browser if it is unknown', async () => {
    const { verifyLink } = await registered({ locale: 'ar-EG' });
    await verify(tokenIn(verifyLink));
    for (const method of ['GET', 'POST']) {
      const page = await app.call(method, toPath(verifyLink));
      expect([page.status, page.body]).toEqual([410, expect.stringContaining('استُخدم هذا الرابط من قبل')]);
    }
    const unknown = await app.call('GET', '/links/unknown', { headers: { 'accept-language': 'hi-IN,hi;q=0.9' } });
    expect([unknown.status, unknown.body]).toEqual([404, expect.stringContaining('lang="hi"')]);
  });

  it('cannot close an account of staff: their mail has only the link that confirms', async () => {
    const { email, userId, token } = await signInMember(app, 'STAFF', [clinic.id]);
    expect((await resend(token)).status).toBe(200);
    const [mail] = await waitForMails(email);
    const [link, ...others] = linksIn(mail as ReceivedMail) as [string];
    expect(others).toEqual([]);
    expect(mail?.mail.text).not.toContain('close');
    const tokens = app.app.get(AccountLinkTokens, { strict: false });
    const disownLink = `/links/${tokens.create('disown', tokens.read(tokenIn(link))?.linkId as string)}`;
    expect((await app.call('POST', disownLink)).status).toBe(410);
    expect((await verify(tokenIn(link))).status).toBe(200);
    expect(await profile(token)).toMatchObject({ id: userId, emailVerified: true });
  });

  it('contains a token that the API accepts once', async () => {
    const { token, verifyLink } = await registered();
    expect(await verify(tokenIn(verifyLink))).toMatchObject({ status: 200, data: { emailVerified: true } });
    expect((await profile(token)).emailVerified).toBe(true);
    const again = await verify(tokenIn(verifyLink));
    expect(again).toMatchObject({ status: 400, code: 'VALIDATION_ERROR' });
    expect(again.body.error.details).toEqual([expect.objectContaining({ field: 'token' })]);
    expect((await resend(token)).status).toBe(200);
  });

  it('is rejected if it has expired, was changed, is for another purpose, or the address has changed', async () => {
    const expired = await registered();
    await app.db.query(`UPDATE account_link SET expires_at = now() WHERE user_id = $1`, [expired.user.id]);
    expect((await verify(tokenIn(expired.verifyLink))).status).toBe(400);
    const { user, token, verifyLink, disownLink } = await registered();
    for (const bad of [tokenIn(disownLink), `${tokenIn(verifyLink)}A`, `A${tokenIn(verifyLink)}`, 'a.b', token]) {
      expect((await verify(bad)).status).toBe(400);
    }
    await changeContacts(app, user.id, { email: newAddress() });
    expect((await verify(tokenIn(verifyLink))).status).toBe(400);
    expect((await profile(token)).emailVerified).toBe(false);
  });

  it('works once for concurrent requests', async () => {
    const { verifyLink } = await registered();
    const answers = await Promise.all(Array.from({ length: 10 }, () => verify(tokenIn(verifyLink))));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  });

  it('"this was not me" closes the account and its sessions, and the address can be registered again', async () => {
    const { email, token, disownLink, verifyLink } = await registered();
    expect((await app.call('GET', toPath(disownLink))).status).toBe(200);
    expect((await profile(token)).email).toBe(email);
    expect((await app.call('POST', toPath(disownLink))).status).toBe(200);
    expect((await app.call('GET', '/api/v1/auth/profile', { token })).code).toBe('TOKEN_REVOKED');
    expect((await login(email)).code).toBe('INVALID_CREDENTIALS');
    expect((await verify(tokenIn(verifyLink))).status).toBe(400);
    expect((await register(email)).status).toBe(201);
  });

  it.each(['this was not me', 'deleted by an administrator'])(
    'its upcoming visits are cancelled when the account is closed: %s',
    async (way) => {
      const { token, user, disownLink } = await registered();
      const visit = await book(token);
      const { startDateTime } = visit.data;
      const closed =
        way === 'this was not me'
          ? await app.call('POST', toPath(disownLink))
          : await app.call('DELETE', `/api/v1/users/${user.id}`, { token: clinic.admin });
      expect(closed.status).toBe(200);
      await eventually(async () => {
        const path = `/api/v1/appointments/${visit.data.id}`;
        expect((await app.call('GET', path, { token: clinic.staff })).data.status).toBe('CANCELLED');
      });
      expect((await book((await app.patient()).token, { startDateTime })).status).toBe(201);
    },
  );

  it('"this was not me" is rejected after the address was verified', async () => {
    const { token, disownLink, verifyLink } = await registered();
    await verify(tokenIn(verifyLink));
    expect((await app.call('POST', toPath(disownLink))).status).toBe(410);
    expect((await profile(token)).emailVerified).toBe(true);
  });
});

describe('a patient whose address is not verified', () => {
  it('can book, change and cancel, and gets messages in the inbox, but no mail and no SMS', async () => {
    const { token, user, email } = await registered({ phone: '+201001234567' });
    const booked = await book(token);
    expect(booked.status).toBe(201);
    const path = `/api/v1/appointments/${booked.data.id}`;
    expect((await app.call('PUT', path, { token, body: { startDateTime: at(40) } })).status).toBe(200);
    const sent = { clinicId: clinic.id, clientIds: [user.clientId], template: 'MESSAGE_FROM_CLINIC' };
    const message = { ...sent, channels: ['EMAIL', 'SMS'], message: 'Hello' };
    expect((await app.call('POST', '/api/v1/notifications', { token: clinic.staff, body: message })).data.count).toBe(
      1,
    );
    expect((await app.call('DELETE', path, { token })).status).toBe(200);
    await eventually(async () => {
      const { rows } = await app.db.query(
        `SELECT kind FROM notification WHERE user_id = $1 AND channel = 'IN_APP' AND state = 'SENT'`,
        [user.id],
      );
      expect(rows.map(({ kind }) => kind)).toContain('APPOINTMENT_CANCELLED');
    });
    expect(Object.keys(await readDeliveryStates(user.id))).toEqual(['IN_APP']);
    expect(mailsTo(email)).toHaveLength(1);
  });

  it('gets mails after the address was verified', async () => {
    const { token, email, verifyLink } = await registered();
    await verify(tokenIn(verifyLink));
    await book(token);
    const mails = await waitForMails(email, 2);
    expect(mails[1]?.mail.subject).toMatch(/^Appointment booked/);
  });

  it('gets no mail that was planned, because its state is checked when it is sent', async () => {
    const { user } = await registered();
    const { rows } = await app.db.query<{ id: string }>(
      `INSERT INTO notification (user_id, clinic_id, kind, channel, due_at, next_attempt_at)
       VALUES ($1, $2, 'MESSAGE_FROM_CLINIC', 'EMAIL', now(), now()) RETURNING id`,
      [user.id, clinic.id],
    );
    await eventually(async () => {
      const found = await app.db.query(`SELECT state, reason FROM notification WHERE id = $1`, [rows[0]?.id]);
      expect(found.rows).toEqual([{ state: 'SKIPPED', reason: 'ADDRESS_NOT_VERIFIED' }]);
    });
  });
});

describe('at the front desk', () => {
  const desk = (q: string): Promise<Answer> =>
    app.call('GET', `/api/v1/clients?q=${encodeURIComponent(q)}`, { token: clinic.staff });
  const record = (email: string, fields: object = {}): Promise<Answer> =>
    app.call('POST', '/api/v1/clients', {
      token: clinic.staff,
      body: { firstName: 'True', lastName: 'Owner', email, clinicId: clinic.id, ...fields },
    });
  const getIds = ({ data }: Answer): string[] => data.map(({ id }: { id: string }) => id);

  it('an unverified address does not find its account, does not prevent a record with the same address, and gives no access to that record', async () => {
    const { email, token, user } = await registered({ firstName: 'Mallory', lastName: 'Stranger' });
    expect((await desk(email)).data).toEqual([]);
    const made = await record(email);
    expect(made).toMatchObject({ status: 201, data: { email, emailVerified: false } });
    expect(made.data.userId).not.toBe(user.id);
    expect((await desk(email)).data.map(({ id }: { id: string }) => id)).toEqual([made.data.id]);
    const booked = await book(clinic.staff, { clientId: made.data.id, notes: 'private' });
    expect(booked.status).toBe(201);
    expect((await app.call('GET', '/api/v1/appointments', { token })).data).toEqual([]);
    expect((await app.call('GET', `/api/v1/appointments/${booked.data.id}`, { token })).status).toBe(404);
    expect((await login(email)).data.user.id).toBe(user.id);
  });

  it('a patient of the clinic with an unverified address is found by name, and shown as unverified', async () => {
    const { token, email } = await registered({ firstName: 'Unproven', lastName: 'Visitor' });
    await book(token);
    expect((await desk('unproven visitor')).data).toEqual([expect.objectContaining({ email, emailVerified: false })]);
    for (const q of [email, email.slice(0, 20), email.split('-')[0] as string])
      expect((await desk(q)).data).toEqual([]);
  });

  it('a verified address finds its account and prevents a second record', async () => {
    const { email, verifyLink, user } = await registered();
    await verify(tokenIn(verifyLink));
    expect((await desk(email)).data).toEqual([expect.objectContaining({ userId: user.id, emailVerified: true })]);
    expect((await record(email)).code).toBe('EMAIL_TAKEN');
  });

  it('a telephone number does not find the account of somebody who never verified an address, for people and API keys', async () => {
    const phone = `+2010${String(Date.now()).slice(-8)}`;
    const { userId: makerId } = await createMaker(app, [clinic.id]);
    const machine = await insertApiKey(app, { makerId, clinicIds: [clinic.id] });
    const name = { firstName: 'Zenobia', lastName: 'Quince' };
    const stranger = await registered({ ...name, phone });
    const find = async (): Promise<unknown[]> => [
      getIds(await desk(phone)),
      getIds(await app.call('GET', `/api/v1/clients?q=${encodeURIComponent(phone)}`, { token: machine.key })),
      getIds(await app.call('GET', `/api/v1/clients?q=${stranger.email}`, { token: machine.key })),
    ];
    expect(await find()).toEqual([[], [], []]);
    const made = await record(stranger.email, { ...name, phone });
    expect([made.status, made.data.possibleDuplicates]).toEqual([201, []]);
    expect(await find()).toEqual([[made.data.id], [made.data.id], [made.data.id]]);
  });

  it('the owner of an address gets the record with it, and not whoever registered with it before', async () => {
    const { email, token, user } = await registered({ firstName: 'Mallory', lastName: 'Stranger' });
    const made = await record(email, { dateOfBirth: '1988-04-02' });
    const visit = await book(clinic.staff, { clientId: made.data.id, notes: 'private' });
    // The stranger's account prevents a registration, but the owner reads the mails.
    await app.call('POST', '/api/v1/auth/password/forgot', { body: { email } });
    const reset = await eventually(() => {
      const mail = mailsTo(email).find(({ mail: { subject } }) => subject === 'Choose a new password');
      return mail ? Promise.resolve(tokenIn(linksIn(mail)[0] as string)) : Promise.reject(new Error('no mail yet'));
    });
    const password = 'seven-green-lamps-outside';
    await app.call('POST', '/api/v1/auth/password/reset', { body: { token: reset, password } });
    expect((await app.call('GET', '/api/v1/auth/profile', { token })).code).toBe('TOKEN_REVOKED');
    expect((await login(email)).code).toBe('INVALID_CREDENTIALS');
    const owner = await app.call('POST', '/api/v1/auth/login', { body: { email, password } });
    const claim = { token: owner.data.accessToken, body: { dateOfBirth: '1988-04-02' } };
    const claimed = await app.call('POST', '/api/v1/auth/claims', claim);
    expect(claimed).toMatchObject({ status: 200, data: { id: user.id, clientId: made.data.id, firstName: 'True' } });
    expect(getIds(await app.call('GET', '/api/v1/appointments', { token: claim.token }))).toEqual([visit.data.id]);
    expect((await app.call('GET', '/api/v1/appointments', { token })).status).toBe(401);
  });

  it('a record does not prevent its patient from registering, and the new account gets no access to it', async () => {
    const email = newAddress();
    const made = await record(email);
    await book(clinic.staff, { clientId: made.data.id });
    const owner = await register(email);
    expect(owner.status).toBe(201);
    expect(owner.data.user.clientId).not.toBe(made.data.id);
    expect((await app.call('GET', '/api/v1/appointments', { token: owner.data.accessToken })).data).toEqual([]);
    expect((await register(email)).code).toBe('EMAIL_TAKEN');
  });

  it('a record gets mails at the address that the front desk entered', async () => {
    const email = newAddress();
    const made = await record(email);
    await book(clinic.staff, { clientId: made.data.id });
    const mails = await waitForMails(email, 2);
    expect(mails.map(({ mail }) => mail.subject)).toEqual(
      expect.arrayContaining(['Your account at Test clinic', expect.stringContaining('Appointment booked')]),
    );
  });
});

describe('a name', () => {
  it('that mail programs would show as a link is rejected, and a stored one is not a link in mails', async () => {
    for (const firstName of [
      'Your account is locked: https://evil.example/login',
      'see www.evil.example',
      'evil.example',
    ]) {
      expect(await register(newAddress(), { firstName })).toMatchObject({ status: 400, code: 'VALIDATION_ERROR' });
    }
    const { user, token, email, verifyLink } = await registered();
    await verify(tokenIn(verifyLink));
    await app.db.query(`UPDATE user_account SET first_name = 'Locked: https://evil.example/login' WHERE id = $1`, [
      user.id,
    ]);
    await book(token);
    const [, mail] = await waitForMails(email, 2);
    expect(`${mail?.mail.text} ${mail?.mail.html}`).not.toMatch(/https:\/\/evil|evil\.example/);
  });
});

describe('the limit on bookings, changes and cancellations', () => {
  let limited: TestApp;

  beforeAll(async () => {
    limited = await TestApp.start({ VISIT_CHANGES_PER_10_MINUTES: '3' });
  });

  afterAll(() => limited.close());

  it('counts each kind of request separately, and does not count rejected requests (R-01)', async () => {
    const place = await openClinic(limited);
    const service = await aService(limited, place);
    const [patient, other] = (await limited.patients(2)) as [Patient, Patient];
    const reserve = ({ token }: Patient, hour: number): Promise<Answer> =>
      limited.call('POST', '/api/v1/appointments', {
        token,
        body: { serviceId: service, doctorId: place.doctorIds[0], startDateTime: at(3, `${10 + hour}:00`) },
      });
    const change = (method: 'PUT' | 'DELETE', id: string, body?: object): Promise<Answer> =>
      limited.call(method, `/api/v1/appointments/${id}`, { token: patient.token, body });
    const first = (await reserve(patient, 0)).data.id as string;
    for (let n = 0; n < 4; n += 1) expect((await reserve(patient, 0)).status).toBe(409);
    const booked = [first, (await reserve(patient, 1)).data.id, (await reserve(patient, 2)).data.id] as string[];
    const refused = await reserve(patient, 4);
    expect(refused).toMatchObject({ status: 429, code: 'RATE_LIMITED' });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await reserve(other, 4)).status).toBe(201);
    for (const id of booked) expect((await change('PUT', id, { notes: 'late' })).status).toBe(200);
    expect((await change('PUT', first, { notes: 'later' })).status).toBe(429);
    for (const id of booked) expect((await change('DELETE', id)).status).toBe(200);
    expect((await change('DELETE', first)).status).toBe(429);
  });

  it('holds for concurrent requests and for clients that disconnect', async () => {
    const place = await openClinic(limited);
    const service = await aService(limited, place);
    const [patient, hasty] = (await limited.patients(2)) as [Patient, Patient];
    const request = ({ token }: Patient, hour: number) => ({
      token,
      body: { serviceId: service, doctorId: place.doctorIds[0], startDateTime: at(3, `${10 + hour}:00`) },
    });
    const reserve = (who: Patient, hour: number): Promise<Answer> =>
      limited.call('POST', '/api/v1/appointments', request(who, hour));
    const answers = await Promise.all(Array.from({ length: 10 }, (_, hour) => reserve(patient, hour)));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 201, 201, ...Array<number>(7).fill(429)]);
    const bookedBy = async ({ clientId }: Patient): Promise<number> => {
      const { rows } = await limited.db.query('SELECT FROM appointment WHERE client_id = $1', [clientId]);
      return rows.length;
    };
    await inTransaction(limited.db, async (blocker) => {
      await blocker.query('SELECT FROM doctor WHERE id = $1 FOR UPDATE', place.doctorIds);
      const abandoned = Array.from({ length: 3 }, (_, hour) => {
        const { token, body } = request(hasty, hour + 10);
        const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
        const sent = httpRequest(`${limited.url}/api/v1/appointments`, { method: 'POST', headers, agent: false });
        sent.on('error', () => undefined).end(JSON.stringify(body));
        return sent;
      });
      await within('the requests', Promise.all(abandoned.map((sent) => once(sent, 'finish'))));
      await eventually(async () => expect(await countLockWaits(limited.db)).toBeGreaterThan(0));
      // Later requests are answered, so these have arrived and wait for the first one.
      for (let n = 0; n < 5; n += 1) await limited.call('GET', '/health/live');
      for (const sent of abandoned) sent.destroy();
    });
    await eventually(async () => expect(await bookedBy(hasty)).toBe(3));
    expect((await reserve(hasty, 13)).status).toBe(429);
  });
});
