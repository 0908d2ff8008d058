import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '../../src/core/kernel/id.js';
import { ROLES } from '../../src/core/kernel/actor.js';
import { TestApp, type Answer } from '../support/app.js';
import { liveRoutes } from '../support/live-routes.js';
import { getProtectedRoutes } from '../support/protected-routes.js';
import { enrol, login, signIn, signInMember, type Member } from '../support/second-factor.js';

/** Roles that must have a second factor by MFA_REQUIRED_ROLES. */

const ALLOWED = [
  'GET /api/v1/auth/mfa',
  'POST /api/v1/auth/mfa/setup',
  'POST /api/v1/auth/mfa/enable',
  'POST /api/v1/auth/mfa/disable',
  'POST /api/v1/auth/mfa/recovery-codes',
  'GET /api/v1/auth/profile',
  'POST /api/v1/auth/logout',
];

/** They also accept METRICS_TOKEN, so that they decide themselves. */
const ANSWERED_LIKE_STRANGERS = [
  'GET /api/v1/status',
  'GET /health/database',
  'GET /health/detailed',
  'GET /health/modules',
  'GET /metrics',
];

let app: TestApp;

beforeAll(async () => {
  app = await TestApp.start({ MFA_REQUIRED_ROLES: ROLES.join(',') });
});

afterAll(() => app.close());

const call = (route: string, token?: string): Promise<Answer> => {
  const [method = '', path = ''] = route.split(' ');
  const body = method === 'GET' ? undefined : {};
  return app.call(
    method,
    path.replaceAll(/:\w+/g, () => newId()),
    { token, body },
  );
};

/** Status and body without what differs between any two responses. */
const toComparable = ({ status, body }: Answer): unknown[] => [
  status,
  typeof body === 'object' ? { ...body, timestamp: '', requestId: '', meta: '' } : '',
];

const session = async (userId: string): Promise<string> => {
  const id = newId();
  await app.db.query(
    `INSERT INTO session (id, user_id, refresh_hash, expires_at, absolute_expires_at)
     VALUES ($1, $2, '', now() + interval '1 day', now() + interval '1 day')`,
    [id, userId],
  );
  return id;
};

describe.each(ROLES)('a %s without the required second factor', (role) => {
  let member: { userId: string; role: typeof role };

  beforeAll(async () => {
    const { rows } = await app.db.query(`SELECT id FROM user_account WHERE role = $1 LIMIT 1`, [role]);
    member = { userId: rows[0].id, role };
  });

  it('is refused on every route that needs a token, except those of the second factor, the profile and the sign-out', async () => {
    const live = liveRoutes(app.app);
    const routes = getProtectedRoutes();
    expect(routes.length).toBeGreaterThan(100);
    expect(routes.filter((route) => !live.includes(route))).toEqual([]);
    const answered: Record<'refused' | 'stranger' | 'allowed', string[]> = { refused: [], stranger: [], allowed: [] };
    for (const route of routes) {
      const { status, body } = await call(route, app.tokenFor(member));
      const isRefused = body.error?.details?.reason === 'MFA_ENROLMENT' || /second factor/.test(body.error);
      answered[status === 403 && isRefused ? 'refused' : status === 401 ? 'stranger' : 'allowed'].push(route);
    }
    expect(answered.allowed.sort()).toEqual([...ALLOWED].sort());
    expect(answered.stranger.sort()).toEqual(ANSWERED_LIKE_STRANGERS);
  });

  it('is answered like a stranger on every public route', async () => {
    const isProtected = new Set(getProtectedRoutes());
    const routes = liveRoutes(app.app).filter((route) => !isProtected.has(route));
    for (const route of routes.filter((one) => one.startsWith('GET'))) {
      const [withToken, without] = [await call(route, app.tokenFor(member)), await call(route)];
      expect([route, ...toComparable(withToken)]).toEqual([route, ...toComparable(without)]);
    }
  });

  it('reads their profile, and signs out', async () => {
    const token = app.tokenFor({ ...member, sessionId: await session(member.userId) });
    expect((await app.call('GET', '/api/v1/auth/profile', { token })).data.id).toBe(member.userId);
    expect((await app.call('GET', '/api/v1/auth/mfa', { token })).data).toMatchObject({ required: true });
    expect((await app.call('POST', '/api/v1/auth/logout', { token, body: {} })).status).toBe(200);
    expect((await app.call('GET', '/api/v1/auth/profile', { token })).code).toBe('TOKEN_REVOKED');
  });
});

