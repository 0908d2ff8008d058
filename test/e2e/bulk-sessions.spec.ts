import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '../../src/core/kernel/id.js';
import { TestApp, type Answer, type TestPatient } from '../support/app.js';
import { aService, at, openClinic, type TestClinic } from '../support/clinic.js';
import { eventually } from '../support/eventually.js';
import { countLockWaits } from '../support/locks.js';
import { inLongForm } from '../support/long-form.js';
import { ApiProcess } from '../support/processes.js';

/** POST /appointments/bulk with `groupId`: every seat of a group session is changed, or none. */

const CAPACITY = 4;

let app: TestApp;
let clinic: TestClinic;
let other: TestClinic;
let serviceId: string;
let singleId: string;
let patients: TestPatient[];
let nextPatient = 0;
let nextDay = 3;

beforeAll(async () => {
  app = await TestApp.start({ JOBS_IN_PROCESS: 'false', VISIT_CHANGES_PER_10_MINUTES: '10000' });
  const options = { doctors: 2, rooms: 2, hours: { start: '09:00', end: '17:00' }, policy: { horizonDays: 365 } };
  clinic = await openClinic(app, options);
  other = await openClinic(app, options);
  serviceId = await aService(app, clinic, { capacity: CAPACITY, requiredResourceKinds: ['ROOM'] });
  singleId = await aService(app, clinic);
  patients = await app.patients(70);
});

afterAll(() => app.close());

interface Session {
  groupId: string;
  ids: string[];
  people: TestPatient[];
  day: number;
}

interface Result {
  appointmentId: string;
  outcome: string;
  code: string | null;
  reason: string | null;
  startDateTime: string;
  doctorId: string;
}

const aPatient = (): TestPatient => patients[nextPatient++] as TestPatient;
const doctor = (index: number): string => clinic.doctorIds[index] as string;
const toDay = (daysAhead: number): string => at(daysAhead).slice(0, 10);

const book = ({ token }: TestPatient, startDateTime: string, service = serviceId, doctorIndex = 0): Promise<Answer> =>
  app.call('POST', '/api/v1/appointments', {
    ...{ token, body: { serviceId: service, doctorId: doctor(doctorIndex), startDateTime } },
  });

/** A session with three of its seats taken, on a day of its own. */
async function aSession(): Promise<Session> {
  const day = (nextDay += 3);
  const people = [aPatient(), aPatient(), aPatient()];
  const seats: Answer[] = [];
  for (const person of people) seats.push(await book(person, at(day, '10:00')));
  expect(seats.map(({ status }) => status)).toEqual([201, 201, 201]);
  const [first] = seats as [Answer];
  return { day, people, groupId: first.data.groupId as string, ids: seats.map(({ data }) => data.id as string) };
}

const bulk = (body: object, { token = clinic.staff, headers = {} } = {}): Promise<Answer> =>
  app.call('POST', '/api/v1/appointments/bulk', { token, headers, body: { reason: 'The doctor is ill', ...body } });

const pick = <Key extends keyof Result>({ data }: Answer, key: Key): Result[Key][] =>
  (data as Result[]).map((result) => result[key]);

interface Seat {
  start: string;
  doctor: string;
  status: string;
  group: string;
  version: number;
}

async function read(ids: readonly string[]): Promise<Seat[]> {
  const { rows } = await app.db.query(
    `SELECT to_char(start_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS start, doctor_id AS doctor, status,
            group_id AS "group", version
     FROM appointment WHERE id = ANY ($1) ORDER BY id`,
    [ids],
  );
  return rows;
}

const distinct = async <Key extends keyof Seat>(ids: readonly string[], key: Key): Promise<Seat[Key][]> => [
  ...new Set((await read(ids)).map((seat) => seat[key])),
];

/** How often each visit was changed so, by the audit log. */
async function countChanges(action: string, ids: readonly string[]): Promise<number[]> {
  const { rows } = await app.db.query(
    `SELECT (SELECT count(*)::int FROM audit_log WHERE object_id = a.id AND action = $2) AS n
     FROM appointment a WHERE a.id = ANY ($1)`,
    [ids, action],
  );
  return rows.map(({ n }) => n);
}

