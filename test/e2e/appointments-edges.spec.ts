import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TestApp, type Answer, type TestPatient } from '../support/app.js';
import { aService, at, openClinic, type TestClinic } from '../support/clinic.js';
import { rounds } from '../support/long-form.js';
import { startsIn } from '../support/visits.js';

/** Edge cases of booking. */

let app: TestApp;
let patients: TestPatient[];

beforeAll(async () => {
  app = await TestApp.start();
  patients = await app.patients(500);
});

afterAll(() => app.close());

const somebody = (): TestPatient => patients.pop() as TestPatient;
const book = (
  serviceId: string,
  doctorId: string | undefined,
  startDateTime: string,
  { token }: { token: string } = somebody(),
  headers: Record<string, string> = {},
): Promise<Answer> =>
  app.call('POST', '/api/v1/appointments', { token, headers, body: { serviceId, doctorId, startDateTime } });
const cancel = (id: string, token: string, headers = {}): Promise<Answer> =>
  app.call('DELETE', `/api/v1/appointments/${id}`, { token, headers });
const change = (id: string, body: object, token: string, headers = {}): Promise<Answer> =>
  app.call('PUT', `/api/v1/appointments/${id}`, { token, body, headers });
const act = (id: string, action: string, token: string, headers = {}): Promise<Answer> =>
  app.call('POST', `/api/v1/appointments/${id}/${action}`, { token, headers });
const count = (answers: Answer[], status: number): number =>
  answers.filter((answer) => answer.status === status).length;
const conflict = (answer: Answer): string | undefined => answer.body.error?.details?.conflictingWith;

/** Returns pseudo-random numbers, the same in every run (Park and Miller's generator), so that a failure can be repeated. */
function createDice(seed: number): (sides: number) => number {
  let state = seed;
  return (sides) => (state = (state * 48_271) % 2_147_483_647) % sides;
}

describe('availability', () => {
  it('lists exactly the bookable times in a clinic with rooms, buffers, group sessions and PENDING appointments', async () => {
    const clinic = await openClinic(app, {
      doctors: 2,
      rooms: 2,
      equipment: 1,
      hours: { start: '09:00', end: '12:00' },
      policy: { requiresConfirmation: true },
    });
    const services = [
      await aService(app, clinic, { requiredResourceKinds: ['ROOM'], bufferAfterMinutes: 10 }),
      await aService(app, clinic, { durationMinutes: 20, bufferBeforeMinutes: 15 }),
      await aService(app, clinic, { durationMinutes: 45, capacity: 2, requiredResourceKinds: ['ROOM'] }),
      await aService(app, clinic, { requiredResourceKinds: ['ROOM', 'EQUIPMENT'] }),
    ];
    const roll = createDice(20_261_121);
    const day = at(4).slice(0, 10);
    const outcomes = new Set<string>();
    for (let round = 0; round < rounds(48, 80); round += 1) {
      const serviceId = services[round % services.length] as string;
      const doctorId = clinic.doctorIds[roll(2)];
      const minutes = 8 * 60 + 45 + 15 * roll(14);
      const start = new Date(Date.parse(`${day}T00:00:00Z`) + minutes * 60_000).toISOString();
      const free = await app.call(
        'GET',
        `/api/v1/availability?serviceId=${serviceId}&doctorId=${doctorId}&from=${day}&to=${day}`,
      );
      const isListed = free.data.some((slot: { startDateTime: string }) => slot.startDateTime === start);
      const answer = await book(serviceId, doctorId, start);
      expect({ round, start, isBooked: answer.status === 201 }).toEqual({ round, start, isBooked: isListed });
      outcomes.add(conflict(answer) ?? answer.code ?? 'BOOKED');
      if (answer.status === 201 && roll(3) === 0) await cancel(answer.data.id, clinic.staff);
    }
    expect([...outcomes].sort()).toEqual(['BOOKED', 'DOCTOR', 'RESOURCE', 'SLOT_NOT_OFFERED']);
    expect(await app.overlaps()).toBe(0);
  });

  it('lists no skipped time and both instants of a repeated time, and both can be booked', async () => {
    const policy = { slotStepMinutes: 30, horizonDays: 400 };
    const hours = { start: '01:00', end: '03:30' };
    const clinic = await openClinic(app, { timeZone: 'America/New_York', hours, policy });
    const serviceId = await aService(app, clinic);
    const expected = {
      '2027-03-14': ['06:00', '06:30', '07:00'],
      '2027-11-07': ['05:00', '05:30', '06:00', '06:30', '07:00', '07:30', '08:00'],
    };
    for (const [day, times] of Object.entries(expected)) {
      const free = await app.call('GET', `/api/v1/availability?serviceId=${serviceId}&from=${day}&to=${day}`);
      const starts = free.data.map(({ startDateTime }: { startDateTime: string }) => startDateTime);
      expect(starts).toEqual(times.map((time) => `${day}T${time}:00.000Z`));
      const answers = await Promise.all(starts.map((start: string) => book(serviceId, clinic.doctorIds[0], start)));
      expect(count(answers, 201)).toBe(times.length);
    }
  });
});

