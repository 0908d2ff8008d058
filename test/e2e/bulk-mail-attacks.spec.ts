import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ClientMergeService } from '../../src/modules/clients/index.js';
import { DeliveryScheduler } from '../../src/modules/notifications/delivery-scheduler.js';
import { NotificationPlanner } from '../../src/modules/notifications/notification-planner.js';
import { TestApp, type Answer, type TestPatient } from '../support/app.js';
import { aService, at, openClinic, type TestClinic } from '../support/clinic.js';
import { linkGuardian } from '../support/guardians.js';
import { allPublished } from '../support/outbox.js';
import { SmtpSink, type ReceivedMail } from '../support/smtp-sink.js';

/** What happens between a bulk change and its message, and what its reason can do to a mail. No job runs by itself. */

let app: TestApp;
let smtp: SmtpSink;
let clinic: TestClinic;
let serviceId: string;
/** Each test has days of its own. */
let day = 2;

beforeAll(async () => {
  smtp = await new SmtpSink().start();
  const env = { SMTP_URL: smtp.url(), SMTP_REQUIRE_TLS: 'false', JOBS_IN_PROCESS: 'false' };
  app = await TestApp.start(env);
  clinic = await openClinic(app, { doctors: 2, policy: { horizonDays: 365, reminderOffsetsMinutes: [] } });
  serviceId = await aService(app, clinic);
});

afterAll(async () => {
  await app.close();
  await smtp.close();
});

beforeEach(() => {
  day += 4;
});

const call = (method: string, path: string, token: string, body?: object): Promise<Answer> =>
  app.call(method, `/api/v1/${path}`, { token, ...(body && { body }) });

const get = async (id: string): Promise<Answer['data']> => (await call('GET', `appointments/${id}`, clinic.staff)).data;

/** Sends all messages that are due. */
async function deliver(): Promise<void> {
  await allPublished(app);
  await app.app.get(NotificationPlanner, { strict: false }).createDueDeliveries();
  await app.app.get(DeliveryScheduler, { strict: false }).deliver('EMAIL');
}

/** Two visits of a patient on a day, whose bookings they were told of. */
async function bookTwo({ token }: TestPatient): Promise<[string, string]> {
  const ids: string[] = [];
  for (const time of ['09:00', '11:00']) {
    const slot = { serviceId, doctorId: clinic.doctorIds[0], startDateTime: at(day, time) };
    const answer = await call('POST', 'appointments', token, slot);
    if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
    ids.push(answer.data.id as string);
  }
  await deliver();
  return ids as [string, string];
}

const bulk = async (body: object): Promise<void> => {
  const { status, data } = await call('POST', 'appointments/bulk', clinic.staff, { reason: 'Burst pipe', ...body });
  expect(status).toBe(200);
  expect(data).not.toEqual([]);
  for (const { outcome } of data as { outcome: string }[]) expect(['CANCELLED', 'MOVED']).toContain(outcome);
};

/** The mails that reach an account while work and the delivery run. */
async function collectMails({ userId }: TestPatient, work: () => Promise<unknown>): Promise<ReceivedMail['mail'][]> {
  const before = smtp.mails.length;
  await work();
  await deliver();
  const isTo = ({ to }: ReceivedMail): boolean => to.includes(`${userId}@patients.test`);
  return smtp.mails
    .slice(before)
    .filter(isTo)
    .map(({ mail }) => mail);
}

/** How often a time is in a text, or -1 if there is no text. */
const countTimes = (text: string | undefined, time: string): number => (text?.split(time).length ?? 0) - 1;

const dateText = (daysAhead: number): string =>
  new Intl.DateTimeFormat('en', { dateStyle: 'long', timeZone: 'UTC' }).format(Date.parse(at(daysAhead)));

describe('the reason of a bulk cancellation', () => {
  it('is text in the mail: no header, no HTML and no link (I-08)', async () => {
    const patient = await app.patient();
    const ids = await bookTwo(patient);
    const reason = 'Ill\r\nBcc: all@evil.example\r\n\r\n<b onclick="x()">مرض</b> \u202eevil\u202c 🤒';
    const [mail, ...others] = await collectMails(patient, () =>
      bulk({ action: 'CANCEL', appointmentIds: ids, reason }),
    );
    expect(others).toEqual([]);
    expect(mail?.headers.map(({ key }) => key)).not.toContain('bcc');
    expect(mail?.to).toMatchObject([{ address: `${patient.userId}@patients.test` }]);
    expect(mail?.html).not.toMatch(/<b onclick|\u202e/);
    expect(mail?.html).toContain('&lt;b onclick');
    expect(mail?.text).toMatch(/Ill Bcc: all@evil\.example <b onclick="x\(\)">مرض<\/b> evil 🤒/);
  });

  it('of a move is in no message to the patient', async () => {
    const patient = await app.patient();
    const ids = await bookTwo(patient);
    const to = { doctorId: clinic.doctorIds[1] };
    const [mail] = await collectMails(patient, () => bulk({ action: 'MOVE', appointmentIds: ids, to }));
    expect(`${mail?.subject} ${mail?.text} ${mail?.html}`).not.toContain('Burst pipe');
  });
});

