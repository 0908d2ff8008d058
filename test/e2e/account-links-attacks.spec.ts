import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TOTP } from 'otpauth';
import { AccountMails, NEW_PASSWORD, newAddress, PASSWORD, SUBJECTS, type Person } from '../support/account-mails.js';
import { TestApp, type Answer } from '../support/app.js';
import { eventually } from '../support/eventually.js';
import { countDeadlocks, countLockWaits, lockTable } from '../support/locks.js';
import { allPublished, whileNothingIsPublished } from '../support/outbox.js';
import { SmtpSink } from '../support/smtp-sink.js';
import { SocketClient } from '../support/sockets.js';
import { emailIndex, readContacts } from '../support/encrypted.js';

let smtp: SmtpSink;
let app: TestApp;
let mails: AccountMails;
let admin: string;

beforeAll(async () => {
  smtp = await new SmtpSink().start();
  app = await TestApp.start({ SMTP_URL: smtp.url(), JOBS_SWEEP_SECONDS: '1', TRUST_PROXY: '1' });
  mails = new AccountMails(app, smtp);
  admin = await app.login('admin@careslot.test');
});

afterAll(async () => {
  await app.close();
  await smtp.close();
});

let networks = 0;
const newNetwork = (): string => `198.18.${(networks += 1) >> 8}.${networks & 255}`;
const from = (ip: string) => ({ 'x-forwarded-for': ip });
const forgot = (email: string, ip = newNetwork()): Promise<Answer> =>
  app.call('POST', '/api/v1/auth/password/forgot', { body: { email }, headers: from(ip) });
const reset = (token: string): Promise<Answer> =>
  app.call('POST', '/api/v1/auth/password/reset', {
    body: { token, password: NEW_PASSWORD },
    headers: from(newNetwork()),
  });
const verify = (token: string): Promise<Answer> =>
  app.call('POST', '/api/v1/auth/email/verify', { body: { token }, headers: from(newNetwork()) });
const requestChange = ({ userId, token }: Person, email: string): Promise<Answer> =>
  app.call('PUT', `/api/v1/users/${userId}`, { token, body: { email, password: PASSWORD } });
const changePassword = ({ token }: Person, fields: object = {}): Promise<Answer> =>
  app.call('PUT', '/api/v1/auth/password', {
    token,
    body: { currentPassword: PASSWORD, newPassword: NEW_PASSWORD, ...fields },
  });
const toPath = (link: string): string => new URL(link).pathname;
const readRow = async (sql: string, values: unknown[]): Promise<any> => (await app.db.query(sql, values)).rows[0];
const readEmail = async ({ userId }: Person): Promise<string | null> => (await readContacts(app, userId)).email;
const countLinks = async ({ userId }: Person, purpose: string): Promise<number> =>
  (await readRow('SELECT count(*)::int AS n FROM account_link WHERE user_id = $1 AND purpose = $2', [userId, purpose]))
    .n;

function expectReauthentication(answer: Answer): void {
  expect(answer).toMatchObject({ status: 403, code: 'FORBIDDEN' });
  expect(answer.body.error.details).toEqual({ reason: 'REAUTHENTICATE' });
}

/** A person with a second factor. */
async function withSecondFactor(): Promise<Person & { totp: TOTP; recoveryCodes: string[] }> {
  const person = await mails.verified();
  const call = (path: string, body: object) => app.call('POST', `/api/v1/auth/${path}`, { token: person.token, body });
  const { data } = await call('mfa/setup', { password: PASSWORD });
  const totp = new TOTP({ secret: data.secret });
  const enabled = await call('mfa/enable', { password: PASSWORD, otp: totp.generate() });
  // Proof in the body of the setup counts for ten minutes.
  await app.db.query('UPDATE session SET proven_at = NULL WHERE user_id = $1', [person.userId]);
  return { ...person, totp, recoveryCodes: enabled.data.recoveryCodes };
}

