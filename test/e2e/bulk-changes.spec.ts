import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '../../src/core/kernel/id.js';
import { TestApp, type Answer, type TestPatient } from '../support/app.js';
import { aService, at, openClinic, type TestClinic } from '../support/clinic.js';
import { eventually } from '../support/eventually.js';
import { nextShortDay } from '../support/clock-changes.js';
import { inLongForm } from '../support/long-form.js';
import { ApiProcess } from '../support/processes.js';

/** POST /appointments/bulk: cancels or moves many visits, each on its own. */

let app: TestApp;
let clinic: TestClinic;
let other: TestClinic;
let serviceId: string;
let roomServiceId: string;
let patients: TestPatient[];

beforeAll(async () => {
  app = await TestApp.start({ JOBS_IN_PROCESS: 'false', VISIT_CHANGES_PER_10_MINUTES: '10000' });
  const policy = { horizonDays: 365, slotStepMinutes: 30 };
  clinic = await openClinic(app, { doctors: 3, rooms: 2, hours: { start: '09:00', end: '17:00' }, policy });
  other = await openClinic(app, { hours: { start: '09:00', end: '17:00' }, policy });
  serviceId = await aService(app, clinic);
  roomServiceId = await aService(app, clinic, { requiredResourceKinds: ['ROOM'] });
  patients = await app.patients(10);
});

afterAll(() => app.close());

const call = (method: string, path: string, token: string, body?: object): Promise<Answer> =>
  app.call(method, `/api/v1${path}`, { token, body });

const day = (daysAhead: number): string => at(daysAhead).slice(0, 10);
const doctor = (index: number): string => clinic.doctorIds[index] as string;
const patient = (index: number): TestPatient => patients[index] as TestPatient;
const TIMES = ['09:00', '09:30', '10:00', '10:30', '11:00', '11:30', '12:00', '12:30'];

async function book(patientIndex: number, doctorIndex: number, start: string, service = serviceId): Promise<string> {
  const body = { serviceId: service, doctorId: doctor(doctorIndex), startDateTime: start };
  const { data, body: answer } = await call('POST', '/appointments', patient(patientIndex).token, body);
  if (!data) throw new Error(JSON.stringify(answer));
  return data.id as string;
}

/** Books a visit for each of the first patients, one after the other on one day. */
async function bookDay(count: number, doctorIndex: number, date: number, service = serviceId): Promise<string[]> {
  const ids: string[] = [];
  for (let index = 0; index < count; index += 1)
    ids.push(await book(index, doctorIndex, at(date, TIMES[index]), service));
  return ids;
}

const bulk = (body: object, { token = clinic.staff, headers = {} } = {}): Promise<Answer> =>
  app.call('POST', '/api/v1/appointments/bulk', { token, headers, body: { reason: 'The doctor is ill', ...body } });

const get = async (id: string): Promise<Answer['data']> =>
  (await call('GET', `/appointments/${id}`, clinic.staff)).data;

const outcomes = ({ data }: Answer): string[] => data.map(({ outcome }: { outcome: string }) => outcome);

/** Everything that a change could write. */
async function countWrittenRows(): Promise<object> {
  const { rows } = await app.db.query(
    `SELECT (SELECT sum(version)::int FROM appointment) AS versions, (SELECT count(*)::int FROM reservation) AS reservations,
            (SELECT count(*)::int FROM audit_log) AS audited, (SELECT count(*)::int FROM outbox) AS events,
            (SELECT count(*)::int FROM bulk_change) AS bulks, (SELECT count(*)::int FROM bulk_change_visit) AS visits`,
  );
  return rows[0];
}

