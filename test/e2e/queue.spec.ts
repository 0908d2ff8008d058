import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createMaker, insertApiKey } from '../support/api-keys.js';
import { countByStatus } from '../support/answers.js';
import { TestApp, type Answer, type TestPatient } from '../support/app.js';
import { aService, createAccount, openClinic, type TestClinic } from '../support/clinic.js';
import { SettableClock } from '../support/settable-clock.js';
import { SocketClient } from '../support/sockets.js';

/** The day's queue, in Berlin on a day on which the clocks change: 02:00 is skipped, 09:00 is 07:00 UTC. */

const DAY = '2027-03-28';
const MINUTE = 60_000;
/** The clock of the test is months ahead. */
const ENV = { VISIT_CHANGES_PER_10_MINUTES: '100000', JWT_EXPIRES_IN: '20000h' };

let app: TestApp;
let clock: SettableClock;

/** The instant of a local time after the clocks have changed. */
const local = (time: string): string => new Date(`${DAY}T${time}:00+02:00`).toISOString();
const later = (instant: string, minutes: number): string =>
  new Date(Date.parse(instant) + minutes * MINUTE).toISOString();

beforeAll(async () => {
  clock = new SettableClock();
  clock.set(local('08:00'));
  app = await TestApp.start(ENV, undefined, clock);
});

afterAll(() => app.close());

interface Desk {
  clinic: TestClinic;
  serviceId: string;
}

/** A clinic of its own for each test, at 08:00. */
async function openDesk(options: { doctors?: number; hours?: { start: string; end: string } } = {}): Promise<Desk> {
  clock.set(local('08:00'));
  const clinic = await openClinic(app, { timeZone: 'Europe/Berlin', ...options });
  return { clinic, serviceId: await aService(app, clinic) };
}

interface Member {
  userId: string;
  token: string;
}

async function createMember(
  role: 'DOCTOR' | 'STAFF',
  more: { doctorId?: string; clinicIds: string[] },
): Promise<Member> {
  const userId = await createAccount(app, role);
  return { userId, token: app.tokenFor({ userId, role, ...more }) };
}

const createDoctor = ({ clinic }: Desk, doctor = 0): Promise<Member> =>
  createMember('DOCTOR', { doctorId: clinic.doctorIds[doctor], clinicIds: [clinic.id] });

const doctorToken = async (desk: Desk, doctor = 0): Promise<string> => (await createDoctor(desk, doctor)).token;

/** The clinic and the patients of each time that somebody read a queue. */
async function listReads(userId: string): Promise<unknown[]> {
  const { rows } = await app.db.query(
    `SELECT clinic_id AS "clinicId", changes -> 'clientIds' AS "clientIds" FROM audit_log
     WHERE action = 'queue_entry.list-read' AND actor_user_id = $1 ORDER BY id`,
    [userId],
  );
  return rows;
}

async function book(desk: Desk, patient: TestPatient, start: string, doctor = 0): Promise<string> {
  const body = {
    ...{ serviceId: desk.serviceId, doctorId: desk.clinic.doctorIds[doctor], startDateTime: start },
    ...{ clientId: patient.clientId, overrideHours: true, overrideReason: 'Urgent' },
  };
  const answer = await app.call('POST', '/api/v1/appointments', { token: desk.clinic.staff, body });
  expect(answer).toMatchObject({ status: 201 });
  return answer.data.id as string;
}

const attend = (desk: Desk, id: string, step: string): Promise<Answer> =>
  app.call('POST', `/api/v1/appointments/${id}/${step}`, { token: desk.clinic.staff });

/** Books at a time and checks in at another. @returns the appointment's id */
async function arrive(desk: Desk, patient: TestPatient, start: string, at: string, doctor = 0): Promise<string> {
  const id = await book(desk, patient, start, doctor);
  clock.set(at);
  expect((await attend(desk, id, 'check-in')).status).toBe(200);
  return id;
}

