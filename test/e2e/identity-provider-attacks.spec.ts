import { request as httpRequest } from 'node:http';
import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import jwt from 'jsonwebtoken';
import { newAddress } from '../support/account-mails.js';
import { TestApp } from '../support/app.js';
import type { Browser, Page } from '../support/browser.js';
import { eventually, within } from '../support/eventually.js';
import { API, AUTH, getCallbackUrl, IdentityFlows } from '../support/identity-flows.js';
import { OidcServer } from '../support/oidc-server.js';
import { SettableClock } from '../support/settable-clock.js';

/** Without return URLs, so that each callback answers in JSON. */

let server: OidcServer;
let evil: OidcServer;
let app: TestApp;
let flows: IdentityFlows;
const clock = new SettableClock();

beforeAll(async () => {
  server = await new OidcServer([getCallbackUrl('corp')]).start();
  evil = await new OidcServer([getCallbackUrl('evil')]).start();
  const providers = { corp: server.settings, evil: evil.settings };
  app = await TestApp.start(
    { PUBLIC_URL: API, OIDC_PROVIDERS: JSON.stringify(providers), TRUST_PROXY: '1' },
    undefined,
    clock,
  );
  flows = new IdentityFlows(app, server, 'corp');
});

afterAll(async () => {
  await app.close();
  await Promise.all([server.close(), evil.close()]);
});

beforeEach(() => clock.set(new Date().toISOString()));
afterEach(() => {
  server.intercept = () => undefined;
});

const person = (email = newAddress()): string => flows.person({ email, email_verified: true, given_name: 'Mona' });

interface Problem {
  status: number;
  code?: string;
  details?: unknown;
}

function toProblem({ status, text }: Page): Problem {
  const { error } = JSON.parse(text) as { error?: { code: string; details?: unknown } };
  return { status, ...(error && { code: error.code, ...(error.details != null && { details: error.details }) }) };
}

const INVALID_ANSWER = { status: 401, code: 'UNAUTHENTICATED', details: { reason: 'INVALID_ANSWER' } };
const UNKNOWN_STATE = { status: 400, code: 'VALIDATION_ERROR', details: [expect.objectContaining({ field: 'state' })] };

const withQuery = (url: string, changes: Record<string, string | null>): string => {
  const changed = new URL(url);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) changed.searchParams.delete(name);
    else changed.searchParams.set(name, value);
  }
  return changed.href;
};

/** Starts a sign-in. @returns the browser and what the provider is asked for */
async function start(url = flows.startUrl()): Promise<{ browser: Browser; asked: URL }> {
  const browser = flows.browser();
  const page = await browser.request(url);
  expect(page.status).toBe(302);
  return { browser, asked: new URL(page.headers.get('location') ?? '') };
}

const accountCount = async (): Promise<number> => (await app.db.query('SELECT FROM user_account')).rowCount ?? 0;

describe('a callback without a return URL', () => {
  it('returns the tokens, which no cache may store', async () => {
    const page = await flows.signIn(person());
    const { data } = JSON.parse(page.text) as { data: { accessToken: string; user: { role: string } } };
    expect(page.status).toBe(200);
    expect(page.headers.get('cache-control')).toBe('no-store');
    expect(data.user.role).toBe('CLIENT');
    expect((await app.call('GET', `${AUTH}/profile`, { token: data.accessToken })).status).toBe(200);
  });

  it('reports an address that is taken', async () => {
    const email = newAddress();
    await flows.signIn(person(email));
    expect(toProblem(await flows.signIn(person(email)))).toMatchObject({ status: 409, code: 'EMAIL_TAKEN' });
  });
});