/** Each visit has its time exactly once, and nothing overlaps. */
async function expectConsistent(ids: string[]): Promise<void> {
  expect(await app.overlaps()).toBe(0);
  const { rows } = await app.db.query(
    `SELECT a.id FROM appointment a WHERE a.id = ANY ($1) AND (
       SELECT count(*) FROM reservation v JOIN doctor d ON d.resource_id = v.resource_id
       WHERE v.appointment_id = a.id AND v.active AND d.id = a.doctor_id
         AND lower(v.during) <= a.start_at AND upper(v.during) >= a.end_at)
       <> CASE WHEN a.status = 'CANCELLED' THEN 0 ELSE 1 END
     OR (SELECT count(*) FROM reservation v WHERE v.appointment_id = a.id AND v.active AND v.kind = 'DOCTOR') > 1 AND a.id = ANY ($1)`,
    [ids],
  );
  expect(rows).toEqual([]);
}

describe('a bulk cancellation', () => {
  it('cancels each visit with its reason and frees its time, in the order of the request', async () => {
    const ids = await bookDay(3, 0, 10);
    await call('DELETE', `/appointments/${ids[1]}`, clinic.staff);
    const unknown = newId();
    const answer = await bulk({ action: 'CANCEL', appointmentIds: [ids[2], unknown, ids[1], ids[0]] });
    expect(answer.status).toBe(200);
    expect(answer.data).toMatchObject([
      { appointmentId: ids[2], outcome: 'CANCELLED', code: null, startDateTime: at(10, '10:00'), doctorId: doctor(0) },
      { appointmentId: ids[1], outcome: 'SKIPPED', reason: 'CANCELLED' },
      { appointmentId: ids[0], outcome: 'CANCELLED' },
      { appointmentId: unknown, outcome: 'FAILED', code: 'NOT_FOUND', startDateTime: null },
    ]);
    expect(await get(ids[0] as string)).toMatchObject({
      status: 'CANCELLED',
      cancelReason: 'The doctor is ill',
      version: 2,
    });
    await book(5, 0, at(10, '09:00'));
    await expectConsistent(ids);
  });

  it('of a doctor’s day cancels the visits of this doctor and day that still have to take place', async () => {
    const ids = await bookDay(3, 1, 11);
    const others = [await book(4, 2, at(11)), await book(5, 1, at(12))];
    await call('DELETE', `/appointments/${ids[0]}`, clinic.staff);
    const answer = await bulk({ action: 'CANCEL', doctorId: doctor(1), date: day(11) });
    expect(answer.data.map(({ appointmentId }: { appointmentId: string }) => appointmentId)).toEqual(ids.slice(1));
    expect(outcomes(answer)).toEqual(['CANCELLED', 'CANCELLED']);
    for (const id of others) expect((await get(id)).status).toBe('CONFIRMED');
    expect((await bulk({ action: 'CANCEL', doctorId: doctor(1), date: day(11) })).data).toEqual([]);
  });

  it('does not change visits of other clinics', async () => {
    const [id] = await bookDay(1, 0, 13);
    const answer = await bulk({ action: 'CANCEL', appointmentIds: [id] }, { token: other.staff });
    expect(answer.data).toMatchObject([{ appointmentId: id, outcome: 'FAILED', code: 'NOT_FOUND' }]);
    const onDay = { action: 'CANCEL', doctorId: doctor(0), date: day(13) };
    expect((await bulk(onDay, { token: other.staff })).status).toBe(404);
    expect((await get(id as string)).status).toBe('CONFIRMED');
  });

  it.each([
    ['no appointments', {}, 'appointmentIds'],
    ['two kinds of appointments', { appointmentIds: [newId()], groupId: newId() }, 'appointmentIds'],
    ['a doctor without a day', { doctorId: newId() }, 'date'],
    ['a day without a doctor', { date: '2027-01-01' }, 'doctorId'],
    ['a target', { appointmentIds: [newId()], to: { date: '2027-01-01' } }, 'to'],
    ['too many appointments', { appointmentIds: Array.from({ length: 201 }, newId) }, 'appointmentIds'],
    ['an empty reason', { appointmentIds: [newId()], reason: ' ' }, 'reason'],
  ])('with %s is refused', async (_, body, field) => {
    const answer = await bulk({ action: 'CANCEL', ...body });
    expect([answer.status, answer.code]).toEqual([400, 'VALIDATION_ERROR']);
    expect(answer.body.error.details).toMatchObject([{ field }]);
  });
});

