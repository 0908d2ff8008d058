import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Actor } from '../../src/core/kernel/actor.js';
import { newId } from '../../src/core/kernel/id.js';
import { GroupSessionsService } from '../../src/modules/appointments/index.js';
import { newContext, runInContext } from '../../src/core/context/request-context.js';
import { TestApp, type Answer, type TestPatient } from '../support/app.js';
import { aService, at, openClinic, type ClinicOptions, type TestClinic } from '../support/clinic.js';

/** Group sessions: services with a capacity of more than one. No worker runs. */

const ENV = { JOBS_IN_PROCESS: 'false', VISIT_CHANGES_PER_10_MINUTES: '10000' };
const CAPACITY = 4;

let app: TestApp;
let sessions: GroupSessionsService;
let patients: TestPatient[];
let nextPatient = 0;

beforeAll(async () => {
  app = await TestApp.start(ENV);
  sessions = app.app.get(GroupSessionsService, { strict: false });
  patients = await app.patients(80);
});

afterAll(() => app.close());

interface TestSession {
  clinic: TestClinic;
  serviceId: string;
  desk: Actor;
  groupId: string;
  seats: { id: string; patient: TestPatient }[];
  start: string;
}

const aPatient = (): TestPatient => patients[nextPatient++] as TestPatient;

const book = (token: string, body: object): Promise<Answer> =>
  app.call('POST', '/api/v1/appointments', { token, body });

/** A session with taken seats. */
async function aSession(count = 3, options: ClinicOptions = {}, service: object = {}): Promise<TestSession> {
  const clinic = await openClinic(app, { doctors: 2, rooms: 1, ...options });
  const serviceId = await aService(app, clinic, { capacity: CAPACITY, requiredResourceKinds: ['ROOM'], ...service });
  const actor = { sessionId: newId(), clientId: null, doctorId: null, clinicIds: [clinic.id] };
  const { rows } = await app.db.query(`SELECT user_id FROM user_clinic WHERE clinic_id = $1 LIMIT 1`, [clinic.id]);
  const desk = { ...actor, userId: rows[0].user_id, role: 'STAFF' } as Actor;
  return { clinic, serviceId, desk, ...(await fill({ clinic, serviceId }, at(3), count)) };
}

async function fill(
  { clinic, serviceId }: Pick<TestSession, 'clinic' | 'serviceId'>,
  start: string,
  count: number,
): Promise<Pick<TestSession, 'groupId' | 'seats' | 'start'>> {
  const seats = Array.from({ length: count }, () => aPatient()).map(async (patient) => {
    const answer = await book(patient.token, { serviceId, doctorId: clinic.doctorIds[0], startDateTime: start });
    expect(answer.status).toBe(201);
    return { id: answer.data.id as string, groupId: answer.data.groupId as string, patient };
  });
  const booked = await Promise.all(seats);
  return { groupId: (booked[0] as { groupId: string }).groupId, seats: booked, start };
}

/** Calls the service as a request does. */
const runAs = <T>(actor: Actor, work: () => Promise<T>): Promise<T> => runInContext(newContext({ actor }), work);

const move = ({ desk, groupId }: TestSession, to: Parameters<GroupSessionsService['move']>[2], actor = desk) =>
  runAs(actor, () => sessions.move(actor, groupId, to));

const cancel = ({ desk, groupId }: TestSession, actor = desk) =>
  runAs(actor, () => sessions.cancel(actor, groupId, 'The doctor is ill'));

const read = async ({ seats }: TestSession) => {
  const { rows } = await app.db.query(
    `SELECT start_at AS start, doctor_id AS doctor, status, group_id AS "group", seat, version, resource_ids AS rooms
     FROM appointment WHERE id = ANY ($1) ORDER BY id`,
    [seats.map(({ id }) => id)],
  );
  return rows;
};

const getErrorCode = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'DONE',
    (error: { code?: string }) => error.code ?? 'unknown',
  );

