import { request as httpRequest } from 'node:http';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TOTP } from 'otpauth';
import { AccountLinkTokens, type LinkAction } from '../../src/modules/account-links/index.js';
import { AccountMails, NEW_PASSWORD, newAddress, PASSWORD, SUBJECTS, type Person } from '../support/account-mails.js';
import { TestApp, type Answer } from '../support/app.js';
import { openClinic } from '../support/clinic.js';
import { eventually, within } from '../support/eventually.js';
import { allPublished } from '../support/outbox.js';
import { enrol, signInMember } from '../support/second-factor.js';
import { SmtpSink } from '../support/smtp-sink.js';
import { SocketClient } from '../support/sockets.js';
import { emailIndex } from '../support/encrypted.js';

let smtp: SmtpSink;
let app: TestApp;
let mails: AccountMails;

beforeAll(async () => {
  smtp = await new SmtpSink().start();
  app = await TestApp.start({ SMTP_URL: smtp.url(), JOBS_SWEEP_SECONDS: '1', TRUST_PROXY: '1' });
  mails = new AccountMails(app, smtp);
});

afterAll(async () => {
  await app.close();
  await smtp.close();
});

let networks = 0;
/** Each request from another network, so that only the limit of the address counts. */
const fromNewNetwork = () => ({ 'x-forwarded-for': `203.0.${(networks += 1) >> 8}.${networks & 255}` });
const forgot = (email: string, headers: Record<string, string> = fromNewNetwork()): Promise<Answer> =>
  app.call('POST', '/api/v1/auth/password/forgot', { body: { email }, headers });
const reset = (token: string, password = NEW_PASSWORD): Promise<Answer> =>
  app.call('POST', '/api/v1/auth/password/reset', { body: { token, password }, headers: fromNewNetwork() });
const here = (link: string): string => new URL(link).pathname;

async function resetToken({ email }: Person): Promise<string> {
  expect((await forgot(email)).status).toBe(202);
  return mails.token(email, SUBJECTS.reset);
}

const expectRefused = (answer: Answer, field: string): void => {
  expect(answer).toMatchObject({ status: 400, code: 'VALIDATION_ERROR' });
  expect(answer.body.error.details).toEqual([expect.objectContaining({ field })]);
};

