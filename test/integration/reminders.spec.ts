import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { Database } from '../../src/core/database/database.js';
import { DeliveryScheduler } from '../../src/modules/notifications/delivery-scheduler.js';
import { NotificationPlanner } from '../../src/modules/notifications/notification-planner.js';
import { PlannedNotificationsRepository } from '../../src/modules/notifications/planned-notifications.repository.js';
import { PreferencesService } from '../../src/modules/notifications/preferences.service.js';
import { TestApp, type TestPatient } from '../support/app.js';
import { eventually } from '../support/eventually.js';
import { findBookableService, type BookableService } from '../support/slots.js';

/** Reminders and notices of one patient's appointments, as the inbox shows them. */
let app: TestApp;
let video: BookableService;
let clinicId: string;
let patient: TestPatient;

beforeAll(async () => {
  app = await TestApp.start({ JOBS_SWEEP_SECONDS: '1' });
  video = await findBookableService(app, 'Video visit');
  const { rows } = await app.db.query(`SELECT clinic_id AS id FROM service WHERE id = $1`, [video.serviceId]);
  clinicId = rows[0].id;
});

afterAll(() => app.close());

beforeEach(async () => {
  patient = await app.patient();
});

async function book(): Promise<string> {
  const answer = await app.call('POST', '/api/v1/appointments', {
    token: patient.token,
    body: { serviceId: video.serviceId, doctorId: video.doctorId, startDateTime: video.slots.shift() },
  });
  expect(answer.status).toBe(201);
  await waitForInbox(answer.data.id, ['APPOINTMENT_BOOKED']);
  return answer.data.id as string;
}

const plannedOffsets = async (appointmentId: string): Promise<number[]> => {
  const { rows } = await app.db.query<{ minutes: number }>(
    `SELECT offset_minutes AS minutes FROM planned_notification
     WHERE appointment_id = $1 AND kind = 'APPOINTMENT_REMINDER' ORDER BY offset_minutes`,
    [appointmentId],
  );
  return rows.map(({ minutes }) => minutes);
};

/** Waits until the inbox contains these kinds about the appointment, oldest first. */
const waitForInbox = (appointmentId: string, kinds: string[]): Promise<void> =>
  eventually(async () => {
    const { data } = await app.call('GET', '/api/v1/notifications?limit=100', { token: patient.token });
    const own = data.filter((entry: { appointmentId: string }) => entry.appointmentId === appointmentId);
    expect(own.map(({ kind }: { kind: string }) => kind).reverse()).toEqual(kinds);
  });

/** Waits until no work is left: no event, no planned notification that is due, no message to send. */
const waitUntilIdle = (): Promise<void> =>
  eventually(async () => {
    const { rows } = await app.db.query(
      `SELECT (SELECT count(*) FROM outbox WHERE published_at IS NULL)
            + (SELECT count(*) FROM planned_notification WHERE due_at <= now())
            + (SELECT count(*) FROM notification WHERE state = 'SENDING' OR (state = 'PENDING' AND next_attempt_at <= now())) AS left`,
    );
    expect(Number(rows[0].left)).toBe(0);
  });

/** Makes planned reminders due now. */
const makeDue = (appointmentId: string, ...minutes: number[]): Promise<unknown> =>
  app.db.query(
    `UPDATE planned_notification SET due_at = now() WHERE appointment_id = $1 AND offset_minutes = ANY ($2::int[])`,
    [appointmentId, minutes],
  );

const setOffsets = async (offsets: number[]): Promise<void> => {
  const admin = await app.login('admin@careslot.test');
  const answer = await app.call('PUT', `/api/v1/clinics/${clinicId}`, {
    token: admin,
    body: { policy: { reminderOffsetsMinutes: offsets } },
  });
  expect(answer.status).toBe(200);
};

test('a booking gets one notice, and its reminders are planned by the policy', async () => {
  const id = await book();
  expect(await plannedOffsets(id)).toEqual([120, 1440]);
  await waitUntilIdle();
  await waitForInbox(id, ['APPOINTMENT_BOOKED']);
});

test('a reminder that is due is sent once, also if eight processes look for it at the same time', async () => {
  const id = await book();
  await makeDue(id, 1440);
  const [planner, scheduler] = [app.app.get(NotificationPlanner), app.app.get(DeliveryScheduler)];
  const deliverDue = (): Promise<void> => planner.createDueDeliveries().then(() => scheduler.deliver('IN_APP'));
  await Promise.all(Array.from({ length: 8 }, deliverDue));
  await waitUntilIdle();
  await waitForInbox(id, ['APPOINTMENT_BOOKED', 'APPOINTMENT_REMINDER']);
  expect(await plannedOffsets(id)).toEqual([120]);
});

