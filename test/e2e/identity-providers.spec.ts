import { createHash, randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { TOTP } from 'otpauth';
import { AccountMails, newAddress, PASSWORD, SUBJECTS, type Person } from '../support/account-mails.js';
import { newId } from '../../src/core/kernel/id.js';
import { emailIndex } from '../support/encrypted.js';
import { TestApp, type Answer } from '../support/app.js';
import { openClinic } from '../support/clinic.js';
import { eventually } from '../support/eventually.js';
import { API, AUTH, getCallbackUrl, IdentityFlows } from '../support/identity-flows.js';
import { countLockWaits, inTransaction } from '../support/locks.js';
import { OAuthServer } from '../support/oauth-server.js';
import { OidcServer } from '../support/oidc-server.js';
import { signInMember } from '../support/second-factor.js';
import { SmtpSink } from '../support/smtp-sink.js';

const WEB = 'https://app.clinic.test/signed-in';
const MOBILE = 'org.clinic.app:/signed-in';

let smtp: SmtpSink;
let server: OidcServer;
let oauth: OAuthServer;
let app: TestApp;
let mails: AccountMails;
let flows: IdentityFlows;

beforeAll(async () => {
  [smtp, server, oauth] = await Promise.all([
    new SmtpSink().start(),
    new OidcServer([getCallbackUrl('corp'), getCallbackUrl('twin')]).start(),
    new OAuthServer().start(),
  ]);
  app = await TestApp.start({
    SMTP_URL: smtp.url(),
    JOBS_SWEEP_SECONDS: '1',
    PUBLIC_URL: API,
    OIDC_PROVIDERS: JSON.stringify({ corp: server.settings, twin: server.settings, social: oauth.settings }),
    OIDC_RETURN_URLS: `${WEB},${MOBILE}`,
  });
  mails = new AccountMails(app, smtp);
  flows = new IdentityFlows(app, server, 'corp');
});

afterAll(async () => {
  await app.close();
  await Promise.all([smtp.close(), server.close(), oauth.close()]);
});

afterEach(() => {
  server.intercept = () => undefined;
});

const verifiedPerson = (email = newAddress(), more: object = {}): string =>
  flows.person({ email, email_verified: true, given_name: 'Mona', family_name: 'Hassan', ...more });

const findIdentities = async (email: string): Promise<unknown[]> =>
  (
    await app.db.query(
      `SELECT i.id FROM provider_identity i JOIN user_account u ON u.id = i.user_id WHERE u.email_index = $1 AND u.deleted_at IS NULL`,
      [await emailIndex(app, email)],
    )
  ).rows;

const countAccounts = async (email: string): Promise<number> =>
  (
    await app.db.query('SELECT FROM user_account WHERE email_index = $1 AND deleted_at IS NULL', [
      await emailIndex(app, email),
    ])
  ).rowCount ?? 0;

function newChallenge(): { codeVerifier: string; codeChallenge: string } {
  const codeVerifier = randomBytes(32).toString('base64url');
  return { codeVerifier, codeChallenge: createHash('sha256').update(codeVerifier).digest('base64url') };
}

const getError = (url: string): string | null => new URL(url).searchParams.get('error');

describe('a sign-in at an OpenID provider', () => {
  it('registers a new user as a patient with a record, and knows them the next time', async () => {
    const email = newAddress();
    const name = verifiedPerson(email, { locale: 'ar-EG' });
    const page = await flows.signIn(name, { timeZone: 'Africa/Cairo' });
    expect(page.url).toMatch(new RegExp(`^${WEB}\\?code=[\\w.-]+$`));
    const { status, data } = await flows.exchange(IdentityFlows.getCode(page));
    expect(status).toBe(200);
    expect(data.user).toMatchObject({
      ...{ email, emailVerified: true, role: 'CLIENT', firstName: 'Mona', lastName: 'Hassan' },
      ...{ locale: 'ar-EG', timeZone: 'Africa/Cairo', clientId: expect.any(String), clinicIds: [] },
    });
    expect((await mails.profile(data.accessToken)).data.id).toBe(data.user.id);
    const again = await flows.tokens(name);
    expect(again.data.user.id).toBe(data.user.id);
    const { body } = await app.call('GET', `${AUTH}/identities`, { token: data.accessToken });
    expect(body.data).toEqual([expect.objectContaining({ provider: 'corp', lastUsedAt: expect.any(String) })]);
  });

  it('uses PKCE, a state and a nonce that are different each time', async () => {
    const urls = await Promise.all(
      [1, 2].map(async () => new URL((await flows.browser().request(flows.startUrl())).headers.get('location') ?? '')),
    );
    for (const { searchParams } of urls) {
      expect(Object.fromEntries(searchParams)).toMatchObject({
        ...{ response_type: 'code', code_challenge_method: 'S256', redirect_uri: getCallbackUrl('corp') },
        ...{ scope: 'openid email profile', client_id: server.clientId },
      });
    }
    for (const parameter of ['state', 'nonce', 'code_challenge']) {
      expect(new Set(urls.map(({ searchParams }) => searchParams.get(parameter))).size).toBe(2);
    }
  });

  it('returns the URL of the provider to a client that asks for JSON', async () => {
    const answer = await app.call('GET', `${AUTH}/oidc/corp`, { headers: { accept: 'application/json' } });
    expect(answer.status).toBe(200);
    expect(answer.data.url).toMatch(new RegExp(`^${server.issuer}/auth\\?`));
    expect(answer.headers.getSetCookie()).toHaveLength(1);
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });

  it('knows a user whose address at the provider has changed, and leaves the address of the account', async () => {
    const email = newAddress();
    const name = verifiedPerson(email);
    const first = await flows.tokens(name);
    const victim = await mails.verified();
    server.claims.set(name, { email: victim.email, email_verified: true });
    const second = await flows.tokens(name);
    expect(second.data.user).toMatchObject({ id: first.data.user.id, email });
    expect((await mails.profile(victim.token)).data).toMatchObject({ id: victim.userId, email: victim.email });
  });

  it('replaces names that are no names', async () => {
    const odd = { given_name: 'https://evil.example', family_name: '\u200b', name: 'Visit www.evil.example/now' };
    const { data } = await flows.tokens(verifiedPerson(newAddress(), odd));
    expect(data.user).toMatchObject({ firstName: 'Visit', lastName: 'Patient' });
    const none = await flows.tokens(flows.person({ email: newAddress(), email_verified: true }));
    expect(none.data.user).toMatchObject({ firstName: 'New', lastName: 'Patient' });
  });

  it('registers nobody without an address', async () => {
    for (const email of [undefined, 'not an address', 'a@b@c']) {
      const page = await flows.signIn(flows.person({ email, email_verified: true }));
      expect(getError(page.url)).toBe('VALIDATION_ERROR');
    }
  });

  it('registers a user once, also if two of their browsers come back at the same time', async () => {
    const email = newAddress();
    const name = verifiedPerson(email);
    const tabs = [flows.browser(), flows.browser(), flows.browser()];
    const callbacks = await Promise.all(tabs.map((tab) => flows.untilCallback(tab, name)));
    const pages = await Promise.all(tabs.map((tab, index) => tab.open(callbacks[index] as string)));
    const answers = await Promise.all(pages.map((page) => flows.exchange(IdentityFlows.getCode(page))));
    expect(new Set(answers.map(({ data }) => data.user.id)).size).toBe(1);
    expect(await countAccounts(email)).toBe(1);
  });

  it('lists the providers', async () => {
    const { data } = await app.call('GET', `${AUTH}/oidc`);
    expect(data).toContainEqual({ name: 'corp', url: `${API}${AUTH}/oidc/corp` });
    expect((await app.call('GET', `${AUTH}/oidc/unknown`)).status).toBe(404);
    expect((await app.call('GET', `${AUTH}/oidc/unknown/callback?state=x&code=y`)).status).toBe(404);
  });

  it('is audited without addresses, subjects or codes', async () => {
    const email = newAddress();
    const name = verifiedPerson(email);
    const code = IdentityFlows.getCode(await flows.signIn(name));
    const { data } = await flows.exchange(code);
    const { rows } = await app.db.query(
      `SELECT action, a::text AS text FROM audit_log a WHERE actor_user_id = $1 OR object_id = $1`,
      [data.user.id],
    );
    expect(rows.map(({ action }) => action)).toEqual(expect.arrayContaining(['user.created', 'session.opened']));
    for (const { text } of rows) {
      expect(text).not.toContain(email);
      expect(text).not.toContain(name);
      expect(text).not.toContain(code);
    }
  });
});

describe('the way back to the application', () => {
  it('leads to configured URLs only, compared as a whole', async () => {
    for (const returnUrl of [
      'https://evil.test/',
      `${WEB}/../evil`,
      `${WEB}?next=https://evil.test`,
      `${WEB}.evil.test`,
      `${WEB}@evil.test`,
      '//evil.test',
      'javascript:alert(1)',
      WEB.toUpperCase(),
    ]) {
      const { status, headers } = await app.call(
        'GET',
        `${AUTH}/oidc/corp?${new URLSearchParams({ returnUrl }).toString()}`,
      );
      expect({ returnUrl, status, location: headers.get('location') }).toEqual({
        returnUrl,
        status: 400,
        location: null,
      });
    }
    const { codeVerifier, codeChallenge } = newChallenge();
    const page = await flows.signIn(verifiedPerson(), { returnUrl: MOBILE, codeChallenge });
    expect(page.url).toMatch(/^org\.clinic\.app:\/signed-in\?code=/);
    expect((await flows.exchange(IdentityFlows.getCode(page), codeVerifier)).status).toBe(200);
  });

  it('needs a challenge if it is a deep link, which another application on the device may receive', async () => {
    const { status, body } = await app.call('GET', `${AUTH}/oidc/corp?returnUrl=${MOBILE}`);
    expect([status, body.error.details]).toEqual([400, [expect.objectContaining({ field: 'codeChallenge' })]]);
    const { token } = await mails.verified();
    const options = { token, body: { returnUrl: MOBILE } };
    expect((await app.call('POST', `${AUTH}/oidc/corp/reauthenticate`, options)).status).toBe(400);
  });

  it('has no tokens in its URL, and a code that works once', async () => {
    const page = await flows.signIn(verifiedPerson());
    expect([...new URL(page.url).searchParams.keys()]).toEqual(['code']);
    expect(page.headers.get('cache-control')).toBe('no-store');
    expect(page.headers.get('referrer-policy')).toBe('no-referrer');
    const code = IdentityFlows.getCode(page);
    const answers = await Promise.all(Array.from({ length: 20 }, () => flows.exchange(code)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ code: error }) => error === 'VALIDATION_ERROR')).toHaveLength(19);
  });

  it('needs the verifier of the application, if it sent a challenge, and no verifier otherwise', async () => {
    const verifier = randomBytes(32).toString('base64url');
    const codeChallenge = createHash('sha256').update(verifier).digest('base64url');
    const name = verifiedPerson();
    const code = IdentityFlows.getCode(await flows.signIn(name, { codeChallenge, returnUrl: MOBILE }));
    expect((await flows.exchange(code)).status).toBe(400);
    expect((await flows.exchange(code, randomBytes(32).toString('base64url'))).status).toBe(400);
    expect((await flows.exchange(code, verifier)).status).toBe(200);
    const other = IdentityFlows.getCode(await flows.signIn(name));
    expect((await flows.exchange(other, verifier)).status).toBe(400);
  });

  it('has a code that expires after a minute', async () => {
    const code = IdentityFlows.getCode(await flows.signIn(verifiedPerson()));
    await app.db.query(`UPDATE provider_sign_in SET code_expires_at = code_expires_at - interval '61 seconds'`);
    expect((await flows.exchange(code)).status).toBe(400);
  });

  it('has a code that is no other token, and no other token is a code', async () => {
    const person = await mails.register();
    const code = IdentityFlows.getCode(await flows.signIn(verifiedPerson()));
    expect((await mails.profile(code)).status).toBe(401);
    expect((await app.call('POST', `${AUTH}/refresh`, { body: { refreshToken: code } })).status).toBe(401);
    const body = { pendingToken: code, otp: '000000' };
    expect((await app.call('POST', `${AUTH}/mfa/verify`, { body })).status).toBe(401);
    await app.call('POST', `${AUTH}/reauthenticate`, { token: person.token, body: { password: PASSWORD } });
    expect((await app.call('POST', `${AUTH}/identities`, { token: person.token, body: { code } })).status).toBe(400);
    for (const token of [person.token, person.refreshToken]) {
      expect((await app.call('POST', `${AUTH}/oidc/token`, { body: { code: token.slice(0, 500) } })).status).toBe(400);
    }
    expect((await flows.exchange(code)).status).toBe(200);
  });

  it('can end with the refresh token in a cookie', async () => {
    const code = IdentityFlows.getCode(await flows.signIn(verifiedPerson()));
    const answer = await flows.exchange(code, undefined, { 'x-auth-mode': 'cookie' });
    expect(answer.data.refreshToken).toBeUndefined();
    expect(answer.headers.getSetCookie().join()).toContain('careslot_refresh=');
  });

  it('ends without a session, if the account was closed, changed or signed out everywhere since', async () => {
    const name = verifiedPerson();
    const first = await flows.tokens(name);
    const code = IdentityFlows.getCode(await flows.signIn(name));
    await app.call('POST', `${AUTH}/logout-all`, { token: first.data.accessToken });
    expect((await flows.exchange(code)).status).toBe(400);
    const later = IdentityFlows.getCode(await flows.signIn(name));
    await app.db.query('UPDATE user_account SET deleted_at = now() WHERE id = $1', [first.data.user.id]);
    expect((await flows.exchange(later)).status).toBe(400);
  });
});

