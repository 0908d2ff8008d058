import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { getQueueToken } from '@nestjs/bull';
import type { Queue } from 'bull';
import readXlsx from 'read-excel-file/node';
import { JobQueues } from '../../src/core/jobs/job-queues.js';
import { MaintenanceProcessor } from '../../src/core/jobs/maintenance.processor.js';
import { MAINTENANCE_QUEUE, MaintenanceScheduler } from '../../src/core/jobs/maintenance-scheduler.js';
import { Zone } from '../../src/core/kernel/zone.js';
import { LOGGER } from '../../src/core/logging/logger.js';
import { RateLimits } from '../../src/core/security/rate-limits.js';
import { DailyFiguresService } from '../../src/modules/reports/daily-figures.service.js';
import { TestApp, type Answer, type TestPatient } from '../support/app.js';
import { aService, at, createAccount, openClinic, type TestClinic } from '../support/clinic.js';
import { nextShortDay } from '../support/clock-changes.js';
import { eventually } from '../support/eventually.js';
import { FakeRazorpay } from '../support/fake-razorpay.js';
import { readPdf } from '../support/pdf.js';
import { SettableClock } from '../support/settable-clock.js';

/** GET /reports/daily, and the task that makes the reports. Messages about them: daily-report-mails.spec.ts. */

const ZONE = 'Asia/Kolkata';
const zone = Zone.of(ZONE);
/** The day of the report, a week before it, and the day after it, by the clinic's clock. */
const DAY = at(10).slice(0, 10);
const WEEK_BEFORE = zone.addDays(DAY, -7);
const NEXT = zone.addDays(DAY, 1);
const PATH = '/api/v1/reports/daily';

let app: TestApp;
let razorpay: FakeRazorpay;
let clock: SettableClock;
let clinic: TestClinic;
let other: TestClinic;
let serviceId: string;
let patients: TestPatient[];

/** An instant on a day of the clinic. */
const local = (time: string, day = DAY): string => {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return new Date(zone.boundary(day, hours * 60 + minutes)).toISOString();
};

beforeAll(async () => {
  razorpay = await new FakeRazorpay().start();
  clock = new SettableClock();
  app = await TestApp.start(
    { JOBS_IN_PROCESS: 'false', JWT_EXPIRES_IN: '600h', ...razorpay.environment },
    undefined,
    clock,
  );
  const hours = { start: '09:00', end: '17:00' };
  clinic = await openClinic(app, { doctors: 2, timeZone: ZONE, hours, policy: { horizonDays: 365 } });
  other = await openClinic(app);
  serviceId = await aService(app, clinic, { price: { amount: 50_000, currency: 'INR' } });
  patients = await app.patients(8);
  await prepareDays();
}, 120_000);

afterAll(async () => {
  await app.close();
  await razorpay.close();
});

const post = async (path: string, token: string, body?: object): Promise<any> => {
  const { status, data, body: answer } = await app.call('POST', `/api/v1/${path}`, { token, body });
  if (status > 201) throw new Error(`${path} returned ${JSON.stringify(answer)}`);
  return data;
};

const getToken = (patient: number): string => (patients[patient] as TestPatient).token;

async function book(patient: number, doctor: number, startDateTime: string): Promise<string> {
  const body = { serviceId, doctorId: clinic.doctorIds[doctor], startDateTime };
  return (await post('appointments', getToken(patient), body)).id as string;
}

const act = (id: string, step: string, time: string, day = DAY): Promise<unknown> => {
  clock.set(local(time, day));
  return post(`appointments/${id}/${step}`, clinic.staff);
};

async function attend(id: string, { checkIn, start, day }: Record<string, string>): Promise<void> {
  await act(id, 'check-in', checkIn as string, day);
  await act(id, 'start', start as string, day);
  await act(id, 'complete', start as string, day);
}

async function pay(appointmentId: string, token: string): Promise<string> {
  const order = await post('payments/orders', token, { appointmentId });
  await post('payments/verify', token, razorpay.pay(order.checkout.orderId).result);
  return order.id as string;
}