test('after an outage only the closest reminder of an appointment is sent', async () => {
  const id = await book();
  await makeDue(id, 1440, 120);
  await waitForInbox(id, ['APPOINTMENT_BOOKED', 'APPOINTMENT_REMINDER']);
  await waitUntilIdle();
  await waitForInbox(id, ['APPOINTMENT_BOOKED', 'APPOINTMENT_REMINDER']);
});

test('no reminder of a cancelled appointment is sent', async () => {
  const id = await book();
  await app.call('DELETE', `/api/v1/appointments/${id}`, { token: patient.token });
  await waitForInbox(id, ['APPOINTMENT_BOOKED', 'APPOINTMENT_CANCELLED']);
  expect(await plannedOffsets(id)).toEqual([]);
});

test('a reminder that was about to be sent when the appointment was cancelled is not sent', async () => {
  const id = await book();
  await app.db.query(
    `INSERT INTO notification (user_id, clinic_id, appointment_id, kind, channel, offset_minutes, version, due_at, next_attempt_at)
     VALUES ($1, $2, $3, 'APPOINTMENT_REMINDER', 'IN_APP', 60, 1, now(), now() + interval '1 hour')`,
    [patient.userId, clinicId, id],
  );
  await app.call('DELETE', `/api/v1/appointments/${id}`, { token: patient.token });
  await app.db.query(`UPDATE notification SET next_attempt_at = now() WHERE appointment_id = $1`, [id]);
  await waitUntilIdle();
  await waitForInbox(id, ['APPOINTMENT_BOOKED', 'APPOINTMENT_CANCELLED']);
  const { rows } = await app.db.query(
    `SELECT state, reason FROM notification WHERE appointment_id = $1 AND offset_minutes = 60`,
    [id],
  );
  expect(rows).toEqual([{ state: 'SKIPPED', reason: 'NOT_UPCOMING' }]);
});

test('after an appointment was moved, one reminder of its new time is planned for each offset', async () => {
  const id = await book();
  const to = video.slots.shift();
  const moved = await app.call('PUT', `/api/v1/appointments/${id}`, {
    token: patient.token,
    body: { startDateTime: to },
  });
  expect(moved.status).toBe(200);
  await waitForInbox(id, ['APPOINTMENT_BOOKED', 'APPOINTMENT_MOVED']);
  const { rows } = await app.db.query(
    `SELECT version, due_at + make_interval(mins => offset_minutes) AS start FROM planned_notification WHERE appointment_id = $1`,
    [id],
  );
  expect(rows).toHaveLength(2);
  for (const row of rows) expect(row).toEqual({ version: 2, start: new Date(to as string) });
});

test('a change of the notes plans no notification', async () => {
  const id = await book();
  await app.call('PUT', `/api/v1/appointments/${id}`, { token: patient.token, body: { notes: 'By the side door.' } });
  await waitUntilIdle();
  await waitForInbox(id, ['APPOINTMENT_BOOKED']);
  expect(await plannedOffsets(id)).toEqual([120, 1440]);
});

test('changing the policy plans future reminders again, and sends nothing about the past', async () => {
  const id = await book();
  await setOffsets([720]);
  await eventually(async () => expect(await plannedOffsets(id)).toEqual([720]));
  // A reminder 30 days before the appointment would have been due in the past: it is not caught up on.
  await setOffsets([1440, 120, 43_200]);
  await eventually(async () => expect(await plannedOffsets(id)).toEqual([120, 1440]));
  await waitUntilIdle();
  await waitForInbox(id, ['APPOINTMENT_BOOKED']);
});

test('a new reminder offset sends nothing to a hundred who booked before: only future reminders are planned', async () => {
  const id = await book();
  await app.db.query(
    `INSERT INTO appointment (id, clinic_id, client_id, doctor_id, service_id, start_at, end_at, status, price_minor, currency)
     SELECT gen_random_uuid(), clinic_id, client_id, doctor_id, service_id, now() + make_interval(days => 2, mins => n),
            now() + make_interval(days => 2, mins => n + 15), 'CONFIRMED', 0, currency
     FROM appointment, generate_series(1, 100) AS n WHERE id = $1`,
    [id],
  );
  // One of these offsets is in the past for all of them, one in the future.
  await setOffsets([1440, 120, 30, 10_080]);
  const hundred = `SELECT id FROM appointment WHERE client_id = $1 AND id <> $2`;
  await eventually(async () => {
    const { rows } = await app.db.query(
      `SELECT offset_minutes AS minutes, count(*)::int AS n FROM planned_notification
       WHERE appointment_id IN (${hundred}) GROUP BY 1 ORDER BY 1`,
      [patient.clientId, id],
    );
    expect(rows).toEqual([30, 120, 1440].map((minutes) => ({ minutes, n: 100 })));
  });
  await waitUntilIdle();
  const { rows } = await app.db.query(`SELECT FROM notification WHERE appointment_id IN (${hundred})`, [
    patient.clientId,
    id,
  ]);
  expect(rows).toEqual([]);
  await setOffsets([1440, 120]);
});