describe('after the message about a bulk move was sent, a visit', () => {
  it('that moves back is told of, also one that is not the first of that message', async () => {
    const patient = await app.patient();
    const [first, second] = await bookTwo(patient);
    await bulk({ action: 'MOVE', appointmentIds: [first, second], to: { date: at(day + 1).slice(0, 10) } });
    await deliver();
    for (const [id, time] of [
      [second, '11:00'],
      [first, '09:00'],
    ] as const) {
      const [mail, ...others] = await collectMails(patient, () =>
        call('PUT', `appointments/${id}`, clinic.staff, { startDateTime: at(day, time) }),
      );
      expect(others).toEqual([]);
      expect([countTimes(mail?.text, dateText(day)), countTimes(mail?.text, dateText(day + 1))]).toEqual([1, 1]);
    }
  });

  it('that moves on is told of with the time of that message', async () => {
    const patient = await app.patient();
    const [first, second] = await bookTwo(patient);
    await bulk({ action: 'MOVE', appointmentIds: [first, second], to: { date: at(day + 1).slice(0, 10) } });
    await deliver();
    const [mail] = await collectMails(patient, () =>
      call('PUT', `appointments/${second}`, clinic.staff, { startDateTime: at(day + 2) }),
    );
    expect([day, day + 1, day + 2].map((one) => countTimes(mail?.text, dateText(one)))).toEqual([0, 1, 1]);
  });
});

describe('before its message is sent, a bulk change', () => {
  it('that is undone by another one leads to no message', async () => {
    const patient = await app.patient();
    const appointmentIds = await bookTwo(patient);
    const [here, there] = clinic.doctorIds;
    const mails = await collectMails(patient, async () => {
      await bulk({ action: 'MOVE', appointmentIds, to: { doctorId: there } });
      await bulk({ action: 'MOVE', appointmentIds, to: { doctorId: here } });
    });
    expect(mails).toEqual([]);
    expect((await get(appointmentIds[0])).version).toBe(3);
  });

  it('that is followed by a cancellation leads to one message, about the cancellation', async () => {
    const patient = await app.patient();
    const appointmentIds = await bookTwo(patient);
    const mails = await collectMails(patient, async () => {
      await bulk({ action: 'MOVE', appointmentIds, to: { doctorId: clinic.doctorIds[1] } });
      await bulk({ action: 'CANCEL', appointmentIds });
    });
    expect(mails.map(({ subject }) => subject)).toEqual([expect.stringMatching(/cancelled/i)]);
  });

  it('of which one visit is reinstated leads to a message about the other only', async () => {
    const patient = await app.patient();
    const appointmentIds = await bookTwo(patient);
    const mails = await collectMails(patient, async () => {
      await bulk({ action: 'CANCEL', appointmentIds });
      expect((await call('POST', `appointments/${appointmentIds[0]}/reinstate`, clinic.staff)).status).toBe(200);
    });
    const cancellation = mails.find(({ subject }) => /cancelled/i.test(subject ?? ''));
    expect(countTimes(cancellation?.text, '11:00')).toBeGreaterThan(0);
    expect(countTimes(cancellation?.text, '9:00')).toBe(0);
    expect(mails).toHaveLength(2);
  });

  it('of a patient who moves one of the visits again leads to one message with each time once', async () => {
    const patient = await app.patient();
    const appointmentIds = await bookTwo(patient);
    const mails = await collectMails(patient, async () => {
      await bulk({ action: 'MOVE', appointmentIds, to: { date: at(day + 1).slice(0, 10) } });
      const moved = { startDateTime: at(day + 2, '16:00') };
      expect((await call('PUT', `appointments/${appointmentIds[0]}`, patient.token, moved)).status).toBe(200);
    });
    const texts = mails.map(({ text }) => text ?? '');
    expect(texts.filter((text) => text.includes('11:00'))).toHaveLength(1);
    expect(mails).toHaveLength(2);
    // Of the visit that moved twice, the time before is the one that the patient knows.
    const [ofBoth] = texts.filter((text) => text.includes('4:00'));
    expect(countTimes(ofBoth, dateText(day))).toBe(1);
    expect(countTimes(ofBoth, dateText(day + 1))).toBe(0);
  });

  it('of a child reaches the child, and not a guardian whose right has ended since', async () => {
    const [child, parent] = (await app.patients(2)) as [TestPatient, TestPatient];
    await linkGuardian(app, clinic, child, parent);
    const guardians = `clients/${child.clientId}/guardians`;
    const appointmentIds = await bookTwo(child);
    const before = smtp.mails.length;
    await bulk({ action: 'CANCEL', appointmentIds });
    await allPublished(app);
    await app.app.get(NotificationPlanner, { strict: false }).createDueDeliveries();
    await call('DELETE', `${guardians}/${parent.clientId}`, clinic.staff);
    await deliver();
    const receivers = smtp.mails.slice(before).flatMap(({ to }) => to);
    expect(receivers).toEqual([`${child.userId}@patients.test`]);
  });

  it('of a record that is merged since reaches the account that stays, once', async () => {
    const [stays, duplicate] = (await app.patients(2)) as [TestPatient, TestPatient];
    const appointmentIds = await bookTwo(duplicate);
    const before = smtp.mails.length;
    await bulk({ action: 'CANCEL', appointmentIds });
    await app.app.get(ClientMergeService).merge(stays.clientId, duplicate.clientId);
    await deliver();
    const receivers = smtp.mails.slice(before).flatMap(({ to }) => to);
    expect(receivers).toEqual([`${stays.userId}@patients.test`]);
  });

  it('of a patient who is erased since reaches nobody', async () => {
    const patient = await app.patient();
    const appointmentIds = await bookTwo(patient);
    const before = smtp.mails.length;
    await bulk({ action: 'MOVE', appointmentIds, to: { doctorId: clinic.doctorIds[1] } });
    await app.db.query('UPDATE session SET proven_at = now() WHERE user_id = $1', [patient.userId]);
    expect((await call('POST', `users/${patient.userId}/erase`, patient.token, {})).status).toBe(200);
    await deliver();
    expect(smtp.mails.slice(before).flatMap(({ to }) => to)).toEqual([]);
  });
});
