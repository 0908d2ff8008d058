import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { TestApp, type TestPatient } from '../support/app.js';
import { setInboxText } from '../support/encrypted.js';
import { countStatements } from '../support/statements.js';
import { aService, at, openClinic, type TestClinic } from '../support/clinic.js';

/** A list needs as many queries for many rows as for one (docs/complaints.md, 18). */

const MANY = 40;

let app: TestApp;
let clinic: TestClinic;
let serviceId: string;
let countQueries: () => number;
let patient: TestPatient;

beforeAll(async () => {
  app = await TestApp.start({ JOBS_IN_PROCESS: 'false' });
  // With these hours, two months of all doctors are below the limit of one answer.
  const hours = { start: '09:00', end: '14:00' };
  clinic = await openClinic(app, { doctors: MANY, rooms: MANY, policy: { horizonDays: 365 }, hours });
  serviceId = await aService(app, clinic, { requiredResourceKinds: ['ROOM'] });
  patient = await app.patient();
  const guests = await app.patients(MANY);
  const book = (index: number, token: string): Promise<unknown> =>
    app.call('POST', '/api/v1/appointments', {
      token,
      body: { serviceId, doctorId: clinic.doctorIds[index], startDateTime: at(3 + index) },
    });
  for (const [index, guest] of guests.entries()) await book(index, guest.token);
  for (const doctorId of clinic.doctorIds) {
    await app.call('POST', '/api/v1/favorites', { token: patient.token, body: { doctorId } });
  }
  await app.db.query(
    `INSERT INTO notification (user_id, clinic_id, kind, channel, state, due_at, next_attempt_at, sent_at)
     SELECT $1, $2, 'MESSAGE_FROM_CLINIC', 'IN_APP', 'SENT', now(), now(), now() FROM generate_series(1, ${MANY})`,
    [patient.userId, clinic.id],
  );
  await setInboxText(app, patient.userId, 'A message', 'Please come early.');
  countQueries = countStatements(app);
});

afterAll(async () => {
  await app.close();
});

async function readList(path: string, token?: string): Promise<{ queries: number; rows: number }> {
  const before = countQueries();
  const answer = await app.call('GET', path, { token });
  expect({ path, status: answer.status }).toEqual({ path, status: 200 });
  const { bookings, favorites } = answer.body;
  return { queries: countQueries() - before, rows: (answer.data ?? bookings ?? favorites ?? answer.body).length };
}

const LISTS: [path: string, who: () => string | undefined][] = [
  ['/api/v1/doctors?', () => undefined],
  ['/api/v1/clinics?', () => undefined],
  ['/api/v1/services?', () => undefined],
  ['/api/v1/resources?', () => clinic.staff],
  ['/api/v1/appointments?', () => clinic.staff],
  ['/api/v1/appointments?q=pat&expand=client,doctor,service,resources&', () => clinic.staff],
  ['/api/v1/clients?', () => clinic.staff],
  ['/api/v1/users?', () => clinic.admin],
  ['/api/v1/notifications?', () => patient.token],
  ['/api/v1/notifications/log?', () => clinic.staff],
  ['/api/v1/favorites?', () => patient.token],
];

it.each(LISTS)('GET %s needs as many queries for many rows as for one', async (path, who) => {
  const one = await readList(`${path}limit=1`, who());
  const many = await readList(`${path}limit=100`, who());
  expect(one.rows).toBe(1);
  expect(many.rows).toBeGreaterThan(1);
  expect(one.queries).toBeGreaterThan(0);
  expect(many.queries).toBe(one.queries);
});

const MOBILE_LISTS: typeof LISTS = [
  ['/api/main/doctors?', () => undefined],
  ['/api/main/bookings?', () => clinic.staff],
  ['/api/main/favorites?', () => patient.token],
  ['/api/main/users?', () => clinic.admin],
  ['/api/main/faqs?', () => undefined],
];

it.each(MOBILE_LISTS)(
  'GET %s needs as many queries for many rows as for one, if their ids already have numbers',
  async (path, who) => {
    const first = await readList(`${path}limit=100`, who());
    const one = await readList(`${path}limit=1`, who());
    const many = await readList(`${path}limit=100`, who());
    expect([one.rows, many.rows > 1]).toEqual([1, true]);
    expect(many.queries).toBe(one.queries);
    // The first request also assigns the numbers, with two statements for each kind of object.
    expect(first.queries).toBeLessThanOrEqual(many.queries + 6);
  },
);

it('availability needs one query for forty doctors and two months, and for one doctor and a day', async () => {
  const [from, to] = [at(1).slice(0, 10), at(62).slice(0, 10)];
  const all = await readList(`/api/v1/availability?serviceId=${serviceId}&from=${from}&to=${to}`);
  const doctor = `&doctorId=${clinic.doctorIds[0]}`;
  const one = await readList(`/api/v1/availability?serviceId=${serviceId}&from=${from}&to=${from}${doctor}`);
  expect(all.rows).toBeGreaterThan(40_000);
  expect([one.queries, all.queries]).toEqual([1, 1]);
});