describe('a bulk move', () => {
  it('to another doctor keeps the time, and leaves the visits whose time is not free there', async () => {
    const ids = await bookDay(3, 0, 20);
    await book(6, 1, at(20, '09:30'));
    const answer = await bulk({ action: 'MOVE', appointmentIds: ids, to: { doctorId: doctor(1) } });
    expect(answer.data).toMatchObject([
      { outcome: 'MOVED', doctorId: doctor(1), startDateTime: at(20, '09:00') },
      { outcome: 'FAILED', code: 'APPOINTMENT_CONFLICT', reason: 'DOCTOR' },
      { outcome: 'MOVED', doctorId: doctor(1), startDateTime: at(20, '10:00') },
    ]);
    expect(await get(ids[0] as string)).toMatchObject({ doctorId: doctor(1), status: 'CONFIRMED', version: 2 });
    expect(await get(ids[1] as string)).toMatchObject({ doctorId: doctor(0), version: 1 });
    await book(7, 0, at(20, '09:00'));
    await expectConsistent(ids);
    expect(outcomes(await bulk({ action: 'MOVE', appointmentIds: [ids[0]], to: { doctorId: doctor(1) } }))).toEqual([
      'SKIPPED',
    ]);
  });

  it('gives the reason in the history for the desk, and not for the patient', async () => {
    const [id] = await bookDay(1, 0, 22);
    await bulk({ action: 'MOVE', appointmentIds: [id], to: { date: day(23) } });
    const reasons = async (token: string): Promise<unknown[]> =>
      (await call('GET', `/appointments/${id}/history`, token)).data
        .filter(({ action }: { action: string }) => action === 'appointment.rescheduled')
        .map(({ moveReason }: { moveReason: string | null }) => moveReason);
    expect(await reasons(clinic.staff)).toEqual(['The doctor is ill']);
    expect(await reasons(patient(0).token)).toEqual([null]);
  });

  it('to another day keeps the local time when the clocks change', async () => {
    const newYork = await openClinic(app, { timeZone: 'America/New_York', policy: { horizonDays: 400 } });
    const short = nextShortDay('America/New_York');
    const visit = await aService(app, newYork);
    const body = { serviceId: visit, doctorId: newYork.doctorIds[0], startDateTime: `${short.before}T15:00:00Z` };
    const { data } = await call('POST', '/appointments', patient(8).token, body);
    const night = { ...body, startDateTime: `${short.before}T07:30:00Z` };
    const skipped = await call('POST', '/appointments', patient(9).token, night);
    const move = { action: 'MOVE', appointmentIds: [data.id, skipped.data.id], to: { date: short.day } };
    const answer = await bulk(move, { token: newYork.staff });
    expect(answer.data).toMatchObject([
      { outcome: 'MOVED', startDateTime: `${short.day}T14:00:00.000Z` },
      // 02:30 does not exist on that day.
      { outcome: 'FAILED', code: 'SLOT_NOT_OFFERED' },
    ]);
  });

  it('without a target moves each visit to the next time at which its doctor and patient are free', async () => {
    const ids = await bookDay(4, 0, 30);
    await book(0, 1, at(31, '09:00'));
    await call('POST', `/doctors/${doctor(0)}/schedule/exceptions`, clinic.staff, {
      ...{ from: day(30), to: day(30), kind: 'CLOSED' },
    });
    const answer = await bulk({ action: 'MOVE', doctorId: doctor(0), date: day(30) });
    expect(outcomes(answer)).toEqual(Array<string>(4).fill('MOVED'));
    // The first patient has another visit at 09:00.
    expect(answer.data.map(({ startDateTime }: { startDateTime: string }) => startDateTime)).toEqual(
      ['09:30', '09:00', '10:00', '10:30'].map((time) => at(31, time)),
    );
    await expectConsistent(ids);
  });

  it('changes nothing in a dry run, and returns what the change would do, also with rooms and conflicts', async () => {
    const ids = await bookDay(5, 0, 40, roomServiceId);
    await bookDay(2, 1, 41, roomServiceId);
    await book(7, 2, at(41, '09:00'), roomServiceId);
    const moves = [
      { action: 'MOVE', appointmentIds: ids, to: { date: day(41) } },
      { action: 'MOVE', appointmentIds: ids },
      { action: 'MOVE', appointmentIds: ids, to: { doctorId: doctor(1) } },
      { action: 'CANCEL', appointmentIds: ids },
    ];
    for (const move of moves) {
      const before = await countWrittenRows();
      const expected = await bulk({ ...move, dryRun: true });
      expect(expected.status).toBe(200);
      expect(await countWrittenRows()).toEqual(before);
      expect((await bulk(move)).data).toEqual(expected.data);
    }
    await expectConsistent(ids);
  });
});

