import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { loadConfig } from '../../src/core/config/config.js';
import { newId } from '../../src/core/kernel/id.js';
import { OutboxRelay } from '../../src/core/outbox/outbox-relay.js';
import { AppointmentEventCodec, type AppointmentEventView } from '../../src/modules/appointments/appointment-event.js';
import { TestApp, type TestPatient } from '../support/app.js';
import { aService, at, openClinic, type TestClinic } from '../support/clinic.js';
import { allPublished, whileNothingIsPublished } from '../support/outbox.js';
import { SocketClient } from '../support/sockets.js';

/** The payloads of appointment events in the outbox, and the messages to sockets. */

let app: TestApp;
let clinic: TestClinic;
let serviceId: string;
let patient: TestPatient;
let desk: SocketClient;
let day = 2;

beforeAll(async () => {
  app = await TestApp.start();
  clinic = await openClinic(app);
  serviceId = await aService(app, clinic);
  patient = await app.patient();
  desk = await SocketClient.connected(app.url, clinic.staff, { transports: ['websocket'] });
});

afterAll(async () => {
  desk?.close();
  await app.close();
});

async function call(method: string, path: string, token: string, body?: object): Promise<any> {
  const answer = await app.call(method, `/api/v1/appointments${path}`, { token, body });
  expect(answer.body.error).toBeUndefined();
  return answer.data;
}

const book = (fields: object = {}, token = clinic.staff): Promise<any> =>
  call('POST', '', token, {
    serviceId,
    doctorId: clinic.doctorIds[0],
    clientId: patient.clientId,
    startDateTime: at((day += 1)),
    ...fields,
  });

const findPayloads = async (id: string): Promise<Record<string, any>[]> => {
  const sql = `SELECT payload FROM outbox WHERE aggregate_id = $1 ORDER BY sequence`;
  return (await app.db.query<{ payload: object }>(sql, [id])).rows.map(({ payload }) => payload);
};

/** Inserts a row like this application, another release, or an application with another secret. */
async function publish(aggregateId: string, payload: object): Promise<string> {
  const id = newId();
  await app.db.query(
    `INSERT INTO outbox (id, event, aggregate_id, clinic_id, payload) VALUES ($1, 'appointment:updated', $2, $3, $4)`,
    [id, aggregateId, clinic.id, JSON.stringify(payload)],
  );
  app.app.get(OutboxRelay).wake();
  return id;
}

const isReceived =
  (eventId: string): (() => boolean) =>
  (): boolean =>
    desk.seen.some(({ meta }) => meta?.eventId === eventId);

it('an event contains the appointment at the time of its change, although it changed again', async () => {
  const { id } = await whileNothingIsPublished(app, async () => {
    const booked = await book({ notes: 'one' });
    await call('PUT', `/${booked.id}`, clinic.staff, { notes: 'two', staffNotes: 'of the desk' });
    await call('PUT', `/${booked.id}`, clinic.staff, { notes: 'three', staffNotes: null });
    return booked;
  });
  await desk.waitFor('appointment:updated', (data) => data.id === id && data.version === 3);
  const own = desk.seen.filter(({ data }) => data.id === id);
  expect(own.map(({ event, data }) => [event, data.version, data.notes, data.staffNotes])).toEqual([
    ['appointment:created', 1, 'one', undefined],
    ['appointment:updated', 2, 'two', 'of the desk'],
    ['appointment:updated', 3, 'three', undefined],
  ]);
});

it('an event contains the same as the REST answer to its receiver, for bookings by the front desk and the patient', async () => {
  const socket = await SocketClient.connected(app.url, patient.token, { transports: ['websocket'] });
  for (const token of [clinic.staff, patient.token]) {
    const { id } = await book({ notes: 'one' }, token);
    const { data: forPatient } = await socket.waitFor('appointment:created', (data) => data.id === id);
    expect(forPatient).toEqual(await call('GET', `/${id}`, patient.token));
    const { data: forDesk } = await desk.waitFor('appointment:created', (data) => data.id === id);
    expect({ ...forDesk, staffNotes: null }).toEqual(
      await call('GET', `/${id}?expand=client,doctor,service`, clinic.staff),
    );
  }
  socket.close();
});

it('the payload in the database contains no readable note, staff note or reason', async () => {
  const texts = ['afraid of needles', 'suspects MS', 'feeling better'];
  const { id } = await book({ notes: texts[0], staffNotes: texts[1] });
  await call('DELETE', `/${id}?reason=${encodeURIComponent(texts[2] as string)}`, clinic.staff);
  const payloads = await findPayloads(id);
  expect(payloads.map(({ action, version, clientUserId }) => [action, version, clientUserId])).toEqual([
    ['booked', 1, patient.userId],
    ['cancelled', 2, patient.userId],
  ]);
  expect(payloads.map(({ sealed }) => typeof sealed)).toEqual(['string', 'string']);
  const stored = JSON.stringify(payloads);
  expect(texts.filter((text) => stored.includes(text))).toEqual([]);
  const view = app.app.get(AppointmentEventCodec).read(payloads[1] ?? {})?.view;
  expect([view?.notes, view?.staffNotes, view?.cancelReason]).toEqual(texts);
});

it('a row of the previous release, without the appointment, is delivered and found by sync', async () => {
  const { id } = await book({ notes: 'of now' });
  const eventId = await publish(id, { id, version: 1, action: 'updated' });
  await desk.waitUntil('the event', isReceived(eventId));
  const { meta, data } = desk.seen.find((one) => one.meta.eventId === eventId) as (typeof desk.seen)[number];
  expect(data).toMatchObject({ id, version: 1, notes: 'of now' });
  const back = await SocketClient.connected(app.url, patient.token, { transports: ['websocket'] });
  // The patient's message of the event, without short objects, is the one before that of the desk.
  await back.sync(meta.sequence - 2);
  expect(back.seen.map((one) => [one.meta.eventId, one.data.notes])).toContainEqual([eventId, 'of now']);
  back.close();
});

it('events with texts of a secret that is no longer configured are delivered with the current appointment', async () => {
  const { id } = await book({ notes: 'of now' });
  await allPublished(app);
  const [payload] = await findPayloads(id);
  const codec = app.app.get(AppointmentEventCodec);
  const { view, ...audience } = codec.read(payload ?? {}) as AppointmentEventView;
  const rotated = new AppointmentEventCodec(
    loadConfig({
      ...app.environment,
      JWT_SECRET: 'another-secret-of-the-tests-0123456789',
      FIELD_ENCRYPTION_KEYS: `another:${randomBytes(32).toString('base64')}`,
    }),
  );
  const events = [
    await publish(id, rotated.toPayload({ ...view, notes: 'of then' }, audience, { action: 'updated' })),
    await publish(id, { ...payload, sealed: 'AAAA' }),
    await publish(id, codec.toPayload({ ...view, notes: 'of the change' }, audience, { action: 'updated' })),
  ];
  for (const eventId of events) await desk.waitUntil('the event', isReceived(eventId));
  const notes = events.map((eventId) => desk.seen.find(({ meta }) => meta.eventId === eventId)?.data.notes);
  expect(notes).toEqual(['of now', 'of now', 'of the change']);
  await allPublished(app);
});