/** Moves a visit to another doctor at the same time. */
const giveTo = (desk: Desk, id: string, doctor: number): Promise<Answer> =>
  app.call('PUT', `/api/v1/appointments/${id}`, {
    token: desk.clinic.staff,
    body: { doctorId: desk.clinic.doctorIds[doctor], overrideHours: true, overrideReason: 'Urgent' },
  });

const list = async (desk: Desk, token = desk.clinic.staff): Promise<any[]> => {
  const answer = await app.call('GET', `/api/v1/queue?clinicId=${desk.clinic.id}`, { token });
  expect(answer.status).toBe(200);
  return answer.data as any[];
};

const find = async (desk: Desk, appointmentId: string): Promise<any> =>
  (await list(desk)).find((entry) => entry.appointmentId === appointmentId);

const act = (desk: Desk, id: string, action: string, body: object = {}, token = desk.clinic.staff): Promise<Answer> =>
  app.call('POST', `/api/v1/queue/${id}/${action}`, { token, body });

const addWalkIn = (desk: Desk, fields: object, token = desk.clinic.staff): Promise<Answer> =>
  app.call('POST', '/api/v1/queue/walk-ins', {
    token,
    body: { clinicId: desk.clinic.id, serviceId: desk.serviceId, ...fields },
  });

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

describe('numbers', () => {
  it('have no gaps and no duplicates after 20 check-ins at once, and the order is that of the planned times', async () => {
    const desk = await openDesk();
    const patients = await app.patients(20);
    const starts = patients.map((_, index) => later(local('09:00'), 30 * index));
    const ids: string[] = [];
    for (const [index, patient] of patients.entries()) ids.push(await book(desk, patient, starts[index] as string));
    const answers = await Promise.all(ids.map((id) => attend(desk, id, 'check-in')));
    expect(countByStatus(answers)).toEqual({ 200: 20 });
    const queue = await list(desk);
    expect(queue.map(({ number }) => number).sort((a, b) => a - b)).toEqual(upTo(20));
    expect(queue.map(({ startDateTime }) => startDateTime)).toEqual(starts);
    expect(queue.map(({ position }) => position)).toEqual(upTo(20));
  });

  it('start again for each local day, and go on when the clocks change', async () => {
    const desk = await openDesk();
    const patients = (await app.patients(4)) as [TestPatient, TestPatient, TestPatient, TestPatient];
    // 23:30 of the day before, 00:30, 01:30 and, after the skipped hour, 03:30.
    const starts = ['2027-03-27T22:30:00.000Z', '2027-03-27T23:30:00.000Z', '2027-03-28T00:30:00.000Z'];
    const last = '2027-03-28T01:30:00.000Z';
    clock.set('2027-03-27T22:00:00Z');
    const numbers: number[][] = [];
    for (const [index, start] of [...starts, last].entries()) {
      await arrive(desk, patients[index] as TestPatient, start, start);
      numbers.push((await list(desk)).map(({ number }) => number));
    }
    expect(numbers).toEqual([[1], [1], [1, 2], [1, 2, 3]]);
  });

  it('stay with a patient whose check-in was undone and done again', async () => {
    const desk = await openDesk();
    const [first, second] = (await app.patients(2)) as [TestPatient, TestPatient];
    const id = await arrive(desk, first, local('09:00'), local('08:10'));
    await attend(desk, id, 'reinstate');
    expect(await list(desk)).toEqual([]);
    await arrive(desk, second, local('09:30'), local('08:20'));
    await attend(desk, id, 'check-in');
    expect((await list(desk)).map(({ appointmentId, number }) => [appointmentId === id, number])).toEqual([
      [true, 1],
      [false, 2],
    ]);
  });

  it('are given to patients whom a process of an earlier release has checked in', async () => {
    const desk = await openDesk();
    const [first, second] = (await app.patients(2)) as [TestPatient, TestPatient];
    const old = await book(desk, first, local('09:00'));
    await app.db.query('UPDATE appointment SET checked_in_at = $1 WHERE id = $2', [local('08:05'), old]);
    const entries = await Promise.all([list(desk), list(desk), list(desk)]);
    expect(entries.map((entry) => entry.map(({ number }) => number))).toEqual([[1], [1], [1]]);
    await arrive(desk, second, local('09:30'), local('08:20'));
    expect((await list(desk)).map(({ number }) => number)).toEqual([1, 2]);
  });
});

