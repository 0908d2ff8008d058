import { createHmac, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import jwt from 'jsonwebtoken';
import { newId } from '../../src/core/kernel/id.js';
import { ACCESS_TOKEN, toClaims } from '../../src/core/security/tokens.js';
import { AccountLinkTokens, type LinkAction } from '../../src/modules/account-links/index.js';
import { PendingSignIns } from '../../src/modules/auth/mfa/pending-sign-ins.js';
import { TestApp, type Answer } from '../support/app.js';
import { eventually } from '../support/eventually.js';
import { code, enrol } from '../support/second-factor.js';
import { WebhookReceiver } from '../support/webhook-receiver.js';

/** Tokens, passwords and sign-in, as far as no other file tests them (docs/security.md). */

const PASSWORD = 'a-long-and-quiet-river';
const AUTH = '/api/v1/auth';

let app: TestApp;

beforeAll(async () => {
  app = await TestApp.start({ TRUST_PROXY: '1' });
});

afterAll(() => app.close());

let networks = 0;
const newNetwork = () => ({ 'x-forwarded-for': `203.0.${(networks += 1) >> 8}.${networks & 255}` });
const post = (path: string, body: object, headers: Record<string, string> = newNetwork()): Promise<Answer> =>
  app.call('POST', `${AUTH}/${path}`, { body, headers });
const profile = (token: string): Promise<Answer> => app.call('GET', `${AUTH}/profile`, { token });
const login = (email: string, password = PASSWORD, headers?: Record<string, string>): Promise<Answer> =>
  post('login', { email, password }, headers);
const register = async (password = PASSWORD): Promise<any> => {
  const { data } = await post('register', { email: `${newId()}@test.test`, password, firstName: 'A', lastName: 'B' });
  return data;
};

describe('an access token', () => {
  it('that brings its own key, or names a key or an algorithm, is refused, and nothing is fetched (T-02)', async () => {
    const { user, accessToken } = await register();
    const canary = await WebhookReceiver.start();
    const sessionId = (jwt.decode(accessToken) as { sid: string }).sid;
    const claims = toClaims({ ...user, userId: user.id, sessionId });
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
    const jwk = createPublicKey(pem).export({ format: 'jwk' });
    const remote = { jwk, jku: `${canary.url}/keys`, x5u: `${canary.url}/chain`, x5c: ['MIIB'], kid: 'mine' };
    const options = { issuer: ACCESS_TOKEN.issuer, audience: ACCESS_TOKEN.audience, expiresIn: 60 };
    const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const body = encode(jwt.decode(jwt.sign(claims, privateKey, { ...options, algorithm: 'RS256' })) as object);
    const hmac = (header: object, key: string): string => {
      const text = `${encode(header)}.${body}`;
      return `${text}.${createHmac('sha256', key).update(text).digest('base64url')}`;
    };
    const head = { typ: 'JWT', alg: 'HS256' };
    const names = ['../../dev/null', '/dev/null', "x' UNION SELECT 'key'--", '0', 'access-token', `${canary.url}/k`];
    for (const token of [
      jwt.sign(claims, privateKey, { ...options, algorithm: 'RS256', header: { ...remote, alg: 'RS256' } }),
      jwt.sign(claims, privateKey, { ...options, algorithm: 'PS256', header: { ...remote, alg: 'PS256' } }),
      hmac({ ...head, ...remote }, pem),
      hmac({ ...head, jwk: { kty: 'oct', k: Buffer.from('own').toString('base64url') } }, 'own'),
      hmac({ ...head, crit: ['b64'], b64: false }, ''),
      ...names.flatMap((kid) => ['', 'key', kid, pem].map((key) => hmac({ ...head, kid }, key))),
    ]) {
      expect(await profile(token)).toMatchObject({ status: 401, code: 'UNAUTHENTICATED' });
    }
    expect((await profile(accessToken)).status).toBe(200);
    await canary.close();
    expect(canary.connections).toBe(0);
  });
});

describe('a token of one kind', () => {
  it('is accepted for its purpose only: access, refresh, verification, reset and pending sign-in (T-04)', async () => {
    const person = await register();
    const { secret } = await enrol(app, person.accessToken);
    const { accessToken, refreshToken } = person;
    const linkToken = async (action: LinkAction, purpose: string): Promise<string> => {
      const id = await eventually(async () => {
        const { rows } = await app.db.query<{ id: string }>(
          'SELECT id FROM account_link WHERE user_id = $1 AND purpose = $2 AND revoked_at IS NULL',
          [person.user.id, purpose],
        );
        expect(rows).toHaveLength(1);
        return rows[0]?.id as string;
      });
      return app.app.get(AccountLinkTokens).create(action, id);
    };
    expect((await post('password/forgot', { email: person.user.email })).status).toBe(202);
    const tokens: Record<string, string> = {
      access: accessToken,
      refresh: refreshToken,
      verification: await linkToken('verify', 'EMAIL_VERIFICATION'),
      reset: await linkToken('reset-password', 'PASSWORD_RESET'),
      pending: (await app.app.get(PendingSignIns, { strict: false }).create(person.user.id)) as string,
    };
    /** In an order in which the success of one does not end the next token. */
    const uses: Record<string, (token: string) => Promise<Answer>> = {
      access: profile,
      refresh: (token) => post('refresh', { refreshToken: token }),
      verification: (token) => post('email/verify', { token }),
      pending: (pendingToken) => post('mfa/verify', { pendingToken, otp: code(secret) }),
      reset: (token) => post('password/reset', { token, password: 'seven-green-hats-on-a-hill' }),
    };
    for (const [purpose, use] of Object.entries(uses)) {
      for (const [kind, token] of Object.entries(tokens)) {
        if (kind === purpose) continue;
        const { status } = await use(token);
        expect({ purpose, kind, isRefused: [400, 401].includes(status) }).toEqual({ purpose, kind, isRefused: true });
      }
    }
    for (const [purpose, use] of Object.entries(uses)) {
      const { status } = await use(tokens[purpose] as string);
      expect({ purpose, status }).toEqual({ purpose, status: 200 });
    }
  });
});

describe('a refresh token', () => {
  it('is stored as a hash only, like those that replaced it (T-05)', async () => {
    const first = await register();
    const second = (await post('refresh', { refreshToken: first.refreshToken })).data;
    const [sessionId = '', secret = ''] = second.refreshToken.split('.');
    const { rows } = await app.db.query(`SELECT s::text AS row, refresh_hash AS hash FROM session s WHERE id = $1`, [
      sessionId,
    ]);
    expect(rows[0].hash).toHaveLength(32);
    const row = `${rows[0].row} ${rows[0].hash.toString('latin1')}`;
    const bytes = Buffer.from(secret, 'base64url');
    expect(bytes).toHaveLength(32);
    for (const form of [secret, first.refreshToken, second.refreshToken, bytes.toString('hex')])
      expect(row).not.toContain(form);
  });

  it('leaves no session if it is used 20 times at once: one use succeeds, and the others end it (T-07)', async () => {
    const { refreshToken, accessToken } = await register();
    const answers = await Promise.all(Array.from({ length: 20 }, () => post('refresh', { refreshToken })));
    const [winner, ...others] = answers.filter(({ status }) => status === 200);
    expect(others).toEqual([]);
    expect((await post('refresh', { refreshToken: winner?.data.refreshToken })).code).toBe('TOKEN_REVOKED');
    for (const token of [accessToken, winner?.data.accessToken])
      expect((await profile(token)).code).toBe('TOKEN_REVOKED');
  });

  it('ends with a sign-out, a new password, another role and the account (T-10)', async () => {
    const admin = await app.login('admin@careslot.test');
    const changes: ((person: any) => Promise<Answer>)[] = [
      ({ accessToken: token }) => app.call('POST', `${AUTH}/logout`, { token, body: {} }),
      ({ accessToken: token }) => app.call('POST', `${AUTH}/logout-all`, { token, body: {} }),
      async ({ user }) => {
        const token = (await login(user.email)).data.accessToken;
        const body = { currentPassword: PASSWORD, newPassword: 'seven-green-hats-on-a-hill' };
        return app.call('PUT', `${AUTH}/password`, { token, body });
      },
      ({ user }) => app.call('PUT', `/api/v1/users/${user.id}`, { token: admin, body: { role: 'STAFF' } }),
      ({ user }) => app.call('DELETE', `/api/v1/users/${user.id}`, { token: admin }),
    ];
    for (const change of changes) {
      const person = await register();
      expect((await change(person)).status).toBe(200);
      expect((await profile(person.accessToken)).code).toBe('TOKEN_REVOKED');
      expect((await post('refresh', { refreshToken: person.refreshToken })).status).toBe(401);
    }
  });
});

describe('a password', () => {
  it('is compared whole, also after 72 bytes, and with its case (A-03)', async () => {
    const long = 'nine quiet rivers '.repeat(5);
    const { user } = await register(`${long}end`);
    for (const wrong of [`${long}and`, long.slice(0, 72), `${long}END`, `${long}end `])
      expect({ wrong, code: (await login(user.email, wrong)).code }).toEqual({ wrong, code: 'INVALID_CREDENTIALS' });
    expect((await login(user.email, `${long}end`)).status).toBe(200);
  });
});

describe('a refused sign-in', () => {
  const shape = ({ status, body, headers }: Answer): object => {
    const { timestamp: _, requestId: __, error, ...rest } = body;
    // The seconds until the limit ends go on between two requests, as those of the headers do.
    delete error.details?.resetSeconds;
    const names = [...headers].filter(([name]) => !['date', 'x-request-id', 'retry-after'].includes(name));
    return { status, rest, error, headers: names.filter(([name]) => name !== 'ratelimit-reset') };
  };

  it('is the same for an unknown address, a wrong password, and an account that is unverified or closed (A-04)', async () => {
    const [unverified, verified, closed] = [await register(), await register(), await register()];
    await app.db.query('UPDATE user_account SET email_verified_at = now() WHERE id = $1', [verified.user.id]);
    const admin = await app.login('admin@careslot.test');
    expect((await app.call('DELETE', `/api/v1/users/${closed.user.id}`, { token: admin })).status).toBe(200);
    const refused = [
      await login(`${newId()}@test.test`),
      await login(unverified.user.email, 'wrong-wrong-wrong'),
      await login(verified.user.email, 'wrong-wrong-wrong'),
      await login(closed.user.email),
    ].map(shape);
    expect(refused[0]).toMatchObject({ status: 401, error: { code: 'INVALID_CREDENTIALS' } });
    for (const other of refused.slice(1)) expect(other).toEqual(refused[0]);
  });

  it('by the limit is the same for an address with an account and one without (A-04)', async () => {
    const { user } = await register();
    const limited: object[] = [];
    for (const email of [user.email, `${newId()}@test.test`]) {
      const network = newNetwork();
      for (let n = 0; n < 10; n += 1) expect((await login(email, 'wrong-wrong-wrong', network)).status).toBe(401);
      limited.push(shape(await login(email, 'wrong-wrong-wrong', network)));
    }
    expect(limited[0]).toMatchObject({ status: 429, error: { code: 'RATE_LIMITED' } });
    expect(limited[1]).toEqual(limited[0]);
  });

  it('counts for its network, whichever accounts it tries: one password for many accounts is limited (A-06)', async () => {
    const network = { 'x-forwarded-for': '198.51.100.99' };
    const { user } = await register();
    const statuses: number[] = [];
    // Refused ones need no hash of a password, and count too.
    for (let n = 0; n < 290; n += 1) statuses.push((await login(user.email, 'wrong-wrong-wrong', network)).status);
    expect(statuses).toEqual([...Array<number>(10).fill(401), ...Array<number>(280).fill(429)]);
    const sprayed: number[] = [];
    for (let n = 0; n < 11; n += 1) sprayed.push((await login(`${newId()}@test.test`, 'Summer-2026!', network)).status);
    expect(sprayed).toEqual([...Array<number>(10).fill(401), 429]);
    expect((await login(user.email)).status).toBe(200);
  });
});
