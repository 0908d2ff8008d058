import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AccountMails, newAddress, PASSWORD, SUBJECTS, type Person } from '../support/account-mails.js';
import { TestApp, type Answer } from '../support/app.js';
import { allPublished } from '../support/outbox.js';
import { SmtpSink } from '../support/smtp-sink.js';
import { readContacts } from '../support/encrypted.js';

let smtp: SmtpSink;
let app: TestApp;
let mails: AccountMails;
let admin: string;

beforeAll(async () => {
  smtp = await new SmtpSink().start();
  app = await TestApp.start({ SMTP_URL: smtp.url(), JOBS_SWEEP_SECONDS: '1' });
  mails = new AccountMails(app, smtp);
  admin = await app.login('admin@careslot.test');
});

afterAll(async () => {
  await app.close();
  await smtp.close();
});

const put = ({ userId, token }: Person, body: object, headers: Record<string, string> = {}): Promise<Answer> =>
  app.call('PUT', `/api/v1/users/${userId}`, { token, body, headers });
const request = (person: Person, email: string): Promise<Answer> => put(person, { email, password: PASSWORD });
const verify = (token: string): Promise<Answer> => app.call('POST', '/api/v1/auth/email/verify', { body: { token } });
const toPath = (link: string): string => new URL(link).pathname;
const readEmail = async ({ userId }: Person): Promise<string | null> => (await readContacts(app, userId)).email;

