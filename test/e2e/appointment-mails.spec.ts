import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { TestApp, type TestPatient } from '../support/app.js';
import { calendarTimes, parseCalendar } from '../support/calendar.js';
import { aService, at, openClinic, type TestClinic } from '../support/clinic.js';
import { eventually } from '../support/eventually.js';
import { allPublished } from '../support/outbox.js';
import { TestProcess } from '../support/processes.js';
import { SmtpSink, type ReceivedMail } from '../support/smtp-sink.js';

/** Mails about appointments, with and without an outage of the worker (docs/complaints.md, 9, 11, 12 and 15). */

const [PATIENT_ZONE, CLINIC_ZONE] = ['Pacific/Pitcairn', 'Pacific/Noumea'];

let app: TestApp;
let smtp: SmtpSink;
let clinic: TestClinic;
let serviceId: string;
let patients: TestPatient[];
let worker: TestProcess | undefined;
let day = 3;

beforeAll(async () => {
  smtp = await new SmtpSink().start();
  app = await TestApp.start({ JOBS_IN_PROCESS: 'false' });
  clinic = await openClinic(app, { timeZone: CLINIC_ZONE });
  serviceId = await aService(app, clinic);
  patients = await app.patients(6);
  await app.db.query(`UPDATE user_account SET time_zone = $1, locale = 'en' WHERE id = ANY ($2::uuid[])`, [
    PATIENT_ZONE,
    patients.map(({ userId }) => userId),
  ]);
});

afterAll(async () => {
  await worker?.kill();
  await app.close();
  await smtp.close();
});

const patient = (index: number) => patients[index] as (typeof patients)[number];

async function book(index: number): Promise<{ id: string; startDateTime: string; endDateTime: string }> {
  const answer = await app.call('POST', '/api/v1/appointments', {
    token: patient(index).token,
    body: { serviceId, doctorId: clinic.doctorIds[0], startDateTime: at((day += 1), '22:30') },
  });
  expect(answer.status).toBe(201);
  return answer.data;
}

const mailsTo = (index: number): ReceivedMail[] =>
  smtp.mails.filter(({ to }) => to.includes(`${patient(index).userId}@patients.test`));

const startWorker = (): void => {
  worker ??= new TestProcess('src/worker.ts', {
    ...app.environment,
    JOBS_SWEEP_SECONDS: '1',
    SMTP_URL: smtp.url(),
    SMTP_REQUIRE_TLS: 'false',
  });
};

/** Waits until no message is due or being sent. */
const allDelivered = (): Promise<void> =>
  eventually(async () => {
    const { rows } = await app.db.query(
      `SELECT (SELECT count(*) FROM planned_notification WHERE due_at <= now())::int
            + (SELECT count(*) FROM notification WHERE state IN ('PENDING', 'SENDING'))::int AS n`,
    );
    expect(rows[0].n).toBe(0);
  });

const health = async (): Promise<any> => (await app.call('GET', '/health/detailed', { token: clinic.admin })).data;

test('after an outage of the worker each reminder is sent once, none for past or cancelled appointments, and the outage is in /health/detailed', async () => {
  const [, past, cancelled] = [await book(0), await book(1), await book(2)];
  await app.call('DELETE', `/api/v1/appointments/${cancelled.id}`, { token: patient(2).token });
  await allPublished(app);
  await app.db.query(
    `UPDATE planned_notification SET due_at = now() - interval '10 minutes' WHERE kind = 'APPOINTMENT_REMINDER' AND offset_minutes = 120`,
  );
  await app.db.query(`UPDATE appointment SET start_at = now() - interval '1 minute' WHERE id = $1`, [past.id]);

  const during = await health();
  expect(during.status).toBe('degraded');
  expect(during.indicators).toContainEqual(
    expect.objectContaining({
      name: 'notifications',
      healthy: false,
      figures: expect.objectContaining({ deadLetters: 0 }),
    }),
  );
  expect((await app.call('GET', '/health/ready')).status).toBe(200);

  startWorker();
  await allDelivered();
  expect(
    mailsTo(0)
      .map(({ mail }) => mail.subject?.toLowerCase().includes('reminder'))
      .sort(),
  ).toEqual([false, true]);
  expect(mailsTo(1)).toEqual([]);
  expect(mailsTo(2)).toHaveLength(1);
  expect(mailsTo(2)[0]?.mail.subject).toMatch(/cancelled/i);
  const { rows } = await app.db.query(
    `SELECT state, reason FROM notification WHERE appointment_id = $1 AND kind = 'APPOINTMENT_REMINDER' AND channel = 'EMAIL'`,
    [past.id],
  );
  expect(rows).toEqual([{ state: 'SKIPPED', reason: 'VISIT_PAST' }]);

  await worker?.kill();
  worker = undefined;
  startWorker();
  const later = await book(0);
  await eventually(async () => expect(mailsTo(0).some(({ raw }) => raw.includes(later.id))).toBe(true), 60_000);
  expect(mailsTo(0)).toHaveLength(3);
  expect((await health()).indicators).toContainEqual(expect.objectContaining({ name: 'notifications', healthy: true }));
});