describe('concurrent requests', () => {
  it('book as many appointments as the scarcest resource allows', async () => {
    const clinic = await openClinic(app, { doctors: 8, rooms: 3, equipment: 4 });
    const serviceId = await aService(app, clinic, { requiredResourceKinds: ['EQUIPMENT', 'ROOM'] });
    for (let day = 3; day < 6; day += 1) {
      const answers = await Promise.all(
        [...clinic.doctorIds, ...clinic.doctorIds].map((id) => book(serviceId, id, at(day))),
      );
      expect([count(answers, 201), count(answers, 409)]).toEqual([3, 13]);
    }
    expect(await app.overlaps()).toBe(0);
  });

  it('of one patient book one of eight doctors, and one seat of a group session', async () => {
    const clinic = await openClinic(app, { doctors: 8 });
    const serviceId = await aService(app, clinic);
    const who = somebody();
    const doctors = await Promise.all(clinic.doctorIds.map((id) => book(serviceId, id, at(3), who)));
    expect(count(doctors, 201)).toBe(1);
    const session = await aService(app, clinic, { capacity: 5 });
    const seats = await Promise.all(clinic.doctorIds.map(() => book(session, clinic.doctorIds[0], at(4), who)));
    expect(count(seats, 201)).toBe(1);
    expect(new Set([...doctors, ...seats].map(conflict))).toEqual(new Set([undefined, 'CLIENT']));
  });

  it('to move, cancel and change one appointment run one after the other; with the same version, one succeeds', async () => {
    const clinic = await openClinic(app, { doctors: 2 });
    const serviceId = await aService(app, clinic);
    for (let round = 0; round < 10; round += 1) {
      const who = somebody();
      const { id } = (await book(serviceId, clinic.doctorIds[0], at(3 + round), who)).data;
      await startsIn(app, id, 20);
      const seen = round % 2 ? { 'if-match': '"1"' } : {};
      const answers = await Promise.all([
        cancel(id, who.token, seen),
        change(id, { startDateTime: at(3 + round, '15:00') }, who.token, seen),
        change(id, { startDateTime: at(3 + round, '16:00') }, clinic.staff, seen),
        change(id, { doctorId: clinic.doctorIds[1], startDateTime: at(3 + round, '14:00') }, clinic.staff, seen),
        act(id, 'start', clinic.staff, seen),
        act(id, 'no-show', clinic.staff, seen),
      ]);
      expect(answers.filter(({ status }) => ![200, 409, 412].includes(status))).toEqual([]);
      if (round % 2) expect(count(answers, 200)).toBe(1);
      else expect(count(answers, 200)).toBeGreaterThan(0);
      expect(await readConsistency(id)).toMatchObject({ isConsistent: true, version: 1 + count(answers, 200) });
      await app.db.query(`UPDATE reservation SET active = false WHERE appointment_id = $1`, [id]);
    }
    expect(await app.overlaps()).toBe(0);
  });
});

