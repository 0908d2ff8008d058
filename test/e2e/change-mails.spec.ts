import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { NOTIFICATION_BODY, NOTIFICATION_TITLE } from '../../src/modules/notifications/index.js';
import { TestApp, type TestPatient } from '../support/app.js';
import { decrypted, changeContacts } from '../support/encrypted.js';
import { parseCalendar } from '../support/calendar.js';
import { aService, at, openClinic, type TestClinic } from '../support/clinic.js';
import { eventually } from '../support/eventually.js';
import { whileNothingIsPublished } from '../support/outbox.js';
import { SmtpSink, type ReceivedMail } from '../support/smtp-sink.js';

/** Messages about a change name what changed, in each language and channel. */

let app: TestApp;
let smtp: SmtpSink;
let clinic: TestClinic;
let serviceId: string;
let patient: TestPatient;
let appointment: { id: string };
let day = 3;

beforeAll(async () => {
  smtp = await new SmtpSink().start();
  app = await TestApp.start({ SMTP_URL: smtp.url(), SMTP_REQUIRE_TLS: 'false' });
  clinic = await openClinic(app, { doctors: 2, rooms: 2, equipment: 2 });
  serviceId = await aService(app, clinic, { requiredResourceKinds: ['ROOM'] });
});

afterAll(async () => {
  await app.close();
  await smtp.close();
});

beforeEach(async () => {
  patient = await app.patient();
  await changeContacts(app, patient.userId, { phone: '+201001234567' });
});

const setLocale = (locale: string): Promise<unknown> =>
  app.db.query('UPDATE user_account SET locale = $2 WHERE id = $1', [patient.userId, locale]);

async function book(): Promise<void> {
  const [doctorId] = clinic.doctorIds;
  const body = { serviceId, doctorId, startDateTime: at((day += 1)), resourceIds: [clinic.roomIds[0]] };
  const answer = await app.call('POST', '/api/v1/appointments', { token: patient.token, body });
  expect(answer.status).toBe(201);
  appointment = answer.data;
  await latestMessage('APPOINTMENT_BOOKED');
}

/** Waits until no message is due. @returns the newest inbox entry and SMS of a kind, and the newest mail of any kind */
async function latestMessage(kind: string): Promise<{ mail: ReceivedMail['mail']; inbox: string; sms?: string }> {
  return eventually(async () => {
    const { rows: due } = await app.db.query(
      `SELECT (SELECT count(*) FROM outbox WHERE position IS NULL)
            + (SELECT count(*) FROM planned_notification WHERE due_at <= now())
            + (SELECT count(*) FROM notification WHERE state IN ('PENDING', 'SENDING') AND appointment_id = $1) AS n`,
      [appointment.id],
    );
    expect(Number(due[0].n)).toBe(0);
    const { rows } = await app.db.query(
      `SELECT n.id, n.channel, n.title, n.body, m.body AS text FROM notification n LEFT JOIN dev_mailbox m ON m.delivery_id = n.id::text
       WHERE n.appointment_id = $1 AND n.kind = $2 AND n.state = 'SENT' ORDER BY n.version`,
      [appointment.id, kind],
    );
    const of = (channel: string) => rows.filter((row) => row.channel === channel).at(-1);
    const mail = smtp.mails.filter(({ to }) => to.includes(`${patient.userId}@patients.test`)).at(-1);
    const { id, title, body } = of('IN_APP');
    expect(mail).toMatchObject({ mail: { subject: expect.any(String) } });
    return {
      mail: (mail as ReceivedMail).mail,
      inbox: `${decrypted(app, NOTIFICATION_TITLE, title, id)}\n${decrypted(app, NOTIFICATION_BODY, body, id)}`,
      sms: of('SMS')?.text,
    };
  });
}

const change = async (body: object): Promise<void> => {
  const answer = await app.call('PUT', `/api/v1/appointments/${appointment.id}`, { token: clinic.staff, body });
  expect(answer.status).toBe(200);
};