/** Every open visit has its doctor's time once, and others have none. */
async function expectConsistent(): Promise<void> {
  expect(await app.overlaps()).toBe(0);
  const { rows } = await app.db.query(
    `SELECT a.id FROM appointment a WHERE a.clinic_id = $1 AND (SELECT count(*) FROM reservation r
       WHERE r.appointment_id = a.id AND r.kind = 'DOCTOR' AND r.active AND r.during @> a.start_at) <> (a.status = 'CONFIRMED')::int`,
    [clinic.id],
  );
  expect(rows).toEqual([]);
}

describe('a bulk change of a group session', () => {
  it('cancels every seat with the reason, and frees the time', async () => {
    const { groupId, ids, day } = await aSession();
    const answer = await bulk({ action: 'CANCEL', groupId });
    expect(answer.status).toBe(200);
    expect(pick(answer, 'appointmentId').sort()).toEqual([...ids].sort());
    expect(pick(answer, 'outcome')).toEqual(['CANCELLED', 'CANCELLED', 'CANCELLED']);
    const shown = await app.call('GET', `/api/v1/appointments/${ids[0]}`, { token: clinic.staff });
    expect(shown.data).toMatchObject({ status: 'CANCELLED', cancelReason: 'The doctor is ill' });
    expect((await book(aPatient(), at(day, '10:00'), singleId)).status).toBe(201);
    expect((await bulk({ action: 'CANCEL', groupId })).status).toBe(404);
  });

  it('moves every seat: to another doctor, to another day, and to the next time at which all are free', async () => {
    const { groupId, ids, day, people } = await aSession();
    const toDoctor = await bulk({ action: 'MOVE', groupId, to: { doctorId: doctor(1) } });
    expect(pick(toDoctor, 'outcome')).toEqual(['MOVED', 'MOVED', 'MOVED']);
    expect(new Set(pick(toDoctor, 'doctorId'))).toEqual(new Set([doctor(1)]));
    const [second] = await distinct(ids, 'group');
    await bulk({ action: 'MOVE', groupId: second, to: { date: toDay(day + 1) } });
    expect(await distinct(ids, 'start')).toEqual([at(day + 1, '10:00')]);
    const [third] = await distinct(ids, 'group');
    // The next time is taken by another session, the one after it by a visit of a participant.
    await book(aPatient(), at(day + 1, '10:30'), serviceId, 1);
    await book(people[2] as TestPatient, at(day + 1, '11:15'), singleId, 0);
    const next = await bulk({ action: 'MOVE', groupId: third });
    expect(new Set(pick(next, 'startDateTime'))).toEqual(new Set([at(day + 1, '11:45')]));
    expect(await distinct(ids, 'start')).toEqual([at(day + 1, '11:45')]);
    expect(await distinct(ids, 'version')).toEqual([4]);
    const history = await app.call('GET', `/api/v1/appointments/${ids[0]}/history`, { token: clinic.staff });
    expect(history.data.map(({ moveReason }: { moveReason: string | null }) => moveReason)).toContain(
      'The doctor is ill',
    );
    const [fourth] = await distinct(ids, 'group');
    const same = await bulk({ action: 'MOVE', groupId: fourth, to: { doctorId: doctor(1) } });
    expect(pick(same, 'outcome')).toEqual(['SKIPPED', 'SKIPPED', 'SKIPPED']);
    await expectConsistent();
  });

  it('moves no seat onto a time that one other visit has, and a dry run says so', async () => {
    const { groupId, ids, day } = await aSession();
    await book(aPatient(), at(day, '10:15'), singleId, 1);
    const before = await read(ids);
    const move = { action: 'MOVE', groupId, to: { doctorId: doctor(1) } };
    const expected = await bulk({ ...move, dryRun: true });
    const answer = await bulk(move);
    expect(answer.status).toBe(200);
    expect(pick(answer, 'outcome')).toEqual(['FAILED', 'FAILED', 'FAILED']);
    expect(new Set(pick(answer, 'code'))).toEqual(new Set(['APPOINTMENT_CONFLICT']));
    expect(new Set(pick(answer, 'reason'))).toEqual(new Set(['DOCTOR']));
    expect(new Set(pick(answer, 'startDateTime'))).toEqual(new Set([at(day, '10:00')]));
    expect(expected.data).toEqual(answer.data);
    expect(await read(ids)).toEqual(before);
    expect((await book(aPatient(), at(day, '10:00'), singleId)).status).toBe(409);
    await expectConsistent();
  });

  it('moves no seat if one patient has another visit then, or if one visit has started', async () => {
    const { groupId, ids, day, people } = await aSession();
    await book(people[1] as TestPatient, at(day + 1, '10:15'), singleId, 1);
    const before = await read(ids);
    const answer = await bulk({ action: 'MOVE', groupId, to: { date: toDay(day + 1) } });
    const reasons = new Map((answer.data as Result[]).map(({ appointmentId, reason }) => [appointmentId, reason]));
    expect(ids.map((id) => reasons.get(id))).toEqual(['OTHER_SEAT', 'CLIENT', 'OTHER_SEAT']);
    expect(await read(ids)).toEqual(before);
    await app.db.query(`UPDATE appointment SET status = 'IN_PROGRESS' WHERE id = $1`, [ids[0]]);
    const started = await bulk({ action: 'CANCEL', groupId });
    expect(new Set(pick(started, 'outcome'))).toEqual(new Set(['FAILED']));
    expect((await read(ids)).map(({ status }) => status).sort()).toEqual(['CONFIRMED', 'CONFIRMED', 'IN_PROGRESS']);
    await app.db.query(`UPDATE appointment SET status = 'CONFIRMED' WHERE id = $1`, [ids[0]]);
  });

  it('in a dry run writes nothing, and answers what then happens', async () => {
    const { groupId, ids, day } = await aSession();
    const written = async (): Promise<unknown> => {
      const { rows } = await app.db.query(
        `SELECT (SELECT count(*) FROM audit_log) AS audited, (SELECT count(*) FROM outbox) AS events,
                (SELECT count(*) FROM reservation) AS reserved, (SELECT count(*) FROM bulk_change) AS bulks`,
      );
      return [rows[0], await read(ids)];
    };
    const before = await written();
    for (const change of [{ action: 'MOVE', to: { date: toDay(day + 1) } }, { action: 'CANCEL' }]) {
      const dryRun = await bulk({ ...change, groupId, dryRun: true });
      expect(await written()).toEqual(before);
      if (change.action === 'CANCEL') expect((await bulk({ ...change, groupId })).data).toEqual(dryRun.data);
    }
  });

  it('is unknown to the desk of another clinic, and refused to patients', async () => {
    const { groupId, ids, people } = await aSession();
    expect((await bulk({ action: 'CANCEL', groupId }, { token: other.staff })).status).toBe(404);
    expect((await bulk({ action: 'CANCEL', groupId }, { token: people[0]?.token ?? '' })).status).toBe(403);
    expect(await distinct(ids, 'version')).toEqual([1]);
  });
});

