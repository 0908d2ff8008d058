import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { newId } from '../../src/core/kernel/id.js';
import { TestApp, type Answer, type CallOptions } from '../support/app.js';
import { aService, at, openClinic, type TestClinic } from '../support/clinic.js';
import { eventually, within } from '../support/eventually.js';
import { ApiProcess } from '../support/processes.js';

/** Faults 1, 3, 6 and 8 of the list: what callers see when the database or the process goes away under them. */

let app: TestApp;
/** A process of its own: what would end it must be seen to end it. */
let api: ApiProcess;
let clinic: TestClinic;
let serviceId: string;
let patients: { token: string; clientId: string }[];

beforeAll(async () => {
  app = await TestApp.start();
  clinic = await openClinic(app, { doctors: 2, policy: { horizonDays: 365 } });
  serviceId = await aService(app, clinic);
  patients = await app.patients(60);
  await app.stopServing();
  api = await ApiProcess.start(app.environment);
}, 90_000);

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

/** Invariants 1 to 3 and 6: no overlap; each answered booking is there, once, whole and audited. */
async function assertWhole(booked: string[]): Promise<void> {
  expect(await app.overlaps()).toBe(0);
  const { rows } = await app.db.query<{ id: string }>(
    `SELECT a.id FROM appointment a WHERE id = ANY ($1::uuid[])
       AND (SELECT count(*) FROM reservation r WHERE r.appointment_id = a.id AND r.active) = 2
       AND (SELECT count(*) FROM audit_log l WHERE l.object_id = a.id) = 1
       AND (SELECT count(*) FROM outbox o WHERE o.aggregate_id = a.id) = 1`,
    [booked],
  );
  expect(rows).toHaveLength(booked.length);
  const doubles = await app.db.query(
    `SELECT FROM appointment WHERE service_id = $1 GROUP BY client_id, doctor_id, start_at HAVING count(*) > 1`,
    [serviceId],
  );
  expect(doubles.rows).toEqual([]);
}

/** As a client does it: the same request with the same key, until it has an answer that is none of a fault. */
async function bookInTheEnd(index: number, day: number): Promise<Answer> {
  const key = newId();
  return eventually(async () => {
    const answer = await book(index, day, key);
    expect([201, 409]).toContain(answer.status);
    if (answer.status === 409) expect(answer.code).toBe('APPOINTMENT_CONFLICT');
    return answer;
  });
}

test('connections that break during bookings cause no loss, no duplicate and no crash', async () => {
  const booking = Promise.all(Array.from({ length: 48 }, (_, index) => bookInTheEnd(index, 3)));
  // So fast that some are cut in the moment in which they are made.
  for (let round = 0; round < 1_000; round += 1) {
    await app.db.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE datname = $1 AND application_name LIKE 'careslot%' AND random() < 0.5`,
      [databaseName()],
    );
  }
  const answers = await booking;
  await assertWhole(answers.map(({ data }) => data?.id as string));
  await eventually(async () => expect((await call('GET', '/health/ready')).status).toBe(200));
}, 90_000);

test('requests during a broken connection get 503 with Retry-After, or an answer', async () => {
  const cut = app.db.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND application_name = 'careslot'`,
    [databaseName()],
  );
  const [, ...answers] = await Promise.all([
    cut,
    ...Array.from({ length: 40 }, () => call('GET', '/api/v1/appointments', { token: clinic.staff })),
  ]);
  for (const { status, code, headers } of answers) {
    if (status === 200) continue;
    expect([status, code, headers.get('retry-after') !== null]).toEqual([503, 'SERVICE_UNAVAILABLE', true]);
  }
}, 60_000);

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
    // This very session began before, and may write.
    await setting('RESET default_transaction_read_only');
  }
  expect((await bookInTheEnd(0, 4)).status).toBe(201);
}, 60_000);

test('a locked table delays requests for a limited time, and no others', async () => {
  const other = await app.db.connect();
  await other.query('BEGIN');
  await other.query('LOCK TABLE appointment IN ACCESS EXCLUSIVE MODE');
  const waiting = Array.from({ length: 5 }, (_, index) => book(index, 5));
  expect((await call('GET', '/health/live')).status).toBe(200);
  expect((await call('GET', '/api/v1/doctors?limit=1')).status).toBe(200);
  // Each is answered while the lock is still held.
  const answers = await within('the answers', Promise.all(waiting), 15_000);
  await other.query('ROLLBACK');
  other.release();
  expect(answers.map(({ status }) => status)).toEqual(Array<number>(5).fill(503));
  const booked = await Promise.all(Array.from({ length: 5 }, (_, index) => bookInTheEnd(index, 5)));
  await assertWhole(booked.map(({ data }) => data?.id as string));
}, 60_000);

test('an API that is killed during a booking has booked or not: the same key returns the one appointment', async () => {
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
  const acked = first.flatMap((one) =>
    one.status === 'fulfilled' && one.value?.status === 201 ? [one.value.data.id] : [],
  );
  api = await ApiProcess.start(app.environment, api.port);
  const again = await Promise.all(keys.map((key, index) => book(index, 6, key)));
  expect(again.map(({ status }) => status)).toEqual(keys.map(() => 201));
  const ids = again.map(({ data }) => data.id as string);
  expect(new Set(ids).size).toBe(keys.length);
  expect(ids).toEqual(expect.arrayContaining(acked));
  await assertWhole(ids);
}, 120_000);
