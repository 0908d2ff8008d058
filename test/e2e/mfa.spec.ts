import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Secret, TOTP } from 'otpauth';
import { newId } from '../../src/core/kernel/id.js';
import { PendingSignIns } from '../../src/modules/auth/mfa/pending-sign-ins.js';
import { TestApp, type Answer } from '../support/app.js';
import { SettableClock } from '../support/settable-clock.js';

const PASSWORD = 'a-long-and-quiet-river';
const AUTH = '/api/v1/auth';
const STEP = 30_000;

let app: TestApp;
let now: number;
const clock = new SettableClock();

interface Person {
  email: string;
  userId: string;
  token: string;
  secret: string;
  recoveryCodes: string[];
}

beforeAll(async () => {
  app = await TestApp.start({}, undefined, clock);
});

afterAll(() => app.close());

// The start of a step of the present: access tokens expire by the real clock.
beforeEach(() => setTime(Math.floor(Date.now() / STEP) * STEP));

function setTime(instant: number): void {
  now = instant;
  clock.set(new Date(instant).toISOString());
}

const code = (secret: string, steps = 0): string => new TOTP({ secret }).generate({ timestamp: now + steps * STEP });

async function register(): Promise<Person> {
  const email = `${newId()}@mfa.test`;
  const body = { email, password: PASSWORD, firstName: 'Mona', lastName: 'Hassan' };
  const { data } = await app.call('POST', `${AUTH}/register`, { body });
  return { email, userId: data.user.id, token: data.accessToken, secret: '', recoveryCodes: [] };
}

const post = (person: Person, path: string, body: object = {}): Promise<Answer> =>
  app.call('POST', `${AUTH}/${path}`, { token: person.token, body });

/** A person with a second factor, whose code of the previous step was used. */
async function enrol(): Promise<Person> {
  const person = await register();
  const { data } = await post(person, 'mfa/setup', { password: PASSWORD });
  const enabled = await post(person, 'mfa/enable', { otp: code(data.secret, -1) });
  expect(enabled.status).toBe(200);
  return { ...person, secret: data.secret, recoveryCodes: enabled.data.recoveryCodes };
}

const login = ({ email }: Person, otp?: string, password = PASSWORD): Promise<Answer> =>
  app.call('POST', `${AUTH}/login`, { body: { email, password, ...(otp !== undefined && { otp }) } });

const forgetProof = ({ userId }: Person) =>
  app.db.query(`UPDATE session SET proven_at = proven_at - interval '11 minutes' WHERE user_id = $1`, [userId]);

const toDigits = (text: string, zero: number): string =>
  [...text].map((digit) => String.fromCodePoint(zero + Number(digit))).join('');

describe('fresh proof of identity', () => {
  it('is needed to change the second factor (A-09, T-13)', async () => {
    const person = await register();
    for (const [path, body] of [
      ['mfa/setup', {}],
      ['mfa/enable', { otp: '123456' }],
      ['mfa/disable', {}],
      ['mfa/recovery-codes', { password: 'wrong' }],
    ] as const) {
      const { status, body: answer } = await post(person, path, body);
      expect([path, status, answer.error.details]).toEqual([path, 403, { reason: 'REAUTHENTICATE' }]);
    }
  });

  it('counts for ten minutes, in this session only', async () => {
    const person = await register();
    const other = { ...person, token: (await login(person)).data.accessToken };
    expect((await post(person, 'reauthenticate', { password: 'wrong' })).code).toBe('INVALID_CREDENTIALS');
    expect((await post(person, 'reauthenticate', { password: PASSWORD })).status).toBe(200);
    expect((await post(person, 'mfa/setup')).status).toBe(200);
    expect((await post(other, 'mfa/setup')).status).toBe(403);
    await forgetProof(person);
    expect((await post(person, 'mfa/setup')).status).toBe(403);
  });

  it('needs the code too if there is a second factor', async () => {
    const person = await enrol();
    await forgetProof(person);
    expect((await post(person, 'reauthenticate', { password: PASSWORD })).code).toBe('MFA_REQUIRED');
    expect((await post(person, 'mfa/disable', { password: PASSWORD })).status).toBe(403);
    expect((await post(person, 'reauthenticate', { password: PASSWORD, otp: code(person.secret) })).status).toBe(200);
    expect((await post(person, 'mfa/disable')).status).toBe(200);
    expect((await login(person)).status).toBe(200);
  });
});