describe('a repeated bulk change of a session', () => {
  it('with the same key is done once, also if both are sent at the same time', async () => {
    const { groupId, ids, day } = await aSession();
    const headers = { 'idempotency-key': newId() };
    const move = { action: 'MOVE', groupId, to: { date: toDay(day + 1) } };
    const answers = await Promise.all(Array.from({ length: 4 }, () => bulk(move, { headers })));
    const done = answers.filter(({ status }) => status === 200);
    expect(done.length).toBeGreaterThan(0);
    for (const answer of answers) {
      if (answer.status === 200) expect(answer.data).toEqual(done[0]?.data);
      else expect(answer.code).toBe('IDEMPOTENCY_IN_PROGRESS');
    }
    expect((await bulk(move, { headers })).data).toEqual(done[0]?.data);
    expect(await countChanges('appointment.rescheduled', ids)).toEqual([1, 1, 1]);
  });

  inLongForm(it)(
    'after the process was killed in the middle has changed no seat, and then changes every seat once',
    async () => {
      const { groupId, ids } = await aSession();
      const env = { ...app.environment, JOBS_IN_PROCESS: 'false' };
      const holder = await app.db.connect();
      const first = await ApiProcess.start(env);
      const send = (url: string): Promise<Answer> =>
        app.call('POST', `${url}/api/v1/appointments/bulk`, {
          ...{ token: clinic.staff, headers: { 'idempotency-key': 'session-after-a-kill' } },
          body: { action: 'CANCEL', groupId, reason: 'Ill' },
        });
      try {
        await holder.query('BEGIN');
        // The change of the last seat waits for this.
        await holder.query('SELECT FROM reservation WHERE appointment_id = $1 FOR UPDATE', [[...ids].sort().at(-1)]);
        const interrupted = send(first.url).catch(() => null);
        await eventually(async () => expect(await countLockWaits(app.db)).toBe(1));
        await first.kill();
        expect(await interrupted).toBeNull();
      } finally {
        await holder.query('ROLLBACK');
        holder.release();
      }
      expect(await distinct(ids, 'status')).toEqual(['CONFIRMED']);
      const second = await ApiProcess.start(env);
      try {
        const answer = await send(second.url);
        expect(pick(answer, 'outcome')).toEqual(['CANCELLED', 'CANCELLED', 'CANCELLED']);
        expect((await send(second.url)).data).toEqual(answer.data);
      } finally {
        await second.kill();
      }
      expect(await countChanges('appointment.cancelled', ids)).toEqual([1, 1, 1]);
      await expectConsistent();
    },
  );
});