describe('a change of one’s own address', () => {
  it('takes effect when the new address is verified; until then the old one stays', async () => {
    const person = await mails.verified();
    const other = (await mails.login(person.email)).data.accessToken;
    const email = newAddress();
    const requested = await request(person, email.toUpperCase());
    expect(requested).toMatchObject({ status: 200, data: { email: person.email, emailVerified: true } });
    const token = await mails.token(email, SUBJECTS.change);
    await mails.text(person.email, SUBJECTS.changeRequested);
    expect(await readEmail(person)).toBe(person.email);
    expect((await mails.login(email)).status).toBe(401);
    expect((await verify(token)).status).toBe(200);
    expect((await mails.profile(person.token)).data).toMatchObject({ email, emailVerified: true });
    expect((await mails.profile(other)).code).toBe('TOKEN_REVOKED');
    expect((await mails.login(person.email)).status).toBe(401);
    expect((await mails.login(email)).status).toBe(200);
    await mails.text(person.email, SUBJECTS.changed);
    expect((await verify(token)).status).toBe(400);
  });

  it('needs fresh proof of identity (T-13)', async () => {
    const person = await mails.verified();
    const email = newAddress();
    for (const proof of [{}, { password: 'not-the-password' }]) {
      const refused = await put(person, { email, ...proof });
      expect(refused).toMatchObject({ status: 403, code: 'FORBIDDEN' });
      expect(refused.body.error.details).toEqual({ reason: 'REAUTHENTICATE' });
    }
    await app.call('POST', '/api/v1/auth/reauthenticate', { token: person.token, body: { password: PASSWORD } });
    expect((await put(person, { email })).status).toBe(200);
    await mails.text(email, SUBJECTS.change);
  });

  it('needs no proof if the address stays the same or other fields change', async () => {
    const person = await mails.verified();
    const answer = await put(person, { email: person.email, firstName: 'Nour' });
    expect(answer).toMatchObject({ status: 200, data: { email: person.email, firstName: 'Nour' } });
    await allPublished(app);
    expect(mails.subjectsTo(person.email)).not.toContain(SUBJECTS.changeRequested);
  });

  it('is not begun if the version is stale or another field is invalid', async () => {
    const person = await mails.verified();
    const email = newAddress();
    const stale = await put(person, { email, password: PASSWORD }, { 'if-match': '"0"' });
    expect(stale.code).toBe('VERSION_MISMATCH');
    const forbidden = await put(person, { email, password: PASSWORD, role: 'ADMIN' });
    expect(forbidden.code).toBe('FORBIDDEN');
    await allPublished(app);
    expect(mails.subjectsTo(email)).toEqual([]);
  });

  it('to the address of another account is answered the same, and only its owner gets a mail (A-05, T-09)', async () => {
    const [person, owner] = [await mails.verified(), await mails.verified()];
    const sameAnswer = ({ status, body }: Answer): unknown => {
      const { timestamp: _, data, ...rest } = body;
      return { status, rest, email: data.email, keys: Object.keys(data) };
    };
    const [first, domain] = owner.email.split('@') as [string, string];
    const taken = await request(person, `${first.toUpperCase()}@${domain} `);
    const free = await request(person, newAddress());
    expect(sameAnswer(taken)).toEqual(sameAnswer(free));
    await mails.text(owner.email, SUBJECTS.inUse);
    await allPublished(app);
    expect(mails.subjectsTo(owner.email)).not.toContain(SUBJECTS.change);
    expect(await readEmail(owner)).toBe(owner.email);
    expect((await mails.login(owner.email)).data.user.id).toBe(owner.userId);
  });

  it('fails if another account gets the address before the link is used', async () => {
    const person = await mails.verified();
    const email = newAddress();
    await request(person, email);
    const token = await mails.token(email, SUBJECTS.change);
    const owner = await mails.register(email);
    expect((await verify(token)).code).toBe('EMAIL_TAKEN');
    expect(await readEmail(person)).toBe(person.email);
    expect((await mails.login(email)).data.user.id).toBe(owner.userId);
    const page = await app.call('POST', `/links/${token}`);
    expect([page.status, page.body]).toEqual([409, expect.stringContaining('Another account has this e-mail address')]);
  });

  it('happens once for 20 parallel uses of the link', async () => {
    const person = await mails.verified();
    const email = newAddress();
    await request(person, email);
    const token = await mails.token(email, SUBJECTS.change);
    const answers = await Promise.all(Array.from({ length: 20 }, () => verify(token)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  });

  it('can be stopped by the old address, which ends all sessions', async () => {
    const person = await mails.verified();
    const email = newAddress();
    await request(person, email);
    const stop = toPath(await mails.link(person.email, SUBJECTS.changeRequested));
    const change = await mails.token(email, SUBJECTS.change);
    expect((await app.call('GET', stop)).status).toBe(200);
    expect((await mails.profile(person.token)).status).toBe(200);
    expect((await app.call('POST', stop)).status).toBe(200);
    expect((await mails.profile(person.token)).code).toBe('TOKEN_REVOKED');
    expect((await verify(change)).status).toBe(400);
    expect((await app.call('POST', stop)).status).toBe(410);
    expect(await readEmail(person)).toBe(person.email);
  });

  it('cannot be stopped once it has happened, nor happen after a newer request or a change of the password', async () => {
    const person = await mails.verified();
    const [first, second, third] = [newAddress(), newAddress(), newAddress()];
    await request(person, first);
    const stop = toPath(await mails.link(person.email, SUBJECTS.changeRequested));
    const stale = await mails.token(first, SUBJECTS.change);
    await request(person, second);
    expect((await verify(stale)).status).toBe(400);
    expect((await app.call('POST', stop)).status).toBe(410);
    const latestStop = toPath(await mails.link(person.email, SUBJECTS.changeRequested, 2));
    expect((await verify(await mails.token(second, SUBJECTS.change))).status).toBe(200);
    expect((await app.call('POST', latestStop)).status).toBe(410);
    await request(person, third);
    const revoked = await mails.token(third, SUBJECTS.change);
    const body = { currentPassword: PASSWORD, newPassword: 'five-blue-doors-in-spring' };
    await app.call('PUT', '/api/v1/auth/password', { token: person.token, body });
    expect((await verify(revoked)).status).toBe(400);
    expect(await readEmail(person)).toBe(second);
  });

  it('is confirmed on the page of the link', async () => {
    const person = await mails.verified();
    const email = newAddress();
    await request(person, email);
    const path = toPath(await mails.link(email, SUBJECTS.change));
    expect((await app.call('GET', path)).status).toBe(200);
    expect(await readEmail(person)).toBe(person.email);
    expect((await app.call('POST', path)).status).toBe(200);
    expect(await readEmail(person)).toBe(email);
  });

  it('is limited for each account, and for each new address', async () => {
    const person = await mails.verified();
    const statuses: number[] = [];
    for (let n = 0; n < 6; n += 1) statuses.push((await request(person, newAddress())).status);
    expect(statuses).toEqual([200, 200, 200, 200, 200, 429]);
    const victim = newAddress();
    for (let n = 0; n < 4; n += 1) expect((await request(await mails.verified(), victim)).status).toBe(200);
    await mails.text(victim, SUBJECTS.change, 3);
  });
});

describe('a change of the address by an administrator', () => {
  it('needs fresh proof, takes effect at once, ends the sessions, and tells the old address', async () => {
    const person = await mails.verified();
    const email = newAddress();
    const change = (proof: object): Promise<Answer> =>
      app.call('PUT', `/api/v1/users/${person.userId}`, { token: admin, body: { email, ...proof } });
    for (const proof of [{}, { password: 'not-the-password' }]) {
      const refused = await change(proof);
      expect(refused).toMatchObject({ status: 403, code: 'FORBIDDEN' });
      expect(refused.body.error.details).toEqual({ reason: 'REAUTHENTICATE' });
    }
    expect(await readEmail(person)).toBe(person.email);
    const changed = await change({ password: 'careslot-demo-1' });
    expect(changed).toMatchObject({ status: 200, data: { email, emailVerified: false } });
    expect((await mails.profile(person.token)).code).toBe('TOKEN_REVOKED');
    await mails.text(person.email, SUBJECTS.changed);
    expect((await mails.login(email)).status).toBe(200);
  });

  it('to a taken address returns 409', async () => {
    const [person, owner] = [await mails.verified(), await mails.verified()];
    const body = { email: owner.email, password: 'careslot-demo-1' };
    const refused = await app.call('PUT', `/api/v1/users/${person.userId}`, { token: admin, body });
    expect(refused).toMatchObject({ status: 409, code: 'EMAIL_TAKEN' });
  });
});

describe('the NeuroAid client', () => {
  it('changes the address of its user like everybody: in a freshly proven session, when the new one is verified', async () => {
    const person = await mails.verified();
    const email = newAddress();
    const { body: me } = await app.call('GET', '/api/main/users/me', { token: person.token });
    const patch = (): Promise<Answer> =>
      app.call('PATCH', `/api/main/users/${me.id}`, { token: person.token, body: { ...me, email } });
    expect((await patch()).status).toBe(403);
    await app.call('POST', '/api/v1/auth/reauthenticate', { token: person.token, body: { password: PASSWORD } });
    expect(await patch()).toMatchObject({ status: 200, body: { email: person.email } });
    expect((await verify(await mails.token(email, SUBJECTS.change))).status).toBe(200);
    expect(await readEmail(person)).toBe(email);
  });
});

describe('a change of one’s own telephone number', () => {
  it('needs no proof, like that of the NeuroAid client, and is mailed to the verified address (T-13)', async () => {
    const [person, unverified] = [await mails.verified(), await mails.register()];
    expect((await put(person, { phone: '+201001234567' })).status).toBe(200);
    const text = await mails.text(person.email, SUBJECTS.phoneChanged);
    expect(text).not.toContain('1234567');
    const { body: me } = await app.call('GET', '/api/main/users/me', { token: person.token });
    const patch = (phone: string): Promise<Answer> =>
      app.call('PATCH', `/api/main/users/${me.id}`, { token: person.token, body: { ...me, phone } });
    // The client sends the whole user object, whatever was changed.
    expect((await patch(me.phone)).status).toBe(200);
    expect((await patch('+20 100 123 4567')).status).toBe(200);
    expect((await patch('+201007654321')).status).toBe(200);
    await mails.text(person.email, SUBJECTS.phoneChanged, 2);
    expect((await put(unverified, { phone: '+201001234567' })).status).toBe(200);
    await allPublished(app);
    expect(mails.subjectsTo(unverified.email)).not.toContain(SUBJECTS.phoneChanged);
    const kinds = `SELECT kind FROM notification WHERE user_id = $1 AND kind = 'PHONE_CHANGED'`;
    expect((await app.db.query(kinds, [person.userId])).rowCount).toBe(2);
  });
});
