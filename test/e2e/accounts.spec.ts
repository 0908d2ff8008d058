import { createHash, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '../../src/core/kernel/id.js';
import { newAddress, PASSWORD } from '../support/account-mails.js';
import { TestApp, type Answer } from '../support/app.js';
import { openClinic, type TestClinic } from '../support/clinic.js';
import { emailIndex } from '../support/encrypted.js';

const FROM = '203.0.113.9';

let app: TestApp;
let here: TestClinic;
let there: TestClinic;

beforeAll(async () => {
  app = await TestApp.start({ TRUST_PROXY: '1' });
  [here, there] = [await openClinic(app), await openClinic(app)];
});

afterAll(() => app.close());

const post = (path: string, body: object, headers: Record<string, string> = {}, token?: string): Promise<Answer> =>
  app.call('POST', path, { body, token, headers: { 'x-forwarded-for': FROM, ...headers } });
const person = (fields: object = {}): object => ({
  email: newAddress(),
  password: PASSWORD,
  firstName: 'Mona',
  lastName: 'Hassan',
  ...fields,
});
const register = (fields: object = {}, headers: Record<string, string> = {}): Promise<Answer> =>
  post('/api/v1/auth/register', person(fields), headers);

describe('one mailbox', () => {
  it('is one account with any spelling of its address, on every route that accepts an address (A-11)', async () => {
    const name = randomUUID();
    const spellings = (domain: string): string[] => [
      `\u200b${name}@${domain}`,
      `\u2068${name}@${domain}\u2069`,
      `\u202a${name.toUpperCase()}@${domain}\u202c`,
      `${name}@xn--mnchen-3ya.example`,
      `"${name}"@${domain}`,
    ];
    const { data } = await register({ email: `${name}@münchen.example` });
    expect(data.user.email).toBe(`${name}@xn--mnchen-3ya.example`);
    await app.db.query(`UPDATE user_account SET email_verified_at = now() WHERE id = $1`, [data.user.id]);
    for (const email of spellings('münchen.example')) {
      const made = [
        await register({ email }),
        await post('/api/auth/register', { email, password: PASSWORD, name: 'Mona Hassan' }),
        await post('/api/v1/clients', { firstName: 'A', lastName: 'B', email, clinicId: here.id }, {}, here.staff),
        await post('/api/v1/users', { firstName: 'A', lastName: 'B', email, clinicIds: [here.id] }, {}, here.admin),
      ];
      expect({ email, statuses: made.map(({ status }) => status) }).toEqual({ email, statuses: [409, 400, 409, 409] });
      expect(made[1]?.body.message).toBe('An account with this e-mail address already exists.');
      for (const path of ['/api/v1/auth/login', '/api/auth/login']) {
        expect((await post(path, { email, password: PASSWORD })).status).toBe(200);
      }
      const found = await app.call('GET', `/api/v1/users?q=${encodeURIComponent(email)}`, { token: here.admin });
      expect(found.data.map(({ id }: { id: string }) => id)).toEqual([data.user.id]);
    }
  });
});

describe('a name', () => {
  it('must have a visible character and no line break or web address, for people and objects', async () => {
    const expectRefused = async (answers: Answer[], field: string): Promise<void> => {
      for (const { status, body } of answers) {
        expect({ status, details: body.error.details }).toEqual({
          status: 400,
          details: [expect.objectContaining({ field })],
        });
      }
    };
    const doctor = { clinicId: here.id, firstName: 'A', lastName: 'B', speciality: 'C' };
    const { data: own } = await register();
    for (const bad of ['\u200b', '\u202e', 'a\nb', 'https://evil.example']) {
      for (const field of ['firstName', 'lastName']) {
        await expectRefused(
          [
            await register({ [field]: bad }),
            await post(
              '/api/v1/clients',
              { firstName: 'A', lastName: 'B', clinicId: here.id, [field]: bad },
              {},
              here.staff,
            ),
            await post('/api/v1/users', { ...person(), clinicIds: [here.id], [field]: bad }, {}, here.admin),
            await post('/api/v1/doctors', { ...doctor, [field]: bad }, {}, here.manager),
            await app.call('PUT', `/api/v1/users/${own.user.id}`, { token: own.accessToken, body: { [field]: bad } }),
          ],
          field,
        );
      }
      await expectRefused(
        [
          await post('/api/v1/clinics', { name: bad, timeZone: 'UTC' }, {}, here.manager),
          await app.call('PUT', `/api/v1/clinics/${here.id}`, { token: here.manager, body: { name: bad } }),
          await post('/api/v1/resources', { clinicId: here.id, kind: 'ROOM', name: bad }, {}, here.manager),
        ],
        'name',
      );
    }
  });

  it('in one field is split into names with visible characters', async () => {
    const email = newAddress();
    const name = '\u200c Mona \u2800 Hassan \u2800';
    const { status } = await post('/api/auth/register', { email, password: PASSWORD, name });
    const { rows } = await app.db.query('SELECT first_name, last_name FROM user_account WHERE email_index = $1', [
      await emailIndex(app, email),
    ]);
    expect([status, rows]).toEqual([201, [{ first_name: 'Mona', last_name: 'Hassan' }]]);
  });
});

describe('a password', () => {
  it('that contains the name or is easy to guess is rejected on every route (A-02)', async () => {
    const details = (field: string) => [expect.objectContaining({ field })];
    const { data } = await register();
    for (const password of ['Passw0rd!', 'careslot1', 'Mona-Hassan-88', 'short', 'qwertyuiop']) {
      const made = [
        await register({ password }),
        await post('/api/v1/users', { ...person({ password }), clinicIds: [] }, {}, here.admin),
      ];
      for (const { status, code, body } of made) {
        expect({ status, code, details: body.error.details }).toEqual({
          status: 400,
          code: 'VALIDATION_ERROR',
          details: details('password'),
        });
      }
      const changed = await app.call('PUT', '/api/v1/auth/password', {
        token: data.accessToken,
        body: { currentPassword: PASSWORD, newPassword: password },
      });
      expect(changed.body.error.details).toEqual(details('newPassword'));
    }
  });
});

describe('a repeated registration with the same Idempotency-Key', () => {
  /** Without their expiry, which depends on the second of the answer. */
  const getCookies = (answer: Answer): string[] =>
    answer.headers.getSetCookie().map((line) => line.replace(/ Expires=[^;]+;/, ''));

  it('gets the same answer, and in cookie mode the same cookies', async () => {
    const body = person();
    const headers = { 'idempotency-key': newId(), 'x-auth-mode': 'cookie' };
    const first = await register(body, headers);
    const again = await register(body, headers);
    expect(again).toMatchObject({ status: 201, data: first.data });
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(again.data.refreshToken).toBeUndefined();
    expect(getCookies(first)).toHaveLength(2);
    expect(getCookies(again)).toEqual(getCookies(first));
    const cookie = getCookies(again)
      .map((line) => line.split(';')[0])
      .join('; ');
    const csrf = decodeURIComponent(/careslot_csrf=([^;]+)/.exec(cookie)?.[1] ?? '');
    expect((await post('/api/v1/auth/refresh', {}, { cookie, 'x-csrf-token': csrf })).status).toBe(200);
  });

  it.each([
    ['/api/v1/auth/register', 422, 429, {}],
    ['/api/auth/register', 400, 403, { role: 'client' }],
  ])(
    'on %s does not help to guess the password, and its row does not contain a hash of it',
    async (path, refused, limited, fields) => {
      const body = person(fields) as { email: string };
      const headers = { 'idempotency-key': newId(), 'x-forwarded-for': `198.51.100.${path.length}` };
      expect((await post(path, body, headers)).status).toBe(201);
      const { rows } = await app.db.query(`SELECT request_hash AS hash FROM idempotency_key WHERE key = $1`, [
        headers['idempotency-key'],
      ]);
      const plain = (value: object): string => createHash('sha256').update(JSON.stringify(value)).digest('hex');
      const { password: _, ...open } = body as { password?: string };
      for (const value of [body, open]) expect(rows[0].hash.toString('hex')).not.toBe(plain(value));
      const statuses: number[] = [];
      for (let n = 0; n < 11; n += 1) {
        const answer = await post(path, { ...body, password: `a-wrong-password-${n}` }, headers);
        expect(answer.headers.get('idempotency-replayed')).toBeNull();
        expect(JSON.stringify(answer.body)).not.toContain('accessToken');
        statuses.push(answer.status);
      }
      expect(statuses).toEqual([...Array<number>(10).fill(refused), limited]);
      const signIn = await post('/api/v1/auth/login', { email: body.email, password: PASSWORD }, headers);
      expect(signIn.code).toBe('RATE_LIMITED');
    },
  );
});

describe('an account of another clinic', () => {
  it('cannot be read, changed, deleted or made a doctor by a manager', async () => {
    const account = async (clinicId: string): Promise<string> =>
      (await post('/api/v1/users', { ...person(), role: 'DOCTOR', clinicIds: [clinicId] }, {}, here.admin)).data.id;
    const [ours, theirs] = [await account(here.id), await account(there.id)];
    const doctor = { clinicId: here.id, firstName: 'A', lastName: 'B', speciality: 'C' };
    const readAccount = async (): Promise<object> =>
      (
        await app.db.query(
          `SELECT u.*, ARRAY(SELECT clinic_id FROM user_clinic WHERE user_id = u.id) AS clinics
                           FROM user_account u WHERE id = $1`,
          [theirs],
        )
      ).rows[0];
    const before = await readAccount();
    const { data: made } = await post('/api/v1/doctors', doctor, {}, here.manager);
    const path = `/api/v1/users/${theirs}`;
    const tries = [
      await post('/api/v1/doctors', { ...doctor, userId: theirs }, {}, here.manager),
      await app.call('PUT', `/api/v1/doctors/${made.id}`, { token: here.manager, body: { userId: theirs } }),
      await app.call('GET', path, { token: here.manager }),
      await app.call('PUT', path, { token: here.manager, body: { firstName: 'X' } }),
      await app.call('PUT', path, { token: here.manager, body: { clinicIds: [here.id] } }),
      await app.call('DELETE', path, { token: here.manager }),
    ];
    expect(tries.map(({ status }) => status)).toEqual([404, 404, 404, 404, 404, 404]);
    const unknown = await post('/api/v1/doctors', { ...doctor, userId: randomUUID() }, {}, here.manager);
    const toError = ({ status, code, body }: Answer): object => ({ status, code, message: body.error.message });
    expect(toError(unknown)).toEqual(toError(tries[0] as Answer));
    expect(await readAccount()).toEqual(before);
    expect((await post('/api/v1/doctors', { ...doctor, userId: ours }, {}, here.manager)).status).toBe(201);
    const byAdmin = await app.call('PUT', `/api/v1/doctors/${made.id}`, {
      token: here.admin,
      body: { userId: theirs },
    });
    expect(byAdmin.status).toBe(200);
  });
});

describe('an account of two clinics', () => {
  it('stays a member of a deleted clinic when its other clinics are changed, but cannot become one', async () => {
    const closed: string = (await post('/api/v1/clinics', { name: 'Closed', timeZone: 'UTC' }, {}, here.admin)).data.id;
    const account = { ...person(), role: 'STAFF', clinicIds: [here.id, closed] };
    const { id } = (await post('/api/v1/users', account, {}, here.admin)).data;
    expect((await app.call('DELETE', `/api/v1/clinics/${closed}`, { token: here.admin })).status).toBe(200);
    const setClinics = (token: string, clinicIds: string[]): Promise<Answer> =>
      app.call('PUT', `/api/v1/users/${id}`, { token, body: { clinicIds } });
    const changed = await setClinics(here.manager, [here.id]);
    expect([changed.status, changed.data?.clinicIds]).toEqual([200, [here.id, closed].sort()]);
    expect((await setClinics(here.admin, [here.id, there.id, closed])).status).toBe(200);
    expect((await setClinics(here.admin, [here.id])).data.clinicIds).toEqual([here.id]);
    expect((await setClinics(here.admin, [here.id, closed])).body.error.details).toEqual([
      { field: 'clinicIds', error: 'must be a clinic that exists' },
    ]);
  });
});

describe('the audit log', () => {
  const readAuditRows = async (action: string, where: string, value: unknown): Promise<any[]> =>
    (await app.db.query(`SELECT * FROM audit_log WHERE action = $1 AND ${where} = $2 ORDER BY id`, [action, value]))
      .rows;

  it('contains each failed sign-in with its IP address, but no password and e-mail address (L-03)', async () => {
    const { data } = await register();
    const { email, id } = data.user;
    const headers = { 'x-forwarded-for': '198.51.100.77' };
    await post('/api/v1/auth/login', { email, password: 'wrong-wrong-wrong' }, headers);
    await post('/api/auth/login', { email, password: 'wrong-wrong-wrong' }, headers);
    await post('/api/v1/auth/login', { email: newAddress(), password: 'wrong-wrong-wrong' }, headers);
    await app.call('PUT', '/api/v1/auth/password', {
      token: data.accessToken,
      body: { currentPassword: 'wrong-wrong-wrong', newPassword: 'another-quiet-river' },
      headers,
    });
    const rows = await readAuditRows('session.sign-in-failed', 'ip', '198.51.100.77');
    const nobody = '00000000-0000-0000-0000-000000000000';
    expect(rows.map(({ object_id: objectId }) => objectId)).toEqual([id, id, nobody, id]);
    expect(JSON.stringify(rows)).not.toMatch(/wrong-wrong|@test\.test/);
  });

  it('contains each denied request with its caller, route and IP address (L-03)', async () => {
    const [patient] = await app.patients(1);
    const headers = { 'x-forwarded-for': '198.51.100.78' };
    const denied = await app.call('GET', `/api/v1/clients/${patient?.clientId}`, { token: patient?.token, headers });
    expect(denied.status).toBe(403);
    const body = { firstName: 'A', lastName: 'B', clinicId: there.id };
    expect((await post('/api/v1/clients', body, headers, here.staff)).status).toBe(403);
    expect((await app.call('GET', '/api/users', { token: patient?.token, headers })).status).toBe(403);
    const rows = await readAuditRows('access.denied', 'ip', '198.51.100.78');
    expect(rows).toEqual([
      expect.objectContaining({
        actor_user_id: patient?.userId,
        actor_role: 'CLIENT',
        object_id: patient?.clientId,
        changes: { method: 'GET', route: '/api/v1/clients/:id', code: 'FORBIDDEN' },
      }),
      expect.objectContaining({
        actor_role: 'STAFF',
        changes: { method: 'POST', route: '/api/v1/clients', code: 'FORBIDDEN' },
      }),
      expect.objectContaining({ actor_user_id: patient?.userId }),
    ]);
  });

  it('contains the IP address of the caller in every row of a request', async () => {
    const headers = { 'x-forwarded-for': '198.51.100.79', 'x-request-id': `address-of-${randomUUID()}` };
    await post('/api/v1/clients', { firstName: 'A', lastName: 'B', clinicId: here.id }, headers, here.staff);
    const { rows } = await app.db.query(`SELECT action, ip FROM audit_log WHERE request_id = $1 ORDER BY action`, [
      headers['x-request-id'],
    ]);
    expect(rows).toEqual([
      { action: 'client.created', ip: '198.51.100.79' },
      { action: 'user.created', ip: '198.51.100.79' },
    ]);
  });
});

describe('the Authorization header', () => {
  it('may contain one bearer token and nothing else', async () => {
    const [patient] = await app.patients(1);
    const getStatus = async (authorization: string): Promise<number> =>
      (await app.call('GET', '/api/v1/auth/profile', { headers: { authorization } })).status;
    const token = patient?.token as string;
    expect(await getStatus(`Bearer ${token}`)).toBe(200);
    expect(await getStatus(`bearer  ${token}`)).toBe(200);
    for (const bad of [
      `Bearer ${token} junk`,
      `Bearer ${token}, Bearer x`,
      `Bearer ${token};`,
      `Bearer\t${token} x`,
      `Bearer x ${token}`,
      token,
    ]) {
      expect({ bad, status: await getStatus(bad) }).toEqual({ bad, status: 401 });
    }
  });
});

it('a sign-in rejects unknown fields', async () => {
  const body = { email: 'patient@careslot.test', password: 'careslot-demo-1', pin: '123456' };
  const answer = await post('/api/v1/auth/login', body);
  expect(answer).toMatchObject({ status: 400, code: 'VALIDATION_ERROR' });
  expect(answer.body.error.details).toEqual([expect.objectContaining({ field: 'pin' })]);
});
