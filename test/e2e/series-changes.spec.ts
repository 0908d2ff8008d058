import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Zone } from '../../src/core/kernel/zone.js';
import { TestApp, type Answer, type TestPatient } from '../support/app.js';
import { aService, at, openClinic, type ClinicOptions, type TestClinic } from '../support/clinic.js';
import { startsIn } from '../support/visits.js';

/** Changes and cancellations of series: `?scope=` of `PUT` and `DELETE /api/v1/appointments/:id`. No worker runs. */

const ENV = { JOBS_IN_PROCESS: 'false', VISIT_CHANGES_PER_10_MINUTES: '10000' };
const DAY = 86_400_000;

let app: TestApp;
let patients: TestPatient[];
let nextPatient = 0;

beforeAll(async () => {
  app = await TestApp.start(ENV);
  patients = await app.patients(60);
});

afterAll(() => app.close());

interface TestSeries {
  clinic: TestClinic;
  serviceId: string;
  patient: TestPatient;
  ids: string[];
  starts: string[];
}

const aPatient = (): TestPatient => patients[nextPatient++] as TestPatient;

const after = (start: string, days: number): string => new Date(Date.parse(start) + days * DAY).toISOString();

const book = (token: string, body: object): Promise<Answer> =>
  app.call('POST', '/api/v1/appointments', { token, body });

async function aSeries(
  { policy, ...options }: ClinicOptions = {},
  request: { start?: string; rrule?: string; service?: object } = {},
): Promise<TestSeries> {
  const clinic = await openClinic(app, { ...options, policy: { horizonDays: 400, ...policy } });
  const serviceId = await aService(app, clinic, request.service);
  return addSeries({ clinic, serviceId }, request);
}

async function addSeries(
  { clinic, serviceId }: Pick<TestSeries, 'clinic' | 'serviceId'>,
  { start = at(3), rrule = 'FREQ=DAILY;COUNT=4' }: { start?: string; rrule?: string } = {},
): Promise<TestSeries> {
  const patient = aPatient();
  const body = { serviceId, doctorId: clinic.doctorIds[0], startDateTime: start, rrule };
  const answer = await app.call('POST', '/api/v1/appointments/series', { token: patient.token, body });
  expect(answer.status).toBe(201);
  const { appointments } = answer.data;
  const [ids, starts] = ['id', 'startDateTime'].map((field) => appointments.map((one: any) => one[field]));
  return { clinic, serviceId, patient, ids, starts };
}

const change = (
  token: string,
  id: string | undefined,
  scope: string,
  body: object,
  version?: number,
): Promise<Answer> =>
  app.call('PUT', `/api/v1/appointments/${id}?scope=${scope}`, {
    token,
    body,
    headers: version === undefined ? {} : { 'if-match': `"${version}"` },
  });

const cancel = (token: string, id: string | undefined, scope: string): Promise<Answer> =>
  app.call('DELETE', `/api/v1/appointments/${id}?scope=${scope}&reason=Recovered`, { token });

interface Row {
  start: string;
  status: string;
  doctorId: string;
  version: number;
}

async function read(ids: string[]): Promise<Row[]> {
  const { rows } = await app.db.query(
    `SELECT a.start_at, a.status, a.doctor_id, a.version FROM appointment a JOIN unnest($1::uuid[]) WITH ORDINALITY AS x (id, n) USING (id)
     ORDER BY x.n`,
    [ids],
  );
  return rows.map(({ start_at, status, doctor_id, version }) => ({
    ...{ start: start_at.toISOString(), status, doctorId: doctor_id, version },
  }));
}

const startsOf = async (ids: string[]): Promise<string[]> => (await read(ids)).map(({ start }) => start);
const statusesOf = async (ids: string[]): Promise<string[]> => (await read(ids)).map(({ status }) => status);

/** The events and audit rows of an action, by appointment. */
async function countRecords(ids: string[], action: string): Promise<{ events: number; audited: number }> {
  const { rows } = await app.db.query(
    `SELECT (SELECT count(*)::int FROM outbox
             WHERE aggregate_id = ANY ($1) AND payload ->> 'action' = $2 AND event <> 'visits:message-requested') AS events,
            (SELECT count(*)::int FROM audit_log WHERE object_id = ANY ($1) AND action = 'appointment.' || $2) AS audited`,
    [ids, action],
  );
  return rows[0];
}