describe('the cookie of a request', () => {
  it('can be read by no script and no other path, and is gone after the callback', async () => {
    const browser = flows.browser();
    const page = await browser.request(flows.startUrl());
    const [cookie] = page.headers.getSetCookie();
    expect(cookie).toMatch(
      /^careslot_oidc_[0-9a-f-]{36}=[\w-]+; Max-Age=600; Path=\/api\/v1\/auth\/oidc\/corp\/callback; .*HttpOnly; SameSite=Lax$/,
    );
    const callback = await flows.answerProvider(browser, person(), page.headers.get('location') ?? '');
    expect(browser.cookies(callback)).toHaveLength(1);
    expect((await browser.request(callback)).status).toBe(200);
    expect(browser.cookies(callback)).toEqual([]);
  });

  it('has nothing that can be read, and cannot be changed', async () => {
    const { browser, asked } = await start();
    const [, value = ''] = (browser.cookies(getCallbackUrl('corp'))[0] ?? '').split('=');
    const plain = Buffer.from(value, 'base64url').toString('latin1');
    for (const name of ['state', 'nonce']) expect(plain).not.toContain(asked.searchParams.get(name) ?? 'missing');
    const callback = await flows.answerProvider(browser, person(), asked.href);
    const state = asked.searchParams.get('state') ?? '';
    for (const changed of [
      `${value.startsWith('A') ? 'B' : 'A'}${value.slice(1)}`,
      value.slice(0, -4),
      '',
      'x'.repeat(500),
      `${value}AAAA`,
    ]) {
      const answer = await app.call('GET', callback.replace(API, app.url), {
        headers: { cookie: `careslot_oidc_${state}=${changed}` },
      });
      expect(answer.status).toBe(400);
    }
    expect((await browser.request(callback)).status).toBe(200);
  });
});

describe('a callback', () => {
  it('of another browser is refused, and the attacker’s callback in the victim’s browser too', async () => {
    const attacker = flows.browser();
    const callback = await flows.untilCallback(attacker, person());
    const victim = (await start()).browser;
    const before = await accountCount();
    expect(toProblem(await victim.request(callback))).toEqual(UNKNOWN_STATE);
    expect(toProblem(await flows.browser().request(callback))).toEqual(UNKNOWN_STATE);
    expect(await accountCount()).toBe(before);
    // It was not used up by that.
    expect((await attacker.request(callback)).status).toBe(200);
  });

  it('with the code of another request of the same browser is refused: PKCE and nonce belong to one request', async () => {
    const browser = flows.browser();
    const [first, second] = [
      await flows.untilCallback(browser, person()),
      await flows.untilCallback(browser, person()),
    ];
    const code = new URL(second).searchParams.get('code');
    expect(toProblem(await browser.request(withQuery(first, { code })))).toEqual(INVALID_ANSWER);
  });

  it('works once, also if it is sent 20 times at the same time, or again with its cookie', async () => {
    const browser = flows.browser();
    const callback = await flows.untilCallback(browser, person());
    const cookie = browser.cookies(callback).join('; ');
    const before = server.requests.filter((path) => path === '/token').length;
    const send = () => app.call('GET', callback.replace(API, app.url), { headers: { cookie } });
    const answers = await Promise.all(Array.from({ length: 20 }, send));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 400)).toHaveLength(19);
    expect((await send()).status).toBe(400);
    expect(server.requests.filter((path) => path === '/token')).toHaveLength(before + 1);
  });

  it('is refused after ten minutes', async () => {
    const browser = flows.browser();
    const callback = await flows.untilCallback(browser, person());
    clock.set(new Date(Date.now() + 601_000).toISOString());
    expect(toProblem(await browser.request(callback))).toEqual(UNKNOWN_STATE);
  });

  it('without a state, with another one or with two is refused', async () => {
    const browser = flows.browser();
    const callback = await flows.untilCallback(browser, person());
    for (const state of [null, '', 'x', '../../x', crypto.randomUUID()]) {
      expect(toProblem(await browser.request(withQuery(callback, { state })))).toEqual(UNKNOWN_STATE);
    }
    const twice = `${callback}&state=${crypto.randomUUID()}`;
    expect(toProblem(await browser.request(twice))).toEqual(INVALID_ANSWER);
  });

  it('with the issuer of another provider is refused (RFC 9207), and without one if the provider promises it', async () => {
    for (const iss of [evil.issuer, `${server.issuer}/`, null]) {
      const browser = flows.browser();
      const callback = await flows.untilCallback(browser, person());
      expect(new URL(callback).searchParams.get('iss')).toBe(server.issuer);
      expect(toProblem(await browser.request(withQuery(callback, { iss })))).toEqual(INVALID_ANSWER);
    }
  });

  it('of one provider is not taken for that of another one (mix-up), and no secret goes to the other provider', async () => {
    const browser = flows.browser();
    const callback = await flows.untilCallback(browser, person());
    const before = evil.requests.length;
    expect(toProblem(await browser.request(callback.replace('/corp/', '/evil/')))).toEqual(UNKNOWN_STATE);
    // The same with the cookie, which a browser would not send there.
    const cookie = browser.cookies(callback).join('; ');
    const moved = callback.replace(API, app.url).replace('/corp/', '/evil/');
    expect((await app.call('GET', moved, { headers: { cookie } })).status).toBe(400);
    expect(evil.requests.slice(before)).not.toContain('/token');
    expect((await browser.request(callback)).status).toBe(200);
  });

  it('has the configured redirect URI, whatever the Host header says', async () => {
    const url = new URL(`${app.url}${AUTH}/oidc/corp`);
    const headers = { host: 'evil.test', 'x-forwarded-host': 'evil.test', 'x-forwarded-proto': 'gopher' };
    const request = httpRequest(url, { headers }).end();
    const [response] = (await within('a response', once(request, 'response'))) as [{ headers: Record<string, string> }];
    expect(new URL(response.headers.location ?? '').searchParams.get('redirect_uri')).toBe(getCallbackUrl('corp'));
    expect(JSON.stringify(response.headers)).not.toContain('evil.test');
  });
});