describe('the order', () => {
  it('gives early patients no advantage, and places late ones by their arrival', async () => {
    const desk = await openDesk();
    const patients = (await app.patients(4)) as [TestPatient, TestPatient, TestPatient, TestPatient];
    const early = await arrive(desk, patients[0], local('11:00'), local('08:05'));
    const late = await book(desk, patients[1], local('09:00'));
    const before = await arrive(desk, patients[2], local('09:30'), local('09:30'));
    clock.set(local('09:45'));
    await attend(desk, late, 'check-in');
    const after = await arrive(desk, patients[3], local('10:00'), local('09:50'));
    expect((await list(desk)).map(({ appointmentId }) => appointmentId)).toEqual([before, late, after, early]);
  });
});

describe('a visit', () => {
  it('goes through the queue: waiting, called, in the room, done', async () => {
    const desk = await openDesk();
    const [patient] = (await app.patients(1)) as [TestPatient];
    const id = await arrive(desk, patient, local('09:00'), local('08:50'));
    const waiting = await find(desk, id);
    expect(waiting).toMatchObject({ status: 'WAITING', position: 1, estimatedWaitMinutes: 10, calledAt: null });
    expect(waiting.client).toEqual({ id: patient.clientId, firstName: 'Pat', lastName: 'Ient' });
    clock.set(local('09:00'));
    const called = await act(desk, waiting.id, 'call');
    expect(called.data).toMatchObject({ status: 'CALLED', position: null, calledAt: local('09:00') });
    expect(called.headers.get('etag')).toBe(`"${called.data.version}"`);
    await attend(desk, id, 'start');
    expect(await find(desk, id)).toMatchObject({ status: 'IN_ROOM', startedAt: local('09:00') });
    await attend(desk, id, 'complete');
    expect(await find(desk, id)).toMatchObject({ status: 'DONE' });
    await attend(desk, id, 'reinstate');
    expect(await find(desk, id)).toMatchObject({ status: 'IN_ROOM' });
  });

  it('that is cancelled or moved to another day leaves the queue', async () => {
    const desk = await openDesk();
    const [first, second] = (await app.patients(2)) as [TestPatient, TestPatient];
    const cancelled = await arrive(desk, first, local('09:00'), local('08:10'));
    const moved = await arrive(desk, second, local('09:30'), local('08:10'));
    const token = desk.clinic.staff;
    await app.call('DELETE', `/api/v1/appointments/${cancelled}`, { token });
    const body = { startDateTime: later(local('09:30'), 1440), overrideHours: true, overrideReason: 'Urgent' };
    expect((await app.call('PUT', `/api/v1/appointments/${moved}`, { token, body })).status).toBe(200);
    expect(await list(desk)).toEqual([]);
  });

  it('is called once by 20 callers, and again only on request', async () => {
    const desk = await openDesk();
    const [patient] = (await app.patients(1)) as [TestPatient];
    const id = await arrive(desk, patient, local('09:00'), local('08:50'));
    const { id: entryId } = await find(desk, id);
    const answers = await Promise.all(upTo(20).map(() => act(desk, entryId, 'call')));
    expect(countByStatus(answers)).toEqual({ 200: 1, '409 INVALID_TRANSITION': 19 });
    clock.set(local('08:55'));
    expect((await act(desk, entryId, 'call', { again: true })).data).toMatchObject({ calledAt: local('08:55') });
  });

  it('that is given to another doctor waits for them, with the same number, until they call', async () => {
    const desk = await openDesk({ doctors: 2 });
    const [patient] = (await app.patients(1)) as [TestPatient];
    const id = await arrive(desk, patient, local('09:00'), local('08:50'), 0);
    const entry = await find(desk, id);
    expect((await act(desk, entry.id, 'call')).status).toBe(200);
    expect((await giveTo(desk, id, 1)).status).toBe(200);
    expect(await find(desk, id)).toMatchObject({
      ...{ id: entry.id, number: 1, status: 'WAITING', position: 1, calledAt: null },
      ...{ doctorId: desk.clinic.doctorIds[1], arrivedAt: local('08:50') },
    });
    const called = await act(desk, entry.id, 'call', {}, await doctorToken(desk, 1));
    expect(called).toMatchObject({ status: 200, data: { status: 'CALLED' } });
  });

  it('that is given to another doctor loses the place of a move in the queue of the previous one', async () => {
    const desk = await openDesk({ doctors: 2 });
    const [first, second, other] = (await app.patients(3)) as [TestPatient, TestPatient, TestPatient];
    const moved = await arrive(desk, first, local('09:00'), local('08:10'), 0);
    await arrive(desk, second, local('10:00'), local('08:10'), 0);
    const waiting = await arrive(desk, other, local('09:30'), local('08:10'), 1);
    await act(desk, (await find(desk, moved)).id, 'move', { beforeId: null, reason: 'Away' });
    expect((await giveTo(desk, moved, 1)).status).toBe(200);
    const ofOther = (await list(desk)).filter(({ doctorId }) => doctorId === desk.clinic.doctorIds[1]);
    expect(ofOther.map(({ appointmentId }) => appointmentId)).toEqual([moved, waiting]);
  });

  it('ends its estimated waiting time by the real durations of the day', async () => {
    const desk = await openDesk();
    const patients = (await app.patients(3)) as [TestPatient, TestPatient, TestPatient];
    const done = await arrive(desk, patients[0], local('08:00'), local('08:00'));
    await attend(desk, done, 'start');
    await arrive(desk, patients[1], local('08:30'), local('08:05'));
    const waiting = await arrive(desk, patients[2], local('09:00'), local('08:05'));
    clock.set(local('08:45'));
    await attend(desk, done, 'complete');
    // 45 minutes instead of 30: the patient before this one is expected to take as long.
    expect(await find(desk, waiting)).toMatchObject({ estimatedWaitMinutes: 45 });
  });
});