describe('a change', () => {
  it('of this appointment and those after it moves them by the same local time, onto times that they had before', async () => {
    const { patient, ids, starts } = await aSeries();
    const answer = await change(patient.token, ids[1], 'FOLLOWING', { startDateTime: after(starts[1] as string, 1) });
    expect([answer.status, answer.data.id, answer.data.version]).toEqual([200, ids[1], 2]);
    expect(await startsOf(ids)).toEqual([starts[0], starts[2], starts[3], after(starts[3] as string, 1)]);
    expect(await countRecords(ids, 'rescheduled')).toEqual({ events: 3, audited: 3 });
    const back = await change(patient.token, ids[1], 'FOLLOWING', { startDateTime: starts[1] });
    expect(back.status).toBe(200);
    expect(await startsOf(ids)).toEqual(starts);
    expect(await app.overlaps()).toBe(0);
  });

  it('by less than the duration of the visits is possible', async () => {
    const { patient, ids, starts } = await aSeries();
    const later = new Date(Date.parse(starts[0] as string) + 15 * 60_000).toISOString();
    expect((await change(patient.token, ids[0], 'ALL', { startDateTime: later })).status).toBe(200);
    expect((await startsOf(ids)).map((start) => start.slice(11, 16))).toEqual(Array(4).fill('09:15'));
  });

  it('keeps the local time across a clock change', async () => {
    const zone = Zone.of('America/New_York');
    const today = zone.toDay(Date.now());
    const isChange = (day: string): boolean =>
      zone.steadyOffsetOn(Zone.of('UTC').toDayNumber(Date.parse(day))) === null;
    const day = Array.from({ length: 366 }, (_, n) => zone.addDays(today, n + 4)).find(isChange) as string;
    const start = new Date(zone.boundary(zone.addDays(day, -1), 9 * 60)).toISOString();
    const { patient, ids } = await aSeries({ timeZone: zone.name }, { start });
    const to = new Date(zone.boundary(zone.addDays(day, -2), 10 * 60 + 30)).toISOString();
    expect((await change(patient.token, ids[0], 'ALL', { startDateTime: to })).status).toBe(200);
    const local = (await startsOf(ids)).map((one) => [zone.toDay(Date.parse(one)), zone.minuteOfDay(Date.parse(one))]);
    expect(local).toEqual([-2, -1, 0, 1].map((days) => [zone.addDays(day, days), 10 * 60 + 30]));
  });

  it('changes nothing if one of the new times is taken, and names all such times with others', async () => {
    const { clinic, serviceId, patient, ids, starts } = await aSeries();
    const doctorId = clinic.doctorIds[0];
    const to = (n: number): string => `${starts[n]?.slice(0, 10)}T14:00:00.000Z`;
    for (const n of [1, 3]) await book(aPatient().token, { serviceId, doctorId, startDateTime: to(n) });
    const before = await read(ids);
    const answer = await change(patient.token, ids[0], 'ALL', { startDateTime: to(0) });
    expect([answer.status, answer.code]).toEqual([409, 'APPOINTMENT_CONFLICT']);
    const { details } = answer.body.error;
    expect(details.occurrences).toMatchObject([
      { appointmentId: ids[1], startDateTime: starts[1], reason: 'APPOINTMENT_CONFLICT', conflictingWith: 'DOCTOR' },
      { appointmentId: ids[3], startDateTime: starts[3] },
    ]);
    expect(details.alternatives).toHaveLength(3);
    expect(await read(ids)).toEqual(before);
    expect(await countRecords(ids, 'rescheduled')).toEqual({ events: 0, audited: 0 });
    expect((await book(aPatient().token, { serviceId, doctorId, startDateTime: starts[2] })).status).toBe(409);
  });

  it('of the doctor or the notes leaves cancelled and past appointments as they are', async () => {
    const { clinic, patient, ids, starts } = await aSeries({ doctors: 2 });
    const other = clinic.doctorIds[1] as string;
    await cancel(patient.token, ids[1], 'THIS');
    await startsIn(app, ids[0] as string, -60);
    const answer = await change(patient.token, ids[0], 'ALL', { doctorId: other, notes: 'Bring the X-ray' });
    expect([answer.status, answer.data.id, answer.data.notes]).toEqual([200, ids[0], null]);
    const rows = await read(ids);
    expect(rows.map(({ doctorId }) => doctorId === other)).toEqual([false, false, true, true]);
    expect(rows.slice(2).map(({ start }) => start)).toEqual(starts.slice(2));
    const { data } = await app.call('GET', `/api/v1/appointments/${ids[3]}`, { token: patient.token });
    expect(data.notes).toBe('Bring the X-ray');
  });

  it('of one appointment changes no other, and it stays in the series', async () => {
    const { patient, ids, starts } = await aSeries();
    const moved = `${starts[1]?.slice(0, 10)}T16:00:00.000Z`;
    expect((await change(patient.token, ids[1], 'THIS', { startDateTime: moved })).status).toBe(200);
    expect(await startsOf(ids)).toEqual([starts[0], moved, starts[2], starts[3]]);
    const plusHour = `${starts[0]?.slice(0, 10)}T10:00:00.000Z`;
    expect((await change(patient.token, ids[0], 'ALL', { startDateTime: plusHour })).status).toBe(200);
    expect((await startsOf(ids)).map((start) => start.slice(11, 13))).toEqual(['10', '17', '10', '10']);
  });

  it('checks the version of the named appointment, and the limits of the patient', async () => {
    const { patient, ids, starts } = await aSeries({
      policy: { maxPerDayPerClient: 1, cancellationCutoffMinutes: 60 },
    });
    const body = { startDateTime: after(starts[0] as string, 1) };
    expect((await change(patient.token, ids[0], 'ALL', body, 7)).code).toBe('VERSION_MISMATCH');
    expect((await change(patient.token, ids[0], 'ALL', body, 1)).status).toBe(200);
    await startsIn(app, ids[0] as string, 30);
    const late = await change(patient.token, ids[0], 'ALL', { startDateTime: starts[0] });
    expect(late.code).toBe('CANCELLATION_TOO_LATE');
    expect((await read(ids)).map(({ version }) => version)).toEqual([2, 2, 2, 2]);
  });

  it('moves the seats of a patient to other group sessions', async () => {
    const { clinic, serviceId, patient, ids, starts } = await aSeries({}, { service: { capacity: 2 } });
    const other = await addSeries({ clinic, serviceId });
    const later = `${starts[0]?.slice(0, 10)}T09:30:00.000Z`;
    expect((await change(patient.token, ids[0], 'ALL', { startDateTime: later })).status).toBe(200);
    expect(await startsOf(other.ids)).toEqual(starts);
    expect((await change(other.patient.token, other.ids[0], 'ALL', { startDateTime: later })).status).toBe(200);
    const { rows } = await app.db.query('SELECT DISTINCT group_id FROM appointment WHERE id = ANY ($1)', [
      [...ids, ...other.ids],
    ]);
    expect(rows).toHaveLength(4);
    expect(await app.overlaps()).toBe(0);
  });
});

