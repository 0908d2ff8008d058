import { randomUUID } from 'node:crypto';
import { TOTP } from 'otpauth';
import { PendingSignIns } from '../../src/modules/auth/mfa/pending-sign-ins.js';
import { AccountLinkTokens } from '../../src/modules/account-links/index.js';
import { DevMailbox } from '../../src/modules/notifications/dev-mailbox/dev-mailbox.js';
import { LinkTokens } from '../../src/modules/notifications/link-tokens.js';
import type { Answer, TestApp } from '../support/app.js';
import { openClinic } from '../support/clinic.js';
import { eventually } from '../support/eventually.js';
import { IDENTITY_SUCCESSES } from './identity-route-successes.js';
import { createImageForm, createImportForm, type Fixture } from './route-role.table.js';
import { emailIndex } from '../support/encrypted.js';
import { Config } from '../../src/core/config/config.js';
import { FakeRazorpay } from '../support/fake-razorpay.js';
import { offerTime } from '../support/waitlist.js';

/** @param path of the route, such as `/api/main/favorites/:id` */
type Success = (app: TestApp, fixture: Fixture, path: string) => Promise<Answer>;

const PASSWORD = 'a-long-and-quiet-river';

async function register(app: TestApp, { email }: Fixture): Promise<{ accessToken: string; refreshToken: string }> {
  const body = { email, password: PASSWORD, firstName: 'Nour', lastName: 'Said' };
  return (await app.call('POST', '/api/v1/auth/register', { body })).data;
}

/** A patient with a second factor, in a freshly proven session. */
async function enrol(app: TestApp, fixture: Fixture): Promise<{ token: string; userId: string; enabled: Answer }> {
  const { accessToken: token } = await register(app, fixture);
  const { data } = await app.call('POST', '/api/v1/auth/mfa/setup', { token, body: { password: PASSWORD } });
  const otp = new TOTP({ secret: data.secret }).generate();
  const enabled = await app.call('POST', '/api/v1/auth/mfa/enable', { token, body: { otp } });
  const { data: user } = await app.call('GET', '/api/v1/auth/profile', { token });
  return { token, userId: user.id, enabled };
}

async function registerAtDesk(app: TestApp, fields: object = {}): Promise<{ id: string; token: string }> {
  const token = await app.login('staff@careslot.test');
  const body = { firstName: 'Nour', lastName: 'Said', ...fields };
  return { id: (await app.call('POST', '/api/v1/clients', { token, body })).data.id, token };
}

/** A child with a guardian. */
async function addGuardian(app: TestApp): Promise<{ path: string; token: string; added: Answer }> {
  const { id, token } = await registerAtDesk(app, { dateOfBirth: '2024-05-06' });
  const path = `/api/v1/clients/${id}/guardians`;
  const body = { clientId: (await registerAtDesk(app)).id };
  return { path, token, added: await app.call('POST', path, { token, body }) };
}

/** Two records of one patient, merged. */
async function merge(app: TestApp): Promise<{ path: string; token: string; merged: Answer }> {
  const { id: duplicateId, token } = await registerAtDesk(app);
  const { id } = await registerAtDesk(app);
  const path = `/api/v1/clients/${id}`;
  return { path, token, merged: await app.call('POST', `${path}/merge`, { token, body: { duplicateId } }) };
}

const callEnrolled: Success = async (app, fixture, path) =>
  app.call('POST', path, { token: (await enrol(app, fixture)).token, body: {} });

async function deleteFavorite(app: TestApp, fixture: Fixture, path: string): Promise<Answer> {
  const { accessToken: token } = await register(app, fixture);
  await app.call('POST', '/api/v1/favorites', { token, body: { doctorId: fixture.doctorId } });
  return app.call('DELETE', path.replace(/:\w+/, fixture.doctorId), { token });
}

/** The order of a held time at the fake provider that the application uses. */
async function startPayment(app: TestApp, fixture: Fixture) {
  const { accessToken: token } = await register(app, fixture);
  const held = await app.call('POST', '/api/v1/holds', { token, body: fixture.bookable });
  const order = await app.call('POST', '/api/v1/payments/orders', { token, body: { holdId: held.data.id } });
  const razorpay = FakeRazorpay.at(app.app.get(Config).RAZORPAY_API_URL);
  return { token, razorpay, orderId: order.data.checkout.orderId as string };
}

async function createLink(app: TestApp, { confirmed }: Fixture): Promise<string> {
  const { rows } = await app.db.query(`SELECT start_at FROM appointment WHERE id = $1`, [confirmed]);
  const start = (rows[0].start_at as Date).getTime();
  return new URL(app.app.get(LinkTokens).url({ action: 'confirm', appointmentId: confirmed, start })).pathname;
}