test('API, mail and calendar contain the same instant, and the mail names the time of the patient (UTC-8) and of the clinic (UTC+11) with their zones', async () => {
  startWorker();
  const visit = await book(3);
  expect(visit.startDateTime).toMatch(/T22:30:00\.000Z$/);
  await eventually(async () => expect(mailsTo(3)).toHaveLength(1), 60_000);
  const [{ mail }] = mailsTo(3) as [ReceivedMail];
  for (const text of [mail.text ?? '', mail.html ?? '']) {
    // 22:30 UTC is 14:30 of the same day for the patient and 9:30 of the next for the clinic.
    expect(text).toMatch(/2:30 PM \(GMT-8, Pitcairn time\)/);
    expect(text).toMatch(/9:30 AM \(GMT\+11, Noumea time\)/);
    expect(text).toContain(dayIn(PATIENT_ZONE, visit.startDateTime));
    expect(text).toContain(dayIn(CLINIC_ZONE, visit.startDateTime));
  }
  expect(calendarTimes(mail)).toEqual({ start: visit.startDateTime, end: visit.endDateTime, zones: ['UTC', 'UTC'] });
  const inbox = await app.call('GET', '/api/v1/notifications', { token: patient(3).token });
  expect(inbox.data[0].body).toMatch(/2:30 PM \(GMT-8, Pitcairn time\)/);
});

test('a cancellation causes one message by each channel, also if its event is handled again', async () => {
  startWorker();
  const visit = await book(4);
  await eventually(async () => expect(mailsTo(4)).toHaveLength(1), 60_000);
  await app.call('DELETE', `/api/v1/appointments/${visit.id}`, { token: patient(4).token });
  await eventually(async () => expect(mailsTo(4)).toHaveLength(2), 60_000);
  await allPublished(app);
  // As after a crash before the event was marked as published: the relay handles it again.
  await app.db.query(`UPDATE outbox SET published_at = NULL WHERE aggregate_id = $1`, [visit.id]);
  // The relay looks for events after each commit.
  await app.call('POST', '/api/v1/favorites', { token: patient(4).token, body: { doctorId: clinic.doctorIds[0] } });
  await allPublished(app);
  await allDelivered();
  expect(mailsTo(4)).toHaveLength(2);
  const { rows } = await app.db.query(
    `SELECT channel, count(*)::int AS n FROM notification WHERE appointment_id = $1 AND kind = 'APPOINTMENT_CANCELLED' GROUP BY 1 ORDER BY 1`,
    [visit.id],
  );
  expect(rows).toEqual([
    { channel: 'EMAIL', n: 1 },
    { channel: 'IN_APP', n: 1 },
  ]);
});

test('the message of a video visit has the link to join in the mail, its calendar file and the inbox', async () => {
  startWorker();
  const videoUrl = 'https://video.example/room-7?a=1&b=2';
  const link = await app.call('PUT', `/api/v1/doctors/${clinic.doctorIds[0]}/video-link`, {
    token: clinic.manager,
    body: { videoUrl },
  });
  expect(link.status).toBe(200);
  const { data } = await app.call('POST', '/api/v1/appointments', {
    token: patient(5).token,
    body: {
      ...{ serviceId: await aService(app, clinic, { mode: 'VIDEO' }), doctorId: clinic.doctorIds[0] },
      startDateTime: at((day += 1), '22:30'),
    },
  });
  await eventually(async () => expect(mailsTo(5)).toHaveLength(1), 60_000);
  const [{ mail }] = mailsTo(5) as [ReceivedMail];
  expect(mail.text).toContain(`Join the video visit:\n${videoUrl}`);
  expect(mail.html).toContain('href="https://video.example/room-7?a&#x3D;1&amp;b&#x3D;2"');
  const { event } = parseCalendar(mail);
  expect(event.getFirstPropertyValue('url')).toBe(videoUrl);
  const inbox = await eventually(async () => {
    const { data } = await app.call('GET', '/api/v1/notifications', { token: patient(5).token });
    expect(data).not.toEqual([]);
    return data;
  });
  expect(inbox[0].body).toContain(videoUrl);
  const log = await app.call('GET', '/api/v1/notifications/log', { token: clinic.staff });
  expect(JSON.stringify(log.body)).not.toContain('video.example');
  await app.call('DELETE', `/api/v1/appointments/${data.id}`, { token: patient(5).token });
  await eventually(async () => expect(mailsTo(5)).toHaveLength(2), 60_000);
  expect(mailsTo(5).at(-1)?.raw).not.toContain('video.example');
});

const dayIn = (timeZone: string, instant: string): string =>
  new Intl.DateTimeFormat('en-US', { timeZone, dateStyle: 'full' }).format(new Date(instant));