const submitForm = (path: string, password: string): Promise<Response> =>
  fetch(`${app.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...fromNewNetwork() },
    body: new URLSearchParams({ password }),
  });

describe('a request to reset a password', () => {
  it('is answered the same for every address, and sends a mail only to accounts with a password (A-05)', async () => {
    const known = await mails.verified();
    const unverified = await mails.register();
    const closed = await mails.verified();
    await app.db.query('UPDATE user_account SET deleted_at = now() WHERE id = $1', [closed.userId]);
    const clinic = await openClinic(app);
    const [deskRecord, unknown] = [newAddress(), newAddress()];
    await app.call('POST', '/api/v1/clients', {
      token: clinic.staff,
      body: { firstName: 'Desk', lastName: 'Record', email: deskRecord, clinicId: clinic.id },
    });
    const answers: unknown[] = [];
    for (const email of [known.email, unverified.email, closed.email, deskRecord, unknown]) {
      const { status, body, headers } = await forgot(email);
      const { timestamp: _, ...rest } = body;
      answers.push({ status, rest, names: [...headers.keys()].sort() });
    }
    expect(answers[0]).toMatchObject({ status: 202, rest: { data: null } });
    expect(answers.every((answer) => JSON.stringify(answer) === JSON.stringify(answers[0]))).toBe(true);
    await mails.text(known.email, SUBJECTS.reset);
    await mails.text(unverified.email, SUBJECTS.reset);
    await allPublished(app);
    for (const email of [closed.email, deskRecord, unknown]) {
      expect(mails.subjectsTo(email)).not.toContain(SUBJECTS.reset);
    }
  });

  it('does the same work for every address, and looks the account up after the response (A-05)', async () => {
    const known = await mails.verified();
    await allPublished(app);
    const work: unknown[] = [];
    for (const email of [known.email, newAddress()]) {
      const requestId = `reset-${newAddress().slice(0, 30)}`;
      await forgot(email, { ...fromNewNetwork(), 'x-request-id': requestId });
      const { rows } = await app.db.query(
        `SELECT action, object_id, actor_user_id, length(changes::text) AS length FROM audit_log WHERE request_id = $1`,
        [requestId],
      );
      const events = await app.db.query(
        `SELECT event, aggregate_id, length(payload::text) AS length FROM outbox WHERE event = 'password:reset-requested'
         ORDER BY id DESC LIMIT 1`,
      );
      work.push({ audit: rows, event: events.rows });
    }
    expect(work[0]).toMatchObject({ audit: [{ action: 'user.password-reset-requested' }] });
    expect(work[1]).toEqual(work[0]);
  });

  it('stores the address in plain text neither in the outbox nor in the audit log', async () => {
    const email = newAddress();
    await forgot(email);
    await allPublished(app);
    const { rowCount } = await app.db.query(
      `SELECT FROM outbox WHERE payload::text LIKE $1 UNION ALL SELECT FROM audit_log a WHERE a::text LIKE $1`,
      [`%${email}%`],
    );
    expect(rowCount).toBe(0);
  });

  it('is limited for each address and each network, whether the address is known or not', async () => {
    const known = await mails.verified();
    for (const email of [known.email, newAddress()]) {
      const statuses: number[] = [];
      for (let n = 0; n < 6; n += 1) statuses.push((await forgot(email)).status);
      expect(statuses).toEqual([202, 202, 202, 202, 202, 429]);
    }
    const network = { 'x-forwarded-for': '198.51.100.7' };
    for (let n = 0; n < 100; n += 1) await forgot(newAddress(), network);
    const refused = await forgot(newAddress(), network);
    expect(refused).toMatchObject({ status: 429, code: 'RATE_LIMITED' });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  });

  it('sends at most three mails a day to an address', async () => {
    const { email } = await mails.verified();
    for (let n = 0; n < 5; n += 1) await forgot(email);
    await allPublished(app);
    const { rows } = await app.db.query(
      `SELECT count(*)::int AS created, count(*) FILTER (WHERE revoked_at IS NULL)::int AS open
       FROM account_link WHERE email_index = $1 AND purpose = 'PASSWORD_RESET'`,
      [await emailIndex(app, email)],
    );
    expect(rows).toEqual([{ created: 3, open: 1 }]);
  });

  it('finds an account by every spelling of its address, mails the stored one, and not a lookalike (A-11)', async () => {
    const stored = await mails.verified(`fi.${newAddress()}`);
    const typed = [`  ${stored.email.toUpperCase()} `, stored.email.replace('fi.', 'ﬁ.'), stored.email];
    for (const [index, email] of typed.entries()) {
      expect((await forgot(email)).status).toBe(202);
      await mails.link(stored.email, SUBJECTS.reset, index + 1);
    }
    const lookalike = stored.email.replace('fi.', 'fі.');
    expect((await forgot(lookalike)).status).toBe(202);
    await allPublished(app);
    expect(smtp.mails.some(({ to }) => to.includes(lookalike))).toBe(false);
  });

  it('puts the configured address into links, whatever Host and X-Forwarded-Host say (A-07)', async () => {
    const { email } = await mails.verified();
    const body = JSON.stringify({ email });
    const headers = { host: 'evil.test', 'x-forwarded-host': 'evil.test', 'content-type': 'application/json' };
    const sent = httpRequest(`${app.url}/api/v1/auth/password/forgot`, {
      method: 'POST',
      headers: { ...headers, ...fromNewNetwork(), 'content-length': Buffer.byteLength(body) },
    });
    sent.end(body);
    const [response] = (await within('a response', once(sent, 'response'))) as [{ statusCode: number; resume(): void }];
    response.resume();
    expect(response.statusCode).toBe(202);
    expect(await mails.text(email, SUBJECTS.reset)).not.toContain('evil');
  });

  it('sends the mail in the language of the account, and its page is in this language, too', async () => {
    for (const [locale, subject] of [
      ['ar-EG', 'اختر كلمة مرور جديدة'],
      ['hi-IN', 'नया पासवर्ड चुनें'],
    ] as const) {
      const { email } = await mails.register(newAddress(), { locale });
      await forgot(email);
      const link = await mails.link(email, subject);
      expect((await app.call('GET', here(link))).body).toContain(`lang="${locale.slice(0, 2)}"`);
    }
  });
});

describe('a reset of the password', () => {
  it('verifies the address, ends all sessions and sockets, signs nobody in, and tells the owner', async () => {
    const person = await mails.register();
    const other = (await mails.login(person.email)).data;
    const socket = await SocketClient.connected(app.url, person.token);
    const answer = await reset(await resetToken(person));
    expect(answer).toMatchObject({ status: 200, data: null });
    expect(answer.headers.get('set-cookie')).toBeNull();
    await eventually(() => Promise.resolve(expect(socket.socket.connected).toBe(false)));
    for (const token of [person.token, other.accessToken]) {
      expect((await mails.profile(token)).code).toBe('TOKEN_REVOKED');
    }
    const refreshed = await app.call('POST', '/api/v1/auth/refresh', { body: { refreshToken: person.refreshToken } });
    expect(refreshed.code).toBe('TOKEN_REVOKED');
    expect((await mails.login(person.email)).code).toBe('INVALID_CREDENTIALS');
    expect((await mails.login(person.email, NEW_PASSWORD)).data.user.emailVerified).toBe(true);
    await mails.text(person.email, SUBJECTS.passwordChanged);
    socket.close();
  });

  it('succeeds once of 20 parallel ones (A-07)', async () => {
    const token = await resetToken(await mails.verified());
    const answers = await Promise.all(Array.from({ length: 20 }, () => reset(token)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array<number>(19).fill(400)]);
    expectRefused(await reset(token), 'token');
  });

  it('is refused with a link that has expired, or that a newer one replaced (A-07)', async () => {
    const person = await mails.verified();
    const first = await resetToken(person);
    await forgot(person.email);
    const second = await mails.token(person.email, SUBJECTS.reset, 2);
    expectRefused(await reset(first), 'token');
    const { rows } = await app.db.query(
      `SELECT extract(epoch FROM expires_at - created_at)::int AS seconds FROM account_link WHERE user_id = $1
       AND purpose = 'PASSWORD_RESET' LIMIT 1`,
      [person.userId],
    );
    expect(rows).toEqual([{ seconds: 30 * 60 }]);
    await app.db.query(`UPDATE account_link SET expires_at = now() WHERE user_id = $1`, [person.userId]);
    expectRefused(await reset(second), 'token');
    expect((await mails.login(person.email)).status).toBe(200);
  });

  it('is refused after the password, the role or the address was changed', async () => {
    const admin = await app.login('admin@careslot.test');
    const changes: ((person: Person) => Promise<Answer>)[] = [
      ({ token }) =>
        app.call('PUT', '/api/v1/auth/password', {
          token,
          body: { currentPassword: PASSWORD, newPassword: 'five-blue-doors-in-spring' },
        }),
      ({ userId }) => app.call('PUT', `/api/v1/users/${userId}`, { token: admin, body: { role: 'STAFF' } }),
      ({ userId }) =>
        app.call('PUT', `/api/v1/users/${userId}`, {
          token: admin,
          body: { email: newAddress(), password: 'careslot-demo-1' },
        }),
      ({ userId }) => app.call('DELETE', `/api/v1/users/${userId}`, { token: admin }),
    ];
    for (const change of changes) {
      const person = await mails.verified();
      const token = await resetToken(person);
      expect((await change(person)).status).toBe(200);
      expectRefused(await reset(token), 'token');
    }
  });

  it('does not use up the link if the password is too easy to guess', async () => {
    const person = await mails.verified();
    const token = await resetToken(person);
    for (const weak of ['password1', 'mona-hassan', person.email]) expectRefused(await reset(token, weak), 'password');
    expect((await reset(token)).status).toBe(200);
  });

  it('still leaves the second factor to be asked for at the next sign-in (A-07)', async () => {
    const person = await mails.verified();
    const call = (path: string, body: object) => app.call('POST', path, { token: person.token, body });
    const { data } = await call('/api/v1/auth/mfa/setup', { password: PASSWORD });
    await call('/api/v1/auth/mfa/enable', { password: PASSWORD, otp: new TOTP({ secret: data.secret }).generate() });
    const answer = await reset(await resetToken(person));
    expect(answer.data).toBeNull();
    expect((await mails.login(person.email, NEW_PASSWORD)).code).toBe('MFA_REQUIRED');
  });

  it('removes the second factor and its recovery codes if the address was not verified', async () => {
    const person = await mails.register();
    const call = (path: string, body: object) => app.call('POST', path, { token: person.token, body });
    const { data } = await call('/api/v1/auth/mfa/setup', { password: PASSWORD });
    const otp = new TOTP({ secret: data.secret }).generate();
    expect((await call('/api/v1/auth/mfa/enable', { password: PASSWORD, otp })).status).toBe(200);
    expect((await call('/api/v1/auth/mfa/setup', {})).status).toBe(200);
    expect((await reset(await resetToken(person))).status).toBe(200);
    const signedIn = await mails.login(person.email, NEW_PASSWORD);
    expect(signedIn.status).toBe(200);
    const { rows } = await app.db.query(
      `SELECT (SELECT count(*)::int FROM mfa_recovery_code WHERE user_id = $1) AS codes,
              (SELECT num_nonnulls(secret, pending_secret) FROM mfa_factor WHERE user_id = $1) AS secrets,
              (SELECT count(*)::int FROM audit_log WHERE action = 'user.mfa-reset' AND object_id = $1) AS audited`,
      [person.userId],
    );
    expect(rows).toEqual([{ codes: 0, secrets: 0, audited: 1 }]);
  });

  it('leaves the second factor of staff, whose account nobody else can have registered with the address', async () => {
    const member = await signInMember(app, 'STAFF');
    await enrol(app, member.token);
    const { rows } = await app.db.query('SELECT email_verified_at FROM user_account WHERE id = $1', [member.userId]);
    expect(rows).toEqual([{ email_verified_at: null }]);
    expect((await forgot(member.email)).status).toBe(202);
    expect((await reset(await mails.token(member.email, SUBJECTS.reset))).status).toBe(200);
    expect((await mails.login(member.email, NEW_PASSWORD)).code).toBe('MFA_REQUIRED');
  });

  it('accepts no token of another purpose, and its token is accepted nowhere else (T-04)', async () => {
    const person = await mails.verified();
    const token = await resetToken(person);
    const { rows } = await app.db.query(
      `SELECT id FROM account_link WHERE user_id = $1 AND purpose = 'PASSWORD_RESET'`,
      [person.userId],
    );
    const tokens = app.app.get(AccountLinkTokens);
    const others: LinkAction[] = ['verify', 'disown', 'change-email', 'stop-email-change', 'accept-invitation'];
    for (const action of others) {
      const other = tokens.create(action, rows[0].id);
      expectRefused(await reset(other), 'token');
      expect((await app.call('POST', `/links/${other}`)).status).toBe(410);
    }
    for (const other of [person.token, person.refreshToken, `${token}A`, rows[0].id])
      expectRefused(await reset(other), 'token');
    const verify = await app.call('POST', '/api/v1/auth/email/verify', { body: { token } });
    expectRefused(verify, 'token');
    expect((await mails.profile(token)).status).toBe(401);
    const refreshed = await app.call('POST', '/api/v1/auth/refresh', { body: { refreshToken: token } });
    expect(refreshed.code).toBe('UNAUTHENTICATED');
    expect((await reset(token)).status).toBe(200);
  });

  it('is possible on the page of the link, without a script', async () => {
    const person = await mails.verified();
    await forgot(person.email);
    const path = here(await mails.link(person.email, SUBJECTS.reset));
    const page = await app.call('GET', path);
    expect(page.status).toBe(200);
    expect(page.body).toContain('type="password"');
    expect(page.body).not.toContain('<script');
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(page.headers.get('referrer-policy')).toBe('no-referrer');
    for (const weak of ['', 'password1', 'x'.repeat(200)]) {
      const refused = await submitForm(path, weak);
      expect(refused.status).toBe(400);
      expect(await refused.text()).toContain('too easy to guess, or longer than 128 characters');
    }
    expect((await submitForm(path, NEW_PASSWORD)).status).toBe(200);
    expect((await submitForm(path, NEW_PASSWORD)).status).toBe(410);
    expect((await app.call('GET', path)).status).toBe(410);
    expect((await mails.login(person.email, NEW_PASSWORD)).status).toBe(200);
  });
});

describe('a change of the password', () => {
  it('is reported by mail to the address, but not to one that is not verified', async () => {
    const [verified, unverified] = [await mails.verified(), await mails.register()];
    for (const { token } of [verified, unverified]) {
      const body = { currentPassword: PASSWORD, newPassword: NEW_PASSWORD };
      expect((await app.call('PUT', '/api/v1/auth/password', { token, body })).status).toBe(200);
    }
    await mails.text(verified.email, SUBJECTS.passwordChanged);
    await allPublished(app);
    expect(mails.subjectsTo(unverified.email)).not.toContain(SUBJECTS.passwordChanged);
  });
});