describe('the status of an appointment', () => {
  const ALLOWED: Record<string, string[]> = {
    PENDING: ['confirm', 'cancel', 'move'],
    CONFIRMED: ['check-in', 'start', 'no-show', 'cancel', 'move'],
    IN_PROGRESS: ['complete', 'reinstate'],
    COMPLETED: ['reinstate'],
    CANCELLED: ['reinstate'],
    NO_SHOW: ['reinstate'],
  };
  const STEPS = ['confirm', 'check-in', 'start', 'complete', 'no-show', 'cancel', 'move', 'reinstate'];

  it('allows exactly the documented transitions, for the front desk and the doctor (Z-09)', async () => {
    const clinic = await openClinic(app);
    const serviceId = await aService(app, clinic);
    const [doctorId] = clinic.doctorIds as [string];
    const doctor = app.tokenFor({ userId: randomUUID(), role: 'DOCTOR', doctorId, clinicIds: [clinic.id] });
    const { id } = (await book(serviceId, doctorId, at(5))).data;
    const take = (step: string, token: string, hour: number): Promise<Answer> => {
      if (step === 'cancel') return cancel(id, token);
      if (step === 'move') return change(id, { startDateTime: at(6, `${String(hour).padStart(2, '0')}:00`) }, token);
      return act(id, step, token);
    };
    for (const [index, status] of Object.keys(ALLOWED).entries()) {
      for (const step of STEPS) {
        for (const [hour, token] of [
          [index, clinic.staff],
          [index + 10, doctor],
        ] as const) {
          await startsIn(app, id, 0);
          await app.db.query(`UPDATE appointment SET status = $2, checked_in_at = NULL WHERE id = $1`, [id, status]);
          const answer = await take(step, token, hour);
          const isAllowed = ALLOWED[status]?.includes(step);
          const refused = step === 'cancel' && token === doctor ? 'FORBIDDEN' : 'INVALID_TRANSITION';
          const expected = isAllowed && !(step === 'cancel' && token === doctor) ? undefined : refused;
          expect({ status, step, code: answer.code }).toEqual({ status, step, code: expected });
        }
      }
    }
  });
});

describe('a cancelled appointment', () => {
  it('cannot be given its own time or doctor again by a change, but staff notes', async () => {
    const clinic = await openClinic(app);
    const who = somebody();
    const [doctorId] = clinic.doctorIds;
    const { id, startDateTime } = (await book(await aService(app, clinic), doctorId, at(5), who)).data;
    expect((await change(id, { startDateTime, doctorId }, who.token)).data.version).toBe(1);
    await cancel(id, who.token);
    for (const token of [who.token, clinic.staff])
      for (const body of [{ startDateTime }, { doctorId }, { startDateTime, notes: 'By the side door.' }])
        expect((await change(id, body, token)).code).toBe('INVALID_TRANSITION');
    const noted = await change(id, { staffNotes: 'Called back.' }, clinic.staff);
    expect(noted.data).toMatchObject({ status: 'CANCELLED', notes: null, staffNotes: 'Called back.', version: 3 });
  });
});

describe('an Idempotency-Key', () => {
  it('belongs to its caller, stores no failure, and returns the first answer also after the appointment has changed', async () => {
    const clinic = await openClinic(app);
    const serviceId = await aService(app, clinic);
    const [doctorId] = clinic.doctorIds;
    const [first, second] = [somebody(), somebody()];
    const headers = { 'idempotency-key': randomUUID() };
    const taken = await book(serviceId, doctorId, at(3), first);
    expect((await book(serviceId, doctorId, at(3), second, headers)).status).toBe(409);
    await cancel(taken.data.id, first.token);
    const booked = await book(serviceId, doctorId, at(3), second, headers);
    expect([booked.status, booked.headers.get('idempotency-replayed')]).toEqual([201, null]);
    expect((await book(serviceId, doctorId, at(3), first, headers)).code).toBe('APPOINTMENT_CONFLICT');
    await change(booked.data.id, { notes: 'changed' }, second.token);
    const again = await book(serviceId, doctorId, at(3), second, headers);
    expect([again.status, again.data, again.headers.get('idempotency-replayed')]).toEqual([201, booked.data, 'true']);
  });

  it('with two different bodies at once books one of them', async () => {
    const clinic = await openClinic(app);
    const serviceId = await aService(app, clinic);
    const headers = { 'idempotency-key': randomUUID() };
    const who = somebody();
    const send = (day: number): Promise<Answer> => book(serviceId, clinic.doctorIds[0], at(day), who, headers);
    const answers = await Promise.all([send(3), send(4), send(5)]);
    expect(count(answers, 201)).toBe(1);
    for (const { code } of answers.filter(({ status }) => status !== 201))
      expect(['IDEMPOTENCY_IN_PROGRESS', 'IDEMPOTENCY_KEY_REUSED']).toContain(code);
  });
});