describe('a repeated bulk change', () => {
  it('with the same key changes each visit once and gives the first answer, also after failures', async () => {
    const ids = await bookDay(3, 0, 50);
    const blocker = await book(6, 1, at(50, '09:30'));
    const move = { action: 'MOVE', appointmentIds: ids, to: { doctorId: doctor(1) } };
    const headers = { 'idempotency-key': newId() };
    const first = await bulk(move, { headers });
    expect(outcomes(first)).toEqual(['MOVED', 'FAILED', 'MOVED']);
    await call('DELETE', `/appointments/${blocker}`, clinic.staff);
    const again = await bulk(move, { headers });
    expect([again.data, again.headers.get('idempotency-replayed')]).toEqual([first.data, 'true']);
    expect((await get(ids[0] as string)).version).toBe(2);
    expect((await get(ids[1] as string)).version).toBe(1);
    expect((await bulk({ ...move, reason: 'Another' }, { headers })).code).toBe('IDEMPOTENCY_KEY_REUSED');
    const dryRun = { 'idempotency-key': newId() };
    expect((await bulk({ ...move, dryRun: true }, { headers: dryRun })).status).toBe(200);
    expect((await bulk(move, { headers: dryRun })).code).toBe('IDEMPOTENCY_KEY_REUSED');
  });

  inLongForm(it)('after a killed process continues where the first attempt ended', async () => {
    const ids = await bookDay(4, 2, 51);
    const env = { ...app.environment, JOBS_IN_PROCESS: 'false' };
    const holder = await app.db.connect();
    const first = await ApiProcess.start(env);
    const send = (url: string): Promise<Answer> =>
      app.call('POST', `${url}/api/v1/appointments/bulk`, {
        ...{ token: clinic.staff, headers: { 'idempotency-key': 'after-a-kill' } },
        body: { action: 'CANCEL', doctorId: doctor(2), date: day(51), reason: 'Ill' },
      });
    try {
      await holder.query('BEGIN');
      await holder.query('SELECT FROM appointment WHERE id = $1 FOR UPDATE', [ids[2]]);
      const interrupted = send(first.url).catch(() => null);
      await eventually(async () => {
        const { rows } = await app.db.query(
          'SELECT appointment_id AS id FROM bulk_change_visit WHERE appointment_id = ANY ($1)',
          [ids],
        );
        expect(rows).toHaveLength(2);
      });
      await first.kill();
      expect(await interrupted).toBeNull();
    } finally {
      await holder.query('ROLLBACK');
      holder.release();
    }
    const second = await ApiProcess.start(env);
    try {
      const answer = await send(second.url);
      expect(answer.data).toHaveLength(4);
      expect(outcomes(answer)).toEqual(Array<string>(4).fill('CANCELLED'));
      expect((await send(second.url)).data).toEqual(answer.data);
    } finally {
      await second.kill();
    }
    const { rows } = await app.db.query(
      `SELECT object_id AS id, count(*)::int AS n FROM audit_log WHERE action = 'appointment.cancelled' AND object_id = ANY ($1) GROUP BY 1`,
      [ids],
    );
    expect(rows.map(({ n }) => n)).toEqual([1, 1, 1, 1]);
  });
});