/** Locks the account of a person, like a change in progress, until `release`. */
async function lockAccount({ userId }: Person) {
  const holder = await app.db.connect();
  await holder.query('BEGIN');
  await holder.query('SELECT FROM user_account WHERE id = $1 FOR NO KEY UPDATE', [userId]);
  return {
    query: (sql: string) => holder.query(sql, [userId]),
    release: async () => {
      await holder.query('COMMIT');
      holder.release();
    },
  };
}

const waitForLocks = (count: number): Promise<void> =>
  eventually(async () => {
    if ((await countLockWaits(app.db)) < count) throw new Error(`fewer than ${count} sessions wait for a lock`);
  });

describe('concurrent requests', () => {
  it('for each other’s address do not deadlock', async () => {
    const [first, second] = [await mails.verified(), await mails.verified()];
    const deadlocks = await countDeadlocks(app.db);
    // Both wait here, each with its own account locked.
    const release = await lockTable(app.db, 'account_link', 'SHARE');
    const requests = [requestChange(first, second.email), requestChange(second, first.email)];
    try {
      await waitForLocks(2);
    } finally {
      await release();
    }
    expect((await Promise.all(requests)).map(({ status }) => status)).toEqual([200, 200]);
    for (const { email } of [first, second]) await mails.text(email, SUBJECTS.inUse);
    // The statistics of a database session are published at most once a second.
    await app.db.query(`SELECT pg_stat_force_next_flush()`).catch(() => undefined);
    await allPublished(app);
    expect(await countDeadlocks(app.db)).toBe(deadlocks);
  });

  it('a request for an address and the mails of requests to reset passwords do not deadlock', async () => {
    const [first, between, second] = [await mails.verified(), await mails.verified(), await mails.verified()];
    await allPublished(app);
    const deadlocks = await countDeadlocks(app.db);
    const lock = await lockAccount(between);
    await whileNothingIsPublished(app, async () => {
      for (const { email } of [first, between, second]) await forgot(email);
    });
    // The outbox has handled the first request and waits for the account of the next one.
    await waitForLocks(1);
    const change = requestChange(second, first.email);
    await Promise.race([change, waitForLocks(2)]);
    await lock.release();
    expect((await change).status).toBe(200);
    await mails.text(first.email, SUBJECTS.reset);
    await mails.text(second.email, SUBJECTS.reset);
    await allPublished(app);
    expect(await countDeadlocks(app.db)).toBe(deadlocks);
  });

  it('a change of address and a registration with the same one leave one owner, and nothing else than 409', async () => {
    for (let round = 0; round < 5; round += 1) {
      const person = await mails.verified();
      const email = newAddress();
      await requestChange(person, email);
      const token = await mails.token(email, SUBJECTS.change);
      const body = { email, password: PASSWORD, firstName: 'Mona', lastName: 'Hassan' };
      const answers = await Promise.all([
        verify(token),
        app.call('POST', '/api/v1/auth/register', { body }),
        app.call('POST', '/api/v1/auth/register', { body }),
      ]);
      const refused = answers.filter(({ status }) => status >= 300);
      expect(refused.map(({ code }) => code)).toEqual(['EMAIL_TAKEN', 'EMAIL_TAKEN']);
      const { n } = await readRow('SELECT count(*)::int AS n FROM user_account WHERE email_index = $1', [
        await emailIndex(app, email),
      ]);
      expect(n).toBe(1);
    }
  });

  it('of two accounts that want the same free address, the one that verifies it first gets it', async () => {
    const [first, second] = [await mails.verified(), await mails.verified()];
    const email = newAddress();
    await requestChange(first, email);
    const firstToken = await mails.token(email, SUBJECTS.change);
    await requestChange(second, email);
    const secondToken = await mails.token(email, SUBJECTS.change, 2);
    const answers = await Promise.all([verify(firstToken), verify(secondToken)]);
    expect(answers.map(({ code }) => code).sort()).toEqual(['EMAIL_TAKEN', undefined]);
    const owners = [await readEmail(first), await readEmail(second)].filter((owned) => owned === email);
    expect(owners).toHaveLength(1);
  });
});

