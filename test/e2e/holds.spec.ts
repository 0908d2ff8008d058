import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '../../src/core/kernel/id.js';
import { HoldsRepository } from '../../src/modules/appointments/holds.repository.js';
import { countByStatus } from '../support/answers.js';
import { TestApp, type Answer, type TestPatient } from '../support/app.js';
import { aService, at, openClinic, type TestClinic } from '../support/clinic.js';
import { eventually } from '../support/eventually.js';
import { countLockWaits } from '../support/locks.js';
import { SettableClock } from '../support/settable-clock.js';

/** Holds: slots that are kept while a form or a payment is finished. Nothing ends them here but time: no worker runs. */

const MINUTE = 60_000;
/** The clock of the test moves by hours. */
const ENV = { JOBS_IN_PROCESS: 'false', VISIT_CHANGES_PER_10_MINUTES: '10000', JWT_EXPIRES_IN: '24h' };

let app: TestApp;
let clock: SettableClock;
let clinic: TestClinic;
let serviceId: string;
let patients: TestPatient[];
/** Each test has a day of its own. */
let day = 2;

beforeAll(async () => {
  clock = new SettableClock();
  app = await TestApp.start({ ...ENV }, undefined, clock);
  clinic = await openClinic(app, { doctors: 3, rooms: 1, policy: { horizonDays: 365, holdMinutes: 10 } });
  serviceId = await aService(app, clinic);
  patients = await app.patients(30);
});

afterAll(() => app.close());

interface SlotRequest {
  token: string | undefined;
  start: string;
  doctor?: number;
  service?: string;
  clientId?: string;
  holdId?: string;
  key?: string;
}

const post = (
  path: string,
  { token, start, doctor = 0, service = serviceId, key, ...rest }: SlotRequest,
): Promise<Answer> =>
  app.call('POST', `/api/v1/${path}`, {
    token,
    headers: key ? { 'idempotency-key': key } : {},
    body: { serviceId: service, doctorId: clinic.doctorIds[doctor], startDateTime: start, ...rest },
  });
const hold = (request: SlotRequest): Promise<Answer> => post('holds', request);
const book = (request: SlotRequest): Promise<Answer> => post('appointments', request);
const release = (id: string, token: string | undefined): Promise<Answer> =>
  app.call('DELETE', `/api/v1/holds/${id}`, { token });

const getToken = (patient: number): string => (patients[patient] as TestPatient).token;

async function listStarts(on: string, service = serviceId): Promise<string[]> {
  const answer = await app.call<{ startDateTime: string; doctorId: string }[]>(
    'GET',
    `/api/v1/availability?serviceId=${service}&doctorId=${clinic.doctorIds[0]}&from=${on.slice(0, 10)}&to=${on.slice(0, 10)}`,
  );
  return answer.data.map(({ startDateTime }) => startDateTime);
}

/** The first quarter of an hour after an instant. */
const quarterAfter = (instant: number): string =>
  new Date(Math.ceil((instant + 1) / (15 * MINUTE)) * 15 * MINUTE).toISOString();

const nextDay = (time = '09:00'): string => at((day += 1), time);