describe('at the same time', () => {
  it('as a patient moves or cancels one of the visits, each visit is changed completely or not at all', async () => {
    for (let round = 0; round < 3; round += 1) {
      const date = 60 + 2 * round;
      const ids = await bookDay(4, 0, date);
      const [moved, cancelled] = ids as [string, string];
      const [answer, ownMove, ownCancel] = await Promise.all([
        bulk({ action: 'MOVE', appointmentIds: ids, to: { doctorId: doctor(1) } }),
        call('PUT', `/appointments/${moved}`, patient(0).token, { startDateTime: at(date + 1, '15:00') }),
        call('DELETE', `/appointments/${cancelled}`, patient(1).token),
      ]);
      expect([ownMove.status, ownCancel.status]).toEqual([200, 200]);
      expect(outcomes(answer).slice(2)).toEqual(['MOVED', 'MOVED']);
      expect(['MOVED', 'SKIPPED']).toContain(outcomes(answer)[1]);
      expect(await get(cancelled)).toMatchObject({ status: 'CANCELLED' });
      // The move of the patient keeps the new doctor, or the bulk move comes too late.
      const final = await get(moved);
      expect(final).toMatchObject({ startDateTime: at(date + 1, '15:00'), status: 'CONFIRMED' });
      expect(['MOVED', 'SKIPPED']).toContain(outcomes(answer)[0]);
      await expectConsistent(ids);
    }
  });

  it('as bookings of the target times, each time has one visit', async () => {
    const ids = await bookDay(6, 0, 70);
    const [answer, ...booked] = await Promise.all([
      bulk({ action: 'MOVE', appointmentIds: ids, to: { doctorId: doctor(2) } }),
      ...TIMES.slice(0, 6).map((time, index) =>
        call('POST', '/appointments', patient(9 - (index % 3)).token, {
          ...{ serviceId, doctorId: doctor(2), startDateTime: at(70, time) },
        }),
      ),
    ]);
    answer.data.forEach(({ outcome, code }: { outcome: string; code: string | null }, index: number) => {
      const isBooked = booked[index]?.status === 201;
      expect([outcome, code]).toEqual(isBooked ? ['FAILED', 'APPOINTMENT_CONFLICT'] : ['MOVED', null]);
    });
    await expectConsistent(ids);
  });

  it('as another bulk move and bookings, every visit moves once to a different free time, or again if it is seen there', async () => {
    const ids = [...(await bookDay(4, 0, 80)), ...(await bookDay(4, 1, 81))];
    const sets = [ids.slice(0, 4), ids.slice(2, 8), ids.slice(0, 6)];
    const [answers, booked] = await Promise.all([
      Promise.all(sets.map((appointmentIds) => bulk({ action: 'MOVE', appointmentIds }))),
      Promise.all(
        TIMES.slice(4, 8).map((time, index) =>
          call('POST', '/appointments', patient(6 + index).token, {
            ...{ serviceId, doctorId: doctor(0), startDateTime: at(80, time) },
          }),
        ),
      ),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    const results = answers.flatMap(({ data }) => data) as { appointmentId: string; outcome: string; reason: string }[];
    for (const { outcome, reason } of results)
      expect([outcome, reason]).toEqual(outcome === 'MOVED' ? ['MOVED', null] : ['SKIPPED', 'MOVED_MEANWHILE']);
    expect(booked.every(({ status }) => status === 201 || status === 409)).toBe(true);
    const versions = await Promise.all(ids.map(async (id) => (await get(id)).version as number));
    // Each move of a visit is one version.
    const countMoves = (id: string): number =>
      results.filter(({ appointmentId, outcome }) => appointmentId === id && outcome === 'MOVED').length;
    expect(versions).toEqual(ids.map((id) => 1 + countMoves(id)));
    expect(Math.min(...versions)).toBeGreaterThan(1);
    await expectConsistent(ids);
  });
});
