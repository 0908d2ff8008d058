import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import jwt from 'jsonwebtoken';
import { createApp } from '../../src/app.js';
import { loadConfig } from '../../src/core/config/config.js';
import { newId } from '../../src/core/kernel/id.js';
import { ACCESS_TOKEN, toClaims, deriveKey } from '../../src/core/security/tokens.js';
import { TestApp, type Answer } from '../support/app.js';
import { eventually } from '../support/eventually.js';

const PASSWORD = 'a-long-and-quiet-river';
let app: TestApp;

beforeAll(async () => {
  app = await TestApp.start();
});

afterAll(() => app.close());

const post = (path: string, body: object, token?: string): Promise<Answer> =>
  app.call('POST', `/api/v1/auth/${path}`, { body, token });
const profile = (token: string): Promise<Answer> => app.call('GET', '/api/v1/auth/profile', { token });
const register = async (): Promise<any> =>
  (await post('register', { email: `${newId()}@test.test`, password: PASSWORD, firstName: 'A', lastName: 'B' })).data;

describe('an access token', () => {
  it('is valid only with the right key, algorithm, issuer, audience, kind and time (T-03)', async () => {
    const secret = app.environment.JWT_SECRET as string;
    const { user } = await register();
    const claims = toClaims({ ...user, userId: user.id, sessionId: newId(), clinicIds: [] });
    const right = { algorithm: ACCESS_TOKEN.algorithm, issuer: ACCESS_TOKEN.issuer, audience: ACCESS_TOKEN.audience };
    const key = deriveKey(secret, 'access-token');
    const sign = (body: object, options: jwt.SignOptions = {}, by = key): string =>
      jwt.sign(body, by, { ...right, expiresIn: 60, ...options });
    const status = async (token: string): Promise<[number, string | undefined]> => {
      const answer = await profile(token);
      return [answer.status, answer.code];
    };
    expect(await status(sign(claims))).toEqual([200, undefined]);
    expect(await status(sign(claims, { expiresIn: -1 }))).toEqual([401, 'TOKEN_EXPIRED']);
    const { exp: _, ...forever } = jwt.decode(sign(claims)) as jwt.JwtPayload;
    const wrong = [
      sign(claims, { notBefore: 3_600 }),
      jwt.sign(forever, key, { algorithm: 'HS256' }),
      sign(claims, { issuer: 'somebody' }),
      sign(claims, { audience: 'another-api' }),
      sign(claims, {}, deriveKey(`${secret}x`, 'access-token')),
      sign(claims, {}, deriveKey(secret, 'refresh-token')),
      sign(claims, { algorithm: 'HS512' }),
      sign({ ...claims, typ: 'refresh' }),
      sign({ ...claims, sid: undefined }),
      sign({ ...claims, sub: undefined }),
    ];
    for (const token of wrong) expect(await status(token)).toEqual([401, 'UNAUTHENTICATED']);
  });
});

describe('a refresh token that was already used', () => {
  it('is detected by a process that started later, and after Redis was emptied (T-06, T-08)', async () => {
    const first = await register();
    const second = (await post('refresh', { refreshToken: first.refreshToken })).data;
    const redis = new Redis(app.environment.REDIS_URL as string);
    await redis.flushdb();
    redis.disconnect();
    const later = await createApp(loadConfig(app.environment));
    await later.listen(0, '127.0.0.1');
    const url = (await later.getUrl()).replace('[::1]', '127.0.0.1');
    try {
      const refresh = (refreshToken: string): Promise<Answer> =>
        app.call('POST', `${url}/api/v1/auth/refresh`, { body: { refreshToken } });
      expect((await refresh(first.refreshToken)).code).toBe('REFRESH_TOKEN_REUSED');
      expect((await refresh(second.refreshToken)).code).toBe('TOKEN_REVOKED');
      const there = await app.call('GET', `${url}/api/v1/auth/profile`, { token: second.accessToken });
      expect(there.code).toBe('TOKEN_REVOKED');
      await eventually(async () => expect((await profile(second.accessToken)).code).toBe('TOKEN_REVOKED'));
    } finally {
      await later.close();
    }
    const { rows } = await app.db.query(`SELECT FROM audit_log WHERE action = 'session.refresh-reused'`);
    expect(rows).toHaveLength(1);
  });
});

describe('a session', () => {
  it('expires if it is not used, and at a fixed time even if it is refreshed (P-03, T-11)', async () => {
    const { refreshToken } = await register();
    const id = refreshToken.split('.')[0];
    await app.db.query(`UPDATE session SET absolute_expires_at = now() + interval '1 hour' WHERE id = $1`, [id]);
    const next = (await post('refresh', { refreshToken })).data;
    const { rows } = await app.db.query(
      `SELECT expires_at = absolute_expires_at AS capped FROM session WHERE id = $1`,
      [id],
    );
    expect(rows).toEqual([{ capped: true }]);
    await app.db.query(`UPDATE session SET expires_at = now() WHERE id = $1`, [id]);
    expect((await post('refresh', { refreshToken: next.refreshToken })).code).toBe('TOKEN_EXPIRED');
  });

  it('is listed with the other sessions of its user, and can be ended separately (T-14)', async () => {
    const one = await register();
    const two = (await post('login', { email: one.user.email, password: PASSWORD })).data;
    const list = await app.call('GET', '/api/v1/auth/sessions', { token: one.accessToken });
    expect(list.data).toHaveLength(2);
    const other = list.data.find(({ current }: { current: boolean }) => !current).id;
    const stranger = await register();
    const end = (token: string): Promise<Answer> => app.call('DELETE', `/api/v1/auth/sessions/${other}`, { token });
    expect((await end(stranger.accessToken)).status).toBe(404);
    expect((await end(one.accessToken)).status).toBe(200);
    expect((await profile(two.accessToken)).code).toBe('TOKEN_REVOKED');
    expect((await post('refresh', { refreshToken: two.refreshToken })).code).toBe('TOKEN_REVOKED');
    expect((await profile(one.accessToken)).status).toBe(200);
  });
});