/** A day with a visit of each kind, and one visit a week before. */
async function prepareDays(): Promise<void> {
  const first = await book(0, 0, local('09:00', WEEK_BEFORE));
  const seen = [await book(1, 0, local('09:00')), await book(2, 0, local('09:30'))] as const;
  const missed = await book(3, 0, local('10:00'));
  const byPatient = await book(4, 0, local('11:00'));
  const byClinic = await book(5, 1, local('12:00'));
  await book(6, 1, local('14:00'));
  await attend(first, { checkIn: '08:40', start: '09:00', day: WEEK_BEFORE });
  const timeOff = { from: DAY, to: DAY, kind: 'CLOSED', start: '15:00', end: '17:00' };
  await post(`doctors/${clinic.doctorIds[1]}/schedule/exceptions`, clinic.manager, timeOff);
  await app.call('DELETE', `/api/v1/appointments/${byPatient}`, { token: getToken(4) });
  await app.call('DELETE', `/api/v1/appointments/${byClinic}`, { token: clinic.staff });
  await attend(seen[0], { checkIn: '08:50', start: '09:00' });
  await attend(seen[1], { checkIn: '09:10', start: '09:40' });
  await act(missed, 'no-show', '10:20');
  clock.set(local('12:30'));
  const body = { clinicId: clinic.id, serviceId, clientId: patients[7]?.clientId, doctorId: clinic.doctorIds[1] };
  const walkIn = await post('queue/walk-ins', clinic.staff, body);
  await act(walkIn.appointmentId, 'start', '12:45');
  await act(walkIn.appointmentId, 'complete', '13:00');
  // For another day, but booked on this one.
  await book(0, 0, local('09:00', zone.addDays(DAY, 3)));
  const paymentId = await pay(seen[0], getToken(1));
  await post(`payments/${paymentId}/refund`, clinic.manager, { amount: 12_500 });
}

const get = (query: string, token = clinic.manager, clinicId = clinic.id): Promise<Answer> =>
  app.call('GET', `${PATH}?clinicId=${clinicId}${query}`, { token });

/** Runs the task of the maintenance queue. */
const run = async (): Promise<void> => {
  await app.app.get(MaintenanceScheduler).find('make-daily-reports')?.run();
};

const reportRows = async (clinicId = clinic.id): Promise<{ day: string; mailed: boolean; time_zone: string }[]> =>
  (
    await app.db.query(
      `SELECT day::text, mailed_at IS NOT NULL AS mailed, time_zone FROM daily_report WHERE clinic_id = $1 ORDER BY day`,
      [clinicId],
    )
  ).rows;

const figure = (value: number | null, previous: number | null, change: number | null) => ({ value, previous, change });