describe('an ID token', () => {
  const now = (): number => Math.floor(Date.now() / 1_000);

  /** Signs in with a token of an attacker who has the provider's token endpoint. */
  async function signInWith(make: (claims: object) => string): Promise<Problem> {
    const { browser, asked } = await start();
    const callback = await flows.answerProvider(browser, person(), asked.href);
    const good = {
      ...{ iss: server.issuer, aud: server.clientId, sub: `made-up-${newAddress()}`, iat: now(), exp: now() + 300 },
      ...{ nonce: asked.searchParams.get('nonce'), email: newAddress(), email_verified: true },
    };
    const body = { access_token: 'any', token_type: 'Bearer', id_token: make(good) };
    server.intercept = (path) => (path === '/token' ? { status: 200, body } : undefined);
    return toProblem(await browser.request(callback));
  }

  const unsigned = (claims: object): string =>
    `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.`;

  it('that is right is accepted', async () => {
    expect(await signInWith((claims) => server.sign(claims))).toEqual({ status: 200 });
  });

  it.each<[string, (claims: object) => string]>([
    ['with the nonce of another request', (claims) => server.sign({ ...claims, nonce: 'another' })],
    ['without a nonce', (claims) => server.sign({ ...claims, nonce: undefined })],
    ['of another issuer', (claims) => server.sign({ ...claims, iss: evil.issuer })],
    ['for another client', (claims) => server.sign({ ...claims, aud: 'another-client' })],
    [
      'for several clients without naming this one',
      (claims) => server.sign({ ...claims, aud: ['careslot', 'x'], azp: 'x' }),
    ],
    ['that has expired', (claims) => server.sign({ ...claims, exp: now() - 60 })],
    ['without a subject', (claims) => server.sign({ ...claims, sub: undefined })],
    ['signed with the key of another provider', (claims) => evil.sign(claims)],
    ['without a signature', unsigned],
    ['signed with the client secret', (claims) => hmacSigned(claims)],
    ['that is cut', (claims) => server.sign(claims).slice(0, -8)],
  ])('%s is refused', async (_, make) => {
    const before = await accountCount();
    expect(await signInWith(make)).toEqual(INVALID_ANSWER);
    expect(await accountCount()).toBe(before);
  });

  const hmacSigned = (claims: object): string =>
    jwt.sign(claims, (server.settings as { clientSecret: string }).clientSecret, { algorithm: 'HS256' });

  it('that is missing is refused', async () => {
    const { browser, asked } = await start();
    const callback = await flows.answerProvider(browser, person(), asked.href);
    const body = { access_token: 'any', token_type: 'Bearer' };
    server.intercept = (path) => (path === '/token' ? { status: 200, body } : undefined);
    expect(toProblem(await browser.request(callback))).toEqual(INVALID_ANSWER);
  });

  it('is accepted after the provider has replaced its key, at once', async () => {
    expect((await flows.signIn(person())).status).toBe(200);
    server.rotateKeys();
    expect((await flows.signIn(person())).status).toBe(200);
    const keyRequests = (): number => server.requests.filter((path) => path === '/jwks').length;
    const before = keyRequests();
    expect((await flows.signIn(person())).status).toBe(200);
    expect(keyRequests()).toBe(before);
  });

  it('of user information for another subject is refused', async () => {
    const browser = flows.browser();
    const callback = await flows.untilCallback(browser, person());
    server.intercept = (path) =>
      path === '/me'
        ? { status: 200, body: { sub: 'somebody-else', email: newAddress(), email_verified: true } }
        : undefined;
    expect(toProblem(await browser.request(callback))).toEqual(INVALID_ANSWER);
  });
});