describe('the address of a new user', () => {
  it('is unverified if the provider does not say otherwise, and gets the verification mail', async () => {
    for (const email_verified of [false, undefined, 'false', 1, 'TRUE']) {
      const email = newAddress();
      const { data } = await flows.tokens(flows.person({ email, email_verified, given_name: 'Mona' }));
      expect(data.user).toMatchObject({ email, emailVerified: false });
      await mails.text(email, SUBJECTS.verification);
    }
  });

  it('belongs to one account, whether it is verified or not', async () => {
    const email = newAddress();
    await flows.tokens(flows.person({ email, email_verified: false }));
    const body = { email, password: PASSWORD, firstName: 'Mona', lastName: 'Hassan' };
    expect((await app.call('POST', `${AUTH}/register`, { body })).code).toBe('EMAIL_TAKEN');
    expect(getError((await flows.signIn(verifiedPerson(email))).url)).toBe('EMAIL_TAKEN');
    expect(await countAccounts(email)).toBe(1);
  });

  it.each([true, false])(
    'is not connected with a record of the front desk that has it (verified: %s)',
    async (isVerified) => {
      const clinic = await openClinic(app);
      const email = newAddress();
      const desk = await app.call('POST', '/api/v1/clients', {
        token: clinic.staff,
        body: { firstName: 'Desk', lastName: 'Record', email, clinicId: clinic.id },
      });
      expect(desk.status).toBe(201);
      const { data } = await flows.tokens(flows.person({ email, email_verified: isVerified }));
      expect(data.user).toMatchObject({ email, emailVerified: isVerified });
      expect(data.user.clientId).not.toBe(desk.data.id);
      expect(await countAccounts(email)).toBe(2);
      const found = await app.call('GET', `/api/v1/clients/${desk.data.id}`, { token: clinic.staff });
      expect(found.data).toMatchObject({ firstName: 'Desk', email });
    },
  );

  it('is no contact of the front desk, and gets no messages but the verification mail, until it is verified', async () => {
    const clinic = await openClinic(app);
    const email = newAddress();
    await flows.tokens(flows.person({ email, email_verified: false, given_name: 'Zubaida' }));
    const found = await app.call('GET', `/api/v1/clients?q=${encodeURIComponent(email)}`, { token: clinic.staff });
    expect(found.data).toEqual([]);
    await mails.text(email, SUBJECTS.verification);
    expect(mails.subjectsTo(email)).toEqual([SUBJECTS.verification]);
  });

  it('gets its account by a reset of the password, which removes identities that somebody else has linked', async () => {
    const email = newAddress();
    const name = flows.person({ email, email_verified: false });
    const attacker = await flows.tokens(name);
    await app.call('POST', `${AUTH}/password/forgot`, { body: { email } });
    const body = { token: await mails.token(email, SUBJECTS.reset), password: PASSWORD };
    expect((await app.call('POST', `${AUTH}/password/reset`, { body })).status).toBe(200);
    expect(await findIdentities(email)).toEqual([]);
    expect((await mails.profile(attacker.data.accessToken)).status).toBe(401);
    expect(getError((await flows.signIn(name)).url)).toBe('EMAIL_TAKEN');
    expect((await mails.login(email)).status).toBe(200);
  });

  it('can be used to choose a password, after which the identity still works', async () => {
    const email = newAddress();
    const name = verifiedPerson(email);
    const { data } = await flows.tokens(name);
    await app.call('POST', `${AUTH}/password/forgot`, { body: { email } });
    const body = { token: await mails.token(email, SUBJECTS.reset), password: PASSWORD };
    expect((await app.call('POST', `${AUTH}/password/reset`, { body })).status).toBe(200);
    expect((await mails.login(email)).data.user.id).toBe(data.user.id);
    expect((await flows.tokens(name)).data.user.id).toBe(data.user.id);
  });
});