describe('parallel requests', () => {
  it('send no more mails to an address than one after the other', async () => {
    const person = await mails.register();
    await mails.text(person.email, SUBJECTS.verification);
    const resend = (): Promise<Answer> => app.call('POST', '/api/v1/auth/email/resend', { token: person.token });
    const answers = await Promise.all(Array.from({ length: 20 }, resend));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(2);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(18);
    const victim = newAddress();
    const people = await Promise.all(Array.from({ length: 6 }, () => mails.verified()));
    const changes = await Promise.all(people.map((one) => requestChange(one, victim)));
    expect(changes.map(({ status }) => status)).toEqual(Array<number>(6).fill(200));
    await mails.text(victim, SUBJECTS.change, 3);
  });

  it('of sign-ins with the old password and a reset leave no session of the old password', async () => {
    const person = await mails.verified();
    await forgot(person.email);
    const token = await mails.token(person.email, SUBJECTS.reset);
    const signIns = Array.from({ length: 8 }, () => mails.login(person.email));
    const [done, ...answers] = await Promise.all([reset(token), ...signIns]);
    expect(done.status).toBe(200);
    for (const { status, data } of answers) {
      if (status === 401) continue;
      expect((await mails.profile(data.accessToken)).code).toBe('TOKEN_REVOKED');
    }
    const { n } = await readRow('SELECT count(*)::int AS n FROM session WHERE user_id = $1 AND revoked_at IS NULL', [
      person.userId,
    ]);
    expect(n).toBe(0);
  });

  it('of a reset and a change of the password leave the password of the reset', async () => {
    const person = await mails.verified();
    await forgot(person.email);
    const token = await mails.token(person.email, SUBJECTS.reset);
    const newPassword = 'five-blue-doors-in-spring';
    const [first, second] = await Promise.all([reset(token), changePassword(person, { newPassword })]);
    const works = first.status === 200 ? NEW_PASSWORD : newPassword;
    // Whichever was second was refused: the change by the other password or the ended session, the reset by the revoked link.
    expect([first.status, second.status].sort()).toEqual([200, first.status === 200 ? 401 : 400].sort());
    expect((await mails.login(person.email, works)).status).toBe(200);
  });
});

describe('a session that ends while its request waits', () => {
  /** The rest of a reset of the password, after it has locked the account. */
  const endAll = async (lock: Awaited<ReturnType<typeof lockAccount>>): Promise<void> => {
    await lock.query('UPDATE session SET revoked_at = now() WHERE user_id = $1');
    await lock.query('UPDATE account_link SET revoked_at = now() WHERE user_id = $1 AND used_at IS NULL');
    await lock.release();
  };

  it('cannot ask for another address any more', async () => {
    const thief = await mails.verified();
    const email = newAddress();
    const lock = await lockAccount(thief);
    const request = requestChange(thief, email);
    await waitForLocks(1);
    await endAll(lock);
    expect(await request).toMatchObject({ status: 401, code: 'TOKEN_REVOKED' });
    expect(await countLinks(thief, 'EMAIL_CHANGE')).toBe(0);
  });

  it('cannot change the password any more', async () => {
    const thief = await mails.verified();
    const lock = await lockAccount(thief);
    const request = changePassword(thief);
    await waitForLocks(1);
    await endAll(lock);
    expect(await request).toMatchObject({ status: 401, code: 'TOKEN_REVOKED' });
    expect((await mails.login(thief.email)).status).toBe(200);
  });
});

