import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import type pg from 'pg';
import { TestApp } from '../support/app.js';
import { aService, at, openClinic, type TestClinic } from '../support/clinic.js';

/** Complaint 18: a list asks the database as often for a hundred rows as for one. */

const MANY = 40;

let app: TestApp;
let clinic: TestClinic;
let serviceId: string;
let asked = 0;
let patient: { token: string; clientId: string; userId: string };

beforeAll(async () => {
  app = await TestApp.start({ JOBS_IN_PROCESS: 'false' });
  // Hours that keep two months of all doctors below the most that one answer holds.
  const hours = { start: '09:00', end: '14:00' };
  clinic = await openClinic(app, { doctors: MANY, rooms: MANY, policy: { horizonDays: 365 }, hours });
  serviceId = await aService(app, clinic, { requiredResourceKinds: ['ROOM'] });
  patient = (await app.patients(1))[0] as typeof patient;
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
    `INSERT INTO notification (user_id, clinic_id, kind, channel, state, due_at, next_attempt_at, title, body, sent_at)
     SELECT $1, $2, 'MESSAGE_FROM_CLINIC', 'IN_APP', 'SENT', now(), now(), 'A message', 'Please come early.', now() FROM generate_series(1, ${MANY})`,
    [patient.userId, clinic.id],
  );
  count();
}, 90_000);

afterAll(async () => {
  await app.close();
});

/** Every statement of every connection of the application's pool, whoever sends it, but those of the relay and the probes. */
function count(): void {
  const pool = (app.app.get(DataSource).driver as unknown as { master: pg.Pool }).master;
  const counted = new WeakSet<object>();
  pool.on('acquire', (client) => {
    if (counted.has(client)) return;
    counted.add(client);
    const query = client.query.bind(client) as (...args: unknown[]) => unknown;
    client.query = ((...args: [{ text?: string } | string]) => {
      const text = typeof args[0] === 'string' ? args[0] : (args[0].text ?? '');
      if (!/outbox|careslot_/.test(text)) asked += 1;
      return query(...args);
    }) as typeof client.query;
  });
}

async function questions(path: string, token?: string): Promise<{ asked: number; rows: number }> {
  asked = 0;
  const answer = await app.call('GET', path, { token });
  expect({ path, status: answer.status }).toEqual({ path, status: 200 });
  const { bookings, favorites } = answer.body;
  return { asked, rows: (answer.data ?? bookings ?? favorites ?? answer.body).length };
}

const LISTS: [path: string, who: () => string | undefined][] = [
  ['/api/v1/doctors?', () => undefined],
  ['/api/v1/clinics?', () => undefined],
  ['/api/v1/services?', () => undefined],
  ['/api/v1/resources?', () => clinic.staff],
  ['/api/v1/appointments?', () => clinic.staff],
  ['/api/v1/clients?', () => clinic.staff],
  ['/api/v1/users?', () => clinic.admin],
  ['/api/v1/notifications?', () => patient.token],
  ['/api/v1/notifications/log?', () => clinic.staff],
  ['/api/v1/favorites?', () => patient.token],
];

it.each(LISTS)('GET %s', async (path, who) => {
  const one = await questions(`${path}limit=1`, who());
  const many = await questions(`${path}limit=100`, who());
  expect(one.rows).toBe(1);
  expect(many.rows).toBeGreaterThan(1);
  expect(one.asked).toBeGreaterThan(0);
  expect(many.asked).toBe(one.asked);
});

const MOBILE_LISTS: typeof LISTS = [
  ['/api/main/doctors?', () => undefined],
  ['/api/main/bookings?', () => clinic.staff],
  ['/api/main/favorites?', () => patient.token],
  ['/api/main/users?', () => clinic.admin],
  ['/api/main/faqs?', () => undefined],
];

it.each(MOBILE_LISTS)('GET %s, when its ids already have numbers', async (path, who) => {
  const first = await questions(`${path}limit=100`, who());
  const one = await questions(`${path}limit=1`, who());
  const many = await questions(`${path}limit=100`, who());
  expect([one.rows, many.rows > 1]).toEqual([1, true]);
  expect(many.asked).toBe(one.asked);
  // Numbers are assigned by the list, in two statements more for each kind of object.
  expect(first.asked).toBeLessThanOrEqual(many.asked + 6);
});

it('availability: one statement, for forty doctors and two months as for one doctor and a day', async () => {
  const [from, to] = [at(1).slice(0, 10), at(62).slice(0, 10)];
  const all = await questions(`/api/v1/availability?serviceId=${serviceId}&from=${from}&to=${to}`);
  const doctor = `&doctorId=${clinic.doctorIds[0]}`;
  const one = await questions(`/api/v1/availability?serviceId=${serviceId}&from=${from}&to=${from}${doctor}`);
  expect(all.rows).toBeGreaterThan(40_000);
  expect([one.asked, all.asked]).toEqual([1, 1]);
}, 60_000);
