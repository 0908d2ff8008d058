import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { newId } from '../../src/core/kernel/id.js';
import { NOTIFICATION_NOTE } from '../../src/modules/notifications/index.js';
import { TestApp, type Answer } from '../support/app.js';
import { encrypted } from '../support/encrypted.js';
import { eventually } from '../support/eventually.js';

/** The inbox, the front desk's messages and their log, preferences and devices, over HTTP. */
let app: TestApp;
let staff: string;
let otherStaff: string;
let clinicId: string;
let patients: { token: string; userId: string; clientId: string }[];

beforeAll(async () => {
  app = await TestApp.start({ JOBS_SWEEP_SECONDS: '1' });
  [staff, otherStaff] = await Promise.all([app.login('staff@careslot.test'), app.login('staff2@careslot.test')]);
  clinicId = (await app.call('GET', '/api/v1/auth/profile', { token: staff })).data.clinicIds[0];
  patients = await app.patients(3);
  await app.db.query(
    `INSERT INTO client_clinic (client_id, clinic_id, registered_at) SELECT unnest($1::uuid[]), $2, now()`,
    [patients.slice(0, 2).map(({ clientId }) => clientId), clinicId],
  );
});

afterAll(() => app.close());

const send = (body: object, token = staff): Promise<Answer> =>
  app.call('POST', '/api/v1/notifications', {
    token,
    body: { clinicId, template: 'MESSAGE_FROM_CLINIC', channels: ['IN_APP'], message: 'Bring your card.', ...body },
  });
const inbox = async (index: number, query = ''): Promise<any[]> =>
  (await app.call('GET', `/api/v1/notifications${query}`, { token: patients[index]?.token as string })).data;
const clients = (...indexes: number[]): string[] => indexes.map((index) => patients[index]?.clientId as string);

test('the front desk writes to patients, each sees and reads their own entry, and the log lists every message', async () => {
  const sent = await send({ clientIds: clients(0, 1) });
  expect(sent.data).toEqual({ count: 2 });
  const entry = await eventually(async () => {
    const [first] = await inbox(0, '?unread=true');
    expect(first?.body).toContain('Bring your card.');
    return first;
  });
  expect((await inbox(1)).map(({ id }) => id)).not.toContain(entry.id);
  const stranger = patients[1]?.token as string;
  expect((await app.call('POST', `/api/v1/notifications/${entry.id}/read`, { token: stranger })).status).toBe(404);
  const read = await app.call('POST', `/api/v1/notifications/${entry.id}/read`, {
    token: patients[0]?.token as string,
  });
  expect(read.data.readAt).toEqual(expect.any(String));
  expect(await inbox(0, '?unread=true')).toEqual([]);
  const log = await app.call('GET', `/api/v1/notifications/log?clientId=${patients[0]?.clientId}`, { token: staff });
  expect(log.data).toMatchObject([{ channel: 'IN_APP', status: 'SENT', attempts: 1, kind: 'MESSAGE_FROM_CLINIC' }]);
  expect(JSON.stringify(log.data)).not.toContain('Bring your card');
});

test('a patient of another clinic among the recipients is named in the error, and nothing is sent (Z-04)', async () => {
  const before = await inbox(0);
  const sent = await send({ clientIds: clients(0, 2) });
  expect(sent.status).toBe(400);
  expect(sent.body.error.details).toEqual([{ field: 'clientIds[1]', error: 'is not a client of this clinic' }]);
  expect(await inbox(0)).toEqual(before);
});

test('the front desk of another clinic can neither write for this clinic nor read its log', async () => {
  expect((await send({ clientIds: clients(0) }, otherStaff)).status).toBe(403);
  const log = await app.call('GET', `/api/v1/notifications/log?clinicId=${clinicId}`, { token: otherStaff });
  expect(log.data).toEqual([]);
});