describe('a session that was ended from another device', () => {
  it('has lost the change of address that it asked for; one that signed itself out has not', async () => {
    const person = await mails.verified();
    const signIn = async (): Promise<Person> => ({
      ...person,
      token: (await mails.login(person.email)).data.accessToken,
    });
    const requestNewAddress = async (session: Person): Promise<string> => {
      const email = newAddress();
      expect((await requestChange(session, email)).status).toBe(200);
      return mails.token(email, SUBJECTS.change);
    };
    const thief = await signIn();
    const token = await requestNewAddress(thief);
    const { data } = await app.call('GET', '/api/v1/auth/sessions', { token: thief.token });
    const { id } = data.find(({ current }: { current: boolean }) => current);
    const ended = await app.call('DELETE', `/api/v1/auth/sessions/${id}`, { token: person.token });
    expect(ended.status).toBe(200);
    expect((await verify(token)).status).toBe(400);
    const own = await signIn();
    const ownToken = await requestNewAddress(own);
    await app.call('POST', '/api/v1/auth/logout', { token: own.token });
    expect((await verify(ownToken)).status).toBe(200);
  });

  it('has lost the change of address also if its refresh token was used twice', async () => {
    const person = await mails.verified();
    const email = newAddress();
    await requestChange(person, email);
    const token = await mails.token(email, SUBJECTS.change);
    const refresh = (): Promise<Answer> =>
      app.call('POST', '/api/v1/auth/refresh', { body: { refreshToken: person.refreshToken } });
    expect((await refresh()).status).toBe(200);
    expect((await refresh()).code).toBe('REFRESH_TOKEN_REUSED');
    expect((await verify(token)).status).toBe(400);
  });
});

describe('a change of the password of an account with a second factor', () => {
  it('needs its code in addition to the password, which is used once and not by a refused password', async () => {
    const person = await withSecondFactor();
    expectReauthentication(await changePassword(person));
    expectReauthentication(await changePassword(person, { otp: '000000' }));
    expect((await changePassword(person, { currentPassword: 'not-it', otp: '000000' })).code).toBe(
      'INVALID_CREDENTIALS',
    );
    const [otp, another] = person.recoveryCodes;
    expect((await changePassword(person, { otp, newPassword: 'password1' })).code).toBe('VALIDATION_ERROR');
    expect((await changePassword(person, { otp })).status).toBe(200);
    const again = { currentPassword: NEW_PASSWORD, newPassword: PASSWORD };
    expectReauthentication(await changePassword(person, { ...again, otp }));
    expect((await changePassword(person, { ...again, otp: another })).status).toBe(200);
  });

  it('needs no code in a session that was proven within ten minutes', async () => {
    const person = await withSecondFactor();
    const [otp] = person.recoveryCodes;
    const proof = { password: PASSWORD, otp };
    const proven = await app.call('POST', '/api/v1/auth/reauthenticate', { token: person.token, body: proof });
    expect(proven.status).toBe(200);
    await app.db.query(`UPDATE session SET proven_at = now() - interval '11 minutes' WHERE user_id = $1`, [
      person.userId,
    ]);
    expectReauthentication(await changePassword(person));
    await app.db.query(`UPDATE session SET proven_at = now() - interval '9 minutes' WHERE user_id = $1`, [
      person.userId,
    ]);
    expect((await changePassword(person, { currentPassword: 'not-it' })).code).toBe('INVALID_CREDENTIALS');
    expect((await changePassword(person)).status).toBe(200);
  });

  it('succeeds once if 10 run in parallel with one code', async () => {
    const person = await withSecondFactor();
    const [otp] = person.recoveryCodes;
    const answers = await Promise.all(Array.from({ length: 10 }, () => changePassword(person, { otp })));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  });
});

