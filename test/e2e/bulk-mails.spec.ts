import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { LinkTokens } from '../../src/modules/notifications/index.js';
import { TestApp, type TestPatient } from '../support/app.js';
import { aService, at, openClinic, type TestClinic } from '../support/clinic.js';
import { eventually } from '../support/eventually.js';
import { allPublished } from '../support/outbox.js';
import { SmtpSink, type ReceivedMail } from '../support/smtp-sink.js';

/** Of a bulk change, each patient gets one message in their language, also if several of their visits were changed. */

const LOCALES = ['en', 'ar', 'hi'];
const CHOOSE_TIME: Record<string, string> = { en: 'Choose another time', ar: 'اختيار وقت آخر', hi: 'दूसरा समय चुनें' };

let app: TestApp;
let smtp: SmtpSink;
let clinic: TestClinic;
let patients: TestPatient[];
/** Two visits of each patient, on one day. */
let visitIds: string[];

beforeAll(async () => {
  smtp = await new SmtpSink().start();
  app = await TestApp.start({ SMTP_URL: smtp.url(), SMTP_REQUIRE_TLS: 'false', JOBS_SWEEP_SECONDS: '1' });
  clinic = await openClinic(app, { policy: { horizonDays: 365, reminderOffsetsMinutes: [] } });
  const serviceId = await aService(app, clinic);
  patients = await app.patients(LOCALES.length);
  await app.db.query(
    `UPDATE user_account u SET locale = l.locale FROM unnest($1::uuid[], $2::text[]) AS l (id, locale) WHERE u.id = l.id`,
    [patients.map(({ userId }) => userId), LOCALES],
  );
  visitIds = [];
  for (const [index, { token }] of patients.entries()) {
    for (const hour of [8 + index, 14 + index]) {
      const startDateTime = at(10, `${String(hour).padStart(2, '0')}:00`);
      const body = { serviceId, doctorId: clinic.doctorIds[0], startDateTime };
      visitIds.push((await app.call('POST', '/api/v1/appointments', { token, body })).data.id as string);
    }
  }
  await waitForDeliveries();
});

afterAll(async () => {
  await app.close();
  await smtp.close();
});

const mailsTo = ({ userId }: TestPatient): ReceivedMail[] =>
  smtp.mails.filter(({ to }) => to.includes(`${userId}@patients.test`));

async function waitForDeliveries(): Promise<void> {
  await allPublished(app);
  await eventually(async () => {
    const { rows } = await app.db.query(
      `SELECT (SELECT count(*) FROM planned_notification WHERE due_at <= now())::int
            + (SELECT count(*) FROM notification WHERE state IN ('PENDING', 'SENDING'))::int AS n`,
    );
    expect(rows[0].n).toBe(0);
  });
}

/** Each of the two visits has its own link to choose another time, in the language of the patient. */
function expectLinks({ text, html }: ReceivedMail['mail'], index: number, action: string): void {
  const ids = visitIds.slice(2 * index, 2 * index + 2);
  const label = CHOOSE_TIME[LOCALES[index] as string] as string;
  const urls = [...`${text}`.matchAll(new RegExp(`${label}: (\\S+)`, 'g'))].map(([, url]) => url ?? '');
  const links = urls.map((url) => app.app.get(LinkTokens).read(url.split('/').at(-1) ?? ''));
  expect(links).toMatchObject(ids.map((appointmentId) => ({ action, appointmentId })));
  for (const url of urls) expect(html).toContain(`<a href="${url}">${label}</a>`);
}

async function changeInBulk(body: object): Promise<ReceivedMail[]> {
  const before = smtp.mails.length;
  const { status, data } = await app.call('POST', '/api/v1/appointments/bulk', {
    token: clinic.staff,
    body: { appointmentIds: visitIds, reason: 'Burst pipe', ...body },
  });
  expect(status).toBe(200);
  expect(data).toHaveLength(6);
  await waitForDeliveries();
  const mails = smtp.mails.slice(before);
  expect(patients.map((patient) => mailsTo(patient).filter((mail) => mails.includes(mail)).length)).toEqual([1, 1, 1]);
  return patients.map((patient) => mailsTo(patient).at(-1) as ReceivedMail);
}

it('a patient with two moved visits gets one message with both new times', async () => {
  const mails = await changeInBulk({ action: 'MOVE', to: { date: at(11).slice(0, 10) } });
  for (const [index, { mail }] of mails.entries()) {
    expectLinks(mail, index, 'reschedule');
    // The reason of a move is not for patients.
    expect(mail.text).not.toContain('Burst pipe');
  }
  const { text } = (mails[0] as ReceivedMail).mail;
  const [first, second] = [`${text}`.indexOf('8:00 AM'), `${text}`.indexOf('2:00 PM')];
  expect([first > 0, second > first]).toEqual([true, true]);
  const inbox = await app.call('GET', '/api/v1/notifications', { token: patients[0]?.token });
  expect(inbox.data[0].body).toMatch(/8:00 AM[^]*2:00 PM/);
});

it('a dry run sends nothing', async () => {
  const before = smtp.mails.length;
  const body = { action: 'CANCEL', appointmentIds: visitIds, reason: 'Burst pipe', dryRun: true };
  expect((await app.call('POST', '/api/v1/appointments/bulk', { token: clinic.staff, body })).status).toBe(200);
  await waitForDeliveries();
  expect(smtp.mails).toHaveLength(before);
});

it('a patient with two cancelled visits gets one message with both times and the reason', async () => {
  const mails = await changeInBulk({ action: 'CANCEL' });
  for (const [index, { mail }] of mails.entries()) {
    expectLinks(mail, index, 'rebook');
    expect(mail.text).toContain('Burst pipe');
  }
});

it('a message lists only the visits that were changed, and each seat of a cancelled session leads to one message', async () => {
  const [first] = patients as [TestPatient];
  const book = async (body: object): Promise<Record<string, string>> =>
    (await app.call('POST', '/api/v1/appointments', { token: first.token, body })).data;
  const doctorId = clinic.doctorIds[0];
  const single = await book({ serviceId: await aService(app, clinic), doctorId, startDateTime: at(20, '09:00') });
  const groupServiceId = await aService(app, clinic, { capacity: 3 });
  const seat = await book({ serviceId: groupServiceId, doctorId, startDateTime: at(20, '12:00') });
  // Its new time is taken.
  const blocker = await book({ serviceId: groupServiceId, doctorId, startDateTime: at(21, '09:00') });
  await waitForDeliveries();
  const token = clinic.staff;
  const send = (body: object): Promise<unknown> =>
    app.call('POST', '/api/v1/appointments/bulk', { token, body: { reason: 'Ill', ...body } });
  const before = mailsTo(first).length;
  await send({ action: 'MOVE', appointmentIds: [single.id, seat.id], to: { date: at(21).slice(0, 10) } });
  await waitForDeliveries();
  const [moved, ...others] = mailsTo(first).slice(before);
  expect(others).toEqual([]);
  expect(moved?.mail.subject).toContain('Appointment moved');
  expect(moved?.mail.text).not.toContain('9:00');
  await send({ action: 'CANCEL', groupId: blocker.groupId });
  await waitForDeliveries();
  expect(mailsTo(first).slice(before + 1)).toHaveLength(1);
});