describe('a group session', () => {
  it('gets exactly as many patients as it has seats, also if more book at the same time', async () => {
    const clinic = await openClinic(app);
    const serviceId = await aService(app, clinic, { capacity: CAPACITY });
    const body = { serviceId, doctorId: clinic.doctorIds[0], startDateTime: at(3) };
    const answers = await Promise.all(Array.from({ length: CAPACITY + 5 }, () => book(aPatient().token, body)));
    const booked = answers.filter(({ status }) => status === 201);
    expect(booked).toHaveLength(CAPACITY);
    for (const { status, code } of answers) expect(code).toBe(status === 201 ? undefined : 'APPOINTMENT_CONFLICT');
    expect(new Set(booked.map(({ data }) => data.groupId)).size).toBe(1);
    const { rows } = await app.db.query(
      `SELECT array_agg(seat ORDER BY seat) AS seats FROM appointment WHERE service_id = $1`,
      [serviceId],
    );
    expect(rows[0].seats).toEqual(Array.from({ length: CAPACITY }, (_, n) => n + 1));
  });

  it('keeps the other seats if one is cancelled', async () => {
    const session = await aSession();
    const [{ id, patient }] = session.seats as [TestSession['seats'][0]];
    expect((await app.call('DELETE', `/api/v1/appointments/${id}`, { token: patient.token })).status).toBe(200);
    expect((await read(session)).map(({ status }) => status).sort()).toEqual(['CANCELLED', 'CONFIRMED', 'CONFIRMED']);
  });

  it('shows each patient only their own seat, and all to the desk and the doctor', async () => {
    const session = await aSession();
    const { clinic, seats, start } = session;
    const [mine, other] = seats as [TestSession['seats'][0], TestSession['seats'][0]];
    const list = async (token: string): Promise<string[]> =>
      (
        await app.call('GET', `/api/v1/appointments?clinicId=${clinic.id}&from=${start.slice(0, 10)}`, { token })
      ).data.map(({ id }: { id: string }) => id);
    const all = seats.map(({ id }) => id).sort();
    const doctor = app.tokenFor({
      userId: newId(),
      role: 'DOCTOR',
      doctorId: clinic.doctorIds[0],
      clinicIds: [clinic.id],
    });
    expect(await list(mine.patient.token)).toEqual([mine.id]);
    expect((await list(clinic.staff)).sort()).toEqual(all);
    expect((await list(doctor)).sort()).toEqual(all);
    for (const path of ['', '/history', '/calendar.ics']) {
      const foreign = await app.call('GET', `/api/v1/appointments/${other.id}${path}`, { token: mine.patient.token });
      expect(foreign.status).toBe(404);
      const own = await app.call('GET', `/api/v1/appointments/${mine.id}${path}`, { token: mine.patient.token });
      expect(own.status).toBe(200);
      for (const { id, patient } of seats.slice(1)) {
        for (const secret of [id, patient.clientId, patient.userId])
          expect(JSON.stringify(own.body)).not.toContain(secret);
      }
    }
    const { rows } = await app.db.query(
      `SELECT aggregate_id AS id, payload ->> 'clientUserId' AS "userId" FROM outbox WHERE aggregate_id = ANY ($1)`,
      [all],
    );
    expect(rows).toHaveLength(3);
    for (const { id, userId } of rows) expect(seats.find((seat) => seat.id === id)?.patient.userId).toBe(userId);
    const day = await app.call('GET', `/api/v1/clinics/${clinic.id}/day?date=${start.slice(0, 10)}`, {
      token: clinic.staff,
    });
    for (const id of all) expect(JSON.stringify(day.body)).toContain(id);
  });
});

