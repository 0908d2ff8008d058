import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import ICAL from 'ical.js';
import { LinkTokens, NOTIFICATION_BODY, NOTIFICATION_TITLE } from '../../src/modules/notifications/index.js';
import { TestApp, type Answer, type TestPatient } from '../support/app.js';
import { calendarText } from '../support/calendar.js';
import { aService, at, openClinic, type TestClinic } from '../support/clinic.js';
import { changeContacts, decrypted } from '../support/encrypted.js';
import { eventually } from '../support/eventually.js';
import { SmtpSink, type ReceivedMail } from '../support/smtp-sink.js';

/** The patient gets one message about several appointments of a series, and reminders of each visit. */

const DAY = 86_400_000;

let app: TestApp;
let smtp: SmtpSink;
let clinic: TestClinic;
let serviceId: string;
let patient: TestPatient;
let ids: string[];
let hour = 8;

beforeAll(async () => {
  smtp = await new SmtpSink().start();
  app = await TestApp.start({ SMTP_URL: smtp.url(), SMTP_REQUIRE_TLS: 'false', VISIT_CHANGES_PER_10_MINUTES: '1000' });
  clinic = await openClinic(app, { doctors: 2, policy: { horizonDays: 365 } });
  serviceId = await aService(app, clinic);
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

/** Each series has an hour of its own. */
async function bookSeries(count = 3): Promise<void> {
  const startDateTime = at(4, `${String((hour += 1)).padStart(2, '0')}:00`);
  const body = { serviceId, doctorId: clinic.doctorIds[0], startDateTime, rrule: `FREQ=WEEKLY;COUNT=${count}` };
  const answer = await app.call('POST', '/api/v1/appointments/series', { token: patient.token, body });
  expect(answer.status).toBe(201);
  ids = answer.data.appointments.map(({ id }: { id: string }) => id);
}

const change = (id: string | undefined, scope: string, body: object): Promise<Answer> =>
  app.call('PUT', `/api/v1/appointments/${id}?scope=${scope}`, { token: clinic.staff, body });

const cancel = (id: string | undefined, scope: string): Promise<Answer> =>
  app.call('DELETE', `/api/v1/appointments/${id}?scope=${scope}`, { token: clinic.staff });

interface Messages {
  mails: ReceivedMail['mail'][];
  /** Of each channel, the number of messages by kind. */
  sent: Record<string, number>;
  inbox: string;
  sms: string;
}

/** Waits until no message is due. `inbox` and `sms` are the newest ones. */
async function readMessages(): Promise<Messages> {
  return eventually(async () => {
    const { rows: due } = await app.db.query(
      `SELECT (SELECT count(*) FROM outbox WHERE position IS NULL)
            + (SELECT count(*) FROM planned_notification WHERE due_at <= now())
            + (SELECT count(*) FROM notification WHERE state IN ('PENDING', 'SENDING')) AS n`,
    );
    expect(Number(due[0].n)).toBe(0);
    const { rows } = await app.db.query(
      `SELECT n.id, n.kind, n.channel, n.title, n.body, m.body AS text
       FROM notification n LEFT JOIN dev_mailbox m ON m.delivery_id = n.id::text
       WHERE n.user_id = $1 AND n.state = 'SENT' ORDER BY n.sent_at, n.id`,
      [patient.userId],
    );
    const sent: Record<string, number> = {};
    for (const { kind, channel } of rows) sent[`${kind} ${channel}`] = (sent[`${kind} ${channel}`] ?? 0) + 1;
    const inbox = rows.filter(({ channel }) => channel === 'IN_APP').at(-1);
    const mails = smtp.mails.filter(({ to }) => to.includes(`${patient.userId}@patients.test`)).map(({ mail }) => mail);
    expect(mails.length).toBeGreaterThanOrEqual(rows.filter(({ channel }) => channel === 'EMAIL').length);
    return {
      mails,
      sent,
      inbox: `${decrypted(app, NOTIFICATION_TITLE, inbox.title, inbox.id)}\n${decrypted(app, NOTIFICATION_BODY, inbox.body, inbox.id)}`,
      sms: rows.filter(({ channel }) => channel === 'SMS').at(-1)?.text ?? '',
    };
  });
}

async function readStarts(appointmentIds: string[]): Promise<Date[]> {
  const { rows } = await app.db.query('SELECT start_at FROM appointment WHERE id = ANY ($1) ORDER BY start_at', [
    appointmentIds,
  ]);
  return rows.map(({ start_at }) => start_at);
}

/** The action and appointment of a link. */
function toLink(url: string): string {
  const link = app.app.get(LinkTokens).read(url.split('/').at(-1) ?? '');
  return link && 'appointmentId' in link ? `${link.action} ${link.appointmentId}` : '';
}

/** The links of each appointment of a mail, in its text; those of its HTML are the same. */
function linkedVisits(mail: ReceivedMail['mail'] | undefined): string[][] {
  const links = [...(mail?.text ?? '').matchAll(/https?:\S+\/links\/\S+/g)].map(([url]) => toLink(url)).filter(Boolean);
  const inHtml = [...`${mail?.html || ''}`.matchAll(/<a href="([^"]+)"/g)].map(([, url]) => toLink(url ?? ''));
  expect(inHtml.filter(Boolean)).toEqual(links);
  const byVisit = new Map<string, string[]>();
  for (const link of links)
    byVisit.set(link.split(' ')[1] ?? '', [...(byVisit.get(link.split(' ')[1] ?? '') ?? []), link]);
  return [...byVisit.values()];
}

/** The status and start of the events of a mail's calendar file. */
function readCalendar(mail: ReceivedMail['mail'] | undefined): { method: unknown; events: unknown[][] } {
  const calendar = new ICAL.Component(ICAL.parse(calendarText(mail as ReceivedMail['mail'])));
  const events = calendar
    .getAllSubcomponents('vevent')
    .map((event) => [event.getFirstPropertyValue('status'), new ICAL.Event(event).startDate.toJSDate()]);
  return { method: calendar.getFirstPropertyValue('method'), events };
}

describe('a series', () => {
  it.each([
    ['en', 'Your 3 appointments with Doc No 1', 'When: '],
    ['ar-EG', '(العدد: ٣)', 'الموعد: '],
    ['hi-IN', 'आपके 3 अपॉइंटमेंट', 'समय: '],
  ])('is booked with one message that lists its times, in %s', async (locale, words, label) => {
    await setLocale(locale);
    await bookSeries();
    const { mails, sent, inbox } = await readMessages();
    expect(sent).toEqual({ 'APPOINTMENT_BOOKED IN_APP': 1, 'APPOINTMENT_BOOKED EMAIL': 1 });
    for (const text of [mails[0]?.text ?? '', inbox]) {
      expect(text).toContain(words);
      expect(text.split(`\n${label}`)).toHaveLength(4);
    }
    const starts = await readStarts(ids);
    const day = new Intl.DateTimeFormat(locale, { dateStyle: 'full', timeZone: 'UTC', calendar: 'gregory' });
    for (const start of starts) expect(mails[0]?.text).toContain(day.format(start));
    expect(linkedVisits(mails[0])).toEqual(
      ids.map((id) => ['confirm', 'reschedule', 'cancel'].map((action) => `${action} ${id}`)),
    );
    const { rows } = await app.db.query(
      `SELECT appointment_id FROM planned_notification WHERE kind = 'APPOINTMENT_REMINDER' AND appointment_id = ANY ($1)`,
      [ids],
    );
    expect(new Set(rows.map(({ appointment_id }) => appointment_id))).toEqual(new Set(ids));
  });

  it('is moved and then cancelled with one message each, which have one calendar file', async () => {
    await bookSeries();
    expect(readCalendar((await readMessages()).mails[0])).toEqual({
      method: 'PUBLISH',
      events: (await readStarts(ids)).map((start) => ['CONFIRMED', start]),
    });
    const [first] = await readStarts(ids);
    const startDateTime = new Date((first as Date).getTime() + DAY).toISOString();
    expect(
      (await change(ids[1], 'ALL', { startDateTime: new Date(Date.parse(startDateTime) + 7 * DAY).toISOString() }))
        .status,
    ).toBe(200);
    const moved = await readMessages();
    expect(moved.sent).toMatchObject({
      'APPOINTMENT_MOVED EMAIL': 1,
      'APPOINTMENT_MOVED IN_APP': 1,
      'APPOINTMENT_MOVED SMS': 1,
    });
    expect(moved.mails.at(-1)?.text?.split('\nWhen: ')).toHaveLength(4);
    expect(moved.sms).toContain('your 3 appointments');
    expect((await cancel(ids[1], 'FOLLOWING')).status).toBe(200);
    const cancelled = await readMessages();
    expect(cancelled.sent).toMatchObject({ 'APPOINTMENT_CANCELLED EMAIL': 1, 'APPOINTMENT_CANCELLED SMS': 1 });
    expect(cancelled.mails.at(-1)?.subject).toContain('2 appointments cancelled');
    expect(cancelled.mails).toHaveLength(3);
    expect(linkedVisits(cancelled.mails.at(-1))).toEqual(ids.slice(1).map((id) => [`rebook ${id}`]));
    expect(toLink(/https?:\S+/.exec(cancelled.sms)?.[0] ?? '')).toBe(`rebook ${ids[1]}`);
    expect(readCalendar(cancelled.mails.at(-1)).events).toEqual(
      (await readStarts(ids)).slice(1).map((start) => ['CANCELLED', start]),
    );
    const { rows } = await app.db.query(
      `SELECT DISTINCT appointment_id AS id FROM planned_notification WHERE appointment_id = ANY ($1)`,
      [ids],
    );
    expect(rows).toEqual([{ id: ids[0] }]);
  });

  it('of which one appointment is changed has a message about only that one', async () => {
    await bookSeries();
    await readMessages();
    expect((await cancel(ids[2], 'THIS')).status).toBe(200);
    const { mails, sent } = await readMessages();
    expect(sent['APPOINTMENT_CANCELLED EMAIL']).toBe(1);
    expect(mails.at(-1)?.subject).toContain('Appointment cancelled');
  });
});

describe('a message that waits', () => {
  it('lists only the appointments of which it is still true', async () => {
    await bookSeries(4);
    await readMessages();
    const [lead] = ids as [string];
    const { rows } = await app.db.query(
      `SELECT id FROM notification WHERE kind = 'APPOINTMENT_BOOKED' AND channel = 'EMAIL' AND appointment_id = $1`,
      [lead],
    );
    await cancel(lead, 'THIS');
    await readMessages();
    await app.db.query(
      `UPDATE notification SET state = 'PENDING', attempts = 0, next_attempt_at = now() WHERE id = $1`,
      [rows[0].id],
    );
    const { mails } = await eventually(async () => {
      const messages = await readMessages();
      expect(messages.mails).toHaveLength(3);
      return messages;
    });
    expect(mails.at(-1)?.text).toContain('Your 3 appointments');
  });

  it('is sent without an appointment that was moved again, also if that is the first', async () => {
    await bookSeries(3);
    await readMessages();
    const [lead] = ids as [string];
    const [first] = await readStarts([lead]);
    const moveTo = (days: number): string => new Date((first as Date).getTime() + days * DAY).toISOString();
    await change(lead, 'ALL', { startDateTime: moveTo(1) });
    await readMessages();
    const { rows } = await app.db.query(
      `SELECT id FROM notification WHERE kind = 'APPOINTMENT_MOVED' AND channel = 'EMAIL' AND appointment_id = $1`,
      [lead],
    );
    await change(lead, 'THIS', { startDateTime: moveTo(2) });
    await readMessages();
    await app.db.query(
      `UPDATE notification SET state = 'PENDING', attempts = 0, next_attempt_at = now() WHERE id = $1`,
      [rows[0].id],
    );
    const { mails } = await eventually(async () => {
      const messages = await readMessages();
      expect(messages.mails).toHaveLength(4);
      return messages;
    });
    expect(mails.at(-1)?.subject).toContain('2 appointments changed');
    expect(linkedVisits(mails.at(-1)).map(([link]) => link)).toEqual(ids.slice(1).map((id) => `confirm ${id}`));
  });
});