describe('the required second factor', () => {
  const listSessions = (token: string): Promise<Answer> => app.call('GET', '/api/v1/auth/sessions', { token });

  it('is asked for after the sign-in and after a refresh, until it is switched on', async () => {
    const member = await signInMember(app, 'DOCTOR');
    const refused = await listSessions(member.token);
    expect([refused.status, refused.body.error.details]).toEqual([403, { reason: 'MFA_ENROLMENT' }]);
    const refreshed = await refresh(member);
    expect((await listSessions(refreshed.token)).status).toBe(403);
    const { recoveryCodes } = await enrol(app, refreshed.token);
    expect((await listSessions(refreshed.token)).status).toBe(200);
    expect((await listSessions((await refresh(refreshed)).token)).status).toBe(200);
    const signedIn = await signIn(app, member, recoveryCodes[0]);
    expect((await listSessions(signedIn.token)).status).toBe(200);
  });

  it('cannot be switched off, but can be set up again on another device', async () => {
    const member = await signInMember(app, 'MANAGER');
    await enrol(app, member.token);
    const disable = await app.call('POST', '/api/v1/auth/mfa/disable', { token: member.token, body: {} });
    expect([disable.status, disable.body.error.details]).toEqual([403, { reason: 'MFA_ENROLMENT' }]);
    expect((await listSessions(member.token)).status).toBe(200);
    await enrol(app, member.token);
    expect((await login(app, member.email)).code).toBe('MFA_REQUIRED');
  });

  it('is required again after a reset', async () => {
    const [admin, member] = [await signInMember(app, 'ADMIN'), await signInMember(app, 'STAFF')];
    await enrol(app, admin.token);
    await enrol(app, member.token);
    const path = `/api/v1/users/${member.userId}/mfa/reset`;
    expect((await app.call('POST', path, { token: admin.token, body: {} })).status).toBe(200);
    const again = await signIn(app, member);
    expect((await listSessions(again.token)).status).toBe(403);
  });

  it('is also required of a patient who has just registered', async () => {
    const body = {
      email: `${newId()}@member.test`,
      password: 'a-long-and-quiet-river',
      firstName: 'Mona',
      lastName: 'Hassan',
    };
    const { status, data } = await app.call('POST', '/api/v1/auth/register', { body });
    expect(status).toBe(201);
    expect((await listSessions(data.accessToken)).status).toBe(403);
  });

  it('gets a 400 in the mobile client, which cannot set it up, in the language of the account', async () => {
    const { email, userId } = await signInMember(app, 'DOCTOR');
    await app.db.query(`UPDATE user_account SET locale = 'hi' WHERE id = $1`, [userId]);
    const body = { email, password: 'a-long-and-quiet-river' };
    const { status, body: answer } = await app.call('POST', '/api/auth/login', { body });
    expect([status, answer.message]).toEqual([400, expect.stringContaining('ज़रूरी')]);
    const { rows } = await app.db.query(`SELECT count(*)::int AS n FROM session WHERE user_id = $1`, [userId]);
    // That of signInMember.
    expect(rows[0].n).toBe(1);
    const wrong = await app.call('POST', '/api/auth/login', { body: { ...body, password: 'wrong' } });
    expect(wrong.status).toBe(401);
  });

  async function refresh(member: Member): Promise<Member> {
    const { data } = await app.call('POST', '/api/v1/auth/refresh', { body: { refreshToken: member.refreshToken } });
    return { ...member, token: data.accessToken, refreshToken: data.refreshToken };
  }
});