const storeMail = (app: TestApp): Promise<string> =>
  app.app.get(DevMailbox).put('EMAIL', {
    id: randomUUID(),
    to: 'mona@example.org',
    subject: 'Your appointment is booked',
    text: 'Hello Mona',
    html: '<p>Hello Mona</p>',
    locale: 'en',
    attachments: [{ filename: 'invite.ics', contentType: 'text/calendar', content: 'BEGIN:VCALENDAR' }],
    calendarMethod: 'REQUEST',
  });

/** An assessment with values from which a risk can be computed. */
async function assessRisk(app: TestApp, fixture: Fixture, path: string): Promise<Answer> {
  const { accessToken: token } = await register(app, fixture);
  const lab = { totalCholesterolMgDl: 200, hdlMgDl: 45, systolic: 160, diabetes: true, egfr: 90 };
  const prevent = { sex: 'FEMALE', age: 50, smoker: false, bpTreated: true, statin: false, ...lab };
  return app.call('POST', path, { token, body: { prevent } });
}

/** A member of staff with an invitation. */
async function invite(
  app: TestApp,
  { email, clinicId }: Fixture,
): Promise<{ id: string; admin: string; token: string }> {
  const admin = await app.login('admin@careslot.test');
  const body = { email, firstName: 'Nour', lastName: 'Said', role: 'STAFF', clinicIds: [clinicId] };
  const { data } = await app.call('POST', '/api/v1/users', { token: admin, body });
  return { id: data.id, admin, token: await linkTo(app, data.id) };
}

/** The token of a person's invitation that was not used yet. */
async function linkTo(app: TestApp, userId: string): Promise<string> {
  const sql = `SELECT id FROM account_link WHERE user_id = $1 AND purpose = 'INVITATION' AND used_at IS NULL`;
  // Created by a listener after the answer.
  const linkId = await eventually(async () => (await app.db.query(sql, [userId])).rows[0].id as string);
  return app.app.get(AccountLinkTokens).create('accept-invitation', linkId);
}

/** A new offer that its patient accepts or declines. */
const answerOffer =
  (answer: 'accept' | 'decline'): Success =>
  async (app, { bookable }) => {
    const { token, entryId } = await offerTime(app, bookable);
    return app.call('POST', `/api/v1/waitlist/${entryId}/${answer}`, { token });
  };

/** An import of another clinic whose dry run has ended. */
const startImport: Success = async (app) => {
  const { id: clinicId, manager: token } = await openClinic(app);
  const headers = { authorization: `Bearer ${token}` };
  const uploaded = await fetch(`${app.url}/api/v1/imports`, {
    method: 'POST',
    headers,
    body: createImportForm(clinicId),
  });
  const { id } = ((await uploaded.json()) as { data: { id: string } }).data;
  return eventually(async () => {
    const answer = await app.call('POST', `/api/v1/imports/${id}/start`, { token });
    if (answer.status !== 200) throw new Error(`the import ${id} is not checked`);
    return answer;
  });
};

