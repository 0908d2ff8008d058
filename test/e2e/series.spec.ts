import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Zone } from '../../src/core/kernel/zone.js';
import { TestApp, type Answer, type TestPatient } from '../support/app.js';
import { aService, at, openClinic, type ClinicOptions, type TestClinic } from '../support/clinic.js';

/** Series of appointments: `POST /api/v1/appointments/series`. No worker runs. */

const ENV = { JOBS_IN_PROCESS: 'false', VISIT_CHANGES_PER_10_MINUTES: '10000' };
const MINUTE = 60_000;
const DAY = 1_440 * MINUTE;
const HORIZON = { horizonDays: 400 };

let app: TestApp;
let patients: TestPatient[];
let nextPatient = 0;

beforeAll(async () => {
  app = await TestApp.start(ENV);
  patients = await app.patients(80);
});

afterAll(() => app.close());

interface TestService {
  clinic: TestClinic;
  serviceId: string;
}

/** A clinic with a service for one test. */
async function open({ policy, ...options }: ClinicOptions = {}, service: object = {}): Promise<TestService> {
  const clinic = await openClinic(app, { ...options, policy: { ...HORIZON, ...policy } });
  return { clinic, serviceId: await aService(app, clinic, service) };
}

const aPatient = (): TestPatient => patients[nextPatient++] as TestPatient;

interface SeriesRequest {
  serviceId: string;
  startDateTime: string;
  rrule?: string;
  key?: string;
  [field: string]: unknown;
}

const bookSeries = (token: string, { key, ...request }: SeriesRequest): Promise<Answer> =>
  app.call('POST', '/api/v1/appointments/series', {
    token,
    headers: key ? { 'idempotency-key': key } : {},
    body: { rrule: 'FREQ=DAILY;COUNT=3', ...request },
  });

const book = (token: string, body: object): Promise<Answer> =>
  app.call('POST', '/api/v1/appointments', { token, body });

/** Midnight of a day in UTC is the same time of day in clinics without another zone. */
const after = (start: string, days: number): string => new Date(Date.parse(start) + days * DAY).toISOString();

const listStarts = ({ data }: Answer): string[] =>
  data.appointments.map(({ startDateTime }: { startDateTime: string }) => startDateTime);

async function countAppointments(serviceId: string): Promise<number> {
  const { rows } = await app.db.query<{ n: number }>(
    'SELECT count(*)::int AS n FROM appointment WHERE service_id = $1',
    [serviceId],
  );
  return rows[0]?.n ?? -1;
}

async function countDeadlocks(): Promise<number> {
  const { rows } = await app.db.query<{ n: string }>(
    'SELECT deadlocks AS n FROM pg_stat_database WHERE datname = current_database()',
  );
  return Number(rows[0]?.n);
}