describe('a start time', () => {
  it('is an instant in any offset format; all other formats are rejected', async () => {
    const clinic = await openClinic(app);
    const serviceId = await aService(app, clinic);
    const day = at(7).slice(0, 10);
    const start = async (spelled: unknown): Promise<string> => {
      const answer = await book(serviceId, clinic.doctorIds[0], spelled as string);
      return answer.status === 201 ? answer.data.startDateTime.slice(0, 16) : `${answer.status} ${answer.code}`;
    };
    expect(await start(`${day}T08:00:00-05:00`)).toBe(`${day}T13:00`);
    expect(await start(`${day}T15:30:00.000+0030`)).toBe(`${day}T15:00`);
    expect(await start(`${day}T16:00Z`)).toBe(`${day}T16:00`);
    expect(await start(`${day}T24:00:00Z`)).toBe(`${at(8).slice(0, 10)}T00:00`);
    expect(await start(`${day}T12:00:00.123Z`)).toBe('422 SLOT_NOT_OFFERED');
    for (const spelled of [`${day}T09:00`, `${day}T09:00:60Z`, `${day}t09:00:00z`, `${day} 09:00Z`, `${day}T25:00Z`])
      expect(await start(spelled)).toBe('400 VALIDATION_ERROR');
    for (const spelled of ['2027-02-29T09:00Z', '9999-12-31T09:00Z', `${day}T09:00+24:00`, '', 0, null, [day]])
      expect(await start(spelled)).toBe('400 VALIDATION_ERROR');
  });
});

describe('the list of appointments', () => {
  it('contains only what a front desk, a doctor or a patient may see, with any filter', async () => {
    const [here, there] = [await openClinic(app, { doctors: 2 }), await openClinic(app)] as [TestClinic, TestClinic];
    const who = somebody();
    const [ours, mates, foreign] = [here.doctorIds[0], here.doctorIds[1], there.doctorIds[0]] as [
      string,
      string,
      string,
    ];
    const service = await aService(app, here);
    await book(service, ours, at(3), who);
    await book(service, mates, at(4), who);
    await book(await aService(app, there), foreign, at(5), who);
    const doctor = app.tokenFor({ userId: randomUUID(), role: 'DOCTOR', doctorId: ours, clinicIds: [here.id] });
    const total = async (token: string, query: string): Promise<number> =>
      (await app.call('GET', `/api/v1/appointments?withTotal=true&${query}`, { token })).body.meta.total;
    const mine = `clientId=${who.clientId}`;
    expect([await total(here.staff, mine), await total(doctor, mine), await total(who.token, mine)]).toEqual([2, 1, 3]);
    for (const filter of [`clinicId=${there.id}`, `doctorId=${foreign}`, `doctorId=${foreign}&clinicId=${here.id}`])
      expect([await total(here.staff, filter), await total(doctor, filter)]).toEqual([0, 0]);
    expect(await total(doctor, `doctorId=${mates}`)).toBe(0);
    expect(await total(somebody().token, mine)).toBe(0);
  });
});

/** Whether an appointment has an audit row for each version, and exactly the reservations of its status. */
async function readConsistency(id: string): Promise<{ version: number; isConsistent: boolean }> {
  const { rows } = await app.db.query<{ version: number; isConsistent: boolean }>(
    `SELECT a.version, a.version = (SELECT count(*) FROM audit_log WHERE object_id = a.id)
            AND (SELECT count(*) FROM reservation r WHERE r.appointment_id = a.id AND r.active AND lower(r.during) = a.start_at)
                = CASE WHEN a.status IN ('CANCELLED', 'NO_SHOW') THEN 0 ELSE 2 END AS "isConsistent"
     FROM appointment a WHERE a.id = $1`,
    [id],
  );
  return rows[0] as { version: number; isConsistent: boolean };
}