describe('a move', () => {
  it('needs a reason, is audited without it, and is shown to the front desk and the doctor', async () => {
    const desk = await openDesk();
    const [first, second] = (await app.patients(2)) as [TestPatient, TestPatient];
    await arrive(desk, first, local('09:00'), local('08:10'));
    const urgent = await arrive(desk, second, local('11:00'), local('08:20'));
    const [next, last] = await list(desk);
    const refused = await act(desk, last.id, 'move', { beforeId: next.id });
    expect(refused).toMatchObject({ status: 400, code: 'VALIDATION_ERROR' });
    const moved = await act(desk, last.id, 'move', { beforeId: next.id, reason: 'Severe pain' });
    expect(moved.data).toMatchObject({ position: 1, moveReasons: ['Severe pain'] });
    const queue = await list(desk, await doctorToken(desk));
    expect(queue.map(({ appointmentId }) => appointmentId === urgent)).toEqual([true, false]);
    expect(queue[0].moveReasons).toEqual(['Severe pain']);
    const { rows } = await app.db.query(
      `SELECT actor_role AS role, changes FROM audit_log WHERE object_id = $1 AND action = 'queue.moved'`,
      [last.id],
    );
    expect(rows).toEqual([{ role: 'STAFF', changes: { clientIds: [second.clientId], position: [2, 1] } }]);
    const stored = await app.db.query('SELECT * FROM queue_entry WHERE id = $1', [last.id]);
    expect(JSON.stringify(stored.rows)).not.toContain('Severe');
    expect(stored.rows[0].move_reasons.toString()).not.toContain('Severe');
    const back = await act(desk, last.id, 'move', { beforeId: null, reason: 'Feels better' });
    expect(back.data).toMatchObject({ position: 2, moveReasons: ['Severe pain', 'Feels better'] });
  });

  it('with an old version changes nothing', async () => {
    const desk = await openDesk();
    const [patient] = (await app.patients(1)) as [TestPatient];
    await arrive(desk, patient, local('09:00'), local('08:10'));
    const [entry] = await list(desk);
    const move = (): Promise<Answer> =>
      app.call('POST', `/api/v1/queue/${entry.id}/move`, {
        token: desk.clinic.staff,
        headers: { 'if-match': `"${entry.version}"` },
        body: { beforeId: null, reason: 'x' },
      });
    const answers = [await move(), await move()];
    expect(answers.map(({ status }) => status)).toEqual([200, 412]);
  });

  it('against a call never undoes the call', async () => {
    const desk = await openDesk();
    const patients = await app.patients(6);
    for (const [index, patient] of patients.entries())
      await arrive(desk, patient, later(local('09:00'), 30 * index), local('08:10'));
    const queue = await list(desk);
    const answers = await Promise.all(
      queue.flatMap(({ id }) => [act(desk, id, 'move', { beforeId: null, reason: 'Away' }), act(desk, id, 'call')]),
    );
    const moves = answers.filter((_, index) => index % 2 === 0);
    const calls = answers.filter((_, index) => index % 2 === 1);
    expect(countByStatus(calls)).toEqual({ 200: 6 });
    expect(moves.filter(({ status, code }) => status !== 200 && code !== 'INVALID_TRANSITION')).toEqual([]);
    expect((await list(desk)).map(({ status }) => status)).toEqual(queue.map(() => 'CALLED'));
  });
});