describe('a closed account', () => {
  it('is not opened again by its identity, which registers another one', async () => {
    const email = newAddress();
    const name = verifiedPerson(email);
    const first = await flows.tokens(name);
    const waiting = IdentityFlows.getCode(await flows.signIn(name));
    const admin = await app.login('admin@careslot.test');
    const path = `/api/v1/users/${first.data.user.id}`;
    expect((await app.call('DELETE', path, { token: admin })).status).toBe(200);
    expect((await flows.exchange(waiting)).status).toBe(400);
    const second = await flows.tokens(name);
    expect(second.data.user).toMatchObject({ email, role: 'CLIENT' });
    expect(second.data.user.id).not.toBe(first.data.user.id);
    expect(second.data.user.clientId).not.toBe(first.data.user.clientId);
  });
});

describe('an address that an account has', () => {
  const variants: [string, (email: string) => string][] = [
    ['the same', (email) => email],
    ['in capitals', (email) => email.toUpperCase()],
    ['in full-width letters', (email) => email.replace('@test', '@\uff54\uff45\uff53\uff54')],
    ['with an invisible character', (email) => email.replace('@', '\u200b@')],
    ['with a quoted local part', (email) => email.replace(/^(.*)@/, '"$1"@')],
  ];

  it.each(variants)('is not linked without a confirmation: %s', async (_, toVariant) => {
    const owner = await mails.verified(`mona.${newAddress()}`);
    const page = await flows.signIn(verifiedPerson(toVariant(owner.email)));
    expect(getError(page.url)).toBe('EMAIL_TAKEN');
    expect(page.url).not.toContain('code=');
    expect(await findIdentities(owner.email)).toEqual([]);
    expect(await countAccounts(owner.email)).toBe(1);
    expect((await mails.profile(owner.token)).data).toMatchObject({ id: owner.userId, firstName: 'Mona' });
  });

  it('gets one account, if people of two providers come with it at the same time', async () => {
    const email = newAddress();
    const pages = await Promise.all(Array.from({ length: 10 }, () => flows.signIn(verifiedPerson(email))));
    expect(pages.filter(({ url }) => getError(url) === null)).toHaveLength(1);
    expect(pages.filter(({ url }) => getError(url) === 'EMAIL_TAKEN')).toHaveLength(9);
    expect(await findIdentities(email)).toHaveLength(1);
    expect(await countAccounts(email)).toBe(1);
  });

  it('is not linked either if the account is of a member of staff, and no provider makes an account with a role', async () => {
    const page = await flows.signIn(verifiedPerson('staff@careslot.test'));
    expect(getError(page.url)).toBe('EMAIL_TAKEN');
    const claims = { role: 'ADMIN', roles: ['ADMIN'], id: '019abe4c-7a52-7c61-9d1e-3f1f6b7f8a10', clinicIds: ['x'] };
    const { data } = await flows.tokens(verifiedPerson(newAddress(), claims));
    expect(data.user).toMatchObject({ role: 'CLIENT', clinicIds: [] });
    expect(data.user.id).not.toBe(claims.id);
  });
});