test('only a message that has failed can be replayed', async () => {
  const id = newId();
  await app.db.query(
    `INSERT INTO notification (id, user_id, clinic_id, kind, channel, note, state, reason, attempts, due_at, next_attempt_at)
     VALUES ($1, $2, $3, 'MESSAGE_FROM_CLINIC', 'IN_APP', $4, 'FAILED', 'TIMEOUT', 10, now() - interval '1 day', now())`,
    [id, patients[1]?.userId, clinicId, encrypted(app, NOTIFICATION_NOTE, 'Once more.', id)],
  );
  const replay = (): Promise<Answer> => app.call('POST', `/api/v1/notifications/${id}/replay`, { token: staff });
  const replayed = await replay();
  expect(replayed.data).toMatchObject({ id, status: 'PENDING', attempts: 0, reason: 'TIMEOUT' });
  expect(Date.parse(replayed.data.dueAt)).toBeGreaterThan(Date.now() - 3_600_000);
  await eventually(async () => expect((await inbox(1)).map((entry) => entry.id)).toContain(id));
  expect((await replay()).code).toBe('INVALID_TRANSITION');
});

test('quiet hours and channels can be changed in part, are versioned, and each invalid field is named', async () => {
  const token = patients[0]?.token as string;
  const put = (body: object, headers = {}): Promise<Answer> =>
    app.call('PUT', '/api/v1/notifications/preferences', { token, body, headers });
  expect((await put({ quietHours: { start: '22:00', end: '07:00' } })).status).toBe(200);
  const changed = await put({ channels: { APPOINTMENT_REMINDER: ['SMS'] } });
  expect(changed.data.quietHours).toEqual({ start: '22:00', end: '07:00' });
  expect(changed.data.channels.APPOINTMENT_REMINDER).toEqual(['IN_APP', 'SMS']);
  expect((await put({ quietHours: null }, { 'if-match': '"1"' })).code).toBe('VERSION_MISMATCH');
  expect((await put({ quietHours: null })).data.quietHours).toBeNull();
  const bad = await put({ channels: { APPOINTMENT_REMINDER: ['FAX'], NEWS: [] }, quietHours: { start: '25:00' } });
  expect(bad.body.error.details.map(({ field }: { field: string }) => field).sort()).toEqual([
    'channels.APPOINTMENT_REMINDER',
    'channels.NEWS',
    'quietHours.end',
    'quietHours.start',
  ]);
});

test('a device belongs to the user who signed in on it last', async () => {
  const register = (index: number): Promise<Answer> =>
    app.call('POST', '/api/v1/notifications/devices', {
      token: patients[index]?.token as string,
      body: { token: 'one-device', platform: 'ANDROID' },
    });
  const forget = (index: number): Promise<Answer> =>
    app.call('DELETE', '/api/v1/notifications/devices', {
      token: patients[index]?.token as string,
      body: { token: 'one-device' },
    });
  expect((await register(0)).status).toBe(201);
  expect((await register(1)).status).toBe(201);
  expect((await forget(0)).status).toBe(404);
  expect((await forget(1)).status).toBe(200);
});

test('a push waits for the end of the quiet hours', async () => {
  const patient = patients[0] as (typeof patients)[number];
  await app.call('POST', '/api/v1/notifications/devices', {
    token: patient.token,
    body: { token: 'quiet-device', platform: 'IOS' },
  });
  // Quiet except for one minute of the day, which was an hour ago.
  const minute = (offset: number): string => new Date(Date.now() + offset * 60_000).toISOString().slice(11, 16);
  await app.call('PUT', '/api/v1/notifications/preferences', {
    token: patient.token,
    body: { quietHours: { start: minute(-59), end: minute(-60) }, channels: { MESSAGE_FROM_CLINIC: ['PUSH'] } },
  });
  await send({ clientIds: clients(0), channels: ['PUSH'] });
  await eventually(async () => {
    const { rows } = await app.db.query(
      `SELECT state, attempts, next_attempt_at > now() + interval '20 hours' AS waits
       FROM notification WHERE user_id = $1 AND channel = 'PUSH'`,
      [patient.userId],
    );
    expect(rows).toEqual([{ state: 'PENDING', attempts: 0, waits: true }]);
  });
});
