import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { hash as bcrypt } from 'bcryptjs';
import { canonicalEmail } from '../../src/core/kernel/email.js';
import { newId } from '../../src/core/kernel/id.js';
import { TestApp, type Answer } from '../support/app.js';
import { eventually } from '../support/eventually.js';
import { countLockWaits } from '../support/locks.js';

const PASSWORD = 'a-long-and-quiet-river';
let app: TestApp;

beforeAll(async () => {
  app = await TestApp.start();
});

afterAll(() => app.close());

const post = (path: string, body?: object, token?: string, headers?: Record<string, string>): Promise<Answer> =>
  app.call('POST', `/api/v1/auth/${path}`, { body: body ?? {}, token, headers });
const profile = (token: string): Promise<Answer> => app.call('GET', '/api/v1/auth/profile', { token });
const register = async (email = `${newId()}@test.test`): Promise<any> =>
  (await post('register', { email, password: PASSWORD, firstName: 'Mona', lastName: 'Hassan' })).data;

describe('a registration', () => {
  it('creates a patient with a record, and rejects a role in the body (Z-05)', async () => {
    const made = await register();
    expect(made).toMatchObject({
      expiresIn: 900,
      user: { role: 'CLIENT', clientId: expect.any(String), clinicIds: [] },
    });
    expect(JSON.stringify(made)).not.toMatch(/hash|argon/i);
    const withRole = await post('register', {
      email: 'x@test.test',
      password: PASSWORD,
      firstName: 'A',
      lastName: 'B',
      role: 'ADMIN',
    });
    expect(withRole).toMatchObject({ status: 400, code: 'VALIDATION_ERROR' });
  });

  it('rejects other spellings of a registered address (A-11)', async () => {
    await register('somebody@test.test');
    for (const email of ['Somebody@test.test', ' somebody@test.test ', 'somebody@TEST.test', 'ſomebody@test.test']) {
      expect((await post('register', { email, password: PASSWORD, firstName: 'A', lastName: 'B' })).code).toBe(
        'EMAIL_TAKEN',
      );
    }
    expect(canonicalEmail(' ﬁ@X.test')).toBe('fi@x.test');
  });

  it('rejects passwords that are guessed often, and accepts long or unusual ones (A-01, A-02)', async () => {
    const of = (password: string) =>
      post('register', { email: `${newId()}@test.test`, password, firstName: 'A', lastName: 'B' });
    for (const bad of [
      'short',
      'password',
      'Password1',
      'passwordpassword1',
      'abababab',
      '12345678',
      'x'.repeat(129),
    ]) {
      expect(await of(bad)).toMatchObject({
        status: 400,
        code: 'VALIDATION_ERROR',
        body: { error: { details: [{ field: 'password' }] } },
      });
    }
    for (const good of [
      'all lower case words',
      '🐢🐢🐢🐢 and friends',
      Array.from({ length: 25 }, (_, i) => `w${i}`).join(' '),
      'careslot-demo-1',
      // Eight random characters, and the longest passwords.
      'x7Kq!m2Z',
      'seven quiet rivers and one loud waterfall '.repeat(2).slice(0, 64),
      'seven quiet rivers and one loud waterfall '.repeat(4).slice(0, 128),
    ])
      expect((await of(good)).status).toBe(201);
  });

  it('returns the first answer again for the same Idempotency-Key', async () => {
    const body = { email: `${newId()}@test.test`, password: PASSWORD, firstName: 'A', lastName: 'B' };
    const key = { 'idempotency-key': newId() };
    const [first, again] = [await post('register', body, undefined, key), await post('register', body, undefined, key)];
    expect(again).toMatchObject({ status: 201, data: first.data });
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect((await post('register', { ...body, firstName: 'C' }, undefined, key)).code).toBe('IDEMPOTENCY_KEY_REUSED');
    const { rows } = await app.db.query(`SELECT response FROM idempotency_key WHERE key = $1`, [
      key['idempotency-key'],
    ]);
    expect(rows[0].response.toString('latin1')).not.toContain(body.email);
  });
});