describe('the figures', () => {
  beforeEach(() => clock.set(local('20:00')));

  it('of a day have visits of all kinds, time, revenue and waiting, compared with the week before', async () => {
    const { data } = await get(`&date=${DAY}`);
    expect(data).toMatchObject({
      ...{ clinicId: clinic.id, date: DAY, previousDate: WEEK_BEFORE, timeZone: ZONE },
    });
    expect(data.visits).toEqual({
      created: figure(2, 0, 2),
      planned: figure(7, 1, 6),
      completed: figure(3, 1, 2),
      noShows: figure(1, 0, 1),
      cancelled: figure(2, 0, 2),
      cancelledByPatient: figure(1, 0, 1),
      cancelledByClinic: figure(1, 0, 1),
      open: figure(1, 0, 1),
      walkIns: figure(1, 0, 1),
    });
    expect(data.utilisation).toEqual({
      // The second doctor has two hours off.
      bookedMinutes: figure(150, 30, 120),
      availableMinutes: figure(840, 960, -120),
      utilisationPercent: figure(17.9, 3.1, 14.8),
      doctors: [
        expect.objectContaining({
          ...{ doctorId: clinic.doctorIds[0], name: 'Doc No 1', bookedMinutes: figure(90, 30, 60) },
          availableMinutes: figure(480, 480, 0),
        }),
        expect.objectContaining({
          ...{ doctorId: clinic.doctorIds[1], name: 'Doc No 2', bookedMinutes: figure(60, 0, 60) },
          utilisationPercent: figure(16.7, 0, 16.7),
        }),
      ],
    });
    expect(data.revenue).toEqual([
      {
        currency: 'INR',
        captured: figure(50_000, 0, 50_000),
        refunded: figure(12_500, 0, 12_500),
        net: figure(37_500, 0, 37_500),
        completedVisits: figure(150_000, 50_000, 100_000),
      },
    ]);
    expect(data.waiting).toEqual({
      visits: figure(3, 1, 2),
      medianMinutes: figure(15, 20, -5),
      longestMinutes: figure(30, 20, 10),
    });
  });

  it('contain no name of a patient', async () => {
    const { rows } = await app.db.query(`SELECT first_name, last_name FROM user_account WHERE id = ANY ($1::uuid[])`, [
      patients.map(({ userId }) => userId),
    ]);
    const { body } = await get(`&date=${DAY}`);
    for (const { first_name: first, last_name: last } of rows)
      expect(JSON.stringify(body)).not.toMatch(`${first} ${last}`);
    for (const { clientId } of patients) expect(JSON.stringify(body)).not.toContain(clientId);
  });

  it('of a day on which the clocks go forward have 23 hours', async () => {
    const { day } = nextShortDay('Europe/Berlin');
    const berlin = await openClinic(app, { timeZone: 'Europe/Berlin', policy: { horizonDays: 730 } });
    const visit = await aService(app, berlin, { durationMinutes: 60 });
    const instant = (minute: number): number => Zone.of('Europe/Berlin').boundary(day, minute);
    clock.set(new Date().toISOString());
    // From 01:30 to 03:30 by the clock, at the end of the day, and at the beginning of the next.
    const starts = [instant(90), instant(23 * 60), instant(1_440)];
    for (const [index, start] of starts.entries()) {
      const body = { serviceId: visit, startDateTime: new Date(start).toISOString() };
      await post('appointments', getToken(index), body);
    }
    const { visits, doctors } = await app.app.get(DailyFiguresService).compute(berlin.id, day);
    expect(visits.planned).toBe(2);
    expect(doctors).toEqual([{ doctorId: berlin.doctorIds[0], bookedMinutes: 120, availableMinutes: 23 * 60 }]);
  });
});

