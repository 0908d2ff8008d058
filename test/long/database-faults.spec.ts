import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { newId } from '../../src/core/kernel/id.js';
import { TestApp, type Answer, type CallOptions, type TestPatient } from '../support/app.js';
import { aService, at, openClinic, type TestClinic } from '../support/clinic.js';
import { eventually, within } from '../support/eventually.js';
import { lockTable } from '../support/locks.js';
import { ApiProcess } from '../support/processes.js';

/** Requests while connections break, the database is read-only, a table is locked, or the process is killed. */

let app: TestApp;
/** A separate process, which an uncaught error would end. */
let api: ApiProcess;
let clinic: TestClinic;
let serviceId: string;
let patients: TestPatient[];

beforeAll(async () => {
  app = await TestApp.start();
  clinic = await openClinic(app, { doctors: 2, policy: { horizonDays: 365 } });
  serviceId = await aService(app, clinic);
  patients = await app.patients(60);
  await app.stopServing();
  api = await ApiProcess.start(app.environment);
});

afterAll(async () => {
  await api.kill();
  await app.close();
});

const call = (method: string, path: string, options: CallOptions = {}): Promise<Answer> =>
  app.call(method, `${api.url}${path}`, options);

const databaseName = (): string => new URL(app.environment.DATABASE_URL as string).pathname.slice(1);

const book = (index: number, day: number, key = newId()): Promise<Answer> =>
  call('POST', '/api/v1/appointments', {
    token: patients[index % patients.length]?.token,
    headers: { 'idempotency-key': key },
    body: { serviceId, doctorId: clinic.doctorIds[index % 2], startDateTime: at(day, toHour(index)) },
  });

const toHour = (index: number): string => `${String(Math.floor(index / 2) % 24).padStart(2, '0')}:00`;

/** Expects no overlap, and each booking once, with its reservations, one audit row and one event. */
async function expectConsistent(booked: string[]): Promise<void> {
  expect(await app.overlaps()).toBe(0);
  const { rows } = await app.db.query<{ id: string }>(
    `SELECT a.id FROM appointment a WHERE id = ANY ($1::uuid[])
       AND (SELECT count(*) FROM reservation r WHERE r.appointment_id = a.id AND r.active) = 2
       AND (SELECT count(*) FROM audit_log l WHERE l.object_id = a.id) = 1
       AND (SELECT count(*) FROM outbox o WHERE o.aggregate_id = a.id) = 1`,
    [booked],
  );
  expect(rows).toHaveLength(booked.length);
  const duplicates = await app.db.query(
    `SELECT FROM appointment WHERE service_id = $1 GROUP BY client_id, doctor_id, start_at HAVING count(*) > 1`,
    [serviceId],
  );
  expect(duplicates.rows).toEqual([]);
}

/**
 * Repeats the request with the same key, like a client, until it is answered with 201 or a conflict. That may be only after
 * the last connection was broken, which takes long on a slow machine.
 */
async function bookWithRetries(index: number, day: number): Promise<Answer> {
  const key = newId();
  return eventually(async () => {
    const answer = await book(index, day, key);
    expect([201, 409]).toContain(answer.status);
    if (answer.status === 409) expect(answer.code).toBe('APPOINTMENT_CONFLICT');
    return answer;
  });
}

test('connections that break during bookings cause no loss, no duplicate and no crash', async () => {
  const booking = Promise.all(Array.from({ length: 48 }, (_, index) => bookWithRetries(index, 3)));
  // So often that some connections break while they are being opened.
  for (let round = 0; round < 1_000; round += 1) {
    await app.db.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE datname = $1 AND application_name LIKE 'careslot%' AND random() < 0.5`,
      [databaseName()],
    );
  }
  const answers = await booking;
  await expectConsistent(answers.map(({ data }) => data?.id as string));
  await eventually(async () => expect((await call('GET', '/health/ready')).status).toBe(200));
});

test('requests during a broken connection get 503 with Retry-After, or an answer', async () => {
  const terminated = app.db.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND application_name = 'careslot'`,
    [databaseName()],
  );
  const [, ...answers] = await Promise.all([
    terminated,
    ...Array.from({ length: 40 }, () => call('GET', '/api/v1/appointments', { token: clinic.staff })),
  ]);
  for (const { status, code, headers } of answers) {
    if (status === 200) continue;
    expect([status, code, headers.get('retry-after') !== null]).toEqual([503, 'SERVICE_UNAVAILABLE', true]);
  }
});

test('a read-only database serves reads, rejects writes with 503, and accepts them again afterwards', async () => {
  const setting = (value: string): Promise<unknown> =>
    app.db
      .query(`ALTER DATABASE ${databaseName()} ${value}`)
      .then(() =>
        app.db.query(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND application_name = 'careslot'`,
          [databaseName()],
        ),
      );
  await setting('SET default_transaction_read_only = on');
  try {
    const path = `/api/v1/availability?serviceId=${serviceId}&from=${at(4).slice(0, 10)}&to=${at(5).slice(0, 10)}`;
    await eventually(async () => expect((await call('GET', path)).status).toBe(200));
    const refused = await book(0, 4);
    expect([refused.status, refused.code]).toEqual([503, 'SERVICE_UNAVAILABLE']);
    expect((await call('GET', '/health/live')).status).toBe(200);
  } finally {
    // The session of this test started before the change, and may write.
    await setting('RESET default_transaction_read_only');
  }
  expect((await bookWithRetries(0, 4)).status).toBe(201);
});

test('a locked table delays its requests for a limited time, and does not delay others', async () => {
  const release = await lockTable(app.db, 'appointment', 'ACCESS EXCLUSIVE');
  const waiting = Array.from({ length: 5 }, (_, index) => book(index, 5));
  try {
    expect((await call('GET', '/health/live')).status).toBe(200);
    expect((await call('GET', '/api/v1/doctors?limit=1')).status).toBe(200);
    // The requests are answered before the lock is released.
    await within('the answers', Promise.all(waiting));
  } finally {
    await release();
  }
  const answers = await Promise.all(waiting);
  expect(answers.map(({ status }) => status)).toEqual(Array<number>(5).fill(503));
  const booked = await Promise.all(Array.from({ length: 5 }, (_, index) => bookWithRetries(index, 5)));
  await expectConsistent(booked.map(({ data }) => data?.id as string));
});

test('after the API was killed during bookings, the same keys return one appointment each', async () => {
  const keys = Array.from({ length: 48 }, () => newId());
  const first = await Promise.allSettled([
    ...keys.map((key, index) => book(index, 6, key)),
    eventually(async () => {
      const { rows } = await app.db.query(`SELECT FROM appointment WHERE service_id = $1 AND start_at >= $2`, [
        serviceId,
        at(6, '00:00'),
      ]);
      expect(rows.length).toBeGreaterThan(0);
    }).then(() => api.kill()),
  ]);
  const answered = first.flatMap((one) =>
    one.status === 'fulfilled' && one.value?.status === 201 ? [one.value.data.id] : [],
  );
  api = await ApiProcess.start(app.environment, api.port);
  const again = await Promise.all(keys.map((key, index) => book(index, 6, key)));
  expect(again.map(({ status }) => status)).toEqual(keys.map(() => 201));
  const ids = again.map(({ data }) => data.id as string);
  expect(new Set(ids).size).toBe(keys.length);
  expect(ids).toEqual(expect.arrayContaining(answered));
  await expectConsistent(ids);
});