describe('a change of password or address', () => {
  it('keeps the session and the socket that asked for it, and ends the others', async () => {
    const person = await mails.verified();
    const email = newAddress();
    const sign = async (password: string, address = person.email) =>
      (await mails.login(address, password)).data.accessToken;
    const own = await SocketClient.connected(app.url, person.token);
    const first = await SocketClient.connected(app.url, await sign(PASSWORD));
    expect((await changePassword(person)).status).toBe(200);
    await eventually(() => Promise.resolve(expect(first.socket.connected).toBe(false)));
    const second = await SocketClient.connected(app.url, await sign(NEW_PASSWORD));
    const body = { email, password: NEW_PASSWORD };
    await app.call('PUT', `/api/v1/users/${person.userId}`, { token: person.token, body });
    expect((await verify(await mails.token(email, SUBJECTS.change))).status).toBe(200);
    await eventually(() => Promise.resolve(expect(second.socket.connected).toBe(false)));
    expect(own.socket.connected).toBe(true);
    const { body: refreshed } = await app.call('POST', '/api/v1/auth/refresh', {
      body: { refreshToken: person.refreshToken },
    });
    expect(refreshed.data.user.email).toBe(email);
    for (const { socket } of [own, first, second]) socket.close();
  });

  it('by a patient with an unverified address sends nothing to that address, which may be somebody else’s', async () => {
    const victim = newAddress();
    const attacker = await mails.register(victim);
    await mails.text(victim, SUBJECTS.verification);
    const email = newAddress();
    for (const to of [newAddress(), email]) expect((await requestChange(attacker, to)).status).toBe(200);
    await changePassword(attacker);
    const body = { email, password: NEW_PASSWORD };
    await app.call('PUT', `/api/v1/users/${attacker.userId}`, { token: attacker.token, body });
    expect((await verify(await mails.token(email, SUBJECTS.change, 2))).status).toBe(200);
    await allPublished(app);
    expect(mails.subjectsTo(victim)).toEqual([SUBJECTS.verification]);
  });
});

describe('links of an account that was closed', () => {
  it('do nothing', async () => {
    const person = await mails.verified();
    const email = newAddress();
    await requestChange(person, email);
    const change = await mails.token(email, SUBJECTS.change);
    const stop = toPath(await mails.link(person.email, SUBJECTS.changeRequested));
    await forgot(person.email);
    const token = await mails.token(person.email, SUBJECTS.reset);
    // Without the revocation that belongs to it: the account itself must count as well.
    await app.db.query('UPDATE user_account SET deleted_at = now() WHERE id = $1', [person.userId]);
    expect((await reset(token)).status).toBe(400);
    expect((await verify(change)).status).toBe(400);
    expect((await app.call('POST', stop)).status).toBe(410);
    const again = await mails.register(person.email);
    expect((await reset(token)).status).toBe(400);
    expect((await mails.login(person.email)).data.user.id).toBe(again.userId);
  });
});

describe('a request to reset a password', () => {
  it('is possible for the owner when somebody else has used up all requests and mails of the day', async () => {
    const home = newNetwork();
    const owner = await mails.verified();
    await app.db.query('UPDATE session SET ip = $2 WHERE user_id = $1', [owner.userId, home]);
    for (let n = 0; n < 5; n += 1) expect((await forgot(owner.email)).status).toBe(202);
    expect((await forgot(owner.email)).status).toBe(429);
    await allPublished(app);
    expect(await countLinks(owner, 'PASSWORD_RESET')).toBe(3);
    expect((await forgot(owner.email, home)).status).toBe(202);
    await allPublished(app);
    expect(await countLinks(owner, 'PASSWORD_RESET')).toBe(4);
    expect((await forgot(owner.email)).status).toBe(429);
    for (let n = 0; n < 4; n += 1) expect((await forgot(owner.email, home)).status).toBe(202);
    await allPublished(app);
    expect(await countLinks(owner, 'PASSWORD_RESET')).toBe(6);
  });

  it('gives no more mails to whoever registered with an address of somebody else', async () => {
    const squatter = newNetwork();
    const person = await mails.register();
    await app.db.query('UPDATE session SET ip = $2 WHERE user_id = $1', [person.userId, squatter]);
    const statuses: number[] = [];
    for (let n = 0; n < 6; n += 1) statuses.push((await forgot(person.email, squatter)).status);
    expect(statuses).toEqual([202, 202, 202, 202, 202, 429]);
    await allPublished(app);
    expect(await countLinks(person, 'PASSWORD_RESET')).toBe(3);
  });

  it('is not held up by one that cannot be decrypted, because the secret was replaced', async () => {
    const { email } = await mails.verified();
    await allPublished(app);
    await whileNothingIsPublished(app, async () => {
      await forgot(newAddress());
      const event = `(SELECT max(sequence) FROM outbox WHERE event = 'password:reset-requested')`;
      await app.db.query(
        `UPDATE outbox SET payload = jsonb_build_object('request', $1::text) WHERE sequence = ${event}`,
        [Buffer.alloc(400, 1).toString('base64')],
      );
      await forgot(email);
    });
    await mails.text(email, SUBJECTS.reset);
    const { n } = await readRow(`SELECT count(*)::int AS n FROM outbox WHERE published_at IS NULL OR attempts > 0`, []);
    expect(n).toBe(0);
  });

  it('gets one mail however often its event is handled, and none before the commit', async () => {
    const { email, userId } = await mails.verified();
    await forgot(email);
    await mails.text(email, SUBJECTS.reset);
    await app.db.query(
      `UPDATE outbox SET published_at = NULL, position = NULL WHERE event = 'account:message-requested' AND aggregate_id = $1`,
      [userId],
    );
    await forgot(newAddress());
    await allPublished(app);
    const { n } = await readRow(
      `SELECT count(*)::int AS n FROM notification WHERE user_id = $1 AND kind = 'PASSWORD_RESET'`,
      [userId],
    );
    expect(n).toBe(1);
  });
});