describe('a walk-in with a slot', () => {
  it('gets the next free time of today and is checked in, never over another reservation', async () => {
    const desk = await openDesk({ doctors: 2 });
    const patients = await app.patients(7);
    await book(desk, patients[6] as TestPatient, local('08:30'));
    const answers = await Promise.all(
      patients.slice(0, 6).map(({ clientId }) => addWalkIn(desk, { clientId, doctorId: desk.clinic.doctorIds[0] })),
    );
    expect(countByStatus(answers)).toEqual({ 201: 6 });
    const starts = answers.map(({ data }) => data.startDateTime as string).sort();
    expect(starts).toEqual([
      local('08:00'),
      ...Array.from({ length: 5 }, (_, index) => later(local('09:00'), 30 * index)),
    ]);
    expect(answers.map(({ data }) => data.number as number).sort((a, b) => a - b)).toEqual(upTo(6));
    expect(await app.overlaps()).toBe(0);
  });

  it('is refused when no time is left today', async () => {
    const desk = await openDesk({ hours: { start: '08:00', end: '08:30' } });
    const [first, second] = (await app.patients(2)) as [TestPatient, TestPatient];
    expect((await addWalkIn(desk, { clientId: first.clientId })).status).toBe(201);
    const refused = await addWalkIn(desk, { clientId: second.clientId });
    expect(refused).toMatchObject({ status: 422, code: 'SLOT_NOT_OFFERED' });
    expect(refused.body.error.details).toEqual({ reason: 'FULL' });
    expect(await list(desk)).toHaveLength(1);
  });

  it('is added once by repetitions with the same key, with a new record that may be a duplicate', async () => {
    const desk = await openDesk();
    const add = (key: string): Promise<Answer> =>
      app.call('POST', '/api/v1/queue/walk-ins', {
        token: desk.clinic.staff,
        headers: { 'idempotency-key': key },
        body: {
          ...{ clinicId: desk.clinic.id, serviceId: desk.serviceId },
          client: { firstName: 'Salma', lastName: 'Adel', phone: '+491701234567' },
        },
      });
    const [first, again] = [await add('one'), await add('one')];
    expect([first.status, again.status]).toEqual([201, 201]);
    expect(again.data).toEqual(first.data);
    expect(first.data).toMatchObject({ isWalkIn: true, client: { firstName: 'Salma' }, possibleDuplicates: [] });
    const twin = await add('two');
    expect(twin.data.possibleDuplicates).toMatchObject([{ id: first.data.clientId }]);
    expect(await list(desk)).toHaveLength(2);
  });
});

