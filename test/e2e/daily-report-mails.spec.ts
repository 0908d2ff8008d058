import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MaintenanceScheduler } from '../../src/core/jobs/maintenance-scheduler.js';
import { Zone } from '../../src/core/kernel/zone.js';
import { DeliveryScheduler } from '../../src/modules/notifications/delivery-scheduler.js';
import { TestApp } from '../support/app.js';
import { at, createAccount, openClinic, type TestClinic } from '../support/clinic.js';
import { eventually } from '../support/eventually.js';
import { allPublished } from '../support/outbox.js';
import { readPdf } from '../support/pdf.js';
import { SettableClock } from '../support/settable-clock.js';
import { SmtpSink, type ReceivedMail } from '../support/smtp-sink.js';

/** Messages about daily reports, at a real SMTP server. No worker runs by itself. */

const ZONE = 'Asia/Kolkata';
const LOCALES = ['en', 'ar-EG', 'hi-IN'];
const DAY = at(2).slice(0, 10);

let app: TestApp;
let smtp: SmtpSink;
let clock: SettableClock;
let clinic: TestClinic;
let days = 0;

beforeAll(async () => {
  smtp = await new SmtpSink().start();
  clock = new SettableClock();
  const env = { JOBS_IN_PROCESS: 'false', SMTP_URL: smtp.url(), SMTP_REQUIRE_TLS: 'false', JWT_EXPIRES_IN: '600h' };
  app = await TestApp.start(env, undefined, clock);
  clinic = await openClinic(app, { timeZone: ZONE, policy: { dailyReport: true } });
}, 60_000);

afterAll(async () => {
  await app.close();
  await smtp.close();
});

interface Reader {
  userId: string;
  token: string;
}

/** Somebody of the clinic with a verified address. */
async function aReader(locale = 'en', role: 'MANAGER' | 'STAFF' = 'MANAGER'): Promise<Reader> {
  const clinicIds = [clinic.id];
  const userId = await createAccount(app, role, { clinicIds });
  await app.db.query('UPDATE user_account SET locale = $2, email_verified_at = now() WHERE id = $1', [userId, locale]);
  return { userId, token: app.tokenFor({ userId, role, clinicIds }) };
}

/** It is seven in the morning of another day: several processes make the report of the day before. @returns that day */
async function makeReport(): Promise<string> {
  const day = Zone.of(ZONE).addDays(DAY, (days += 1));
  clock.set(new Date(Zone.of(ZONE).boundary(Zone.of(ZONE).addDays(day, 1), 7 * 60)).toISOString());
  const task = app.app.get(MaintenanceScheduler).find('make-daily-reports');
  await Promise.all([task?.run(), task?.run(), task?.run()]);
  await allPublished(app);
  return day;
}

const deliver = async (): Promise<void> => {
  const deliveries = app.app.get(DeliveryScheduler);
  for (const channel of await deliveries.findDueChannels()) await deliveries.deliver(channel);
};

/** A mail that a busy machine did not send in time is due again after a pause. */
const delivered = (...readers: Reader[]): Promise<void> =>
  eventually(async () => {
    await deliver();
    for (const reader of readers) expect(mailsTo(reader)).toHaveLength(1);
  });

const mailsTo = ({ userId }: Reader): ReceivedMail[] =>
  smtp.mails.filter(({ to }) => to.includes(`${userId}@work.test`));

describe('the daily report', () => {
  it('is mailed once to each manager, in their language, with the PDF', async () => {
    const readers = await Promise.all(LOCALES.map((locale) => aReader(locale)));
    const day = await makeReport();
    await delivered(...readers);
    await deliver();
    const mails = readers.map((reader) => mailsTo(reader));
    expect(mails.map((found) => found.length)).toEqual([1, 1, 1]);
    const [english, arabic, hindi] = mails.map(([mail]) => (mail as ReceivedMail).mail);
    expect(english?.subject).toContain('Daily report of Test clinic');
    expect(arabic?.subject).toContain('التقرير اليومي');
    expect(hindi?.subject).toContain('की दैनिक रिपोर्ट');
    expect(english?.text).toContain('Visits of this day: 0 (A week before: 0)');
    expect(arabic?.text).toContain('زيارات هذا اليوم: ٠');
    expect(arabic?.html).toContain('dir="rtl"');
    expect(hindi?.text).toContain('इस दिन की मुलाकातें: 0');
    for (const [index, title] of ['Daily report', 'التقرير اليومي', 'दैनिक रिपोर्ट'].entries()) {
      const [file] = mails[index]?.[0]?.mail.attachments ?? [];
      expect(file).toMatchObject({ filename: `report-${day}.pdf`, mimeType: 'application/pdf' });
      const { title: printed } = await readPdf(new Uint8Array(file?.content as ArrayBuffer));
      expect(printed).toBe(`${title}, Test clinic, ${day}`);
    }
  });

  it('is not sent to others, to an address that is not verified, or against the wish of the manager', async () => {
    const readers = await Promise.all([aReader('en', 'STAFF'), aReader(), aReader(), aReader(), aReader()]);
    const [staff, unverified, unwilling, former, reader] = readers;
    await app.db.query('UPDATE user_account SET email_verified_at = NULL WHERE id = $1', [unverified.userId]);
    const body = { channels: { DAILY_REPORT: ['IN_APP'] } };
    const changed = await app.call('PUT', '/api/v1/notifications/preferences', { token: unwilling.token, body });
    expect(changed.data.channels.DAILY_REPORT).toEqual(['IN_APP']);
    await makeReport();
    // Between the creation and the sending of the message.
    await app.db.query('DELETE FROM user_clinic WHERE user_id = $1', [former.userId]);
    await delivered(reader);
    expect(readers.map((one) => mailsTo(one).length)).toEqual([0, 0, 0, 0, 1]);
    const inbox = async ({ token }: Reader): Promise<number> =>
      (await app.call('GET', '/api/v1/notifications', { token })).data.length;
    await eventually(async () => {
      await deliver();
      expect(await Promise.all([staff, unwilling, former, reader].map(inbox))).toEqual([0, 1, 0, 1]);
    });
  });

  it('arrives once if the process that sends it is killed', async () => {
    const reader = await aReader();
    await makeReport();
    // A process claimed the delivery and died: its lease is over.
    await app.db.query(
      `UPDATE notification SET state = 'SENDING', attempts = 1, next_attempt_at = now() - interval '1 second'
       WHERE user_id = $1 AND channel = 'EMAIL'`,
      [reader.userId],
    );
    await delivered(reader);
    await deliver();
    expect(mailsTo(reader)).toHaveLength(1);
  });

  it('is not sent while the policy of the clinic is off', async () => {
    const reader = await aReader();
    const setPolicy = (dailyReport: boolean) =>
      app.call('PUT', `/api/v1/clinics/${clinic.id}`, { token: clinic.admin, body: { policy: { dailyReport } } });
    expect((await setPolicy(false)).data.policy.dailyReport).toBe(false);
    const day = await makeReport();
    await setPolicy(true);
    await deliver();
    expect(mailsTo(reader)).toHaveLength(0);
    const query = `clinicId=${clinic.id}&date=${day}`;
    const { data } = await app.call('GET', `/api/v1/reports/daily?${query}`, { token: reader.token });
    expect(data).toMatchObject({ date: day, isFinal: true });
  });
});