describe('whoever registered with an address of somebody else', () => {
  it('gets nothing by repeating the registration after its owner has reset the password', async () => {
    const email = newAddress();
    const register = (): Promise<Answer> =>
      app.call('POST', '/api/v1/auth/register', {
        body: { email, password: PASSWORD, firstName: 'Mona', lastName: 'Hassan' },
        headers: { 'idempotency-key': email },
      });
    expect((await register()).status).toBe(201);
    expect((await register()).status).toBe(201);
    await forgot(email);
    expect((await reset(await mails.token(email, SUBJECTS.reset))).status).toBe(200);
    const repeated = await register();
    expect(repeated.code).toBe('IDEMPOTENCY_KEY_REUSED');
    expect(JSON.stringify(repeated.body)).not.toContain('accessToken');
  });
});

describe('an address', () => {
  it('is the same account in every spelling, and a change to another spelling is none', async () => {
    const local = `café.${newAddress().split('@')[0]}`;
    const person = await mails.verified(`${local}@xn--bcher-kva.example`);
    for (const spelling of [
      `${local.toUpperCase()}@BÜCHER.example`,
      ` ${local}@bücher.example `,
      `"${local}"@bücher.example`,
    ]) {
      expect((await mails.login(spelling)).data.user.id).toBe(person.userId);
      expect((await requestChange(person, spelling)).status).toBe(200);
    }
    expect(await countLinks(person, 'EMAIL_CHANGE')).toBe(0);
  });

  it('with a trailing dot, or a list of addresses, is refused', async () => {
    const person = await mails.verified();
    for (const email of [
      `${person.email}.`,
      `${person.email},x@test.test`,
      `${person.email}\r\nbcc: x@test.test`,
      [person.email],
    ]) {
      expect((await app.call('POST', '/api/v1/auth/password/forgot', { body: { email } })).code).toBe(
        'VALIDATION_ERROR',
      );
    }
  });

  it('of one’s own is not changed without proof by another spelling of the id in the path', async () => {
    const { data } = await app.call('GET', '/api/v1/auth/profile', { token: admin });
    for (const path of [`/api/v1/users/${data.id.toUpperCase()}`, `/api/v1/users/${data.id}/`]) {
      const answer = await app.call('PUT', path, { token: admin, body: { email: newAddress() } });
      expect([403, 404]).toContain(answer.status);
    }
    expect((await app.call('GET', '/api/v1/auth/profile', { token: admin })).data.email).toBe(data.email);
  });
});