describe('fresh proof at the provider', () => {
  const MINUTE = 60_000;

  /** Asks for fresh proof two minutes ago, and gets an ID token with this `auth_time`, in seconds from now. */
  async function proveWith(authTime: number | undefined): Promise<Problem> {
    server.intercept = () => undefined;
    const name = person();
    const { data } = JSON.parse((await flows.signIn(name)).text) as { data: { accessToken: string } };
    const token = data.accessToken;
    const sub = (await app.db.query('SELECT subject FROM provider_identity ORDER BY created_at DESC LIMIT 1')).rows[0]
      .subject as string;
    clock.set(new Date(Date.now() - 2 * MINUTE).toISOString());
    const ticket = await app.call('POST', `${AUTH}/oidc/corp/reauthenticate`, { token, body: {} });
    const { browser, asked } = await start(ticket.data.url);
    const callback = await flows.answerProvider(browser, name, asked.href);
    clock.set(new Date().toISOString());
    const now = Math.floor(Date.now() / 1_000);
    const id_token = server.sign({
      ...{ iss: server.issuer, aud: server.clientId, sub, iat: now, exp: now + 300, email: newAddress() },
      ...{ nonce: asked.searchParams.get('nonce'), ...(authTime !== undefined && { auth_time: now + authTime }) },
    });
    const body = { access_token: 'any', token_type: 'Bearer', id_token };
    server.intercept = (path) => (path === '/token' ? { status: 200, body } : undefined);
    const page = await browser.request(callback);
    if (page.status !== 200) return toProblem(page);
    const { code } = (JSON.parse(page.text) as { data: { code: string } }).data;
    const { status } = await app.call('POST', `${AUTH}/reauthenticate/provider`, { token, body: { code } });
    return { status };
  }

  it('is a sign-in after the user was asked, however long the provider then takes', async () => {
    expect(await proveWith(-90)).toEqual({ status: 200 });
  });

  it('is not a sign-in from before, and not one whose time the provider does not tell', async () => {
    // Half a minute of difference between the clocks is allowed.
    for (const authTime of [-155, -86_400, undefined]) expect(await proveWith(authTime)).toEqual(INVALID_ANSWER);
  });
});