describe('a series', () => {
  it('books all times, which show their series, with an event and an audit row for each', async () => {
    const { clinic, serviceId } = await open({ rooms: 1 }, { requiredResourceKinds: ['ROOM'] });
    const { token, clientId } = aPatient();
    const start = at(3);
    const answer = await bookSeries(token, {
      serviceId,
      startDateTime: start,
      rrule: 'FREQ=WEEKLY;COUNT=4',
      notes: 'Physio',
    });
    expect(answer.status).toBe(201);
    expect(listStarts(answer)).toEqual([0, 7, 14, 21].map((days) => after(start, days)));
    expect(answer.data.skipped).toEqual([]);
    const { seriesId, appointments } = answer.data;
    for (const appointment of appointments) {
      expect(appointment).toMatchObject({
        seriesId,
        clientId,
        notes: 'Physio',
        resourceIds: clinic.roomIds,
        version: 1,
      });
      expect(appointment.staffNotes).toBeUndefined();
      const { data } = await app.call('GET', `/api/v1/appointments/${appointment.id}`, { token });
      expect(data).toEqual(appointment);
    }
    const ids = appointments.map(({ id }: { id: string }) => id);
    const { rows } = await app.db.query(
      `SELECT (SELECT count(*)::int FROM outbox WHERE event = 'appointment:created' AND aggregate_id = ANY ($1)) AS events,
              (SELECT count(*)::int FROM audit_log WHERE action = 'appointment.booked' AND object_id = ANY ($1)) AS audited,
              (SELECT count(*)::int FROM reservation WHERE appointment_id = ANY ($1) AND active) AS reserved`,
      [ids],
    );
    expect(rows).toEqual([{ events: 4, audited: 4, reserved: 12 }]);
  });

  it('keeps the local time of the clinic across a clock change', async () => {
    const zone = Zone.of('Europe/London');
    const { serviceId } = await open({ timeZone: zone.name });
    const today = zone.toDay(Date.now());
    const isChange = (day: string): boolean =>
      zone.offsetAt(zone.startOfDay(day)) !== zone.offsetAt(zone.startOfDay(zone.addDays(day, 1)));
    const change = Array.from({ length: 366 }, (_, n) => zone.addDays(today, n + 3)).find(isChange) as string;
    const start = new Date(zone.boundary(zone.addDays(change, -1), 9 * 60)).toISOString();
    const answer = await bookSeries(aPatient().token, { serviceId, startDateTime: start });
    expect(answer.status).toBe(201);
    const instants = listStarts(answer).map((one) => Date.parse(one));
    expect(instants.map((one) => zone.minuteOfDay(one))).toEqual([9 * 60, 9 * 60, 9 * 60]);
    expect(new Set(instants.map((one) => zone.offsetAt(one))).size).toBe(2);
  });

  it('is refused as a whole with the number of the time that is taken, and free times near it', async () => {
    const { clinic, serviceId } = await open();
    const start = at(3);
    const doctorId = clinic.doctorIds[0];
    const taken = after(start, 6);
    expect((await book(aPatient().token, { serviceId, doctorId, startDateTime: taken })).status).toBe(201);
    const { token } = aPatient();
    const answer = await bookSeries(token, { serviceId, doctorId, startDateTime: start, rrule: 'FREQ=DAILY;COUNT=10' });
    expect([answer.status, answer.code]).toEqual([409, 'APPOINTMENT_CONFLICT']);
    expect(answer.body.error.message).toContain('Appointment 7 of 10');
    const { details } = answer.body.error;
    expect(details.conflictingWith).toBe('DOCTOR');
    expect(details.occurrences).toEqual([
      {
        number: 7,
        startDateTime: taken,
        reason: 'APPOINTMENT_CONFLICT',
        conflictingWith: 'DOCTOR',
        alternatives: details.alternatives,
      },
    ]);
    expect(details.alternatives).toHaveLength(3);
    expect(await countAppointments(serviceId)).toBe(1);
    const free = { serviceId, doctorId, startDateTime: details.alternatives[0].startDateTime };
    expect((await book(token, free)).status).toBe(201);
  });

  it('lists every time that is not possible, with the reason of each', async () => {
    const { clinic, serviceId } = await open({ doctors: 2, policy: { horizonDays: 9 } });
    const [doctorId, otherId] = clinic.doctorIds;
    const start = at(3);
    const { token } = aPatient();
    await book(aPatient().token, { serviceId, doctorId, startDateTime: after(start, 1) });
    await book(token, { serviceId, doctorId: otherId, startDateTime: after(start, 3) });
    const closed = after(start, 2).slice(0, 10);
    const exception = { from: closed, to: closed, kind: 'CLOSED' };
    const closing = { token: clinic.manager, body: exception };
    expect((await app.call('POST', `/api/v1/doctors/${doctorId}/schedule/exceptions`, closing)).status).toBe(201);
    const answer = await bookSeries(token, { serviceId, doctorId, startDateTime: start, rrule: 'FREQ=DAILY;COUNT=9' });
    const problems = answer.body.error.details.occurrences.map((one: any) => [
      one.number,
      one.conflictingWith ?? one.reason,
    ]);
    expect(answer.code).toBe('APPOINTMENT_CONFLICT');
    expect(problems.slice(0, 3)).toEqual([
      [2, 'DOCTOR'],
      [3, 'TIME_OFF'],
      [4, 'CLIENT'],
    ]);
    expect(problems.at(-1)).toEqual([9, 'PAST_HORIZON']);
    expect(await countAppointments(serviceId)).toBe(2);
  });

  it('skips what is not possible if asked, and names it with other times', async () => {
    const { clinic, serviceId } = await open();
    const doctorId = clinic.doctorIds[0];
    const start = at(3);
    const taken = after(start, 1);
    await book(aPatient().token, { serviceId, doctorId, startDateTime: taken });
    const request = { serviceId, doctorId, startDateTime: start, rrule: 'FREQ=DAILY;COUNT=4', skipConflicts: true };
    const answer = await bookSeries(aPatient().token, request);
    expect(answer.status).toBe(201);
    expect(listStarts(answer)).toEqual([start, after(start, 2), after(start, 3)]);
    expect(answer.data.skipped).toMatchObject([
      { startDateTime: taken, reason: 'APPOINTMENT_CONFLICT', conflictingWith: 'DOCTOR' },
    ]);
    const others = answer.data.skipped[0].alternatives.map((one: any) => one.startDateTime);
    expect(others).toHaveLength(3);
    expect(listStarts(answer).filter((one) => others.includes(one))).toEqual([]);
    const none = await bookSeries(aPatient().token, request);
    expect([none.status, none.code]).toEqual([409, 'APPOINTMENT_CONFLICT']);
    expect(none.body.error.details.occurrences).toHaveLength(4);
  });

  it('counts against the limits of the patient', async () => {
    const { serviceId } = await open({ policy: { maxUpcomingPerClient: 3, maxPerDayPerClient: 1 } });
    const start = at(3);
    const four = { serviceId, startDateTime: start, rrule: 'FREQ=DAILY;COUNT=4' };
    const [first, second, third] = [aPatient(), aPatient(), aPatient()];
    const refused = await bookSeries(first.token, four);
    expect([refused.status, refused.code]).toEqual([422, 'SLOT_NOT_OFFERED']);
    expect(refused.body.error.details).toMatchObject({
      reason: 'TOO_MANY_UPCOMING',
      maxUpcomingPerClient: 3,
      occurrences: [{ number: 4, reason: 'TOO_MANY_UPCOMING', alternatives: [] }],
    });
    expect(await countAppointments(serviceId)).toBe(0);
    const some = await bookSeries(first.token, { ...four, skipConflicts: true });
    expect([some.status, listStarts(some).length, some.data.skipped.length]).toEqual([201, 3, 1]);
    expect((await bookSeries(first.token, { ...four, startDateTime: at(20), rrule: 'FREQ=DAILY;COUNT=1' })).code).toBe(
      'SLOT_NOT_OFFERED',
    );
    expect((await book(second.token, { serviceId, startDateTime: at(5, '12:00') })).status).toBe(201);
    const sameDay = await bookSeries(second.token, {
      ...four,
      startDateTime: at(4, '15:00'),
      rrule: 'FREQ=DAILY;COUNT=2',
    });
    expect(sameDay.body.error.details).toMatchObject({
      reason: 'TOO_MANY_ON_DAY',
      occurrences: [{ number: 2, reason: 'TOO_MANY_ON_DAY' }],
    });
    const atDesk = await bookSeries(app.tokenFor({ userId: patients[0]!.userId, role: 'ADMIN' }), {
      ...four,
      startDateTime: at(10),
      clientId: third.clientId,
    });
    expect(atDesk.status).toBe(201);
  });

  it('counts only the times that can be booked', async () => {
    const { clinic, serviceId } = await open({ policy: { maxUpcomingPerClient: 2 } });
    const start = at(3);
    const { token, clientId } = aPatient();
    const request = { serviceId, startDateTime: start, skipConflicts: true };
    await book(clinic.staff, { serviceId, startDateTime: start, clientId: await knownClient(clinic) });
    const answer = await bookSeries(token, request);
    expect(listStarts(answer)).toEqual([after(start, 1), after(start, 2)]);
    expect(answer.data.appointments[0].clientId).toBe(clientId);
  });

  it('without a doctor is with one doctor, who is free at all times', async () => {
    const { clinic, serviceId } = await open({ doctors: 3 });
    const start = at(3);
    const [busyFirst, busyLast, free] = clinic.doctorIds;
    const staff = { serviceId, clientId: await knownClient(clinic) };
    await book(clinic.staff, { ...staff, doctorId: busyFirst, startDateTime: start });
    await book(clinic.staff, { ...staff, doctorId: busyLast, startDateTime: after(start, 2) });
    const answer = await bookSeries(aPatient().token, { serviceId, startDateTime: start });
    expect(answer.status).toBe(201);
    expect(answer.data.appointments.map((one: any) => one.doctorId)).toEqual([free, free, free]);
    const none = await bookSeries(aPatient().token, { serviceId, startDateTime: start });
    expect([none.status, none.body.error.details.occurrences.length]).toEqual([409, 1]);
    expect(await countAppointments(serviceId)).toBe(5);
  });

  it('takes a seat in each group session', async () => {
    const { serviceId } = await open({}, { capacity: 2 });
    const start = at(3);
    const seats = await Promise.all(
      Array.from({ length: 5 }, () => bookSeries(aPatient().token, { serviceId, startDateTime: start })),
    );
    expect(seats.map(({ status }) => status).sort()).toEqual([201, 201, 409, 409, 409]);
    const groups = seats
      .filter(({ status }) => status === 201)
      .map(({ data }) => data.appointments.map((one: any) => one.groupId));
    expect(groups[0]).toEqual(groups[1]);
    expect(new Set(groups[0]).size).toBe(3);
    expect(await countAppointments(serviceId)).toBe(6);
  });

  it('is booked by the desk outside the hours only with a reason, which is kept with each appointment', async () => {
    const { clinic, serviceId } = await open({ hours: { start: '08:00', end: '12:00' } });
    const clientId = await knownClient(clinic);
    const request = { serviceId, startDateTime: at(3, '20:07'), rrule: 'FREQ=DAILY;COUNT=2', clientId };
    expect((await bookSeries(clinic.staff, request)).body.error.details).toMatchObject({
      reason: 'OUTSIDE_WORKING_HOURS',
      occurrences: [{ number: 1 }, { number: 2 }],
    });
    const override = { overrideHours: true, overrideReason: 'Night therapy' };
    expect((await bookSeries(aPatient().token, { ...request, clientId: undefined, ...override })).status).toBe(403);
    const answer = await bookSeries(clinic.staff, { ...request, ...override });
    expect(answer.status).toBe(201);
    for (const { id } of answer.data.appointments) {
      const { data } = await app.call('GET', `/api/v1/appointments/${id}/history`, { token: clinic.staff });
      expect(JSON.stringify(data)).toContain('Night therapy');
    }
  });

  it('is booked only for patients whom the caller may book for', async () => {
    const [{ clinic, serviceId }, other] = [await open(), await open()];
    const [patient, strangerId] = [aPatient(), await knownClient(other.clinic)];
    const request = { serviceId, startDateTime: at(3) };
    const forOther = await bookSeries(patient.token, { ...request, clientId: strangerId });
    const unknown = await bookSeries(clinic.staff, { ...request, clientId: strangerId });
    const elsewhere = await bookSeries(other.clinic.staff, { ...request, clientId: strangerId });
    expect([forOther.status, unknown.status, elsewhere.status]).toEqual([404, 404, 403]);
    expect((await bookSeries(clinic.staff, request)).body.error.details).toMatchObject([{ field: 'clientId' }]);
    expect(await countAppointments(serviceId)).toBe(0);
  });

  it('has a rule with an end', async () => {
    const { serviceId } = await open();
    const { token } = aPatient();
    for (const rrule of ['FREQ=DAILY', 'FREQ=DAILY;COUNT=101', 'FREQ=HOURLY;COUNT=2', 'tomorrow']) {
      const { status, code, body } = await bookSeries(token, { serviceId, startDateTime: at(3), rrule });
      expect([status, code, body.error.details[0].field]).toEqual([400, 'VALIDATION_ERROR', 'rrule']);
    }
  });
});