describe('a cancellation', () => {
  it('of this appointment and those after it, and then of all, frees their times', async () => {
    const { clinic, serviceId, patient, ids, starts } = await aSeries();
    const some = await cancel(patient.token, ids[2], 'FOLLOWING');
    expect([some.status, some.data.id, some.data.status]).toEqual([200, ids[2], 'CANCELLED']);
    expect(await statusesOf(ids)).toEqual(['CONFIRMED', 'CONFIRMED', 'CANCELLED', 'CANCELLED']);
    expect((await cancel(patient.token, ids[3], 'ALL')).status).toBe(200);
    expect(await statusesOf(ids)).toEqual(Array(4).fill('CANCELLED'));
    expect(await countRecords(ids, 'cancelled')).toEqual({ events: 4, audited: 4 });
    const again = await cancel(patient.token, ids[0], 'ALL');
    expect([again.status, again.code]).toEqual([409, 'INVALID_TRANSITION']);
    await addSeries({ clinic, serviceId }, { start: starts[0] });
  });

  it('by the patient is refused as a whole after the cut-off of one, but not by the desk', async () => {
    const { clinic, patient, ids } = await aSeries({ policy: { cancellationCutoffMinutes: 60 } });
    await startsIn(app, ids[0] as string, 30);
    const late = await cancel(patient.token, ids[0], 'ALL');
    expect([late.status, late.code]).toEqual([422, 'CANCELLATION_TOO_LATE']);
    expect(late.body.error.details.occurrences).toMatchObject([{ appointmentId: ids[0] }]);
    expect(await statusesOf(ids)).toEqual(Array(4).fill('CONFIRMED'));
    expect((await cancel(clinic.staff, ids[0], 'ALL')).status).toBe(200);
    expect(await statusesOf(ids)).toEqual(Array(4).fill('CANCELLED'));
  });
});