describe('a walk-in without a slot', () => {
  it('is found by the patient in the audit log', async () => {
    const desk = await openDesk();
    const patient = await app.patient();
    const { data } = await addWalkIn(desk, { clientId: patient.clientId, withSlot: false });
    await app.call('DELETE', `/api/v1/queue/${data.id}`, { token: desk.clinic.staff });
    const logged = await app.call('GET', `/api/v1/audit-logs?clientId=${patient.clientId}&objectType=queue_entry`, {
      token: desk.clinic.manager,
    });
    const actions = logged.data.map(({ action }: { action: string }) => action);
    expect(actions).toEqual(['queue.left', 'queue.walk-in-added']);
  });

  it('waits, and gets a visit from now on when called into a gap', async () => {
    const desk = await openDesk();
    const [patient, other] = (await app.patients(2)) as [TestPatient, TestPatient];
    await book(desk, other, local('08:20'));
    const added = await addWalkIn(desk, { clientId: patient.clientId, withSlot: false });
    expect(added.data).toMatchObject({ status: 'WAITING', appointmentId: null, number: 1, estimatedWaitMinutes: 50 });
    const tooShort = await act(desk, added.data.id, 'call');
    expect(tooShort).toMatchObject({ status: 409, code: 'APPOINTMENT_CONFLICT' });
    expect(await list(desk)).toMatchObject([{ status: 'WAITING', appointmentId: null }]);
    clock.set(local('08:50'));
    const called = await act(desk, added.data.id, 'call');
    expect(called.data).toMatchObject({
      ...{ id: added.data.id, number: 1, status: 'CALLED', isWalkIn: true, startDateTime: local('08:50') },
      ...{ arrivedAt: local('08:00'), client: { id: patient.clientId } },
    });
    const visit = await app.call('GET', `/api/v1/appointments/${called.data.appointmentId}`, {
      token: desk.clinic.staff,
    });
    expect(visit.data).toMatchObject({ status: 'CONFIRMED', checkedInAt: local('08:50'), clientId: patient.clientId });
    expect(await app.overlaps()).toBe(0);
  });

  it('called against a booking of the same time: one of them gets it', async () => {
    const desk = await openDesk();
    for (let round = 0; round < 5; round += 1) {
      const [walkIn, booker] = (await app.patients(2)) as [TestPatient, TestPatient];
      clock.set(later(local('08:00'), 60 * round));
      const { data } = await addWalkIn(desk, { clientId: walkIn.clientId, withSlot: false });
      const body = { serviceId: desk.serviceId, doctorId: desk.clinic.doctorIds[0] };
      const answers = await Promise.all([
        act(desk, data.id, 'call'),
        app.call('POST', '/api/v1/appointments', {
          token: booker.token,
          body: { ...body, startDateTime: later(local('08:00'), 60 * round) },
        }),
      ]);
      expect(answers.filter(({ status }) => status < 300)).toHaveLength(1);
      expect(answers.filter(({ code }) => code === 'APPOINTMENT_CONFLICT')).toHaveLength(1);
    }
    expect(await app.overlaps()).toBe(0);
  });

  it('waits once for a service, and leaves', async () => {
    const desk = await openDesk();
    const [patient] = (await app.patients(1)) as [TestPatient];
    const add = (): Promise<Answer> => addWalkIn(desk, { clientId: patient.clientId, withSlot: false });
    const answers = await Promise.all(upTo(5).map(add));
    expect(countByStatus(answers)).toEqual({ 201: 1, '409 ALREADY_EXISTS': 4 });
    const [entry] = await list(desk);
    const token = desk.clinic.staff;
    expect((await app.call('DELETE', `/api/v1/queue/${entry.id}`, { token })).status).toBe(200);
    expect((await app.call('DELETE', `/api/v1/queue/${entry.id}`, { token })).status).toBe(404);
    expect(await list(desk)).toEqual([]);
    expect((await add()).data).toMatchObject({ number: 2 });
  });

  it('is a patient whom the front desk may book for', async () => {
    const [desk, elsewhere] = [await openDesk(), await openDesk()];
    const [patient] = (await app.patients(1)) as [TestPatient];
    await arrive(elsewhere, patient, local('09:00'), local('08:10'));
    for (const withSlot of [true, false]) {
      expect(await addWalkIn(desk, { clientId: patient.clientId, withSlot })).toMatchObject({ status: 404 });
    }
    expect(await addWalkIn(desk, { clientId: patient.clientId, serviceId: elsewhere.serviceId })).toMatchObject({
      status: 404,
    });
    expect(await addWalkIn(desk, {})).toMatchObject({ status: 400, code: 'VALIDATION_ERROR' });
  });
});