describe('a provider that refuses or fails', () => {
  it('ends the sign-in with a reason if the user cancels', async () => {
    const { browser, asked } = await start();
    const login = await browser.open(asked.href);
    const callback = (await browser.request(`${login.url}/abort`)).headers.get('location') ?? '';
    const page = await browser.open(callback);
    expect(toProblem(page)).toEqual({ status: 401, code: 'UNAUTHENTICATED', details: { reason: 'ACCESS_DENIED' } });
  });

  it('shows none of its text to the user', async () => {
    const { browser, asked } = await start();
    const state = asked.searchParams.get('state') ?? '';
    const error = { state, iss: server.issuer, error: '<script>', error_description: '<script>alert(1)</script>' };
    const page = await browser.request(`${getCallbackUrl('corp')}?${new URLSearchParams(error).toString()}`);
    expect(toProblem(page)).toEqual(INVALID_ANSWER);
    expect(page.text).not.toContain('script');
  });

  it('works for others while somebody sends failures in its name', async () => {
    for (let n = 0; n < 8; n += 1) {
      const { browser, asked } = await start();
      const state = asked.searchParams.get('state') ?? '';
      const error = { state, iss: server.issuer, error: n % 2 ? 'server_error' : 'unauthorized_client' };
      const page = await browser.request(`${getCallbackUrl('corp')}?${new URLSearchParams(error).toString()}`);
      expect(toProblem(page)).toEqual({ status: 503, code: 'UPSTREAM_UNAVAILABLE' });
    }
    expect((await flows.signIn(person())).status).toBe(200);
  });

  it.each<[string, { status: number; body: object }]>([
    ['a failure', { status: 500, body: {} }],
    ['an overload', { status: 503, body: { error: 'temporarily_unavailable' } }],
    ['a wrong client', { status: 401, body: { error: 'invalid_client' } }],
    ['a body that is too large', { status: 200, body: { access_token: 'x'.repeat(2 * 1024 * 1024) } }],
  ])(
    'is 503 after %s at the token endpoint',
    async (_, interception) => {
      const browser = flows.browser();
      const callback = await flows.untilCallback(browser, person());
      server.intercept = (path) => (path === '/token' ? interception : undefined);
      const page = await browser.request(callback);
      expect(toProblem(page)).toEqual({ status: 503, code: 'UPSTREAM_UNAVAILABLE' });
      expect(Number(page.headers.get('retry-after'))).toBeGreaterThan(0);
      server.intercept = () => undefined;
      // The circuit may be open for a while.
      await eventually(async () => expect((await flows.signIn(person())).status).toBe(200));
    },
    60_000,
  );

  it('cannot make this server call another host: a redirect of its token endpoint is not followed', async () => {
    const browser = flows.browser();
    const callback = await flows.untilCallback(browser, person());
    const before = evil.requests.length;
    server.intercept = (path) =>
      path === '/token' ? { status: 307, body: {}, headers: { location: `${evil.issuer}/token` } } : undefined;
    expect(toProblem(await browser.request(callback)).status).toBe(401);
    expect(evil.requests.length).toBe(before);
  });

  it('that is down at the callback is 503, and works again later', async () => {
    const browser = flows.browser();
    const callback = await flows.untilCallback(browser, person());
    await server.stop();
    try {
      expect(toProblem(await browser.request(callback))).toEqual({ status: 503, code: 'UPSTREAM_UNAVAILABLE' });
    } finally {
      await server.restart();
    }
    await eventually(async () => expect((await flows.signIn(person())).status).toBe(200));
  });
});

describe('attempts', () => {
  it('are limited for each network', async () => {
    const headers = { 'x-forwarded-for': '198.51.100.77' };
    const statuses = new Set<number>();
    for (let n = 0; n < 920; n += 20) {
      const answers = await Promise.all(
        Array.from({ length: 20 }, () => app.call('POST', `${AUTH}/oidc/token`, { headers, body: { code: 'a.b' } })),
      );
      for (const { status } of answers) statuses.add(status);
    }
    expect([...statuses].sort()).toEqual([400, 429]);
    expect((await app.call('GET', `${AUTH}/oidc/corp`, { headers })).status).toBe(429);
  });
});
