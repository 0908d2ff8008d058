import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '../../src/core/kernel/id.js';
import type { Role } from '../../src/core/kernel/actor.js';
import { PendingSignIns } from '../../src/modules/auth/mfa/pending-sign-ins.js';
import { TestApp, type Answer } from '../support/app.js';
import { openClinic } from '../support/clinic.js';
import { eventually } from '../support/eventually.js';
import { countLockWaits, lockTable } from '../support/locks.js';
import { getProtectedRoutes } from '../support/protected-routes.js';
import { secondApp, type SecondApp } from '../support/second-app.js';
import { code, enrol, signInMember, type Member } from '../support/second-factor.js';

/** Attacks on the second factor: by parallel use, in several processes, with stolen tokens, and by evading limits. */

const PASSWORD = 'a-long-and-quiet-river';
const AUTH = '/api/v1/auth';

let app: TestApp;
let second: SecondApp;

beforeAll(async () => {
  app = await TestApp.start({ TRUST_PROXY: '1' });
  second = await secondApp(app, { TRUST_PROXY: '1' });
});

afterAll(async () => {
  await second.close();
  await app.close();
});

interface Enrolled extends Member {
  secret: string;
  recoveryCodes: string[];
}

async function createEnrolled(role: Role = 'STAFF', clinicIds: string[] = []): Promise<Enrolled> {
  const member = await signInMember(app, role, clinicIds);
  return { ...member, ...(await enrol(app, member.token)) };
}

let networks = 0;
const fromNewNetwork = () => ({ 'x-forwarded-for': `203.0.${(networks += 1) >> 8}.${networks & 255}` });

interface Attempt {
  otp?: string;
  password?: string;
  headers?: Record<string, string>;
  url?: string;
}

const login = (email: string, attempt: Attempt = {}): Promise<Answer> => {
  const { otp, password = PASSWORD, headers = fromNewNetwork(), url = app.url } = attempt;
  const body = { email, password, ...(otp !== undefined && { otp }) };
  return app.call('POST', `${url}${AUTH}/login`, { body, headers });
};

const forgetProof = ({ userId }: Member) =>
  app.db.query(`UPDATE session SET proven_at = proven_at - interval '11 minutes' WHERE user_id = $1`, [userId]);

describe('a code in two processes', () => {
  it('opens one session if it is used 20 times at once (A-08)', async () => {
    const { email, secret } = await createEnrolled();
    const otp = code(secret);
    const urls = Array.from({ length: 20 }, (_, n) => (n % 2 ? app.url : second.url));
    const answers = await Promise.all(urls.map((url) => login(email, { otp, url })));
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    expect(statuses.filter((status) => ![200, 401, 429].includes(status))).toEqual([]);
  });

  it('is not accepted by one after the other has accepted it, nor for another purpose', async () => {
    const person = await createEnrolled();
    const otp = code(person.secret);
    await forgetProof(person);
    expect((await login(person.email, { otp })).status).toBe(200);
    expect((await login(person.email, { otp, url: second.url })).code).toBe('MFA_INVALID');
    const body = { password: PASSWORD, otp };
    const proof = await app.call('POST', `${second.url}${AUTH}/reauthenticate`, { token: person.token, body });
    expect(proof.code).toBe('MFA_INVALID');
  });

  it('is not guessed more often by asking both', async () => {
    const { email, secret } = await createEnrolled();
    for (let n = 0; n < 10; n += 1) {
      const answer = await login(email, { otp: '000000x', url: n % 2 ? app.url : second.url });
      expect(answer.code).toBe('MFA_INVALID');
    }
    for (const url of [app.url, second.url]) {
      expect((await login(email, { otp: code(secret), url })).code).toBe('RATE_LIMITED');
    }
  });
});

