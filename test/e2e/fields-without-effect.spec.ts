import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { TestApp } from '../support/app.js';
import { aService, at, openClinic, type TestClinic } from '../support/clinic.js';

/** Fields of features that do not exist are rejected, and are in no answer. */

let app: TestApp;
let clinic: TestClinic;

beforeAll(async () => {
  app = await TestApp.start();
  clinic = await openClinic(app);
});

afterAll(() => app.close());

const refusal = (field: string) => ({
  status: 400,
  code: 'VALIDATION_ERROR',
  body: { error: { details: [{ field, error: 'is not a field of this request' }] } },
});

test('an appointment is not added to a series', async () => {
  const [patient] = await app.patients(1);
  const body = { serviceId: await aService(app, clinic), doctorId: clinic.doctorIds[0], startDateTime: at(3) };
  const booked = await app.call('POST', '/api/v1/appointments', { token: patient?.token, body });
  expect(booked.status).toBe(201);
  expect(booked.data.seriesId).toBeNull();
  const seriesId = booked.data.id;
  const answer = await app.call('POST', '/api/v1/appointments', { token: patient?.token, body: { ...body, seriesId } });
  expect(answer).toMatchObject(refusal('seriesId'));
});

test('preferences have no channels for a kind that no message has', async () => {
  const [patient] = await app.patients(1);
  const path = '/api/v1/notifications/preferences';
  const body = { channels: { APPOINTMENT_SURVEY: ['EMAIL'] } };
  expect(await app.call('PUT', path, { token: patient?.token, body })).toMatchObject(
    refusal('channels.APPOINTMENT_SURVEY'),
  );
  // As an earlier release may have stored it.
  await app.db.query(
    `INSERT INTO notification_preference (user_id, channels) VALUES ($1, '{"APPOINTMENT_SURVEY": ["EMAIL"]}')`,
    [patient?.userId],
  );
  const read = await app.call('GET', path, { token: patient?.token });
  expect(read.data.channels).not.toHaveProperty('APPOINTMENT_SURVEY');
  const log = await app.call('GET', '/api/v1/notifications/log?kind=APPOINTMENT_SURVEY', { token: clinic.staff });
  expect(log.code).toBe('VALIDATION_ERROR');
});