describe('the scope', () => {
  it('is refused for an appointment without a series, and unknown to those who may not see it', async () => {
    const { clinic, serviceId, patient, ids } = await aSeries();
    const { data: single } = await book(patient.token, { serviceId, startDateTime: at(20) });
    for (const scope of ['ALL', 'SOME']) {
      const { status, body } = await cancel(patient.token, single.id, scope);
      expect([status, body.error.details[0].field]).toEqual([400, 'scope']);
    }
    const elsewhere = await openClinic(app);
    for (const token of [aPatient().token, elsewhere.staff]) {
      for (const id of [ids[0], single.id]) expect((await cancel(token, id, 'ALL')).status).toBe(404);
    }
    expect(await statusesOf(ids)).toEqual(Array(4).fill('CONFIRMED'));
    expect((await cancel(clinic.staff, ids[0], 'THIS')).status).toBe(200);
    expect(await statusesOf(ids)).toEqual(['CANCELLED', ...Array(3).fill('CONFIRMED')]);
  });

  it('of a doctor contains only the visits with them', async () => {
    const { clinic, ids } = await aSeries({ doctors: 2 });
    const [mine, other] = clinic.doctorIds;
    await change(clinic.staff, ids[1], 'THIS', { doctorId: other });
    const token = app.tokenFor({ userId: patients[0]!.userId, role: 'DOCTOR', doctorId: mine, clinicIds: [clinic.id] });
    expect((await change(token, ids[0], 'ALL', { staffNotes: 'Ask for the ECG' })).status).toBe(200);
    expect((await read(ids)).map(({ version }) => version)).toEqual([2, 2, 2, 2]);
    expect((await change(token, ids[1], 'ALL', { staffNotes: 'x' })).status).toBe(404);
  });
});

describe('concurrent changes of series', () => {
  it('onto each other’s times, with bookings in between, end with every time taken once', async () => {
    const one = await aSeries();
    const two = await addSeries(one, { start: at(3, '10:00') });
    const on = (n: number, time: string): string => `${one.starts[n]?.slice(0, 10)}T${time}:00.000Z`;
    const { serviceId } = one;
    const doctorId = one.clinic.doctorIds[0];
    const times = [0, 1, 2, 3].flatMap((n) => ['09:15', '09:45', '10:30'].map((time) => on(n, time)));
    const [moved, movedBack, following, cancelled, ...singles] = await Promise.all([
      change(one.patient.token, one.ids[0], 'ALL', { startDateTime: on(0, '09:30') }),
      change(two.patient.token, two.ids[3], 'ALL', { startDateTime: on(3, '09:30') }),
      change(one.clinic.staff, two.ids[0], 'FOLLOWING', { startDateTime: on(0, '10:15') }),
      cancel(one.patient.token, one.ids[2], 'FOLLOWING'),
      ...times.map((startDateTime) => book(aPatient().token, { serviceId, doctorId, startDateTime })),
    ]);
    expect(cancelled.status).toBe(200);
    expect(await statusesOf(one.ids)).toEqual(['CONFIRMED', 'CONFIRMED', 'CANCELLED', 'CANCELLED']);

    const changes = [moved, movedBack, following];
    for (const { status } of changes) expect([200, 409]).toContain(status);
    for (const { status } of singles) expect([201, 409]).toContain(status);
    const booked = singles.filter(({ status }) => status === 201);
    // What was refused was refused because of something that was not.
    expect(booked.length + changes.filter(({ status }) => status === 200).length).toBeGreaterThan(0);
    const bookedRows = await read(booked.map(({ data }) => data.id));
    expect(bookedRows.map(({ status }) => status)).toEqual(booked.map(() => 'CONFIRMED'));
    expect(bookedRows.map(({ start }) => start)).toEqual(times.filter((_, index) => singles[index]?.status === 201));
    const timeOf = async (ids: string[]): Promise<Set<string>> =>
      new Set((await startsOf(ids)).map((start) => start.slice(11, 16)));
    expect(await timeOf(one.ids.slice(0, 2))).toEqual(new Set([moved.status === 200 ? '09:30' : '09:00']));
    const possible = [movedBack.status === 200 && '09:30', following.status === 200 && '10:15'].filter(Boolean);
    const [time, ...others] = await timeOf(two.ids);
    expect(others).toEqual([]);
    expect(possible.length > 0 ? possible : ['10:00']).toContain(time);
    expect(await app.overlaps()).toBe(0);
    const { rows } = await app.db.query('SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()');
    expect(Number(rows[0].deadlocks)).toBe(0);
  });
});