describe('the task', () => {
  const aClinic = (policy: object = {}): Promise<TestClinic> =>
    openClinic(app, { timeZone: ZONE, policy: { horizonDays: 365, ...policy } });

  it('makes the report at 06:00 of the clinic, once, also if five run at the same time', async () => {
    const { id } = await aClinic();
    clock.set(local('05:59', NEXT));
    await run();
    expect((await reportRows(id)).map(({ day }) => day)).not.toContain(DAY);
    clock.set(local('06:00', NEXT));
    await Promise.all([run(), run(), run(), run(), run()]);
    expect((await reportRows(id)).at(-1)).toEqual({ day: DAY, mailed: false, time_zone: ZONE });
    const { data } = await get('', clinic.admin, id);
    expect(data).toMatchObject({ date: DAY, isFinal: true, createdAt: local('06:00', NEXT) });
  });

  it('does not change a report that was made, and compares the next week with it', async () => {
    const own = await aClinic();
    const body = { serviceId: await aService(app, own), startDateTime: local('09:00') };
    clock.set(local('08:00'));
    const visit = await post('appointments', getToken(0), body);
    clock.set(local('06:00', NEXT));
    await run();
    const before = (await get(`&date=${DAY}`, own.admin, own.id)).data;
    expect(before.visits.open.value).toBe(1);
    await app.call('DELETE', `/api/v1/appointments/${visit.id}`, { token: own.staff });
    await run();
    expect((await get(`&date=${DAY}`, own.admin, own.id)).data).toEqual(before);
    clock.set(local('12:00', zone.addDays(DAY, 7)));
    const { data } = await get(`&date=${zone.addDays(DAY, 7)}`, own.admin, own.id);
    expect(data.visits.open.previous).toBe(1);
  });

  it('makes the reports of missed days, and sends only the newest', async () => {
    const { id } = await aClinic({ dailyReport: true });
    clock.set(local('09:00', zone.addDays(DAY, 5)));
    await run();
    const made = (await reportRows(id)).slice(-5);
    expect(made).toEqual(
      [0, 1, 2, 3, 4].map((count) => ({ day: zone.addDays(DAY, count), mailed: count === 4, time_zone: ZONE })),
    );
    const { day } = made[1] as { day: string };
    await app.db.query('DELETE FROM daily_report WHERE clinic_id = $1 AND day = $2', [id, day]);
    await run();
    expect((await reportRows(id)).slice(-5)).toEqual(made);
  });

  it('is a repeatable job that is added again after Redis has lost its data, and makes what is missing', async () => {
    const [queue, queues] = [
      app.app.get<Queue>(getQueueToken(MAINTENANCE_QUEUE), { strict: false }),
      app.app.get(JobQueues),
    ];
    const processor = new MaintenanceProcessor(queue, queues, app.app.get(MaintenanceScheduler), app.app.get(LOGGER));
    const name = 'make-daily-reports';
    const { id } = await aClinic();
    await eventually(() => Promise.resolve(expect(queues.isReady(MAINTENANCE_QUEUE)).toBe(true)));
    await queue.client.flushdb();
    processor.addAgain();
    await eventually(async () =>
      expect(await queue.getRepeatableJobs()).toContainEqual(expect.objectContaining({ name, every: 60_000 })),
    );
    await queue.client.flushdb();
    const day = zone.addDays(DAY, 6);
    clock.set(local('06:30', zone.addDays(day, 1)));
    await processor.process({ name });
    expect((await reportRows(id)).map((row) => row.day)).toContain(day);
  });
});

describe('the route', () => {
  beforeEach(() => clock.set(local('12:00', NEXT)));

  it('is for those who manage the clinic', async () => {
    expect((await get('', other.manager)).status).toBe(404);
    expect((await get('', clinic.staff)).status).toBe(403);
    expect((await get('', clinic.admin)).status).toBe(200);
    const unknown = await app.call('GET', `${PATH}?clinicId=${crypto.randomUUID()}`, { token: clinic.admin });
    expect(unknown.status).toBe(404);
  });

  it.each([
    ['date', `&date=${zone.addDays(NEXT, 1)}`],
    ['date', '&date=2026-02-30'],
    ['format', '&format=csv'],
  ])('refuses a wrong %s: %s', async (field, query) => {
    const { status, code, body } = await get(query);
    expect([status, code]).toEqual([400, 'VALIDATION_ERROR']);
    expect(body.error.details[0].field).toBe(field);
  });

  it('computes today, and stores nothing', async () => {
    const today = zone.addDays(DAY, 9);
    clock.set(local('12:00', today));
    const { data } = await get(`&date=${today}`);
    expect(data).toMatchObject({ date: today, isFinal: false, createdAt: local('12:00', today) });
    expect((await reportRows()).map(({ day }) => day)).not.toContain(today);
  });

  it('audits the read', async () => {
    const userId = await createAccount(app, 'MANAGER', { clinicIds: [clinic.id] });
    await get(`&date=${NEXT}`, app.tokenFor({ userId, role: 'MANAGER', clinicIds: [clinic.id] }));
    const { rows } = await app.db.query('SELECT action, clinic_id, changes FROM audit_log WHERE actor_user_id = $1', [
      userId,
    ]);
    expect(rows).toEqual([{ action: 'report.read', clinic_id: clinic.id, changes: { date: NEXT, format: 'json' } }]);
  });

  it('limits the files of a person', async () => {
    const userId = await createAccount(app, 'MANAGER', { clinicIds: [clinic.id] });
    const token = app.tokenFor({ userId, role: 'MANAGER', clinicIds: [clinic.id] });
    for (let count = 0; count < 60; count += 1) await app.app.get(RateLimits).consume('reportFiles', userId);
    expect((await get('&format=xlsx', token)).code).toBe('RATE_LIMITED');
    expect((await get('', token)).status).toBe(200);
  });
});