describe('at the same time', () => {
  it('as a participant cancels and another patient books a seat, the session is moved as a whole', async () => {
    for (let round = 0; round < 3; round += 1) {
      const { groupId, ids, day, people } = await aSession();
      const [leaving] = people as [TestPatient];
      const [answer, cancelled, joined] = await Promise.all([
        bulk({ action: 'MOVE', groupId, to: { date: toDay(day + 1) } }),
        app.call('DELETE', `/api/v1/appointments/${ids[0]}`, { token: leaving.token }),
        book(aPatient(), at(day, '10:00')),
      ]);
      expect([answer.status, cancelled.status]).toEqual([200, 200]);
      const remaining = await read(ids.slice(1));
      expect(remaining.map(({ start, status }) => [start, status])).toEqual(
        Array(2).fill([at(day + 1, '10:00'), 'CONFIRMED']),
      );
      // A seat that was booked before the move was moved too; later, it is a new session at the old time.
      expect([201, 409]).toContain(joined.status);
      if (joined.status === 201) {
        const isMoved = pick(answer, 'appointmentId').includes(joined.data.id as string);
        const [seat] = await read([joined.data.id as string]);
        expect(seat?.start).toBe(at(isMoved ? day + 1 : day, '10:00'));
      }
      await expectConsistent();
    }
  });

  it('as other changes of the same session, each seat has the one time or the other, with all others', async () => {
    for (let round = 0; round < 3; round += 1) {
      const { groupId, ids, day } = await aSession();
      const answers = await Promise.all([
        bulk({ action: 'MOVE', groupId, to: { date: toDay(day + 1) } }),
        bulk({ action: 'MOVE', groupId, to: { doctorId: doctor(1) } }),
        bulk({ action: 'CANCEL', groupId }),
      ]);
      const isDone = (outcome: string): boolean => outcome === 'MOVED' || outcome === 'CANCELLED';
      const counts = answers.map((answer) =>
        answer.status === 200 ? pick(answer, 'outcome').filter(isDone).length : 0,
      );
      for (const { status } of answers) expect([200, 404]).toContain(status);
      // The first one ends the session of that id: it has another time then, or no seats.
      expect(counts.sort()).toEqual([0, 0, 3]);
      expect(await distinct(ids, 'version')).toEqual([2]);
      for (const key of ['start', 'doctor', 'status', 'group'] as const) {
        expect(await distinct(ids, key)).toHaveLength(1);
      }
      await expectConsistent();
    }
  });
});