describe('access', () => {
  it('shows a doctor only the names of their own patients, and the staff of other clinics nothing', async () => {
    const desk = await openDesk({ doctors: 2 });
    const [own, other] = (await app.patients(2)) as [TestPatient, TestPatient];
    await arrive(desk, own, local('09:00'), local('08:10'), 0);
    await arrive(desk, other, local('09:30'), local('08:10'), 1);
    const { userId, token } = await createDoctor(desk);
    const [mine, hidden] = await list(desk, token);
    expect(mine).toMatchObject({ clientId: own.clientId, client: { firstName: 'Pat' } });
    expect(hidden).toMatchObject({ number: 2, status: 'WAITING', doctorId: desk.clinic.doctorIds[1] });
    expect(hidden).toMatchObject({ client: null, clientId: null, appointmentId: null, serviceId: null });
    expect(hidden).toMatchObject({ startDateTime: null, arrivedAt: null, moveReasons: [] });
    for (const action of ['call', 'move']) {
      const body = action === 'move' ? { beforeId: null, reason: 'x' } : {};
      expect((await act(desk, hidden.id, action, body, token)).status).toBe(404);
    }
    expect(await listReads(userId)).toEqual([{ clinicId: desk.clinic.id, clientIds: [own.clientId] }]);
    const elsewhere = await openDesk();
    for (const path of ['', '/board']) {
      const answer = await app.call('GET', `/api/v1/queue${path}?clinicId=${desk.clinic.id}`, {
        token: elsewhere.clinic.staff,
      });
      expect(answer.status).toBe(404);
    }
  });

  it('is audited for the clinic of the queue only, whichever other clinics the reader and the patient have', async () => {
    const [desk, elsewhere] = [await openDesk(), await openDesk()];
    const [patient] = (await app.patients(1)) as [TestPatient];
    await book(elsewhere, patient, local('11:00'));
    await app.call('POST', '/api/v1/appointments', {
      token: patient.token,
      body: { serviceId: desk.serviceId, doctorId: desk.clinic.doctorIds[0], startDateTime: local('09:00') },
    });
    const [{ id }] = (
      await app.call('GET', `/api/v1/appointments?clinicId=${desk.clinic.id}`, { token: desk.clinic.staff })
    ).data;
    expect((await attend(desk, id, 'check-in')).status).toBe(200);
    const { userId, token } = await createMember('STAFF', { clinicIds: [desk.clinic.id, elsewhere.clinic.id] });
    expect(await list(desk, token)).toHaveLength(1);
    expect(await listReads(userId)).toEqual([{ clinicId: desk.clinic.id, clientIds: [patient.clientId] }]);
    expect(await list(elsewhere, token)).toEqual([]);
    expect((await listReads(userId))[1]).toEqual({ clinicId: elsewhere.clinic.id, clientIds: [] });
  });

  it('to the queue is refused for a patient whose account was deleted, also to their doctor', async () => {
    const desk = await openDesk();
    const [patient] = (await app.patients(1)) as [TestPatient];
    await book(desk, patient, local('15:00'));
    await app.db.query('UPDATE user_account SET deleted_at = now() WHERE id = $1', [patient.userId]);
    for (const token of [desk.clinic.staff, await doctorToken(desk)]) {
      const added = await addWalkIn(desk, { clientId: patient.clientId, withSlot: false }, token);
      expect(added).toMatchObject({ status: 404 });
    }
    expect(await list(desk)).toEqual([]);
  });

  it('lets a doctor call a walk-in of their own queue, and add only patients of their own', async () => {
    const desk = await openDesk({ doctors: 2 });
    const [patient, stranger] = (await app.patients(2)) as [TestPatient, TestPatient];
    await book(desk, patient, local('15:00'));
    const token = await doctorToken(desk);
    const added = await addWalkIn(desk, { clientId: patient.clientId, withSlot: false }, token);
    expect(added).toMatchObject({ status: 201, data: { doctorId: desk.clinic.doctorIds[0] } });
    expect((await act(desk, added.data.id, 'call', {}, token)).data).toMatchObject({ status: 'CALLED' });
    expect((await addWalkIn(desk, { clientId: stranger.clientId }, token)).status).toBe(404);
    const doctorId = desk.clinic.doctorIds[1];
    expect((await addWalkIn(desk, { clientId: patient.clientId, doctorId }, token)).status).toBe(403);
    expect((await addWalkIn(desk, { client: { firstName: 'A', lastName: 'B' } }, token)).status).toBe(403);
  });

  it('lets a screen with an API key read the board, which names nobody', async () => {
    const desk = await openDesk();
    const [patient, other] = (await app.patients(2)) as [TestPatient, TestPatient];
    await app.db.query(`UPDATE user_account SET first_name = 'Zaynab' WHERE id = $1`, [patient.userId]);
    const id = await arrive(desk, patient, local('09:00'), local('08:10'));
    await arrive(desk, other, local('09:30'), local('08:10'));
    await act(desk, (await find(desk, id)).id, 'call');
    const { key } = await insertApiKey(app, {
      ...{ makerId: (await createMaker(app, [desk.clinic.id])).userId, clinicIds: [desk.clinic.id] },
      ...{ permissions: ['queue:board'], expiresAt: later(local('08:00'), 1440) },
    });
    const board = await app.call('GET', `/api/v1/queue/board?clinicId=${desk.clinic.id}`, { token: key });
    expect(board.data).toEqual({
      clinicId: desk.clinic.id,
      date: DAY,
      entries: [
        { number: 1, status: 'CALLED', doctorId: desk.clinic.doctorIds[0], rooms: [], estimatedWaitMinutes: null },
        { number: 2, status: 'WAITING', doctorId: desk.clinic.doctorIds[0], rooms: [], estimatedWaitMinutes: 80 },
      ],
    });
    const text = JSON.stringify(board.body);
    for (const secret of [patient.clientId, patient.userId, id, 'Zaynab', 'Ient']) expect(text).not.toContain(secret);
    expect((await app.call('GET', `/api/v1/queue?clinicId=${desk.clinic.id}`, { token: key })).status).toBe(403);
  });
});