test('the hourly comparison plans missing reminders of the future', async () => {
  const id = await book();
  await app.db.query(`DELETE FROM planned_notification WHERE appointment_id = $1`, [id]);
  await app.app.get(PlannedNotificationsRepository).replan(clinicId);
  expect(await plannedOffsets(id)).toEqual([120, 1440]);
});

test('appointments can be booked and moved during the hourly comparison', async () => {
  const id = await book();
  const planned = app.app.get(PlannedNotificationsRepository);
  const move = { startDateTime: video.slots.shift() };
  await app.app.get(Database).transaction(async () => {
    await planned.replan(clinicId);
    expect((await app.call('PUT', `/api/v1/appointments/${id}`, { token: patient.token, body: move })).status).toBe(
      200,
    );
    await book();
  });
});

test('no reminder of an appointment that has started is sent', async () => {
  const id = await book();
  await app.db.query(
    `UPDATE appointment SET start_at = now() - interval '1 minute', end_at = now() + interval '20 minutes' WHERE id = $1`,
    [id],
  );
  await makeDue(id, 120);
  await waitUntilIdle();
  const { rows } = await app.db.query(
    `SELECT state, reason FROM notification WHERE appointment_id = $1 AND kind = 'APPOINTMENT_REMINDER' AND channel = 'IN_APP'`,
    [id],
  );
  expect(rows).toEqual([{ state: 'SKIPPED', reason: 'VISIT_PAST' }]);
});

test('the policy can be changed while reminders are compared with it for the first time', async () => {
  const [db, planned] = [app.app.get(Database), app.app.get(PlannedNotificationsRepository)];
  await app.db.query('DELETE FROM reminder_plan WHERE clinic_id = $1', [clinicId]);
  await db.transaction(async () => {
    await planned.replan(clinicId);
    await setOffsets([90]);
    expect((await planned.findClinicsToReplan()).find(({ id }) => id === clinicId)).toMatchObject({ isChanged: true });
  });
  await setOffsets([1440, 120]);
  const id = await book();
  await eventually(async () => expect(await plannedOffsets(id)).toEqual([120, 1440]));
});

test('preferences that were changed after the booking decide the channels of the reminder', async () => {
  const id = await book();
  const changed = await app.call('PUT', '/api/v1/notifications/preferences', {
    token: patient.token,
    body: { channels: { APPOINTMENT_REMINDER: [] } },
  });
  expect(changed.data.channels.APPOINTMENT_REMINDER).toEqual(['IN_APP']);
  await makeDue(id, 120);
  await waitForInbox(id, ['APPOINTMENT_BOOKED', 'APPOINTMENT_REMINDER']);
  const { rows } = await app.db.query(
    `SELECT channel FROM notification WHERE appointment_id = $1 AND kind = 'APPOINTMENT_REMINDER'`,
    [id],
  );
  expect(rows).toEqual([{ channel: 'IN_APP' }]);
});

test('a reminder that is due is sent once, also if Redis is emptied while it contains jobs', async () => {
  const id = await book();
  const redis = new Redis(app.environment.REDIS_URL as string);
  await redis.flushdb();
  await makeDue(id, 1440);
  await redis.flushdb();
  await waitForInbox(id, ['APPOINTMENT_BOOKED', 'APPOINTMENT_REMINDER']);
  await redis.flushdb();
  await makeDue(id, 120);
  await waitForInbox(id, ['APPOINTMENT_BOOKED', 'APPOINTMENT_REMINDER', 'APPOINTMENT_REMINDER']);
  await waitUntilIdle();
  redis.disconnect();
});

test('a patient who turned off e-mails from the clinic gets none, even if the front desk requests it', async () => {
  await app.db.query(
    `INSERT INTO client_clinic (client_id, clinic_id, registered_at) VALUES ($1, $2, now()) ON CONFLICT DO NOTHING`,
    [patient.clientId, clinicId],
  );
  await app.app.get(PreferencesService).unsubscribe(patient.userId, 'MESSAGE_FROM_CLINIC', 'CLIENT');
  const admin = await app.login('admin@careslot.test');
  const sent = await app.call('POST', '/api/v1/notifications', {
    token: admin,
    body: {
      clinicId,
      clientIds: [patient.clientId],
      template: 'MESSAGE_FROM_CLINIC',
      channels: ['EMAIL'],
      message: 'Bring your card.',
    },
  });
  expect(sent.status).toBe(201);
  await eventually(async () => {
    const { rows } = await app.db.query(
      `SELECT channel, state, reason FROM notification WHERE user_id = $1 ORDER BY channel`,
      [patient.userId],
    );
    expect(rows).toEqual([
      { channel: 'EMAIL', state: 'SKIPPED', reason: 'UNWANTED' },
      { channel: 'IN_APP', state: 'SENT', reason: null },
    ]);
  });
});