describe('a hold', () => {
  it('is taken for everybody, and its appointment has its id', async () => {
    const start = nextDay();
    const held = await hold({ token: getToken(0), start });
    expect(held.status).toBe(201);
    expect(Date.parse(held.data.expiresAt) - clock.now()).toBe(10 * MINUTE);
    expect(await listStarts(start)).not.toContain(held.data.startDateTime);
    const other = await book({ token: getToken(1), start });
    expect([other.status, other.code]).toEqual([409, 'APPOINTMENT_CONFLICT']);
    const booked = await book({ token: getToken(0), start, holdId: held.data.id });
    expect([booked.status, booked.data.id, booked.data.status]).toEqual([201, held.data.id, 'CONFIRMED']);
    const again = await book({ token: getToken(0), start, holdId: held.data.id });
    expect([again.status, again.body.error.details]).toEqual([410, { reason: 'USED' }]);
    expect((await app.db.query('SELECT 1 FROM hold WHERE id = $1', [held.data.id])).rowCount).toBe(0);
    expect(await app.overlaps()).toBe(0);
  });

  it('expires without a worker: others see and book the time, and its patient gets 410', async () => {
    const start = nextDay();
    const held = await hold({ token: getToken(0), start });
    clock.set(new Date(Date.parse(held.data.expiresAt) - 1).toISOString());
    expect((await book({ token: getToken(1), start })).code).toBe('APPOINTMENT_CONFLICT');
    clock.set(held.data.expiresAt);
    expect(await listStarts(start)).toContain(held.data.startDateTime);
    const late = await book({ token: getToken(0), start, holdId: held.data.id });
    expect([late.status, late.code, late.body.error.details]).toEqual([410, 'HOLD_EXPIRED', { reason: 'EXPIRED' }]);
    expect((await book({ token: getToken(1), start })).status).toBe(201);
    expect(await app.overlaps()).toBe(0);
  });

  it('that has expired does not prevent that a visit is moved to its time', async () => {
    const start = nextDay();
    const held = await hold({ token: getToken(0), start });
    const visit = await book({ token: getToken(1), start: at(day, '12:00') });
    const move = (): Promise<Answer> =>
      app.call('PUT', `/api/v1/appointments/${visit.data.id}`, { token: getToken(1), body: { startDateTime: start } });
    expect((await move()).code).toBe('APPOINTMENT_CONFLICT');
    clock.set(held.data.expiresAt);
    expect((await move()).status).toBe(200);
    expect(await app.overlaps()).toBe(0);
  });

  it('can be released by its patient and the front desk of its clinic, and is unknown to others', async () => {
    const start = nextDay();
    const first = await hold({ token: getToken(0), start });
    expect((await release(first.data.id, getToken(1))).status).toBe(404);
    const elsewhere = await openClinic(app);
    expect((await release(first.data.id, elsewhere.staff)).status).toBe(404);
    expect((await book({ token: getToken(1), start, holdId: first.data.id })).status).toBe(404);
    expect((await release(first.data.id, getToken(0))).status).toBe(200);
    expect((await release(first.data.id, getToken(0))).status).toBe(404);
    const second = await hold({ token: getToken(1), start });
    expect((await release(second.data.id, clinic.staff)).status).toBe(200);
    expect((await book({ token: getToken(2), start })).status).toBe(201);
  });

  it('without a patient cannot be released by an account without a record', async () => {
    const start = nextDay();
    const held = await hold({ token: clinic.staff, start });
    const token = app.tokenFor({ userId: newId(), role: 'CLIENT' });
    expect((await release(held.data.id, token)).status).toBe(404);
    expect((await book({ token: getToken(0), start })).code).toBe('APPOINTMENT_CONFLICT');
    expect((await release(held.data.id, clinic.staff)).status).toBe(200);
  });

  it('that has expired is ended, although its patient booked another doctor for the time', async () => {
    const start = nextDay();
    const held = await hold({ token: getToken(0), start });
    clock.set(held.data.expiresAt);
    expect((await book({ token: getToken(0), start, doctor: 1 })).status).toBe(201);
    await app.app.get(HoldsRepository).endExpired(new Date(clock.now()));
    const { rows } = await app.db.query(
      `SELECT payload ->> 'doctorId' AS "doctorId" FROM outbox WHERE event = 'hold.expired' AND aggregate_id = $1`,
      [held.data.id],
    );
    expect(rows).toEqual([{ doctorId: clinic.doctorIds[0] }]);
    expect((await book({ token: getToken(1), start })).status).toBe(201);
    expect(await app.overlaps()).toBe(0);
  });

  it('is found by its patient in the audit log, from its creation to its end', async () => {
    const [released, expired] = [
      await hold({ token: getToken(0), start: nextDay() }),
      await hold({ token: getToken(0), start: nextDay() }),
    ];
    await release(released.data.id, getToken(0));
    clock.set(expired.data.expiresAt);
    await app.app.get(HoldsRepository).endExpired(new Date(clock.now()));
    const { clientId } = patients[0] as TestPatient;
    const listActions = async ({ data }: Answer): Promise<string[]> => {
      const path = `/api/v1/audit-logs?clientId=${clientId}&objectId=${data.id}`;
      const logged = await app.call('GET', path, { token: clinic.manager });
      return logged.data.map(({ action }: { action: string }) => action).sort();
    };
    expect(await listActions(released)).toEqual(['hold.created', 'hold.released']);
    expect(await listActions(expired)).toEqual(['hold.created', 'hold.expired']);
  });

  it('prevents that its service and room are deleted, until it expires', async () => {
    const there = await openClinic(app, { rooms: 1 });
    const service = await aService(app, there, { requiredResourceKinds: ['ROOM'] });
    const body = { serviceId: service, startDateTime: nextDay() };
    const held = await app.call('POST', '/api/v1/holds', { token: getToken(0), body });
    expect(held.data.resourceIds).toEqual(there.roomIds);
    const remove = (path: string): Promise<Answer> => app.call('DELETE', `/api/v1/${path}`, { token: there.manager });
    const paths = [`services/${service}`, `resources/${there.roomIds[0]}`];
    for (const path of paths) expect(await remove(path)).toMatchObject({ status: 409, code: 'IN_USE' });
    clock.set(held.data.expiresAt);
    for (const path of paths) expect(await remove(path)).toMatchObject({ status: 200 });
  });

  it('must be booked for its own service, doctor, time and patient', async () => {
    const start = nextDay();
    const { data } = await hold({ token: clinic.staff, start, clientId: patients[0]?.clientId });
    const fields = async (request: SlotRequest): Promise<string[]> =>
      (await book({ ...request, holdId: data.id })).body.error.details.map(({ field }: { field: string }) => field);
    const token = clinic.staff;
    const clientId = patients[0]?.clientId;
    expect(await fields({ token, clientId, start: at(day, '10:00') })).toEqual(['holdId']);
    expect(await fields({ token, clientId, start, doctor: 1 })).toEqual(['holdId']);
    expect(await fields({ token, start, clientId: patients[1]?.clientId })).toEqual(['clientId']);
    expect((await book({ token, start, holdId: data.id })).data.clientId).toBe(clientId);
  });

  it('of the front desk needs no patient until it is booked, and then reserves the time of the patient, too', async () => {
    const start = nextDay();
    const held = await hold({ token: clinic.staff, start });
    expect([held.status, held.data.clientId]).toEqual([201, null]);
    const noPatient = await book({ token: clinic.staff, start, holdId: held.data.id });
    expect(noPatient.body.error.details[0].field).toBe('clientId');
    await book({ token: getToken(3), start, doctor: 1 });
    const busy = await book({ token: clinic.staff, start, holdId: held.data.id, clientId: patients[3]?.clientId });
    expect([busy.status, busy.body.error.details.conflictingWith]).toEqual([409, 'CLIENT']);
    const booked = await book({ token: clinic.staff, start, holdId: held.data.id, clientId: patients[4]?.clientId });
    expect(booked.status).toBe(201);
    expect((await book({ token: getToken(4), start, doctor: 2 })).body.error.details.conflictingWith).toBe('CLIENT');
  });

  it('keeps its time although the notice has begun, but not against a day off', async () => {
    const short = await openClinic(app, { policy: { minimumNoticeMinutes: 60, horizonDays: 365 } });
    const service = await aService(app, short);
    const body = {
      serviceId: service,
      doctorId: short.doctorIds[0],
      startDateTime: quarterAfter(clock.now() + 60 * MINUTE),
    };
    const send = (path: string, more: object = {}): Promise<Answer> =>
      app.call('POST', `/api/v1/${path}`, { token: getToken(5), body: { ...body, ...more } });
    const before = (minutes: number): string =>
      new Date(Date.parse(body.startDateTime) - minutes * MINUTE).toISOString();
    clock.set(before(61));
    const held = await send('holds');
    clock.set(before(55));
    expect((await send('appointments', { holdId: held.data.id })).status).toBe(201);
    body.startDateTime = nextDay();
    const second = await send('holds');
    const date = body.startDateTime.slice(0, 10);
    await app.call('POST', `/api/v1/doctors/${short.doctorIds[0]}/schedule/exceptions`, {
      token: short.manager,
      body: { kind: 'CLOSED', from: date, to: date },
    });
    const off = await send('appointments', { holdId: second.data.id });
    expect([off.status, off.body.error.details]).toEqual([422, { reason: 'TIME_OFF' }]);
  });

  it('is made once for each Idempotency-Key', async () => {
    const request = { token: getToken(6), start: nextDay(), key: 'one-hold' };
    const [first, second] = [await hold(request), await hold(request)];
    expect([second.status, second.data]).toEqual([201, first.data]);
    expect(second.headers.get('idempotency-replayed')).toBe('true');
  });

  it('reserves a room, which others then cannot use', async () => {
    const service = await aService(app, clinic, { requiredResourceKinds: ['ROOM'] });
    const start = nextDay();
    const held = await hold({ token: getToken(7), start, service });
    expect(held.data.resourceIds).toEqual(clinic.roomIds);
    const other = await book({ token: getToken(8), start, service, doctor: 1 });
    expect(other.body.error.details.conflictingWith).toBe('RESOURCE');
    expect((await book({ token: getToken(7), start, service, holdId: held.data.id })).data.resourceIds).toEqual(
      clinic.roomIds,
    );
  });

  it('takes a seat of a group session, and leaves the others', async () => {
    const service = await aService(app, clinic, { capacity: 3 });
    const start = nextDay();
    const held = await hold({ token: getToken(0), start, service });
    expect(await listStarts(start, service)).toContain(held.data.startDateTime);
    const rest = await Promise.all(
      [1, 2, 3, 4].map((n) => (n % 2 ? hold : book)({ token: getToken(n), start, service })),
    );
    expect(countByStatus(rest)).toEqual({ '201': 2, '409 APPOINTMENT_CONFLICT': 2 });
    expect(await listStarts(start, service)).not.toContain(held.data.startDateTime);
    expect((await book({ token: getToken(0), start, service, holdId: held.data.id })).status).toBe(201);
    clock.set(new Date(clock.now() + 11 * MINUTE).toISOString());
    const left = await Promise.all([5, 6, 7, 8].map((n) => book({ token: getToken(n), start, service })));
    const seats = await app.db.query('SELECT count(*)::int AS n FROM appointment WHERE service_id = $1', [service]);
    expect([seats.rows[0].n, left.some(({ status }) => status === 409)]).toEqual([3, true]);
  });
});