describe('a sign-in', () => {
  it('returns the same answer for a wrong password and for an unknown address (A-04)', async () => {
    const [unknown, wrong] = [
      await post('login', { email: 'nobody@test.test', password: PASSWORD }),
      await post('login', { email: 'patient@careslot.test', password: PASSWORD }),
    ];
    expect(unknown).toMatchObject({ status: 401, code: 'INVALID_CREDENTIALS' });
    expect({ ...wrong.body, timestamp: '', requestId: '' }).toEqual({ ...unknown.body, timestamp: '', requestId: '' });
  });

  it('accepts a bcrypt hash of an older system, and replaces it with an argon2id hash', async () => {
    const { user } = await register();
    await app.db.query(`UPDATE user_account SET password_hash = $2 WHERE id = $1`, [
      user.id,
      await bcrypt(PASSWORD, 4),
    ]);
    expect((await post('login', { email: user.email, password: PASSWORD })).status).toBe(200);
    const { rows } = await app.db.query(`SELECT password_hash AS hash FROM user_account WHERE id = $1`, [user.id]);
    expect(rows[0].hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect((await post('login', { email: user.email, password: PASSWORD })).status).toBe(200);
  });

  it('is rejected with 429 after ten wrong passwords, also with the right one (A-06)', async () => {
    const { user } = await register();
    for (let index = 0; index < 10; index += 1) await post('login', { email: user.email, password: 'wrong-wrong' });
    const refused = await post('login', { email: user.email, password: PASSWORD });
    expect(refused).toMatchObject({ status: 429, code: 'RATE_LIMITED' });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(refused.headers.get('ratelimit-limit')).toBe('10');
  });
});

describe('a refresh token', () => {
  it('can be used once: a second use ends its session with the access tokens, and no other session (T-05, T-06)', async () => {
    const first = await register();
    const other = (await post('login', { email: first.user.email, password: PASSWORD })).data;
    const second = (await post('refresh', { refreshToken: first.refreshToken })).data;
    const third = (await post('refresh', { refreshToken: second.refreshToken })).data;
    expect(new Set([first, second, third].map(({ refreshToken }) => refreshToken)).size).toBe(3);
    expect((await profile(third.accessToken)).status).toBe(200);
    expect((await post('refresh', { refreshToken: first.refreshToken })).code).toBe('REFRESH_TOKEN_REUSED');
    expect((await post('refresh', { refreshToken: third.refreshToken })).code).toBe('TOKEN_REVOKED');
    for (const { accessToken } of [first, second, third])
      expect((await profile(accessToken)).code).toBe('TOKEN_REVOKED');
    expect((await profile(other.accessToken)).status).toBe(200);
  });

  it('has one successor if twenty requests use it at the same time (T-07)', async () => {
    const { refreshToken } = await register();
    const answers = await Promise.all(Array.from({ length: 20 }, () => post('refresh', { refreshToken })));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  });

  it('is not accepted as an access token, nor the reverse, and a guessed token ends no session (T-04)', async () => {
    const { accessToken, refreshToken } = await register();
    expect((await profile(refreshToken)).status).toBe(401);
    expect((await post('refresh', { refreshToken: accessToken })).status).toBe(401);
    const [session] = refreshToken.split('.');
    expect((await post('refresh', { refreshToken: `${session}.guess.guess` })).status).toBe(401);
    expect((await profile(accessToken)).status).toBe(200);
  });

  it('is accepted from a cookie only with the CSRF token', async () => {
    const { user } = await register();
    const signedIn = await post('login', { email: user.email, password: PASSWORD }, undefined, {
      'x-auth-mode': 'cookie',
    });
    expect(signedIn.data.refreshToken).toBeUndefined();
    const cookies = signedIn.headers.getSetCookie();
    expect(cookies[0]).toMatch(/^careslot_refresh=.*Path=\/api\/v1\/auth.*HttpOnly.*SameSite=Strict/);
    const cookie = cookies.map((line) => line.split(';')[0]).join('; ');
    const csrf = decodeURIComponent(/careslot_csrf=([^;]+)/.exec(cookie)?.[1] ?? '');
    expect((await post('refresh', {}, undefined, { cookie })).code).toBe('CSRF_FAILED');
    const refreshed = await post('refresh', {}, undefined, { cookie, 'x-csrf-token': csrf });
    expect(refreshed).toMatchObject({ status: 200, data: { accessToken: expect.any(String) } });
    expect(refreshed.data.refreshToken).toBeUndefined();
    // Another client on the same machine, without cookie mode.
    const inBody = await post('login', { email: user.email, password: PASSWORD }, undefined, { cookie });
    const next = await post('refresh', { refreshToken: inBody.data.refreshToken }, undefined, { cookie });
    expect(next).toMatchObject({ status: 200, data: { refreshToken: expect.any(String) } });
  });
});

describe('an access token', () => {
  it('is invalid at once after a sign-out, and those of all sessions after a sign-out everywhere (T-10)', async () => {
    const one = await register();
    const two = (await post('login', { email: one.user.email, password: PASSWORD })).data;
    expect((await post('logout', {}, one.accessToken)).status).toBe(200);
    expect((await profile(one.accessToken)).code).toBe('TOKEN_REVOKED');
    expect((await profile(two.accessToken)).status).toBe(200);
    expect((await post('logout-all', {}, two.accessToken)).status).toBe(200);
    expect((await profile(two.accessToken)).code).toBe('TOKEN_REVOKED');
  });

  it('is invalid after a sign-out everywhere of a user with 600 other sessions', async () => {
    const { user, accessToken } = await register();
    await app.db.query(
      `INSERT INTO session (id, user_id, refresh_hash, expires_at, absolute_expires_at)
       SELECT gen_random_uuid(), $1, '\\x00', now() + interval '1 day', now() + interval '1 day' FROM generate_series(1, 600)`,
      [user.id],
    );
    expect((await post('logout-all', {}, accessToken)).status).toBe(200);
    expect((await profile(accessToken)).code).toBe('TOKEN_REVOKED');
  });

  it('is rejected if any part of it was changed (P-07, T-01, T-03)', async () => {
    const { accessToken } = await register();
    const [header, payload, signature] = accessToken.split('.') as [string, string, string];
    const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as object;
    const signed = (head: object, body: object, key: string): string => {
      const text = `${encode(head)}.${encode(body)}`;
      return `${text}.${createHmac('sha256', key).update(text).digest('base64url')}`;
    };
    const flip = (text: string): string => (text.startsWith('A') ? `B${text.slice(1)}` : `A${text.slice(1)}`);
    const forged = [
      `${encode({ alg: 'none', typ: 'JWT' })}.${payload}.`,
      ...['None', 'NONE', 'nOnE', 'none '].map((alg) => `${encode({ alg, typ: 'JWT' })}.${payload}.`),
      `${encode({ alg: 'nOnE' })}.${payload}.${signature}`,
      `${header}.${payload}.`,
      `${flip(header)}.${payload}.${signature}`,
      `${header}.${flip(payload)}.${signature}`,
      `${header}.${payload}.${flip(signature)}`,
      `${header}.${encode({ ...claims, role: 'ADMIN' })}.${signature}`,
      signed({ alg: 'HS256', kid: '../../dev/null' }, claims, ''),
      signed({ alg: 'HS256' }, claims, 'a-secret-of-the-tests-only-0123456789'),
    ];
    for (const token of forged) expect((await profile(token)).status).toBe(401);
  });

  it('is rejected in the query string (T-12)', async () => {
    const { accessToken } = await register();
    for (const name of ['access_token', 'token']) {
      expect((await app.call('GET', `/api/v1/auth/profile?${name}=${accessToken}`)).status).toBe(401);
    }
  });

  it('is invalid at once after the role changes or the account is deleted (T-10)', async () => {
    const admin = await app.login('admin@careslot.test');
    const { user, accessToken } = await register();
    const clinic = (await app.call('GET', '/api/v1/clinics?limit=1')).data[0].id;
    await app.call('PUT', `/api/v1/users/${user.id}`, { token: admin, body: { role: 'STAFF', clinicIds: [clinic] } });
    expect((await profile(accessToken)).code).toBe('TOKEN_REVOKED');
    const staff = (await post('login', { email: user.email, password: PASSWORD })).data;
    expect(staff.user).toMatchObject({ role: 'STAFF', clinicIds: [clinic] });
    await app.call('DELETE', `/api/v1/users/${user.id}`, { token: admin });
    expect((await profile(staff.accessToken)).code).toBe('TOKEN_REVOKED');
    expect((await post('login', { email: user.email, password: PASSWORD })).status).toBe(401);
  });

  it('gives access to a new clinic without a new sign-in', async () => {
    const manager = await app.login('manager@careslot.test');
    const made = await app.call('POST', '/api/v1/clinics', {
      token: manager,
      body: { name: 'New', timeZone: 'Europe/Berlin' },
    });
    expect(
      (await app.call('PUT', `/api/v1/clinics/${made.data.id}`, { token: manager, body: { name: 'Newer' } })).status,
    ).toBe(200);
  });
});

describe('a password', () => {
  it('can be changed only with the current one, and the change ends the other sessions (T-10)', async () => {
    const one = await register();
    const two = (await post('login', { email: one.user.email, password: PASSWORD })).data;
    const change = (currentPassword: string) =>
      app.call('PUT', '/api/v1/auth/password', {
        token: one.accessToken,
        body: { currentPassword, newPassword: 'another-quiet-river' },
      });
    expect((await change('not-the-password')).code).toBe('INVALID_CREDENTIALS');
    expect((await change(PASSWORD)).status).toBe(200);
    expect((await profile(one.accessToken)).status).toBe(200);
    expect((await profile(two.accessToken)).code).toBe('TOKEN_REVOKED');
    expect((await post('login', { email: one.user.email, password: PASSWORD })).status).toBe(401);
  });
});

describe('a sign-in while the account changes', () => {
  /** Signs in with the old password while another process is about to commit a change of the account. */
  const signInDuring = async (email: string, change: string, values: unknown[]): Promise<Answer> => {
    const other = await app.db.connect();
    try {
      await other.query('BEGIN');
      await other.query(change, values);
      const signedIn = post('login', { email, password: PASSWORD });
      await eventually(async () => expect(await countLockWaits(app.db)).toBe(1));
      await other.query('COMMIT');
      return await signedIn;
    } finally {
      other.release();
    }
  };
  const readHash = async (id: string): Promise<string> =>
    (await app.db.query(`SELECT password_hash AS hash FROM user_account WHERE id = $1`, [id])).rows[0].hash;
  const CHANGE = `UPDATE user_account SET password_hash = $2 WHERE id = $1`;

  it('with the old password is rejected', async () => {
    const { user } = await register();
    const changed = await bcrypt('another-quiet-river', 4);
    expect((await signInDuring(user.email, CHANGE, [user.id, changed])).code).toBe('INVALID_CREDENTIALS');
  });

  it('does not overwrite the new password with a new hash of the old one', async () => {
    const { user } = await register();
    await app.db.query(CHANGE, [user.id, await bcrypt(PASSWORD, 4)]);
    const changed = await bcrypt('another-quiet-river', 4);
    expect((await signInDuring(user.email, CHANGE, [user.id, changed])).code).toBe('INVALID_CREDENTIALS');
    expect(await readHash(user.id)).toBe(changed);
  });

  it('returns the new role', async () => {
    const { user } = await register();
    await app.db.query(`UPDATE user_account SET role = 'ADMIN' WHERE id = $1`, [user.id]);
    const demote = `UPDATE user_account SET role = 'CLIENT' WHERE id = $1`;
    expect((await signInDuring(user.email, demote, [user.id])).data.user.role).toBe('CLIENT');
  });

  it('leaves no valid session without the doctor that the user has just become', async () => {
    const admin = await app.login('admin@careslot.test');
    const clinicId = (await app.call('GET', '/api/v1/clinics')).data[0].id;
    const person = { firstName: 'Nadia', lastName: 'Saleh', password: PASSWORD, role: 'DOCTOR', clinicIds: [clinicId] };
    for (let round = 0; round < 5; round += 1) {
      const email = `${newId()}@test.test`;
      const made = await app.call('POST', '/api/v1/users', { token: admin, body: { ...person, email } });
      const doctor = { clinicId, firstName: 'Nadia', lastName: 'Saleh', speciality: 'Neurology', userId: made.data.id };
      const signIns = [1, 2, 3, 4].map(() => post('login', { email, password: PASSWORD }));
      expect((await app.call('POST', '/api/v1/doctors', { token: admin, body: doctor })).status).toBe(201);
      for (const { data } of await Promise.all(signIns)) {
        const { status } = await profile(data.accessToken);
        expect({ status, hasDoctor: data.user.doctorId !== null }).toEqual(
          status === 200 ? { status, hasDoctor: true } : { status: 401, hasDoctor: false },
        );
      }
    }
  });

  it('succeeds for several concurrent requests that replace an old hash', async () => {
    const { user } = await register();
    await app.db.query(CHANGE, [user.id, await bcrypt(PASSWORD, 4)]);
    const all = await Promise.all([1, 2, 3, 4].map(() => post('login', { email: user.email, password: PASSWORD })));
    expect(all.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  });
});

describe('a clinic', () => {
  it('sees no patients of other clinics, and cannot change who works there', async () => {
    const [admin, manager, desk, otherDesk] = await Promise.all(
      ['admin', 'manager', 'staff', 'staff2'].map((name) => app.login(`${name}@careslot.test`)),
    );
    const readClinic = async (token: string): Promise<string> => (await profile(token)).data.clinicIds[0];
    const [here, there] = [await readClinic(desk as string), await readClinic(otherDesk as string)];
    const person = { firstName: 'Zora', lastName: 'Shared' };
    const patient = (await app.call('POST', '/api/v1/clients', { token: desk, body: person })).data;
    await app.db.query(`INSERT INTO client_clinic (client_id, clinic_id, registered_at) VALUES ($1, $2, now())`, [
      patient.id,
      there,
    ]);
    expect((await app.call('GET', `/api/v1/clients/${patient.id}`, { token: desk })).data.clinicIds).toEqual([here]);
    expect((await app.call('GET', `/api/v1/clients?clinicId=${there}`, { token: desk })).data).toEqual([]);

    const body = { ...person, email: `${newId()}@test.test`, role: 'STAFF', clinicIds: [here, there] };
    const colleague = (await app.call('POST', '/api/v1/users', { token: admin, body })).data;
    const path = `/api/v1/users/${colleague.id}`;
    await app.call('PUT', path, { token: manager, body: { clinicIds: [here] } });
    expect((await app.call('GET', path, { token: admin })).data.clinicIds.sort()).toEqual([here, there].sort());
    expect((await app.call('DELETE', path, { token: manager })).status).toBe(403);
  });

  it('gets a new ETag of a record after its patient changes their telephone number', async () => {
    const desk = await app.login('staff@careslot.test');
    const { user, accessToken } = await register();
    const path = `/api/v1/clients/${user.clientId}`;
    const etag = (await app.call('GET', path, { token: desk })).headers.get('etag') ?? '';
    await app.call('PUT', `/api/v1/users/${user.id}`, { token: accessToken, body: { phone: '+201119998887' } });
    const again = await app.call('GET', path, { token: desk, headers: { 'if-none-match': etag } });
    expect(again).toMatchObject({ status: 200, data: { phone: '+201119998887' } });
  });
});
