import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { newId } from '../../src/core/kernel/id.js';
import { TestApp, type Answer, type TestPatient } from '../support/app.js';
import { eventually } from '../support/eventually.js';
import { whileNothingIsPublished } from '../support/outbox.js';
import { ApiProcess } from '../support/processes.js';
import { findBookableService, type BookableService } from '../support/slots.js';
import { SmtpSink } from '../support/smtp-sink.js';
import { SocketClient } from '../support/sockets.js';

/** One killed process. The suites of `test/long`, which `npm run test:long` runs, kill and freeze many more. */

/** Creates the database, the patient and tokens; it does not serve requests. */
let app: TestApp;
let smtp: SmtpSink;
let environment: Record<string, string>;
let api: ApiProcess;
let video: BookableService;
let patient: TestPatient;

beforeAll(async () => {
  smtp = await new SmtpSink().start();
  app = await TestApp.start();
  video = await findBookableService(app, 'Video visit');
  patient = await app.patient();
  await app.stopServing();
  environment = { ...app.environment, SMTP_URL: smtp.url(), SMTP_REQUIRE_TLS: 'false', JOBS_SWEEP_SECONDS: '1' };
  api = await ApiProcess.start(environment);
});

afterAll(async () => {
  await api?.kill();
  await app?.close();
  await smtp?.close();
});

it('loses neither a booking nor its event and mail if it is killed before it publishes them, and the next one ends with exit code 0', async () => {
  const { serviceId, doctorId, slots } = video;
  const key = newId();
  const book = (): Promise<Answer> =>
    app.call('POST', `${api.url}/api/v1/appointments`, {
      token: patient.token,
      body: { serviceId, doctorId, startDateTime: slots[0] },
      headers: { 'idempotency-key': key },
    });
  const client = await SocketClient.connected(api.url, patient.token, { transports: ['websocket'] });
  try {
    const booked = await whileNothingIsPublished(app, async () => {
      const answer = await book();
      await api.kill();
      return answer;
    });
    expect(booked.status).toBe(201);
    expect([client.seen, smtp.mails]).toEqual([[], []]);

    api = await ApiProcess.start(environment, api.port);
    const repeated = await book();
    expect(repeated.headers.get('idempotency-replayed')).toBe('true');
    expect(repeated.data).toEqual(booked.data);
    await client.waitUntil('a reconnect', () => client.socket.connected);
    await client.sync(0);
    await client.waitFor('appointment:created', ({ id }) => id === booked.data.id);
    const mails = () => smtp.mails.filter(({ to }) => to.includes(`${patient.userId}@patients.test`));
    await eventually(async () => expect(mails()).toHaveLength(1));
    expect(await app.overlaps()).toBe(0);
  } finally {
    client.close();
  }
  expect(await api.stop()).toBe(0);
});
