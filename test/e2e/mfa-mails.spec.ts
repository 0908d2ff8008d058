import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AccountMails } from '../support/account-mails.js';
import { TestApp, type Answer } from '../support/app.js';
import { openClinic } from '../support/clinic.js';
import { allPublished } from '../support/outbox.js';
import { code, enrol, login, signIn, signInMember, type Member } from '../support/second-factor.js';
import { SmtpSink } from '../support/smtp-sink.js';

/** Mails to the owner of an account about their second factor and their sessions. */

const PASSWORD = 'a-long-and-quiet-river';

let app: TestApp;
let smtp: SmtpSink;
let mails: AccountMails;

beforeAll(async () => {
  smtp = await new SmtpSink().start();
  app = await TestApp.start({ SMTP_URL: smtp.url(), JOBS_SWEEP_SECONDS: '1' });
  mails = new AccountMails(app, smtp);
});

afterAll(async () => {
  await app.close();
  await smtp.close();
});

const post = ({ token }: Member, path: string, body: object = {}): Promise<Answer> =>
  app.call('POST', `/api/v1/auth/${path}`, { token, body });

describe('the owner of an account gets a mail', () => {
  it('when the second factor is switched on and off, and its recovery codes are renewed', async () => {
    const member = await signInMember(app, 'STAFF');
    await enrol(app, member.token);
    expect(await mails.text(member.email, 'Your second factor was switched on')).toContain('contact your clinic');
    expect((await post(member, 'mfa/recovery-codes')).status).toBe(200);
    expect(await mails.text(member.email, 'Your recovery codes were replaced')).toContain('no longer work');
    expect((await post(member, 'mfa/disable')).status).toBe(200);
    await mails.text(member.email, 'Your second factor was switched off');
  });

  it('when a recovery code is used, but not if the code or the rest of the sign-in is refused', async () => {
    const member = await signInMember(app, 'DOCTOR');
    const { secret, recoveryCodes } = await enrol(app, member.token);
    const [first = '', second = ''] = recoveryCodes;
    const subject = 'One of your recovery codes was used';
    expect((await login(app, member.email, first)).status).toBe(200);
    await mails.text(member.email, subject);
    expect((await login(app, member.email, first)).code).toBe('MFA_INVALID');
    expect((await login(app, member.email, code(secret))).status).toBe(200);
    await app.db.query(`UPDATE session SET proven_at = NULL WHERE user_id = $1`, [member.userId]);
    expect((await post(member, 'reauthenticate', { password: PASSWORD, otp: second })).status).toBe(200);
    await mails.text(member.email, subject, 2);
    await allPublished(app);
    expect(mails.subjectsTo(member.email).filter((one) => one === subject)).toHaveLength(2);
    const { rows } = await app.db.query(
      `SELECT actor_user_id AS actor FROM audit_log WHERE action = 'user.mfa-recovery-code-used' AND object_id = $1`,
      [member.userId],
    );
    expect(rows).toEqual([{ actor: member.userId }, { actor: member.userId }]);
  });

  it('when a manager reset the second factor, in their own language', async () => {
    const clinic = await openClinic(app);
    const [manager, member] = [
      await signInMember(app, 'MANAGER', [clinic.id]),
      await signInMember(app, 'DOCTOR', [clinic.id]),
    ];
    await enrol(app, member.token);
    await app.db.query(`UPDATE user_account SET locale = 'ar-EG' WHERE id = $1`, [member.userId]);
    const path = `/api/v1/users/${member.userId}/mfa/reset`;
    const body = { password: PASSWORD };
    expect((await app.call('POST', path, { token: manager.token, body })).status).toBe(200);
    expect(await mails.text(member.email, 'تمت إعادة ضبط خطوة التحقق الثانية')).toContain('مدير العيادة');
    expect(mails.subjectsTo(manager.email)).toEqual([]);
    expect((await signIn(app, member)).token).not.toBe('');
  });

  it('when a session ends because its refresh token was used twice, once however often it is sent (T-06)', async () => {
    const { email, refreshToken } = await signInMember(app, 'STAFF');
    const refresh = (): Promise<Answer> => app.call('POST', '/api/v1/auth/refresh', { body: { refreshToken } });
    expect((await refresh()).status).toBe(200);
    const subject = 'One of your devices was signed out';
    for (let n = 0; n < 3; n += 1) expect((await refresh()).status).toBe(401);
    expect(await mails.text(email, subject)).toContain('choose a new password');
    await allPublished(app);
    expect(mails.subjectsTo(email).filter((one) => one === subject)).toHaveLength(1);
  });

  it('unless it is an unverified address of a patient, which may belong to somebody else', async () => {
    const [unverified, verified] = [await mails.register(), await mails.verified()];
    for (const { token } of [unverified, verified]) await enrol(app, token);
    await mails.text(verified.email, 'Your second factor was switched on');
    await allPublished(app);
    expect(mails.subjectsTo(unverified.email)).not.toContain('Your second factor was switched on');
  });
});
