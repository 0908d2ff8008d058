import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { newId } from '../../src/core/kernel/id.js';
import { DeliveryScheduler } from '../../src/modules/notifications/delivery-scheduler.js';
import { PASSWORD } from '../support/account-mails.js';
import { TestApp, type Answer } from '../support/app.js';
import { FakeFcm } from '../support/fake-fcm.js';

let fcm: FakeFcm;
let app: TestApp;
let admin: string;
let email: string;
let userId: string;
let phone: string;
let tablet: string;

beforeAll(async () => {
  fcm = await new FakeFcm().start();
  app = await TestApp.start({
    JOBS_IN_PROCESS: 'false',
    FCM_SERVICE_ACCOUNT: JSON.stringify(fcm.serviceAccount),
    FCM_API_URL: fcm.url,
  });
  admin = await app.login('admin@careslot.test');
});

afterAll(async () => {
  await app.close();
  await fcm.close();
});

/** A user who is signed in on a phone and on a tablet, both registered for pushes. */
beforeEach(async () => {
  fcm.messages.length = 0;
  email = `${newId()}@test.test`;
  const body = { email, password: PASSWORD, firstName: 'Mona', lastName: 'Hassan' };
  const made = await app.call('POST', '/api/v1/auth/register', { body });
  userId = made.data.user.id;
  phone = made.data.accessToken;
  tablet = await signIn();
  for (const [token, name] of [
    [phone, 'phone'],
    [tablet, 'tablet'],
  ])
    expect((await addDevice(token as string, `${name}-${userId}`)).status).toBe(201);
});

const signIn = async (password = PASSWORD): Promise<string> =>
  (await app.call('POST', '/api/v1/auth/login', { body: { email, password } })).data.accessToken;
const addDevice = (token: string, pushToken: string): Promise<Answer> =>
  app.call('POST', '/api/v1/notifications/devices', { token, body: { token: pushToken, platform: 'ANDROID' } });
const listDevices = (token: string): Promise<Answer> => app.call('GET', '/api/v1/notifications/devices', { token });

/** Sends a push to the user. @returns the devices that get it */
async function sendPush(): Promise<string[]> {
  await app.db.query(
    `INSERT INTO notification (user_id, kind, channel, due_at, next_attempt_at)
     VALUES ($1, 'MESSAGE_FROM_CLINIC', 'PUSH', now(), now())`,
    [userId],
  );
  fcm.messages.length = 0;
  await app.app.get(DeliveryScheduler).deliver('PUSH');
  return fcm.messages.map(({ token }) => token.split('-')[0] as string).sort();
}

it('a device gets pushes until the session that registered it ends', async () => {
  expect(await sendPush()).toEqual(['phone', 'tablet']);
  await app.call('POST', '/api/v1/auth/logout', { token: phone });
  expect(await sendPush()).toEqual(['tablet']);
  expect((await listDevices(tablet)).data).toEqual([
    {
      id: expect.any(String),
      platform: 'ANDROID',
      current: true,
      createdAt: expect.any(String),
      lastSeenAt: expect.any(String),
    },
  ]);
});

it('a device gets no push after its session was ended from another one', async () => {
  const { data } = await app.call('GET', '/api/v1/auth/sessions', { token: tablet });
  const other = data.find(({ current }: { current: boolean }) => !current);
  await app.call('DELETE', `/api/v1/auth/sessions/${other.id}`, { token: tablet });
  expect(await sendPush()).toEqual(['tablet']);
});

it('no device gets a push after a sign-out everywhere', async () => {
  await app.call('POST', '/api/v1/auth/logout-all', { token: tablet });
  expect(await sendPush()).toEqual([]);
  const again = await signIn();
  expect((await listDevices(again)).data).toEqual([]);
});

it('the other devices get no push after the password was changed', async () => {
  const body = { currentPassword: PASSWORD, newPassword: 'another-quiet-river' };
  await app.call('PUT', '/api/v1/auth/password', { token: phone, body });
  expect(await sendPush()).toEqual(['phone']);
});

it('no device gets a push after the role changed, a refresh token was used twice, or the account was deleted', async () => {
  await app.call('PUT', `/api/v1/users/${userId}`, { token: admin, body: { role: 'STAFF' } });
  expect(await sendPush()).toEqual([]);
  const { data } = await app.call('POST', '/api/v1/auth/login', { body: { email, password: PASSWORD } });
  await addDevice(data.accessToken, `laptop-${userId}`);
  expect(await sendPush()).toEqual(['laptop']);
  for (let n = 0; n < 2; n += 1)
    await app.call('POST', '/api/v1/auth/refresh', { body: { refreshToken: data.refreshToken } });
  expect(await sendPush()).toEqual([]);
  await addDevice(await signIn(), `laptop-${userId}`);
  await app.call('DELETE', `/api/v1/users/${userId}`, { token: admin });
  expect(await sendPush()).toEqual([]);
});

it('a device gets no push after its session expired', async () => {
  await app.db.query(`UPDATE session SET expires_at = now() WHERE user_id = $1`, [userId]);
  expect(await sendPush()).toEqual([]);
});

it('a device that signs in again belongs to the new session', async () => {
  await app.call('POST', '/api/v1/auth/logout', { token: phone });
  const again = await signIn();
  await addDevice(again, `phone-${userId}`);
  expect(await sendPush()).toEqual(['phone', 'tablet']);
});

it('a device is removed by its id, only by its user', async () => {
  const { data } = await listDevices(phone);
  const id = data.find(({ current }: { current: boolean }) => !current).id as string;
  const [stranger] = await app.patients(1);
  const remove = (token?: string): Promise<Answer> =>
    app.call('DELETE', `/api/v1/notifications/devices/${id}`, { token });
  expect((await remove(stranger?.token)).status).toBe(404);
  expect((await remove(phone)).status).toBe(200);
  expect((await remove(phone)).status).toBe(404);
  expect(await sendPush()).toEqual(['phone']);
});

it('a message to a user without a session is not sent as a push', async () => {
  await app.call('POST', '/api/v1/auth/logout-all', { token: tablet });
  const [{ id: clinicId }] = (await app.call('GET', '/api/v1/clinics?limit=1')).data;
  const { rows } = await app.db.query(`SELECT id FROM client WHERE user_id = $1`, [userId]);
  await app.db.query(`INSERT INTO client_clinic (client_id, clinic_id, registered_at) VALUES ($1, $2, now())`, [
    rows[0].id,
    clinicId,
  ]);
  const message = { clinicId, clientIds: [rows[0].id], template: 'MESSAGE_FROM_CLINIC', channels: ['PUSH'] };
  const sent = await app.call('POST', '/api/v1/notifications', {
    token: admin,
    body: { ...message, message: 'Hello' },
  });
  expect(sent.data.count).toBe(1);
  const channels = await app.db.query(
    `SELECT channel FROM notification WHERE user_id = $1 AND kind = 'MESSAGE_FROM_CLINIC'`,
    [userId],
  );
  expect(channels.rows).toEqual([{ channel: 'IN_APP' }]);
});