describe('a whole session', () => {
  it('is moved, also to a time that overlaps its own, with all seats and one room', async () => {
    const session = await aSession();
    const to = `${session.start.slice(0, 10)}T09:15:00.000Z`;
    expect(await move(session, { startDateTime: to })).toHaveLength(3);
    const rows = await read(session);
    expect(new Set(rows.map(({ start }) => start.toISOString()))).toEqual(new Set([to]));
    expect(new Set(rows.map(({ group }) => group)).size).toBe(1);
    expect(rows[0].group).not.toBe(session.groupId);
    expect(rows.map(({ seat }) => seat).sort()).toEqual([1, 2, 3]);
    for (const { rooms, version } of rows) expect([rooms, version]).toEqual([session.clinic.roomIds, 2]);
    const { rows: events } = await app.db.query(
      `SELECT count(*)::int AS n FROM outbox WHERE payload ->> 'action' = 'rescheduled' AND aggregate_id = ANY ($1)`,
      [session.seats.map(({ id }) => id)],
    );
    expect(events[0].n).toBe(3);
    expect(await app.overlaps()).toBe(0);
    const seat = { serviceId: session.serviceId, doctorId: session.clinic.doctorIds[0], startDateTime: session.start };
    expect((await book(aPatient().token, seat)).status).toBe(409);
  });

  it('is moved to another doctor, and joins a session only if that has seats for all', async () => {
    const session = await aSession();
    const [first, other] = session.clinic.doctorIds;
    await move(session, { doctorId: other });
    expect((await read(session)).map(({ doctor }) => doctor)).toEqual([other, other, other]);
    const moved = { ...session, groupId: (await read(session))[0].group };
    const later = await fill(session, at(3, '14:00'), 2);
    const before = await read(moved);
    const full = move(moved, { doctorId: first, startDateTime: later.start });
    await expect(full).rejects.toMatchObject({ code: 'APPOINTMENT_CONFLICT', details: { occurrences: [{}] } });
    expect(await read(moved)).toEqual(before);
    expect(await app.overlaps()).toBe(0);
    await app.call('DELETE', `/api/v1/appointments/${later.seats[0]?.id}`, { token: session.clinic.staff });
    await move(moved, { doctorId: first, startDateTime: later.start });
    expect(new Set((await read(moved)).map(({ group }) => group))).toEqual(new Set([later.groupId]));
  });

  it('is not moved if the new time is taken: every seat stays, and its time is still taken', async () => {
    const session = await aSession();
    const { clinic, serviceId, start } = session;
    await fill({ clinic, serviceId }, at(3, '11:00'), 1);
    const before = await read(session);
    expect(await getErrorCode(move(session, { startDateTime: at(3, '10:45') }))).toBe('APPOINTMENT_CONFLICT');
    expect(await read(session)).toEqual(before);
    const other = await aService(app, clinic);
    const single = { serviceId: other, doctorId: clinic.doctorIds[0], startDateTime: start };
    expect((await book(aPatient().token, single)).status).toBe(409);
  });

  it('is cancelled with all seats, which frees the time', async () => {
    const session = await aSession();
    expect((await cancel(session)).map(({ status }) => status)).toEqual(['CANCELLED', 'CANCELLED', 'CANCELLED']);
    expect(await getErrorCode(cancel(session))).toBe('NOT_FOUND');
    await fill(session, session.start, 1);
  });

  it('is not cancelled if one of its visits has started', async () => {
    const session = await aSession();
    await app.db.query(`UPDATE appointment SET status = 'IN_PROGRESS' WHERE id = $1`, [session.seats[1]?.id]);
    expect(await getErrorCode(cancel(session))).toBe('INVALID_TRANSITION');
    expect((await read(session)).map(({ status }) => status).sort()).toEqual(['CONFIRMED', 'CONFIRMED', 'IN_PROGRESS']);
  });

  it('is changed only by the desk of its clinic', async () => {
    const session = await aSession();
    const [seat] = session.seats as [TestSession['seats'][0]];
    const base = { ...session.desk, clinicIds: [] as string[] };
    const participant = { ...base, role: 'CLIENT', ...seat.patient } as Actor;
    const doctor = { ...base, role: 'DOCTOR', doctorId: session.clinic.doctorIds[0] } as Actor;
    const elsewhere = { ...base, clinicIds: [newId()] } as Actor;
    const stranger = { ...base, role: 'CLIENT', ...aPatient() } as Actor;
    const codes = [];
    for (const actor of [participant, doctor, elsewhere, stranger])
      codes.push(await getErrorCode(cancel(session, actor)));
    expect(codes).toEqual(['FORBIDDEN', 'FORBIDDEN', 'NOT_FOUND', 'NOT_FOUND']);
    expect(await getErrorCode(move(session, { startDateTime: at(3, '12:00') }, participant))).toBe('FORBIDDEN');
    expect(new Set((await read(session)).map(({ version }) => version))).toEqual(new Set([1]));
  });

  it('is moved while patients book, cancel and move seats: no seat is lost and no time is taken twice', async () => {
    const session = await aSession(2);
    const { clinic, serviceId, start, seats } = session;
    const doctorId = clinic.doctorIds[0];
    const to = at(3, '09:15');
    const answers = await Promise.all([
      getErrorCode(move(session, { startDateTime: to })),
      getErrorCode(move(session, { startDateTime: at(3, '08:45') })),
      ...[start, start, to, to].map((startDateTime) =>
        book(aPatient().token, { serviceId, doctorId, startDateTime }).then(({ code }) => code ?? 'DONE'),
      ),
      app
        .call('PUT', `/api/v1/appointments/${seats[0]?.id}`, {
          token: seats[0]?.patient.token,
          body: { startDateTime: at(3, '16:00') },
        })
        .then(({ code }) => code ?? 'DONE'),
    ]);
    for (const code of answers) expect(['DONE', 'APPOINTMENT_CONFLICT', 'NOT_FOUND']).toContain(code);
    // The first one conflicts with nothing.
    expect(answers).toContain('DONE');
    expect((await read(session)).map(({ status }) => status)).toEqual(['CONFIRMED', 'CONFIRMED']);
    const { rows } = await app.db.query(
      `SELECT count(*)::int AS seats, count(r.appointment_id)::int AS reserved FROM appointment a
       LEFT JOIN reservation r ON r.appointment_id = a.id AND r.kind = 'DOCTOR' AND r.active AND r.during @> a.start_at
       WHERE a.service_id = $1 AND a.status = 'CONFIRMED'`,
      [serviceId],
    );
    expect(rows[0].reserved).toBe(rows[0].seats);
    expect(await app.overlaps()).toBe(0);
  });
});