/** A manager with a language. */
async function aReader(locale: string): Promise<string> {
  const userId = await createAccount(app, 'MANAGER', { clinicIds: [clinic.id] });
  await app.db.query('UPDATE user_account SET locale = $2 WHERE id = $1', [userId, locale]);
  return app.tokenFor({ userId, role: 'MANAGER', clinicIds: [clinic.id] });
}

async function download(format: string, locale: string): Promise<{ headers: Headers; file: Buffer }> {
  const response = await fetch(`${app.url}${PATH}?clinicId=${clinic.id}&date=${DAY}&format=${format}`, {
    headers: { authorization: `Bearer ${await aReader(locale)}` },
  });
  expect(response.status).toBe(200);
  return { headers: response.headers, file: Buffer.from(await response.arrayBuffer()) };
}

describe('the files', () => {
  beforeEach(() => clock.set(local('12:00', NEXT)));

  it('are an xlsx with typed figures, which another library reads', async () => {
    const { headers, file } = await download('xlsx', 'en');
    expect(headers.get('content-type')).toBe('application/vnd.openxmlformats-officedocument.spreadsheetml.sheet');
    expect(headers.get('content-disposition')).toBe(`attachment; filename="report-${DAY}.xlsx"`);
    const [figures, doctors] = await readXlsx(file);
    expect([figures?.sheet, doctors?.sheet]).toEqual(['Daily report', 'Utilisation']);
    expect(figures?.data.slice(0, 4)).toEqual([
      ['Figure', 'This day', 'A week before', 'Change', 'Currency'],
      [expect.any(String), new Date(DAY), new Date(WEEK_BEFORE), null, null],
      ['Booked on this day', 2, 0, 2, null],
      ['Visits of this day', 7, 1, 6, null],
    ]);
    expect(figures?.data).toContainEqual(['Payments less refunds (INR), in minor units', 37_500, 0, 37_500, 'INR']);
    expect(doctors?.data[1]).toEqual(['Doc No 1', 90, 30, 480, 480, 18.8, 6.3]);
  });

  it.each([
    ['en-IN', 'Daily report', ['Daily report', 'Test clinic', 'Seen', '375.00', '+14.8', '17.9%', 'Doc No 1']],
    ['ar-EG', 'التقرير اليومي', ['Test clinic', '١٧٫٩', '٣٧٥٫٠٠', 'Doc No 1']],
    ['hi', 'दैनिक रिपोर्ट', ['दै', 'मुलाकात', '375.00', '17.9%']],
  ])('are a PDF in %s, which another library reads', async (locale, title, parts) => {
    const { headers, file } = await download('pdf', locale);
    expect(headers.get('content-type')).toBe('application/pdf');
    const pdf = await readPdf(file);
    expect(pdf.title).toBe(`${title}, Test clinic, ${DAY}`);
    expect(pdf.pages).toHaveLength(1);
    const texts = pdf.pages.flatMap((page) => page.texts);
    const text = texts
      .map((piece) => piece.text)
      .join('')
      .replace(/\s/g, '');
    for (const part of parts) expect(text).toContain(part.replace(/\s/g, ''));
    // In Arabic, the names of figures are at the right, and the doctor's bar begins to the left of the name.
    const position = (found: string): number => texts.find((piece) => piece.text.includes(found))?.x ?? NaN;
    expect(position('Doc No 1') > position(locale === 'ar-EG' ? '١٨٫٨' : '18.8')).toBe(locale === 'ar-EG');
  });
});