/** A successful call of each route for which no caller of the table succeeds. Routes below /api/main use those below /api. */
const SUCCESSES: Record<string, Success> = {
  'POST /api/v1/imports/:id/start': startImport,
  'POST /api/v1/waitlist/:id/accept': answerOffer('accept'),
  'POST /api/v1/waitlist/:id/decline': answerOffer('decline'),
  ...IDENTITY_SUCCESSES,
  'POST /api/v1/auth/refresh': async (app, fixture) => {
    const { refreshToken } = await register(app, fixture);
    return app.call('POST', '/api/v1/auth/refresh', { body: { refreshToken } });
  },
  'POST /api/v1/auth/email/verify': async (app, fixture) => {
    await register(app, fixture);
    // Created by a listener after the answer.
    const id = await eventually(async () => {
      const { rows } = await app.db.query(`SELECT id FROM account_link WHERE email_index = $1`, [
        await emailIndex(app, fixture.email),
      ]);
      return rows[0].id as string;
    });
    const token = app.app.get(AccountLinkTokens).create('verify', id);
    return app.call('POST', '/api/v1/auth/email/verify', { body: { token } });
  },
  'POST /api/v1/auth/password/reset': async (app, { email, ...fixture }) => {
    await register(app, { email, ...fixture });
    await app.call('POST', '/api/v1/auth/password/forgot', { body: { email } });
    const sql = `SELECT id FROM account_link WHERE email_index = $1 AND purpose = 'PASSWORD_RESET'`;
    const index = await emailIndex(app, email);
    const id = await eventually(async () => (await app.db.query(sql, [index])).rows[0].id as string);
    const token = app.app.get(AccountLinkTokens).create('reset-password', id);
    const body = { token, password: 'another-long-and-quiet-river' };
    return app.call('POST', '/api/v1/auth/password/reset', { body });
  },
  'POST /api/v1/auth/invitations/accept': async (app, fixture, path) => {
    const { token } = await invite(app, fixture);
    return app.call('POST', path, { body: { token, password: PASSWORD } });
  },
  'POST /api/v1/auth/invitations/join': async (app, fixture, path) => {
    const { id, token: first } = await invite(app, fixture);
    const accept = { token: first, password: PASSWORD };
    const { data } = await app.call('POST', '/api/v1/auth/invitations/accept', { body: accept });
    const elsewhere = await openClinic(app, { doctors: 0 });
    const body = { email: fixture.email, firstName: 'Nour', lastName: 'Said', role: 'STAFF' };
    await app.call('POST', '/api/v1/users', { token: elsewhere.manager, body });
    const token = await linkTo(app, id);
    return app.call('POST', path, { token: data.accessToken, body: { token, password: PASSWORD } });
  },
  'POST /api/v1/users/:id/invite': async (app, fixture, path) => {
    const { id, admin } = await invite(app, fixture);
    return app.call('POST', path.replace(':id', id), { token: admin });
  },
  'DELETE /api/v1/users/:id/invite': async (app, fixture, path) => {
    const { id, admin } = await invite(app, fixture);
    return app.call('DELETE', path.replace(':id', id), { token: admin });
  },
  'POST /api/v1/auth/claims': async (app, fixture, path) => {
    const token = await app.login('staff@careslot.test');
    const { email } = fixture;
    await app.call('POST', '/api/v1/clients', { token, body: { email, firstName: 'Nour', lastName: 'Said' } });
    const { accessToken } = await register(app, fixture);
    await app.db.query(
      `UPDATE user_account SET email_verified_at = now() WHERE email_index = $1 AND password_hash IS NOT NULL`,
      [await emailIndex(app, email)],
    );
    return app.call('POST', path, { token: accessToken, body: {} });
  },
  'POST /api/v1/clients/:id/guardians': async (app) => (await addGuardian(app)).added,
  'DELETE /api/v1/clients/:id/guardians/:guardianId': async (app) => {
    const { path, token, added } = await addGuardian(app);
    return app.call('DELETE', `${path}/${added.data.id}`, { token });
  },
  'POST /api/v1/clients/:id/merge': async (app) => (await merge(app)).merged,
  'POST /api/v1/clients/:id/unmerge': async (app) => {
    const { path, token } = await merge(app);
    return app.call('POST', `${path}/unmerge`, { token, body: {} });
  },
  'DELETE /api/v1/auth/sessions/:id': async (app, fixture) => {
    const { accessToken: token } = await register(app, fixture);
    const { data } = await app.call('GET', '/api/v1/auth/sessions', { token });
    return app.call('DELETE', `/api/v1/auth/sessions/${data[0].id}`, { token });
  },
  'PUT /api/v1/auth/password': async (app, fixture) => {
    const { accessToken: token } = await register(app, fixture);
    const body = { currentPassword: PASSWORD, newPassword: 'another-long-and-quiet-river' };
    return app.call('PUT', '/api/v1/auth/password', { token, body });
  },
  'POST /api/v1/auth/reauthenticate': async (app, fixture) => {
    const { accessToken: token } = await register(app, fixture);
    return app.call('POST', '/api/v1/auth/reauthenticate', { token, body: { password: PASSWORD } });
  },
  'POST /api/v1/auth/mfa/setup': async (app, fixture) => {
    const { accessToken: token } = await register(app, fixture);
    return app.call('POST', '/api/v1/auth/mfa/setup', { token, body: { password: PASSWORD } });
  },
  'POST /api/v1/auth/mfa/enable': async (app, fixture) => (await enrol(app, fixture)).enabled,
  'POST /api/v1/auth/mfa/disable': callEnrolled,
  'POST /api/v1/auth/mfa/recovery-codes': callEnrolled,
  'POST /api/v1/auth/mfa/verify': async (app, fixture) => {
    const { userId, enabled } = await enrol(app, fixture);
    const pendingToken = await app.app.get(PendingSignIns, { strict: false }).create(userId);
    const body = { pendingToken, otp: enabled.data.recoveryCodes[0] };
    return app.call('POST', '/api/v1/auth/mfa/verify', { body });
  },
  'POST /api/v1/users/:id/mfa/reset': async (app, fixture) => {
    const { userId } = await enrol(app, fixture);
    const body = { password: 'careslot-demo-1' };
    const token = await app.login('admin@careslot.test');
    return app.call('POST', `/api/v1/users/${userId}/mfa/reset`, { token, body });
  },
  'GET /api/v1/users/:id/export': async (app, fixture) => {
    const { accessToken: token } = await register(app, fixture);
    await app.call('POST', '/api/v1/auth/reauthenticate', { token, body: { password: PASSWORD } });
    const { data } = await app.call('GET', '/api/v1/auth/profile', { token });
    return app.call('GET', `/api/v1/users/${data.id}/export`, { token });
  },
  'POST /api/v1/users/:id/erase': async (app, fixture) => {
    const { accessToken: token } = await register(app, fixture);
    const { data } = await app.call('GET', '/api/v1/auth/profile', { token });
    return app.call('POST', `/api/v1/users/${data.id}/erase`, { token, body: { password: PASSWORD } });
  },
  'DELETE /api/v1/notifications/devices': async (app, fixture) => {
    const { accessToken: token } = await register(app, fixture);
    const device = { token: randomUUID(), platform: 'ANDROID' };
    await app.call('POST', '/api/v1/notifications/devices', { token, body: device });
    return app.call('DELETE', '/api/v1/notifications/devices', { token, body: { token: device.token } });
  },
  'DELETE /api/v1/clinics/:id': async (app) => {
    const token = await app.login('admin@careslot.test');
    const body = { name: 'Soon closed', timeZone: 'Africa/Cairo' };
    const { data } = await app.call('POST', '/api/v1/clinics', { token, body });
    return app.call('DELETE', `/api/v1/clinics/${data.id}`, { token });
  },
  'GET /links/:token': async (app, fixture) => app.call('GET', await createLink(app, fixture)),
  'POST /links/:token': async (app, fixture) => app.call('POST', await createLink(app, fixture)),
  'GET /api/v1/calendars/:token.ics': async (app, fixture) => {
    const { accessToken: token } = await register(app, fixture);
    const { data } = await app.call('POST', '/api/v1/calendars', { token, body: {} });
    return app.call('GET', new URL(data.url).pathname);
  },
  'POST /api/v1/payments/verify': async (app, fixture) => {
    const { orderId, token, razorpay } = await startPayment(app, fixture);
    return app.call('POST', '/api/v1/payments/verify', { token, body: razorpay.pay(orderId).result });
  },
  'POST /api/v1/payments/webhook': async (app, fixture) => {
    const { orderId, razorpay } = await startPayment(app, fixture);
    const { body, headers } = razorpay.webhook('payment.captured', { payment: razorpay.pay(orderId).payment });
    return app.call('POST', '/api/v1/payments/webhook', { body, headers });
  },
  'DELETE /api/v1/favorites/:doctorId': deleteFavorite,
  'DELETE /api/favorites/:id': deleteFavorite,
  'POST /api/ai/assessment': assessRisk,
  'POST /api/ai/stroke-assessment': assessRisk,
  'GET /dev/mail/:id': async (app) => app.call('GET', `/dev/mail/${await storeMail(app)}`),
  'GET /dev/mail/:id/invite.ics': async (app) => app.call('GET', `/dev/mail/${await storeMail(app)}/invite.ics`),
  'GET /api/v1/scans/:id/file': async (app, fixture) => {
    const { accessToken: token } = await register(app, fixture);
    const { data } = await app.call('POST', '/api/v1/scans', { token, form: createImageForm() });
    return app.call('GET', `/api/v1/scans/${data.id}/file`, { token });
  },
  'POST /api/v1/outbox/:id/replay': async (app, { confirmed }) => {
    const { rows } = await app.db.query(
      `INSERT INTO outbox (id, event, aggregate_id, payload, parked_at, last_error)
       VALUES (uuid7(), 'appointment:updated', $1, '{}', now(), 'TypeError') RETURNING id`,
      [confirmed],
    );
    return app.call('POST', `/api/v1/outbox/${rows[0].id}/replay`, { token: await app.login('admin@careslot.test') });
  },
};

/** @param route such as `GET /api/v1/scans/:id/file` */
export function callWithSuccess(route: string, app: TestApp, fixture: Fixture): Promise<Answer> {
  const success = SUCCESSES[route] ?? SUCCESSES[route.replace('/api/main/', '/api/')];
  if (!success) throw new Error('no caller succeeds: add a successful call to route-successes.ts');
  return success(app, fixture, route.split(' ')[1] as string);
}