const otherDoctor = () => ({ doctorId: clinic.doctorIds[1] });

test.each([
  ['en', 'new doctor', 'Was with: Doc No 1', 'new time'],
  ['ar', 'طبيب جديد', 'الطبيب السابق: \u2068Doc No 1\u2069', 'وقت جديد'],
  ['hi', 'नए डॉक्टर', 'पहले के डॉक्टर: Doc No 1', 'नया समय'],
])(
  'the message about another doctor names the new and the previous doctor, and no new time, in %s',
  async (locale, changed, before, newTime) => {
    await setLocale(locale);
    await book();
    await change(otherDoctor());
    const { mail, inbox, sms } = await latestMessage('APPOINTMENT_MOVED');
    expect(mail.subject).toContain(changed);
    for (const text of [mail.text ?? '', inbox, sms ?? '']) {
      expect(text).toContain(changed);
      expect(text).toContain('Doc No 2');
      expect(text).not.toContain(newTime);
    }
    expect(mail.text).toContain(before);
    expect(inbox).toContain(before);
    const { event } = parseCalendar(mail);
    expect(event.getFirstPropertyValue('description')).toBe(changed);
    expect(event.getFirstPropertyValue('summary')).toContain('Doc No 2');
  },
);

test('the message about another time names the new and the previous time', async () => {
  await book();
  const { startDateTime } = (await app.call('GET', `/api/v1/appointments/${appointment.id}`, { token: patient.token }))
    .data;
  await change({ startDateTime: new Date(Date.parse(startDateTime) + 3_600_000).toISOString() });
  const { mail, inbox, sms } = await latestMessage('APPOINTMENT_MOVED');
  expect(mail.subject).toMatch(/^Appointment moved: now .*10:00 AM/);
  for (const text of [mail.text ?? '', inbox]) {
    expect(text).toContain('has a new time');
    expect(text).toMatch(/Was: .*9:00 AM/);
    expect(text).not.toMatch(/Was with|Was at/);
  }
  expect(sms).toContain('Moved: your appointment');
});

test('the message about another room names it in mail and inbox, but not in SMS and calendar', async () => {
  await book();
  await change({ resourceIds: [clinic.roomIds[1]] });
  const { mail, inbox, sms } = await latestMessage('APPOINTMENT_MOVED');
  for (const text of [mail.text ?? '', inbox]) {
    expect(text).toContain('has changed: new room');
    expect(text).toContain('Where: Test clinic, ROOM 2');
    expect(text).toContain('Was at: Test clinic, ROOM 1');
  }
  for (const text of [sms ?? '', parseCalendar(mail).event.toString()]) expect(text).not.toContain('ROOM');
  expect(sms).toContain('new room');
});

test('the message about another doctor, time and room names all three', async () => {
  await book();
  await change({ ...otherDoctor(), startDateTime: at((day += 1), '11:00'), resourceIds: [clinic.roomIds[1]] });
  const { mail } = await latestMessage('APPOINTMENT_MOVED');
  expect(mail.text).toContain('has changed: new doctor, new time, and new room.');
  expect(mail.text).toMatch(/Was: .*\n[^]*Was with: Doc No 1\n[^]*Was at: .*ROOM 1/);
});

test('two changes before the first message are named in one message', async () => {
  await book();
  // Both events are handled together.
  await whileNothingIsPublished(app, async () => {
    await change(otherDoctor());
    await change({ startDateTime: at((day += 1), '11:00') });
  });
  const { mail } = await latestMessage('APPOINTMENT_MOVED');
  expect(mail.text).toContain('has changed: new doctor and new time.');
  const { rows } = await app.db.query(
    `SELECT count(*)::int AS n FROM notification WHERE appointment_id = $1 AND kind = 'APPOINTMENT_MOVED' AND channel = 'EMAIL' AND state = 'SENT'`,
    [appointment.id],
  );
  expect(rows).toEqual([{ n: 1 }]);
});