describe('a sign-in with a second factor', () => {
  it('asks for the code only after the right password (P-07)', async () => {
    const person = await enrol();
    const without = await register();
    expect((await login(person)).code).toBe('MFA_REQUIRED');
    const wrong = [
      await login(person, undefined, 'wrong'),
      await login(person, code(person.secret), 'wrong'),
      await login(without, undefined, 'wrong'),
    ];
    expect(new Set(wrong.map(({ body }) => `${body.error.code} ${body.message}`)).size).toBe(1);
    const signedIn = await login(person, code(person.secret));
    expect(signedIn.status).toBe(200);
    const body = { refreshToken: signedIn.data.refreshToken };
    expect((await app.call('POST', `${AUTH}/refresh`, { body })).status).toBe(200);
  });

  it('accepts codes that are one step away, and each step once (A-08)', async () => {
    const person = await enrol();
    for (const steps of [-3, -2, 2, 3])
      expect((await login(person, code(person.secret, steps))).code).toBe('MFA_INVALID');
    expect((await login(person, code(person.secret, -1))).code).toBe('MFA_INVALID');
    expect((await login(person, code(person.secret))).status).toBe(200);
    expect((await login(person, code(person.secret))).code).toBe('MFA_INVALID');
    expect((await login(person, code(person.secret, 1))).status).toBe(200);
    setTime(now + 2 * STEP);
    expect((await login(person, code(person.secret))).status).toBe(200);
  });

  it('reads blanks, Arabic and Devanagari digits', async () => {
    const person = await enrol();
    const arabic = toDigits(code(person.secret), 0x660);
    expect((await login(person, ` ${arabic.slice(0, 3)} ${arabic.slice(3)} `)).status).toBe(200);
    expect((await login(person, toDigits(code(person.secret, 1), 0x966))).status).toBe(200);
  });

  it('succeeds once if one code is used in 20 requests at the same time (A-08)', async () => {
    const person = await enrol();
    const answers = await Promise.all(Array.from({ length: 20 }, () => login(person, code(person.secret))));
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    expect(statuses.filter((status) => ![200, 401, 429].includes(status))).toEqual([]);
  });

  it('refuses every code after ten wrong ones, from any session or address (A-08)', async () => {
    const person = await enrol();
    await forgetProof(person);
    for (let attempt = 0; attempt < 10; attempt += 1) {
      expect((await post(person, 'reauthenticate', { password: PASSWORD, otp: '000000x' })).code).toBe('MFA_INVALID');
    }
    const refused = await login(person, code(person.secret));
    expect(refused.code).toBe('RATE_LIMITED');
    expect(refused.headers.get('retry-after')).not.toBeNull();
  });

  it('accepts a recovery code once, and only that of the account (A-09)', async () => {
    const [person, other] = [await enrol(), await enrol()];
    const [first = '', second = ''] = person.recoveryCodes;
    expect(person.recoveryCodes).toHaveLength(10);
    expect((await login(other, first)).code).toBe('MFA_INVALID');
    expect((await login(person, first.toUpperCase().replaceAll('-', ' '))).status).toBe(200);
    expect((await login(person, first)).code).toBe('MFA_INVALID');
    const answers = await Promise.all([second, second].map((otp) => login(person, otp)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401]);
  });

  it('stores no secret and no recovery code in the clear', async () => {
    const person = await enrol();
    const { rows } = await app.db.query(
      `SELECT f::text || (SELECT string_agg(c::text, ',') FROM mfa_recovery_code c) AS stored FROM mfa_factor f
       WHERE user_id = $1`,
      [person.userId],
    );
    const stored = String(rows[0].stored).toLowerCase();
    for (const text of [person.secret, ...person.recoveryCodes]) {
      const plain = text.replaceAll('-', '');
      const forms = [text, plain].flatMap((form) => [form.toUpperCase(), form.toLowerCase()]);
      const bytes = [...forms.map((form) => Buffer.from(form)), Buffer.from(Secret.fromBase32(plain).bytes)];
      for (const form of [text, plain, ...bytes.map((each) => each.toString('hex'))])
        expect(stored).not.toContain(form.toLowerCase());
    }
  });

  it('gets a 400 in the mobile client, in the language of the account', async () => {
    const person = await enrol();
    await app.db.query(`UPDATE user_account SET locale = 'ar-EG' WHERE id = $1`, [person.userId]);
    const body = { email: person.email, password: PASSWORD };
    const { status, body: answer } = await app.call('POST', '/api/auth/login', { body });
    expect([status, answer.message]).toEqual([400, expect.stringContaining('هذا الحساب')]);
  });
});

