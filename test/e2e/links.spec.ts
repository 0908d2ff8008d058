import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { LinkTokens, type Link } from '../../src/modules/notifications/link-tokens.js';
import { TestApp, type TestPatient } from '../support/app.js';
import { eventually } from '../support/eventually.js';
import { countLockWaits, inTransaction } from '../support/locks.js';
import { findBookableService, type BookableService } from '../support/slots.js';

/** The links in messages, opened by a browser or a mail program. */
let app: TestApp;
let video: BookableService;
let patient: TestPatient;
let appointment: { id: string; startDateTime: string };

beforeAll(async () => {
  app = await TestApp.start();
  video = await findBookableService(app, 'Video visit');
});

afterAll(() => app.close());

beforeEach(async () => {
  patient = await app.patient();
  const booked = await app.call('POST', '/api/v1/appointments', {
    token: patient.token,
    body: { serviceId: video.serviceId, doctorId: video.doctorId, startDateTime: video.slots.shift() },
  });
  appointment = booked.data;
});

const path = (link: Link): string => new URL(app.app.get(LinkTokens).url(link)).pathname;
const linkTo = (action: 'confirm' | 'cancel'): string =>
  path({ action, appointmentId: appointment.id, start: Date.parse(appointment.startDateTime) });
const readAppointment = async (): Promise<any> =>
  (await app.call('GET', `/api/v1/appointments/${appointment.id}`, { token: patient.token })).data;

test('opening a link changes nothing, its button cancels the appointment, and it works once', async () => {
  const link = linkTo('cancel');
  const page = await app.call('GET', link);
  expect(page.status).toBe(200);
  expect(page.headers.get('content-security-policy')).toContain("form-action 'self'");
  expect(page.body).toContain('<form method="post">');
  expect((await readAppointment()).status).toBe('CONFIRMED');
  expect((await app.call('POST', link)).status).toBe(200);
  expect((await readAppointment()).status).toBe('CANCELLED');
  expect((await app.call('POST', link)).status).toBe(410);
  expect((await app.call('GET', link)).status).toBe(410);
});

test('concurrent uses of a link cancel once', async () => {
  const link = linkTo('cancel');
  const answers = await Promise.all(Array.from({ length: 5 }, () => app.call('POST', link)));
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 410, 410, 410, 410]);
});

test('a link confirms an appointment once', async () => {
  const link = linkTo('confirm');
  expect((await app.call('POST', link)).status).toBe(200);
  expect((await readAppointment()).clientConfirmedAt).toEqual(expect.any(String));
  expect((await app.call('POST', link)).status).toBe(410);
});

test('a link does not change an appointment that was moved', async () => {
  const link = linkTo('cancel');
  await app.call('PUT', `/api/v1/appointments/${appointment.id}`, {
    token: patient.token,
    body: { startDateTime: video.slots.shift() },
  });
  expect((await app.call('POST', link)).status).toBe(410);
  expect((await readAppointment()).status).toBe('CONFIRMED');
});

test.each(['confirm', 'cancel'] as const)(
  'a link to %s does nothing if the appointment is moved meanwhile',
  async (action) => {
    const { status } = await inTransaction(app.db, async (mover) => {
      // Rows that reference the appointment can still be inserted.
      await mover.query('SELECT FROM appointment WHERE id = $1 FOR NO KEY UPDATE', [appointment.id]);
      const answer = app.call('POST', linkTo(action));
      await eventually(async () => expect(await countLockWaits(app.db)).toBe(1));
      await mover.query(
        `UPDATE appointment SET start_at = start_at + interval '1 hour', end_at = end_at + interval '1 hour', version = version + 1
         WHERE id = $1`,
        [appointment.id],
      );
      await mover.query('COMMIT');
      return answer;
    });
    expect(status).toBe(410);
    expect(await readAppointment()).toMatchObject({ status: 'CONFIRMED', clientConfirmedAt: null });
  },
);

test('a link does not cancel after the cut-off', async () => {
  await app.db.query(
    `UPDATE appointment SET start_at = now() + interval '30 minutes', end_at = now() + interval '1 hour' WHERE id = $1`,
    [appointment.id],
  );
  appointment = await readAppointment();
  expect((await app.call('POST', linkTo('cancel'))).status).toBe(422);
  expect((await readAppointment()).status).toBe('CONFIRMED');
});

test('a changed link results in 404', async () => {
  const link = linkTo('cancel');
  const [body = '', mac = ''] = link.split('/').at(-1)?.split('.') ?? [];
  const other = Buffer.from(`cancel ${patient.userId} 0`).toString('base64url');
  for (const token of [`${other}.${mac}`, `${body}.${mac.slice(0, -1)}`, body, `${body}.`, 'x'.repeat(5_000)]) {
    expect((await app.call('POST', `/links/${token}`)).status).toBe(404);
  }
  expect((await readAppointment()).status).toBe('CONFIRMED');
});

test('one click in the mail program unsubscribes from mails of this kind (RFC 8058)', async () => {
  const link = path({ action: 'unsubscribe', userId: patient.userId, kind: 'APPOINTMENT_REMINDER' });
  const answer = await fetch(`${app.url}${link}`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: 'List-Unsubscribe=One-Click',
  });
  expect(answer.status).toBe(200);
  const preferences = await app.call('GET', '/api/v1/notifications/preferences', { token: patient.token });
  expect(preferences.data.channels.APPOINTMENT_REMINDER).toEqual(['IN_APP', 'SMS', 'PUSH']);
  expect(preferences.data.channels.APPOINTMENT_BOOKED).toContain('EMAIL');
});

test('the page is in the patient’s language and its direction, and names are escaped', async () => {
  await app.db.query(`UPDATE user_account SET locale = 'ar-EG', time_zone = 'Africa/Cairo' WHERE id = $1`, [
    patient.userId,
  ]);
  await app.db.query(
    `UPDATE doctor SET last_name = '<img src=x>{{7*7}}' WHERE id = (SELECT doctor_id FROM appointment WHERE id = $1)`,
    [appointment.id],
  );
  const page = await app.call('GET', linkTo('confirm'));
  expect(page.body).toContain('<html lang="ar" dir="rtl">');
  expect(page.body).toContain('&lt;img src&#x3D;x&gt;{{7*7}}');
});

test('the page is in English for an unknown locale and time zone', async () => {
  await app.db.query(`UPDATE user_account SET locale = 'xx_!!', time_zone = 'Mars/Olympus' WHERE id = $1`, [
    patient.userId,
  ]);
  const page = await app.call('GET', linkTo('cancel'));
  expect(page.status).toBe(200);
  expect(page.body).toContain('<html lang="en" dir="ltr">');
});