describe('the limit of attempts', () => {
  it('counts wrong codes of all spellings of an address and all networks together', async () => {
    const { email, secret } = await createEnrolled();
    const spellings = [email.toUpperCase(), email.replace('member', 'MeMbEr'), email.replace('@', '＠'), ` ${email} `];
    for (let n = 0; n < 10; n += 1) {
      const answer = await login(spellings[n % spellings.length] as string, { otp: '000000x' });
      expect(answer.code).toBe('MFA_INVALID');
    }
    expect((await login(email, { otp: code(secret) })).code).toBe('RATE_LIMITED');
  });

  it('counts wrong passwords of all spellings, routes, and IPv6 addresses of a network together', async () => {
    const { email } = await createEnrolled();
    const spell = (n: number): string => (n % 2 ? email.toUpperCase() : email);
    for (let n = 0; n < 10; n += 1) {
      const headers = { 'x-forwarded-for': `2001:db8:7:1::${n}` };
      const body = { email: spell(n), password: 'wrong' };
      const path = n % 3 ? `${AUTH}/login` : '/api/auth/login';
      expect((await app.call('POST', path, { body, headers })).status).toBe(401);
    }
    const headers = { 'x-forwarded-for': '2001:DB8:7:1:ffff:ffff:ffff:ffff' };
    expect((await login(email, { headers })).code).toBe('RATE_LIMITED');
    expect((await login(email, { headers: { 'x-forwarded-for': '2001:db8:7:2::1' } })).code).toBe('MFA_REQUIRED');
  });

  it('counts guessed recovery codes like codes of the app', async () => {
    const { email, recoveryCodes } = await createEnrolled();
    const [right = ''] = recoveryCodes;
    for (let n = 0; n < 10; n += 1) {
      const otp = right.slice(0, -2) + 'abcdefghij'.charAt(n) + (right.endsWith('a') ? 'b' : 'a');
      expect((await login(email, { otp })).code).toBe('MFA_INVALID');
    }
    expect((await login(email, { otp: right })).code).toBe('RATE_LIMITED');
  });
});

describe('a pending token', () => {
  it('is no access token on any route (A-09, T-04)', async () => {
    const { userId } = await createEnrolled();
    const token = (await app.app.get(PendingSignIns, { strict: false }).create(userId)) as string;
    const accepted: string[] = [];
    for (const route of getProtectedRoutes()) {
      const [method = '', path = ''] = route.split(' ');
      const body = method === 'GET' ? undefined : {};
      const { status } = await app.call(
        method,
        path.replaceAll(/:\w+/g, () => newId()),
        { token, body },
      );
      if (status !== 401) accepted.push(`${route}: ${status}`);
    }
    expect(accepted).toEqual([]);
  });

  it('opens one session if it is used in two processes at once', async () => {
    const { userId, secret, recoveryCodes } = await createEnrolled();
    const pendingToken = (await app.app.get(PendingSignIns, { strict: false }).create(userId)) as string;
    const otps = [code(secret), code(secret, 1), ...recoveryCodes.slice(0, 4)];
    const answers = await Promise.all(
      otps.map((otp, n) =>
        app.call('POST', `${n % 2 ? app.url : second.url}${AUTH}/mfa/verify`, { body: { pendingToken, otp } }),
      ),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status !== 200).map(({ status }) => status)).toEqual([
      401, 401, 401, 401, 401,
    ]);
    // The recovery codes are right: what was refused is the sign-in, not the code.
    const refused = answers.slice(2).filter(({ status }) => status !== 200);
    expect(new Set(refused.map((answer) => answer.code))).toEqual(new Set(['UNAUTHENTICATED']));
    // Codes that opened no session are not used.
    const { rows } = await app.db.query(`SELECT count(*)::int AS n FROM mfa_recovery_code WHERE user_id = $1`, [
      userId,
    ]);
    expect(rows[0].n).toBeGreaterThanOrEqual(9);
  });
});