it('the front desk and the doctor get an event after each walk-in, call, move and departure', async () => {
  const desk = await openDesk();
  const [first, second] = (await app.patients(2)) as [TestPatient, TestPatient];
  const sockets = await Promise.all(
    [desk.clinic.staff, await doctorToken(desk)].map((token) => SocketClient.connected(app.url, token)),
  );
  const expectWaiting = async (waiting: number): Promise<void> => {
    const data = { clinicId: desk.clinic.id, doctorId: desk.clinic.doctorIds[0], waiting };
    for (const socket of sockets) {
      expect((await socket.waitFor('queue:updated', (seen) => seen.waiting === waiting)).data).toEqual(data);
      socket.seen.length = 0;
    }
  };
  try {
    const one = await addWalkIn(desk, { clientId: first.clientId, withSlot: false });
    await expectWaiting(1);
    const two = await addWalkIn(desk, { clientId: second.clientId, withSlot: false });
    await expectWaiting(2);
    await act(desk, two.data.id, 'move', { beforeId: one.data.id, reason: 'Fever' });
    await expectWaiting(2);
    await act(desk, two.data.id, 'call');
    await expectWaiting(1);
    await app.call('DELETE', `/api/v1/queue/${one.data.id}`, { token: desk.clinic.staff });
    await expectWaiting(0);
  } finally {
    for (const socket of sockets) socket.close();
  }
});
