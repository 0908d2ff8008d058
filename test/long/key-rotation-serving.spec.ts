import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { TEST_SECRETS } from '../../tools/test-secrets.js';
import { newId } from '../../src/core/kernel/id.js';
import { TestApp, type Answer, type TestPatient } from '../support/app.js';
import { aService, at, openClinic, type TestClinic } from '../support/clinic.js';
import { ApiProcess, TestProcess } from '../support/processes.js';

/** `npm run keys:rotate` while two API processes serve. */

const OLD = TEST_SECRETS.FIELD_ENCRYPTION_KEYS;
const NEW = `next:${randomBytes(32).toString('base64')}`;
const BOTH = { FIELD_ENCRYPTION_KEYS: `${NEW},${OLD}` };

let app: TestApp;
let clinic: TestClinic;
let serviceId: string;
let patient: TestPatient;
let apis: ApiProcess[];

beforeAll(async () => {
  app = await TestApp.start({ JOBS_IN_PROCESS: 'false' });
  clinic = await openClinic(app, { policy: { horizonDays: 365 } });
  serviceId = await aService(app, clinic);
  patient = await app.patient();
  await app.db.query('UPDATE clinic SET max_upcoming_per_client = NULL');
  apis = await Promise.all([
    ApiProcess.start({ ...app.environment, ...BOTH }),
    ApiProcess.start({ ...app.environment, ...BOTH }),
  ]);
});

afterAll(async () => {
  await Promise.all(apis.map((api) => api.kill()));
  await app.close();
});

const call = (n: number, method: string, path: string, body?: object): Promise<Answer> =>
  app.call(method, `${(apis[n % 2] as ApiProcess).url}/api/v1/${path}`, {
    token: patient.token,
    body,
    ...(method === 'POST' && { headers: { 'idempotency-key': newId() } }),
  });

const book = (n: number, send = call): Promise<Answer> =>
  send(n, 'POST', 'appointments', {
    ...{ serviceId, doctorId: clinic.doctorIds[0], startDateTime: at(2 + Math.floor(n / 40), toTime(n % 40)) },
    notes: `note ${n}`,
  });

const toTime = (n: number): string => `${String(Math.floor(n / 2)).padStart(2, '0')}:${n % 2 ? '30' : '00'}`;

it('rotates all values while bookings and reads go on, so that the old key can be removed', async () => {
  const ids: string[] = [];
  // These are encrypted with the old key.
  for (let n = 0; n < 120; n += 1) {
    const { data } = await book(n, (_, method, path, body) =>
      app.call(method, `/api/v1/${path}`, { token: patient.token, body }),
    );
    ids.push(data.id as string);
  }
  const rotation = new TestProcess('src/rotate-keys.ts', { ...app.environment, ...BOTH });
  let isRotating = true;
  const ended = rotation.exitCode().finally(() => (isRotating = false));
  for (let n = ids.length; isRotating || n < 130; n += 1) {
    const { status, data } = await book(n);
    expect(status).toBe(201);
    ids.push(data.id as string);
    const read = n % 120;
    expect((await call(n, 'GET', `appointments/${ids[read]}`)).data.notes).toBe(`note ${read}`);
    expect((await call(n, 'PUT', `appointments/${ids[read]}`, { notes: `note ${read}` })).status).toBe(200);
  }
  expect(await ended).toBe(0);
  expect(rotation.log).toContain('appointment.notes: 120 rotated, 0 changed meanwhile, 0 unreadable');

  await Promise.all(apis.map((api) => api.stop()));
  apis = [await ApiProcess.start({ ...app.environment, FIELD_ENCRYPTION_KEYS: NEW })];
  for (const [n, id] of ids.entries())
    expect((await call(0, 'GET', `appointments/${id}`)).data.notes).toBe(`note ${n}`);
  expect(await app.call('GET', `${apis[0]?.url}/api/v1/auth/profile`, { token: patient.token })).toMatchObject({
    status: 200,
    data: { email: `${patient.userId}@patients.test` },
  });
});