test('the message about a second change does not name the first one again', async () => {
  await book();
  await change(otherDoctor());
  await latestMessage('APPOINTMENT_MOVED');
  await change({ startDateTime: at((day += 1), '11:00') });
  const { mail } = await eventually(async () => {
    const message = await latestMessage('APPOINTMENT_MOVED');
    expect(message.mail.subject).toContain('11:00');
    return message;
  });
  expect(mail.text).toContain('has a new time');
  expect(mail.text).not.toContain('Was with');
});

test('a change that was reversed before its message causes no message', async () => {
  await book();
  const start = at(day);
  await whileNothingIsPublished(app, async () => {
    await change({ ...otherDoctor(), startDateTime: at(day, '11:00'), resourceIds: [clinic.roomIds[1]] });
    await change({ doctorId: clinic.doctorIds[0], startDateTime: start, resourceIds: [clinic.roomIds[0]] });
  });
  const rows = await eventually(async () => {
    await latestMessage('APPOINTMENT_BOOKED');
    const found = await app.db.query(
      `SELECT DISTINCT state, reason FROM notification WHERE appointment_id = $1 AND kind = 'APPOINTMENT_MOVED' AND version = 3`,
      [appointment.id],
    );
    expect(found.rows).toHaveLength(1);
    return found.rows;
  });
  expect(rows).toEqual([{ state: 'SKIPPED', reason: 'NOTHING_NEW' }]);
});

test('another piece of equipment causes no message', async () => {
  const withEquipment = await aService(app, clinic, { requiredResourceKinds: ['EQUIPMENT'] });
  const [doctorId] = clinic.doctorIds;
  const [equipment, other] = clinic.equipmentIds;
  const body = { serviceId: withEquipment, doctorId, startDateTime: at((day += 1)), resourceIds: [equipment] };
  appointment = (await app.call('POST', '/api/v1/appointments', { token: patient.token, body })).data;
  await change({ resourceIds: [other] });
  await latestMessage('APPOINTMENT_BOOKED');
  const { rows } = await app.db.query(
    `SELECT kind FROM notification WHERE appointment_id = $1 AND channel = 'IN_APP'
     UNION ALL SELECT kind FROM planned_notification WHERE appointment_id = $1 AND kind <> 'APPOINTMENT_REMINDER'`,
    [appointment.id],
  );
  expect(rows).toEqual([{ kind: 'APPOINTMENT_BOOKED' }]);
});

test.each([
  ['en', 'Reason: The doctor is ill'],
  ['ar', 'السبب: \u2068The doctor is ill\u2069'],
  ['hi', 'कारण: The doctor is ill'],
])('a message about a cancellation contains its reason, except in the calendar, in %s', async (locale, reason) => {
  await setLocale(locale);
  await book();
  await app.call('DELETE', `/api/v1/appointments/${appointment.id}?reason=The%20doctor%20is%20ill`, {
    token: clinic.staff,
  });
  const { mail, inbox, sms } = await latestMessage('APPOINTMENT_CANCELLED');
  for (const text of [mail.text ?? '', inbox, sms ?? '']) expect(text).toContain(reason);
  expect(parseCalendar(mail).event.toString()).not.toContain('ill');
});

test.each(['en', 'ar', 'hi'])(
  'a reinstated appointment causes a message with the calendar entry, in %s',
  async (locale) => {
    await setLocale(locale);
    await book();
    await app.call('DELETE', `/api/v1/appointments/${appointment.id}`, { token: clinic.staff });
    await latestMessage('APPOINTMENT_CANCELLED');
    await app.call('POST', `/api/v1/appointments/${appointment.id}/reinstate`, { token: clinic.staff });
    const { mail, sms } = await latestMessage('APPOINTMENT_REINSTATED');
    expect(mail.subject).toMatch(/takes place after all|الموعد قائم|तय समय पर होगा/);
    expect(sms).toContain('Doc No 1');
    expect(parseCalendar(mail).calendar.getFirstPropertyValue('method')).toBe('REQUEST');
  },
);