describe('linking', () => {
  const fresh = (person: Person): Promise<Answer> =>
    app.call('POST', `${AUTH}/reauthenticate`, { token: person.token, body: { password: PASSWORD } });
  const start = (person: Pick<Person, 'token'>, body: object = {}, provider = 'corp'): Promise<Answer> =>
    app.call('POST', `${AUTH}/oidc/${provider}/link`, { token: person.token, body });
  const confirm = (token: string, code: string): Promise<Answer> =>
    app.call('POST', `${AUTH}/identities`, { token, body: { code } });
  async function linkCode(person: Person, name: string): Promise<string> {
    const { data } = await start(person, { password: PASSWORD });
    const browser = flows.browser();
    return IdentityFlows.getCode(await browser.open(await flows.untilCallback(browser, name, data.url)));
  }

  it('needs fresh proof, the verified address of the account, and a confirmation in the same session', async () => {
    const owner = await mails.verified();
    expect((await start(owner)).body.error.details).toEqual({ reason: 'REAUTHENTICATE' });
    const name = verifiedPerson(owner.email.toUpperCase());
    const code = await linkCode(owner, name);
    expect(await findIdentities(owner.email)).toEqual([]);
    const linked = await confirm(owner.token, code);
    expect(linked).toMatchObject({ status: 201, data: { provider: 'corp' } });
    await mails.text(owner.email, 'Another way to sign in was added');
    expect((await flows.tokens(name)).data.user.id).toBe(owner.userId);
    expect((await mails.login(owner.email)).status).toBe(200);
    expect((await confirm(owner.token, code)).status).toBe(400);
  });

  it('is refused for an address that is another one or not verified at the provider', async () => {
    const owner = await mails.verified();
    await fresh(owner);
    const { email } = owner;
    for (const claims of [
      { email },
      { email, email_verified: false },
      { email: newAddress(), email_verified: true },
      {},
    ]) {
      const { data } = await start(owner);
      const browser = flows.browser();
      const page = await browser.open(await flows.untilCallback(browser, flows.person(claims), data.url));
      expect(getError(page.url)).toBe('EMAIL_NOT_VERIFIED');
    }
    expect(await findIdentities(email)).toEqual([]);
  });

  it('is confirmed by nobody else: not another user, another session, or without fresh proof', async () => {
    const owner = await mails.verified();
    const other = await mails.verified();
    await fresh(other);
    const second = { ...owner, token: (await mails.login(owner.email)).data.accessToken as string };
    await fresh(second);
    const code = await linkCode(owner, verifiedPerson(owner.email));
    expect((await confirm(other.token, code)).status).toBe(400);
    expect((await confirm(second.token, code)).status).toBe(400);
    expect((await flows.exchange(code)).status).toBe(400);
    await app.db.query(`UPDATE session SET proven_at = NULL WHERE user_id = $1`, [owner.userId]);
    expect((await confirm(owner.token, code)).status).toBe(403);
    expect(await findIdentities(owner.email)).toEqual([]);
  });

  it('gives nothing to somebody who makes another person open the link', async () => {
    const victim = newAddress();
    const attacker = await mails.register(victim);
    const { data } = await start(attacker, { password: PASSWORD });
    const browser = flows.browser();
    const page = await browser.open(await flows.untilCallback(browser, verifiedPerson(victim), data.url));
    // The code is in the victim's browser, whose application has no session of the attacker.
    expect((await flows.exchange(IdentityFlows.getCode(page))).status).toBe(400);
    expect(await findIdentities(victim)).toEqual([]);
  });

  it('links an identity once, and one of each provider', async () => {
    const owner = await mails.verified();
    const name = verifiedPerson(owner.email);
    const code = await linkCode(owner, name);
    const answers = await Promise.all(Array.from({ length: 20 }, () => confirm(owner.token, code)));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect((await confirm(owner.token, await linkCode(owner, verifiedPerson(owner.email)))).code).toBe(
      'ALREADY_EXISTS',
    );
    expect((await confirm(owner.token, await linkCode(owner, name))).code).toBe('ALREADY_EXISTS');
  });

  it('is not finished after a change of the password', async () => {
    const owner = await mails.verified();
    const code = await linkCode(owner, verifiedPerson(owner.email));
    const body = { currentPassword: PASSWORD, newPassword: 'another-long-and-quiet-river' };
    expect((await app.call('PUT', `${AUTH}/password`, { token: owner.token, body })).status).toBe(200);
    expect((await confirm(owner.token, code)).status).toBe(400);
  });

  it('does not start with a ticket of another provider, or a forged one', async () => {
    const owner = await mails.verified();
    const { data } = await start(owner, { password: PASSWORD });
    const elsewhere = (data.url as string).replace('/oidc/corp', '/oidc/twin');
    expect((await flows.browser().request(elsewhere)).status).toBe(400);
    const forged = `${API}${AUTH}/oidc/corp?ticket=${'A'.repeat(300)}`;
    expect((await flows.browser().request(forged)).status).toBe(400);
  });

  it('is ended by the owner, who gets a mail, and whose other sessions end', async () => {
    const owner = await mails.verified();
    const name = verifiedPerson(owner.email);
    const { data } = await confirm(owner.token, await linkCode(owner, name));
    const other = await flows.tokens(name);
    const waiting = IdentityFlows.getCode(await flows.signIn(name));
    const path = `${AUTH}/identities/${data.id}`;
    const stranger = await mails.verified();
    await fresh(stranger);
    expect((await app.call('DELETE', path, { token: stranger.token })).status).toBe(404);
    await app.db.query(`UPDATE session SET proven_at = NULL WHERE user_id = $1`, [owner.userId]);
    expect((await app.call('DELETE', path, { token: owner.token })).status).toBe(403);
    expect((await app.call('DELETE', path, { token: owner.token, body: { password: PASSWORD } })).status).toBe(200);
    await mails.text(owner.email, 'A way to sign in was removed');
    expect((await mails.profile(other.data.accessToken)).status).toBe(401);
    expect((await mails.profile(owner.token)).status).toBe(200);
    expect((await flows.exchange(waiting)).status).toBe(400);
    expect(getError((await flows.signIn(name)).url)).toBe('EMAIL_TAKEN');
    expect((await app.call('DELETE', path, { token: owner.token, body: { password: PASSWORD } })).status).toBe(404);
  });

  it('is not ended if it is the last way to sign in', async () => {
    const email = newAddress();
    const { data } = await flows.tokens(verifiedPerson(email));
    await app.db.query(`UPDATE session SET proven_at = now() WHERE user_id = $1`, [data.user.id]);
    const [identity] = (await app.call('GET', `${AUTH}/identities`, { token: data.accessToken })).data;
    const removed = await app.call('DELETE', `${AUTH}/identities/${identity.id}`, { token: data.accessToken });
    expect(removed.code).toBe('INVALID_TRANSITION');
    expect(await findIdentities(email)).toHaveLength(1);
  });

  it('is not ended if it becomes the last way to sign in by another request at the same time', async () => {
    const email = newAddress();
    const { data } = await flows.tokens(verifiedPerson(email));
    await linkAt('twin', data.user.id, newId());
    await app.db.query(`UPDATE session SET proven_at = now() WHERE user_id = $1`, [data.user.id]);
    const token = data.accessToken as string;
    const identities = (await app.call('GET', `${AUTH}/identities`, { token })).data;
    const remove = ({ id }: { id: string }) => app.call('DELETE', `${AUTH}/identities/${id}`, { token });
    const answers = await Promise.all(Array.from({ length: 10 }, () => identities.map(remove)).flat());
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(await findIdentities(email)).toHaveLength(1);
  });

  it.each(['link', 'remove'])('is not changed by a session that ended while its request waited: %s', async (change) => {
    const thief = await mails.verified();
    const name = verifiedPerson(thief.email);
    const code = await linkCode(thief, name);
    const { data } = change === 'remove' ? await confirm(thief.token, code) : { data: null };
    const before = await findIdentities(thief.email);
    const answer = await inTransaction(app.db, async (owner) => {
      await owner.query('SELECT FROM user_account WHERE id = $1 FOR NO KEY UPDATE', [thief.userId]);
      const request = data
        ? app.call('DELETE', `${AUTH}/identities/${data.id}`, { token: thief.token })
        : confirm(thief.token, code);
      await eventually(async () => expect(await countLockWaits(app.db)).toBe(1));
      await owner.query('UPDATE session SET revoked_at = now() WHERE user_id = $1', [thief.userId]);
      await owner.query('COMMIT');
      return request;
    });
    expect(answer).toMatchObject({ status: 401, code: 'TOKEN_REVOKED' });
    expect(await findIdentities(thief.email)).toEqual(before);
  });
});