describe('a stolen access token', () => {
  const ROUTES = [
    ['POST', 'auth/mfa/setup', {}],
    ['POST', 'auth/mfa/enable', { otp: '123456' }],
    ['POST', 'auth/mfa/disable', {}],
    ['POST', 'auth/mfa/recovery-codes', {}],
  ] as const;

  it('changes nothing of the second factor without both the password and a code (T-13)', async () => {
    const person = await createEnrolled();
    await forgetProof(person);
    const read = async (): Promise<unknown> =>
      (
        await app.db.query(
          `SELECT f.*, ARRAY(SELECT code_hash FROM mfa_recovery_code c WHERE c.user_id = f.user_id ORDER BY 1) AS codes
       FROM mfa_factor f WHERE user_id = $1`,
          [person.userId],
        )
      ).rows[0];
    const before = await read();
    for (const [method, path, fields] of ROUTES) {
      for (const proof of [{}, { password: 'wrong' }, { password: PASSWORD }]) {
        const body = { ...fields, ...proof };
        const answer = await app.call(method, `/api/v1/${path}`, { token: person.token, body });
        expect([path, proof, answer.status, answer.body.error.details]).toEqual([
          path,
          proof,
          403,
          { reason: 'REAUTHENTICATE' },
        ]);
      }
    }
    expect(await read()).toEqual(before);
    expect((await login(person.email)).code).toBe('MFA_REQUIRED');
  });

  it('does not change the second factor after its session has ended, also if the request was waiting', async () => {
    for (const [method, path] of ROUTES.slice(1)) {
      const person = await createEnrolled();
      const setup = await app.call('POST', `${AUTH}/mfa/setup`, { token: person.token, body: {} });
      const body = path.endsWith('enable') ? { otp: code(setup.data.secret) } : {};
      const readFactor = async (): Promise<unknown[]> =>
        (
          await app.db.query(
            `SELECT secret, enabled_at, array_agg(code_hash ORDER BY code_hash) FROM mfa_factor JOIN mfa_recovery_code USING (user_id)
             WHERE user_id = $1 GROUP BY 1, 2`,
            [person.userId],
          )
        ).rows;
      const before = await readFactor();
      const release = await lockTable(app.db, 'mfa_factor');
      const change = app.call(method, `/api/v1/${path}`, { token: person.token, body });
      try {
        await eventually(async () => expect(await countLockWaits(app.db)).toBe(1));
        await app.db.query('UPDATE session SET revoked_at = now() WHERE user_id = $1', [person.userId]);
      } finally {
        await release();
      }
      expect([path, await change]).toEqual([path, expect.objectContaining({ status: 401, code: 'TOKEN_REVOKED' })]);
      expect(await readFactor()).toEqual(before);
    }
  });

  it('does not guess the password faster than a sign-in', async () => {
    const person = await createEnrolled();
    await forgetProof(person);
    const guess = (): Promise<Answer> =>
      app.call('POST', `${AUTH}/mfa/disable`, { token: person.token, body: { password: 'wrong', otp: '000000' } });
    for (let n = 0; n < 10; n += 1) expect((await guess()).status).toBe(403);
    expect((await guess()).code).toBe('RATE_LIMITED');
  });
});

describe('a reset of the second factor', () => {
  it('is refused to managers of other clinics, for managers, and to the front desk, with or without proof', async () => {
    const [clinic, other] = [await openClinic(app), await openClinic(app)];
    const victims = [await createEnrolled('DOCTOR', [clinic.id]), await createEnrolled('MANAGER', [clinic.id])];
    const attackers = [
      { ...(await signInMember(app, 'MANAGER', [other.id])), statuses: [404, 404] },
      { ...(await signInMember(app, 'STAFF', [clinic.id])), statuses: [403, 403] },
      { ...(await signInMember(app, 'CLIENT')), statuses: [403, 403] },
    ];
    for (const { token, statuses } of attackers) {
      for (const [n, { userId }] of victims.entries()) {
        for (const body of [{}, { password: PASSWORD }]) {
          const answer = await app.call('POST', `/api/v1/users/${userId}/mfa/reset`, { token, body });
          expect(answer.status).toBe(statuses[n]);
        }
      }
    }
    const manager = await signInMember(app, 'MANAGER', [clinic.id]);
    const reset = (member: Member | undefined, body: object) =>
      app.call('POST', `/api/v1/users/${member?.userId}/mfa/reset`, { token: manager.token, body });
    expect((await reset(victims[1], { password: PASSWORD })).status).toBe(404);
    expect((await reset(victims[0], {})).body.error.details).toEqual({ reason: 'REAUTHENTICATE' });
    expect((await reset(victims[0], { password: PASSWORD })).status).toBe(200);
  });
});