describe('switching the second factor on', () => {
  it('ends the other sessions at once (T-10)', async () => {
    const person = await register();
    const other = (await login(person)).data;
    const { data } = await post(person, 'mfa/setup', { password: PASSWORD });
    expect((await post(person, 'mfa/enable', { otp: code(data.secret) })).status).toBe(200);
    expect((await app.call('GET', `${AUTH}/profile`, { token: other.accessToken })).status).toBe(401);
    const body = { refreshToken: other.refreshToken };
    expect((await app.call('POST', `${AUTH}/refresh`, { body })).status).toBe(401);
    expect((await app.call('GET', `${AUTH}/profile`, { token: person.token })).status).toBe(200);
  });

  it('needs a code of the last setup', async () => {
    const person = await register();
    expect((await post(person, 'reauthenticate', { password: PASSWORD })).status).toBe(200);
    expect((await post(person, 'mfa/enable', { otp: '123456' })).code).toBe('INVALID_TRANSITION');
    const old = (await post(person, 'mfa/setup')).data.secret;
    const { secret } = (await post(person, 'mfa/setup')).data;
    expect((await post(person, 'mfa/enable', { otp: code(old) })).code).toBe('MFA_INVALID');
    expect((await login(person)).status).toBe(200);
    const answers = await Promise.all([1, 2].map(() => post(person, 'mfa/enable', { otp: code(secret) })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
  });
});

describe('a lost device', () => {
  it('is reset by an ADMIN after fresh proof, and ends the sessions', async () => {
    const person = await enrol();
    const token = await app.login('admin@careslot.test');
    const path = `/api/v1/users/${person.userId}/mfa/reset`;
    expect((await app.call('POST', path, { token, body: {} })).status).toBe(403);
    expect((await app.call('POST', path, { token, body: { password: 'careslot-demo-1' } })).status).toBe(200);
    expect((await app.call('GET', `${AUTH}/profile`, { token: person.token })).status).toBe(401);
    expect((await login(person)).status).toBe(200);
  });

  it('is not reset by a MANAGER of another clinic', async () => {
    const person = await enrol();
    const token = await app.login('manager@careslot.test');
    const body = { password: 'careslot-demo-1' };
    const { status } = await app.call('POST', `/api/v1/users/${person.userId}/mfa/reset`, { token, body });
    expect(status).toBe(404);
  });
});

describe('a pending sign-in', () => {
  const verify = (pendingToken: string, otp: string): Promise<Answer> =>
    app.call('POST', `${AUTH}/mfa/verify`, { body: { pendingToken, otp } });
  const create = async ({ userId }: Person): Promise<string> =>
    (await app.app.get(PendingSignIns, { strict: false }).create(userId)) as string;

  it('opens one session, with the right code', async () => {
    const person = await enrol();
    const pendingToken = await create(person);
    expect((await verify(pendingToken, '000000x')).code).toBe('MFA_INVALID');
    expect((await verify(pendingToken, code(person.secret))).status).toBe(200);
    expect((await verify(pendingToken, code(person.secret, 1))).code).toBe('UNAUTHENTICATED');
  });

  it('goes on if the telephone number of the account is changed meanwhile', async () => {
    const person = await enrol();
    const pendingToken = await create(person);
    const path = `/api/v1/users/${person.userId}`;
    const changed = await app.call('PUT', path, { token: person.token, body: { phone: '+201001234567' } });
    expect(changed.status).toBe(200);
    expect((await verify(pendingToken, code(person.secret))).status).toBe(200);
  });

  it('has a token that no other route accepts, and that ends with a change of the account', async () => {
    const person = await enrol();
    const token = await create(person);
    expect((await app.call('GET', `${AUTH}/profile`, { token })).status).toBe(401);
    expect((await app.call('POST', `${AUTH}/refresh`, { body: { refreshToken: token } })).status).toBe(401);
    expect((await app.call('POST', `${AUTH}/email/verify`, { body: { token } })).status).toBe(400);
    expect((await verify(person.token, code(person.secret))).code).toBe('UNAUTHENTICATED');
    await app.call('POST', `${AUTH}/logout-all`, { token: person.token });
    expect((await verify(token, code(person.secret))).code).toBe('UNAUTHENTICATED');
  });
});
