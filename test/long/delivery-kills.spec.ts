import { afterAll, afterEach, beforeAll, beforeEach, expect, jest, test } from '@jest/globals';
import { TestApp, type TestPatient } from '../support/app.js';
import { eventually } from '../support/eventually.js';
import { FakeTwilio } from '../support/fake-twilio.js';
import { TestProcess } from '../support/processes.js';
import { SmtpSink } from '../support/smtp-sink.js';
import { changeContacts } from '../support/encrypted.js';

/** Workers are killed while they send: after the provider has accepted a message, and before the result is saved. */
let app: TestApp;
let smtp: SmtpSink;
let twilio: FakeTwilio;
let environment: Record<string, string>;
let workers: TestProcess[] = [];
let staff: string;
let clinicId: string;
let patient: TestPatient;

/** Starting a worker takes long on a busy machine. */
const START_MILLISECONDS = 60_000;
const eventuallyByWorker = <T>(check: () => Promise<T>): Promise<T> => eventually(check, START_MILLISECONDS);
jest.setTimeout(3 * START_MILLISECONDS);

beforeAll(async () => {
  smtp = await new SmtpSink().start();
  twilio = await new FakeTwilio().start();
  // The API process only serves requests and relays events; the worker sends the messages.
  app = await TestApp.start({ JOBS_IN_PROCESS: 'false' });
  environment = {
    ...app.environment,
    JOBS_SWEEP_SECONDS: '1',
    SMTP_URL: smtp.url(),
    SMTP_REQUIRE_TLS: 'false',
    TWILIO_ACCOUNT_SID: twilio.accountSid,
    TWILIO_AUTH_TOKEN: twilio.authToken,
    TWILIO_FROM: '+15550001111',
    TWILIO_API_URL: twilio.url,
  };
  staff = await app.login('staff@careslot.test');
  clinicId = (await app.call('GET', '/api/v1/auth/profile', { token: staff })).data.clinicIds[0];
});

afterAll(async () => {
  await app.close();
  await Promise.all([smtp.close(), twilio.close()]);
});

beforeEach(async () => {
  twilio.messages.length = 0;
  patient = await app.patient();
  await changeContacts(app, patient.userId, { phone: '+201005550100' });
  await app.db.query(`INSERT INTO client_clinic (client_id, clinic_id, registered_at) VALUES ($1, $2, now())`, [
    patient.clientId,
    clinicId,
  ]);
});

afterEach(async () => {
  await Promise.all(workers.map((worker) => worker.kill()));
  workers = [];
  smtp.faults.length = twilio.faults.length = 0;
  // The next test must not send the messages of this one.
  await app.db.query(`UPDATE notification SET state = 'SKIPPED' WHERE state IN ('PENDING', 'SENDING')`);
});

function startWorker(more: Record<string, string> = {}): TestProcess {
  const worker = new TestProcess('src/worker.ts', { ...environment, ...more });
  workers.push(worker);
  return worker;
}

async function send(channels: string[]): Promise<void> {
  const answer = await app.call('POST', '/api/v1/notifications', {
    token: staff,
    body: {
      clinicId,
      clientIds: [patient.clientId],
      template: 'MESSAGE_FROM_CLINIC',
      channels,
      message: 'Bring your card.',
    },
  });
  expect(answer.status).toBe(201);
}

const states = async (channel: string): Promise<string[]> => {
  const { rows } = await app.db.query(`SELECT state FROM notification WHERE user_id = $1 AND channel = $2`, [
    patient.userId,
    channel,
  ]);
  return rows.map(({ state }) => state);
};

const mailsTo = () => smtp.mails.filter(({ to }) => to.includes(`${patient.userId}@patients.test`));

test('after a kill between acceptance and result, an SMS is looked up and not sent again, and a second e-mail has the same Message-ID', async () => {
  twilio.faults.push('HANG_AFTER_ACCEPT');
  smtp.faults.push('HANG_AFTER_ACCEPT');
  const first = startWorker();
  await send(['SMS', 'EMAIL']);
  await eventuallyByWorker(async () =>
    expect([twilio.messages, mailsTo()]).toMatchObject([{ length: 1 }, { length: 1 }]),
  );
  await first.kill();
  expect([await states('SMS'), await states('EMAIL')]).toEqual([['SENDING'], ['SENDING']]);
  startWorker();
  await eventuallyByWorker(async () =>
    expect([await states('SMS'), await states('EMAIL')]).toEqual([['SENT'], ['SENT']]),
  );
  expect(twilio.messages).toHaveLength(1);
  // SMTP cannot look a message up, so it is sent twice.
  expect(mailsTo()).toHaveLength(2);
  expect(new Set(mailsTo().map(({ mail }) => mail.messageId)).size).toBe(1);
});

test('a provider that hangs delays no other channel', async () => {
  smtp.faults.push('HANG');
  startWorker();
  await send(['EMAIL', 'SMS']);
  await eventuallyByWorker(async () => expect(await states('SMS')).toEqual(['SENT']));
  await eventuallyByWorker(async () => expect(await states('IN_APP')).toEqual(['SENT']));
  await eventuallyByWorker(async () => expect(smtp.faults).toEqual([]));
  expect(await states('EMAIL')).toEqual(['SENDING']);
});

test('messages are also sent while Redis is down', async () => {
  startWorker({ REDIS_URL: 'redis://127.0.0.1:1' });
  await send(['EMAIL']);
  await eventuallyByWorker(async () => expect(await states('EMAIL')).toEqual(['SENT']));
  expect(mailsTo()).toHaveLength(1);
});

test('two workers send each message once', async () => {
  startWorker();
  startWorker();
  await send(['EMAIL']);
  await send(['EMAIL']);
  await send(['EMAIL']);
  await eventuallyByWorker(async () => expect(await states('EMAIL')).toEqual(['SENT', 'SENT', 'SENT']));
  expect(mailsTo()).toHaveLength(3);
});

test('after a kill in the middle of a mail, another worker sends the rest of the batch and new mails', async () => {
  smtp.faults.push('HANG');
  const first = startWorker({ SMTP_CONNECTIONS: '1' });
  await Promise.all([1, 2, 3].map(() => send(['EMAIL'])));
  await eventuallyByWorker(async () => expect(smtp.faults).toEqual([]));
  startWorker();
  await first.kill();
  await send(['EMAIL']);
  await eventuallyByWorker(async () => expect(await states('EMAIL')).toEqual(['SENT', 'SENT', 'SENT', 'SENT']));
});

test('after a mail server hung, each delayed mail is sent once', async () => {
  smtp.faults.push(...Array.from({ length: 6 }, () => 'HANG' as const));
  startWorker();
  await Promise.all(Array.from({ length: 6 }, () => send(['EMAIL'])));
  await eventuallyByWorker(async () => expect(await states('EMAIL')).toEqual(Array(6).fill('SENT')));
  expect(mailsTo()).toHaveLength(6);
});