describe('a repeated request for a series', () => {
  it('gets the first answer, also at the same time, and books once', async () => {
    const { serviceId } = await open();
    const { token } = aPatient();
    const request = { serviceId, startDateTime: at(3), key: 'series-1' };
    const both = await Promise.all([bookSeries(token, request), bookSeries(token, request)]);
    expect(both.map(({ status, code }) => code ?? status)).toContain(201);
    for (const { status, code } of both) expect([201, 'IDEMPOTENCY_IN_PROGRESS']).toContain(code ?? status);
    const first = both.find(({ status }) => status === 201) as Answer;
    const again = await bookSeries(token, request);
    expect([again.status, again.headers.get('idempotency-replayed')]).toEqual([201, 'true']);
    expect(again.data).toEqual(first.data);
    const other = await bookSeries(token, { ...request, rrule: 'FREQ=DAILY;COUNT=2' });
    expect([other.status, other.code]).toEqual([422, 'IDEMPOTENCY_KEY_REUSED']);
    expect(await countAppointments(serviceId)).toBe(3);
  });
});

describe('concurrent bookings', () => {
  it('of the times of a series: every time has one appointment, and a series has all of its times or none', async () => {
    const { clinic, serviceId } = await open({ doctors: 1, rooms: 1 }, { requiredResourceKinds: ['ROOM'] });
    const doctorId = clinic.doctorIds[0];
    const start = at(3);
    const days = Array.from({ length: 8 }, (_, n) => n);
    const singles = days.flatMap((n) => [
      () => book(aPatient().token, { serviceId, doctorId, startDateTime: after(start, n) }),
      () => book(aPatient().token, { serviceId, doctorId, startDateTime: after(at(3, '09:15'), n) }),
    ]);
    const series = Array.from(
      { length: 3 },
      () => () =>
        bookSeries(aPatient().token, { serviceId, doctorId, startDateTime: start, rrule: 'FREQ=DAILY;COUNT=8' }),
    );
    const answers = await Promise.all(
      [...singles.slice(0, 8), ...series, ...singles.slice(8)].map((request) => request()),
    );
    for (const { status } of answers) expect([201, 409]).toContain(status);
    const booked = answers.filter(({ status }) => status === 201).flatMap(({ data }) => data.appointments ?? [data]);
    expect(await countAppointments(serviceId)).toBe(booked.length);
    expect(booked.length).toBeGreaterThan(0);
    for (const { data, status } of answers)
      if (status === 201 && data.seriesId && data.appointments) expect(data.appointments).toHaveLength(8);
    expect(await app.overlaps()).toBe(0);
    expect(await countDeadlocks()).toBe(0);
  });

  it('of series: of those with a common time exactly one is booked', async () => {
    const { clinic, serviceId } = await open({ doctors: 2 });
    const [doctorId] = clinic.doctorIds;
    const middle = at(10);
    const requests = [
      { startDateTime: at(8), rrule: 'FREQ=DAILY;COUNT=5' },
      { startDateTime: middle, rrule: 'FREQ=WEEKLY;COUNT=5' },
      { startDateTime: at(6), rrule: 'FREQ=DAILY;INTERVAL=2;COUNT=5' },
      { startDateTime: at(9, '09:15'), rrule: 'FREQ=DAILY;COUNT=3' },
    ];
    const answers = await Promise.all(
      requests.map((request) => bookSeries(aPatient().token, { serviceId, doctorId, ...request })),
    );
    const tally = answers.map(({ status }) => status).sort();
    expect(tally).toEqual([201, 409, 409, 409]);
    expect(await app.overlaps()).toBe(0);
    expect(await countDeadlocks()).toBe(0);
  });

  it('of skipping series share the times without overlap', async () => {
    const { serviceId } = await open({ doctors: 2 });
    const start = at(3);
    const answers = await Promise.all(
      Array.from({ length: 4 }, () =>
        bookSeries(aPatient().token, {
          serviceId,
          startDateTime: start,
          rrule: 'FREQ=DAILY;COUNT=6',
          skipConflicts: true,
        }),
      ),
    );
    const booked = answers.filter(({ status }) => status === 201);
    for (const { status } of answers) expect([201, 409]).toContain(status);
    for (const answer of booked) expect(listStarts(answer).length + answer.data.skipped.length).toBe(6);
    expect(booked.flatMap(listStarts)).toHaveLength(12);
    expect(await countAppointments(serviceId)).toBe(12);
    expect(await app.overlaps()).toBe(0);
    expect(await countDeadlocks()).toBe(0);
  });
});

/** A patient of the clinic, for bookings by its desk. */
async function knownClient({ staff }: TestClinic): Promise<string> {
  const body = { firstName: 'Known', lastName: 'Patient' };
  return (await app.call('POST', '/api/v1/clients', { token: staff, body })).data.id as string;
}
