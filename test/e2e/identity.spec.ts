import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '../../src/core/kernel/id.js';
import { PASSWORD } from '../support/account-mails.js';
import { TestApp, type Answer } from '../support/app.js';
import { findUserId } from '../support/encrypted.js';

/** The identity of a caller comes only from the database, never from data that the client sends. */

let app: TestApp;
let admin: { id: string; email: string };
let own: { user: any; accessToken: string; refreshToken: string };

beforeAll(async () => {
  app = await TestApp.start();
  const email = 'admin@careslot.test';
  admin = { id: await findUserId(app, email), email };
  own = (await register({ email: `${newId()}@test.test` })).data;
});

afterAll(() => app.close());

const register = (extra: object): Promise<Answer> =>
  app.call('POST', '/api/v1/auth/register', {
    body: { password: PASSWORD, firstName: 'Mona', lastName: 'Hassan', ...extra },
  });

const readAccounts = async (): Promise<string> => {
  const { rows } = await app.db.query(
    `SELECT (SELECT md5(string_agg(u::text, '|' ORDER BY id)) FROM user_account u) AS users,
            (SELECT md5(string_agg(c::text, '|' ORDER BY id)) FROM client c) AS clients,
            (SELECT md5(string_agg(x::text, '|' ORDER BY x::text)) FROM user_clinic x) AS clinics`,
  );
  return JSON.stringify(rows[0]);
};

/** Fields that would change who the caller is. */
const identityFields = (): Record<string, unknown> => ({
  id: admin.id,
  sub: admin.id,
  userId: admin.id,
  email: admin.email,
  role: 'ADMIN',
  clientId: newId(),
  doctorId: newId(),
  clinicIds: [newId()],
  isAdmin: true,
  emailVerified: true,
  emailVerifiedAt: '2026-01-01T00:00:00Z',
  passwordHash: 'x',
  createdAt: '2020-01-01T00:00:00Z',
  deletedAt: null,
  version: 99,
});

describe('an identity field in a request', () => {
  const requests: [route: string, body: () => object, accepted: string[], adminOnly: string[]][] = [
    ['POST /api/v1/auth/refresh', () => ({ refreshToken: own.refreshToken }), [], []],
    ['POST /api/v1/auth/login', () => ({ email: own.user.email, password: PASSWORD }), ['email'], []],
    [
      'POST /api/v1/auth/register',
      () => ({ email: `${newId()}@test.test`, password: PASSWORD, firstName: 'A', lastName: 'B' }),
      ['email'],
      [],
    ],
    ['PUT /api/v1/auth/password', () => ({ currentPassword: PASSWORD, newPassword: 'another-quiet-river' }), [], []],
    ['PUT /api/v1/users/:id', () => ({ firstName: 'New' }), [], ['email', 'role', 'clinicIds']],
    ['PUT /api/v1/notifications/preferences', () => ({ channels: {} }), [], []],
  ];

  it.each(requests)(
    'of %s is refused and changes no account (T-09, Z-05)',
    async (route, body, accepted, adminOnly) => {
      const [method = '', path = ''] = route.replace(':id', own.user.id).split(' ');
      const before = await readAccounts();
      for (const [field, value] of Object.entries(identityFields())) {
        if (accepted.includes(field)) continue;
        const answer = await app.call(method, path, { token: own.accessToken, body: { ...body(), [field]: value } });
        const status = adminOnly.includes(field) ? 403 : 400;
        expect({ field, status: answer.status }).toEqual({ field, status });
        if (status === 400) expect(answer.body.error.details).toContainEqual(expect.objectContaining({ field }));
      }
      expect(await readAccounts()).toBe(before);
    },
  );

  it('of a refresh, in a header or in the query, does not change the user of the new token (T-09)', async () => {
    const headers = { 'x-user-id': admin.id, 'x-user-email': admin.email, 'x-role': 'ADMIN' };
    const next = await app.call('POST', `/api/v1/auth/refresh?userId=${admin.id}&email=${admin.email}&role=ADMIN`, {
      body: { refreshToken: own.refreshToken },
      headers,
    });
    expect(next.data.user).toEqual(own.user);
    const profile = await app.call('GET', '/api/v1/auth/profile', { token: next.data.accessToken, headers });
    expect(profile.data).toMatchObject({ id: own.user.id, role: 'CLIENT', email: own.user.email });
  });
});

describe('an address that has a verified account', () => {
  it('cannot be registered, entered at the front desk or entered by an administrator, in any notation (T-09)', async () => {
    const victim = await register({ email: 'k.victim@careslot.test' });
    await app.db.query(`UPDATE user_account SET email_verified_at = now() WHERE id = $1`, [victim.data.user.id]);
    const before = await readAccounts();
    const staff = await app.login('staff@careslot.test');
    const administrator = await app.login('admin@careslot.test');
    const { rows } = await app.db.query('SELECT clinic_id AS id FROM user_clinic WHERE user_id = $1', [
      await findUserId(app, 'staff@careslot.test'),
    ]);
    const spellings = [
      'k.victim@careslot.test',
      'K.VICTIM@careslot.test',
      ' k.victim@careslot.test ',
      'k.victim@CARESLOT.test',
      // NFKC converts the kelvin sign and full-width letters to ordinary letters.
      '\u212a.victim@careslot.test',
      '\uff4b.victim@careslot.test',
    ];
    const person = { firstName: 'Mal', lastName: 'Lory' };
    for (const email of spellings) {
      const answers = [
        await register({ email }),
        await app.call('POST', '/api/v1/clients', { token: staff, body: { ...person, email, clinicId: rows[0].id } }),
        await app.call('POST', '/api/v1/users', {
          token: administrator,
          body: { ...person, email, password: PASSWORD, clinicIds: [] },
        }),
      ];
      for (const { code } of answers) expect({ email, code }).toEqual({ email, code: 'EMAIL_TAKEN' });
    }
    expect(await readAccounts()).toBe(before);
    const login = await app.call('POST', '/api/v1/auth/login', {
      body: { email: 'K.victim@careslot.test', password: PASSWORD },
    });
    expect(login.data.user.id).toBe(victim.data.user.id);
  });

  it('is another address than one with a Cyrillic letter that looks the same (A-11)', async () => {
    const lookalike = await register({ email: '\u043a.victim@careslot.test' });
    expect({ status: lookalike.status, email: lookalike.data?.user.email }).toEqual({
      status: 201,
      email: '\u043a.victim@careslot.test',
    });
  });
});