describe('concurrent requests', () => {
  it('for holds and bookings of one time: one wins', async () => {
    for (let round = 0; round < 5; round += 1) {
      const start = nextDay();
      const answers = await Promise.all(
        patients.map(({ token }, n) => (n % 2 ? hold({ token, start }) : book({ token, start }))),
      );
      expect(countByStatus(answers)).toEqual({ '201': 1, '409 APPOINTMENT_CONFLICT': 29 });
      clock.set(new Date(clock.now() + 11 * MINUTE).toISOString());
    }
    expect(await app.overlaps()).toBe(0);
  });

  it('to book the time of an expired hold: one wins', async () => {
    const start = nextDay();
    const held = await hold({ token: getToken(0), start });
    clock.set(held.data.expiresAt);
    const answers = await Promise.all(
      patients.map(({ token }, n) =>
        n === 0 ? book({ token, start, holdId: held.data.id }) : (n % 2 ? hold : book)({ token, start }),
      ),
    );
    expect(countByStatus(answers)).toEqual({ '201': 1, '409 APPOINTMENT_CONFLICT': 28, '410 HOLD_EXPIRED': 1 });
    expect(await app.overlaps()).toBe(0);
  });

  it('to book one hold: one wins', async () => {
    const start = nextDay();
    const held = await hold({ token: getToken(9), start });
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => book({ token: getToken(9), start, holdId: held.data.id })),
    );
    expect(countByStatus(answers)).toEqual({ '201': 1, '410 HOLD_EXPIRED': 19 });
  });

  it('to book and to release one hold: one wins', async () => {
    for (let round = 0; round < 5; round += 1) {
      const start = nextDay();
      const held = await hold({ token: getToken(11), start });
      const [booked, released] = await Promise.all([
        book({ token: getToken(11), start, holdId: held.data.id }),
        release(held.data.id, getToken(11)),
      ]);
      expect(['booked 201, released 404', 'booked 410, released 200']).toContain(
        `booked ${booked.status}, released ${released.status}`,
      );
    }
  });

  it('to book a hold that is being released lock it before its reservations, so they cannot deadlock', async () => {
    const start = nextDay();
    const held = await hold({ token: getToken(11), start });
    const other = await app.db.connect();
    try {
      await other.query('BEGIN');
      await other.query('SELECT id FROM hold WHERE id = $1 FOR UPDATE', [held.data.id]);
      const booking = book({ token: getToken(11), start, holdId: held.data.id });
      await eventually(async () => expect(await countLockWaits(app.db)).toBe(1));
      await other.query(`SET LOCAL lock_timeout = '500ms'`);
      await other.query('DELETE FROM hold WHERE id = $1', [held.data.id]);
      await other.query('COMMIT');
      expect(await booking).toMatchObject({ status: 410, code: 'HOLD_EXPIRED' });
    } finally {
      await other.query('ROLLBACK');
      other.release();
    }
  });

  it('of one patient make at most three holds, and three more after these expire (Z-11)', async () => {
    const times = Array.from({ length: 20 }, (_, n) => `${String(n + 2).padStart(2, '0')}:00`);
    for (let round = 0; round < 2; round += 1) {
      day += 1;
      const answers = await Promise.all(times.map((time) => hold({ token: getToken(10), start: at(day, time) })));
      expect(countByStatus(answers)).toEqual({ '201': 3, '422 SLOT_NOT_OFFERED': 17 });
      const refused = answers.find(({ status }) => status === 422);
      expect(refused?.body.error.details).toEqual({ reason: 'TOO_MANY_HOLDS' });
      clock.set(new Date(clock.now() + 10 * MINUTE).toISOString());
    }
  });
});