/** Links an identity as if its user had signed in there before. */
async function linkAt(provider: string, userId: string, subject: string): Promise<void> {
  await app.db.query('INSERT INTO provider_identity (id, user_id, provider, subject) VALUES ($1, $2, $3, $4)', [
    ...[newId(), userId, provider, subject],
  ]);
  await app.db.query('UPDATE user_account SET has_identity = true WHERE id = $1', [userId]);
}

describe('staff who sign in at a provider only', () => {
  const join = (token: string, invitation: string, more: object = {}): Promise<Answer> =>
    app.call('POST', `${AUTH}/invitations/join`, { token, body: { token: invitation, ...more } });

  /** Somebody who works at one clinic and whom another one has invited. */
  async function invite(): Promise<{
    name: string;
    userId: string;
    token: string;
    invitation: string;
    clinicId: string;
  }> {
    const [there, here] = [await openClinic(app, { doctors: 0 }), await openClinic(app, { doctors: 0 })];
    const { email, userId } = await signInMember(app, 'STAFF', [there.id]);
    const name = verifiedPerson(email);
    await linkAt('corp', userId, name);
    await app.db.query('UPDATE user_account SET password_hash = NULL WHERE id = $1', [userId]);
    const body = { email, firstName: 'Sara', lastName: 'Adel', role: 'STAFF' };
    const asked = await app.call('POST', '/api/v1/users', { token: here.manager, body });
    expect(asked.data).toMatchObject({ id: userId, joinRequested: true });
    const invitation = await mails.token(email, 'Test clinic wants to add you');
    const { data } = await flows.tokens(name);
    return { name, userId, token: data.accessToken, invitation, clinicId: here.id };
  }

  const prove = async (name: string, token: string): Promise<void> => {
    const { data } = await app.call('POST', `${AUTH}/oidc/corp/reauthenticate`, { token, body: {} });
    const browser = flows.browser();
    const code = IdentityFlows.getCode(await browser.open(await flows.untilCallback(browser, name, data.url)));
    const proven = await app.call('POST', `${AUTH}/reauthenticate/provider`, { token, body: { code } });
    expect(proven.status).toBe(200);
  };

  it('accept an invitation to another clinic after they prove at the provider who they are, once', async () => {
    const { name, userId, token, invitation, clinicId } = await invite();
    const accepted = await app.call('POST', `${AUTH}/invitations/accept`, {
      body: { token: invitation, password: PASSWORD },
    });
    expect(accepted.code).toBe('INVALID_CREDENTIALS');
    for (const more of [{}, { password: PASSWORD }, { otp: '000000' }]) {
      const refused = await join(token, invitation, more);
      expect([refused.status, refused.body.error.details]).toEqual([403, { reason: 'REAUTHENTICATE' }]);
    }
    await prove(name, token);
    const answers = await Promise.all(Array.from({ length: 20 }, () => join(token, invitation)));
    const [joined, ...others] = answers.filter(({ status }) => status === 200);
    expect(others).toEqual([]);
    expect(answers.filter(({ status }) => status === 400)).toHaveLength(19);
    expect(joined?.data).toMatchObject({ id: userId, role: 'STAFF' });
    expect(joined?.data.clinicIds).toContain(clinicId);
    const { rows } = await app.db.query(
      `SELECT actor_user_id, clinic_id FROM audit_log WHERE action = 'user.invitation-accepted' AND object_id = $1`,
      [userId],
    );
    expect(rows).toEqual([{ actor_user_id: userId, clinic_id: clinicId }]);
  });

  it('accept no invitation of somebody else, and none that sets a password', async () => {
    const [first, second] = [await invite(), await invite()];
    await prove(first.name, first.token);
    expect((await join(first.token, second.invitation)).status).toBe(400);
    expect((await join(first.token, 'not-signed.by-us')).status).toBe(400);
    const { data } = await app.call('GET', `${AUTH}/profile`, { token: second.token });
    expect(data.clinicIds).not.toContain(second.clinicId);
  });

  it('are told on the page of the invitation how to accept it, and are asked for no password there', async () => {
    const { invitation, userId } = await invite();
    const words = { en: 'Your account has no password', ar: 'ليس لحسابك كلمة مرور', hi: 'कोई पासवर्ड नहीं' };
    for (const [locale, text] of Object.entries(words)) {
      await app.db.query('UPDATE user_account SET locale = $2 WHERE id = $1', [userId, locale]);
      const page = await app.call('GET', `/links/${invitation}`);
      expect([page.status, page.body]).toEqual([200, expect.stringContaining(text)]);
      expect(page.body).not.toContain('<form');
    }
    const sent = await app.call('POST', `/links/${invitation}`, {
      body: new URLSearchParams({ password: PASSWORD }).toString(),
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    expect([sent.status, sent.body]).toEqual([400, expect.stringContaining(words.hi)]);
  });
});

describe('fresh proof of a user without a password', () => {
  const startProof = async (token: string, provider = 'corp'): Promise<Answer> =>
    app.call('POST', `${AUTH}/oidc/${provider}/reauthenticate`, { token, body: {} });
  const prove = (token: string, code: string, more: object = {}): Promise<Answer> =>
    app.call('POST', `${AUTH}/reauthenticate/provider`, { token, body: { code, ...more } });

  it('is a new sign-in at the provider, in the same session', async () => {
    const name = verifiedPerson();
    const { data } = await flows.tokens(name);
    const token = data.accessToken as string;
    const setUp = (): Promise<Answer> => app.call('POST', `${AUTH}/mfa/setup`, { token, body: {} });
    expect((await setUp()).status).toBe(403);
    const { data: ticket } = await startProof(token);
    const browser = flows.browser();
    const page = await browser.open(await flows.untilCallback(browser, name, ticket.url));
    const code = IdentityFlows.getCode(page);
    const other = await flows.tokens(name);
    expect((await prove(other.data.accessToken, code)).status).toBe(400);
    expect((await flows.exchange(code)).status).toBe(400);
    expect((await prove(token, code)).status).toBe(200);
    expect((await prove(token, code)).status).toBe(400);
    expect((await setUp()).status).toBe(200);
  });

  it.each(['reauthenticate', 'link'])('is told that the account was closed meanwhile: %s', async (path) => {
    const name = verifiedPerson();
    const { data } = await flows.tokens(name);
    await app.db.query(`UPDATE session SET proven_at = now() WHERE user_id = $1`, [data.user.id]);
    const started = await app.call('POST', `${AUTH}/oidc/corp/${path}`, { token: data.accessToken, body: {} });
    const browser = flows.browser();
    const callback = await flows.untilCallback(browser, name, started.data.url);
    await app.db.query(`UPDATE user_account SET deleted_at = now() WHERE id = $1`, [data.user.id]);
    const page = new URL((await browser.open(callback)).url).searchParams;
    expect([page.get('error'), page.get('reason')]).toEqual(['UNAUTHENTICATED', 'ACCOUNT_CLOSED']);
  });

  it('asks for the password although the browser has a session at the provider', async () => {
    const name = verifiedPerson();
    const browser = flows.browser();
    const { data } = await flows.exchange(IdentityFlows.getCode(await flows.signIn(name, {}, browser)));
    const { data: ticket } = await startProof(data.accessToken);
    const started = await browser.request(ticket.url);
    const asked = new URL(started.headers.get('location') ?? '').searchParams;
    expect([asked.get('max_age'), asked.get('prompt')]).toEqual(['0', 'login']);
    const question = await browser.open(started.headers.get('location') ?? '');
    expect(question.text).toContain('name="password"');
  });

  it('is refused for another account of the provider, and for a provider that cannot ask again', async () => {
    const { data } = await flows.tokens(verifiedPerson());
    const { data: ticket } = await startProof(data.accessToken);
    const stranger = verifiedPerson();
    await flows.tokens(stranger);
    const browser = flows.browser();
    const page = await browser.open(await flows.untilCallback(browser, stranger, ticket.url));
    expect(getError(page.url)).toBe('UNAUTHENTICATED');
    expect(new URL(page.url).searchParams.get('reason')).toBe('OTHER_ACCOUNT');
    expect((await startProof(data.accessToken, 'social')).status).toBe(400);
  });
});

describe('an account with a second factor', () => {
  it('continues with the code, and the sign-in at the provider counts once', async () => {
    const owner = await mails.verified();
    const { data: factor } = await app.call('POST', `${AUTH}/mfa/setup`, {
      ...{ token: owner.token, body: { password: PASSWORD } },
    });
    const enabled = await app.call('POST', `${AUTH}/mfa/enable`, {
      ...{ token: owner.token, body: { otp: new TOTP({ secret: factor.secret }).generate() } },
    });
    const name = verifiedPerson(owner.email);
    const link = await app.call('POST', `${AUTH}/oidc/corp/link`, { token: owner.token, body: {} });
    const browser = flows.browser();
    const page = await browser.open(await flows.untilCallback(browser, name, link.data.url));
    const body = { code: IdentityFlows.getCode(page) };
    expect((await app.call('POST', `${AUTH}/identities`, { token: owner.token, body })).status).toBe(201);

    const code = IdentityFlows.getCode(await flows.signIn(name));
    const pending = await flows.exchange(code);
    expect(pending).toMatchObject({ status: 401, code: 'MFA_REQUIRED' });
    expect((await flows.exchange(code)).status).toBe(400);
    const { pendingToken } = pending.body.error.details;
    const verify = (otp: string): Promise<Answer> =>
      app.call('POST', `${AUTH}/mfa/verify`, { body: { pendingToken, otp } });
    expect((await verify('000000')).code).toBe('MFA_INVALID');
    expect((await verify(enabled.data.recoveryCodes[0])).data.user.id).toBe(owner.userId);
    expect((await verify(enabled.data.recoveryCodes[1])).status).toBe(401);
  });
});

describe('a provider with plain OAuth 2.0', () => {
  const signIn = async (user: object): Promise<string> => {
    oauth.user = user;
    const browser = flows.browser();
    const started = await browser.request(`${API}${AUTH}/oidc/social`);
    return (await browser.open(oauth.approve(started.headers.get('location') ?? ''))).url;
  };

  it('gives its user information by the configured names', async () => {
    const email = newAddress();
    const user = { id: '10158', email, first_name: 'Amr', last_name: 'Adel' };
    const { data } = await flows.exchange(new URL(await signIn(user)).searchParams.get('code') ?? '');
    expect(data.user).toMatchObject({
      email,
      emailVerified: false,
      firstName: 'Amr',
      lastName: 'Adel',
      role: 'CLIENT',
    });
    const again = await flows.exchange(
      new URL(await signIn({ ...user, email: newAddress() })).searchParams.get('code') ?? '',
    );
    expect(again.data.user.id).toBe(data.user.id);
    const verified = { id: 10_159, email: newAddress(), security: { verified: true } };
    const other = await flows.exchange(new URL(await signIn(verified)).searchParams.get('code') ?? '');
    expect(other.data.user.emailVerified).toBe(true);
  });

  it('signs nobody in without an id, or with one that would be stored as that of another user', async () => {
    // Numbers that JavaScript rounds, and halves of surrogate pairs, which UTF-8 cannot represent.
    for (const id of [undefined, null, '', 2 ** 53 + 2, { a: 1 }, true, 'amr\ud800', 'amr\udfff']) {
      expect(getError(await signIn({ id, email: newAddress() }))).toBe('UNAUTHENTICATED');
    }
  });

  it('has identities of its own: the same id at another provider is another person', async () => {
    const name = verifiedPerson();
    const corp = await flows.tokens(name);
    const social = await flows.exchange(
      new URL(await signIn({ id: name, email: newAddress() })).searchParams.get('code') ?? '',
    );
    expect(social.data.user.id).not.toBe(corp.data.user.id);
  });
});
