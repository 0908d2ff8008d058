import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '../../src/core/kernel/id.js';
import { TestApp, type Answer, type TestPatient } from '../support/app.js';
import { aService, at, openClinic, type TestClinic } from '../support/clinic.js';
import { freeStarts, findBookableService, type BookableService } from '../support/slots.js';
import { startsIn } from '../support/visits.js';

let app: TestApp;
let patient: TestPatient;
let other: TestPatient;
let staff: string;
let video: BookableService;
let next = 0;

beforeAll(async () => {
  app = await TestApp.start();
  [patient, other] = (await app.patients(2)) as [TestPatient, TestPatient];
  staff = await app.login('staff@careslot.test');
  video = await findBookableService(app, 'Video visit');
});

afterAll(() => app.close());

const freshSlot = (): string => video.slots[(next += 3)] as string;
const book = (startDateTime: string, extra: object = {}, token = patient.token): Promise<Answer> =>
  app.call('POST', '/api/v1/appointments', {
    token,
    body: { serviceId: video.serviceId, doctorId: video.doctorId, startDateTime, ...extra },
  });
const change = (
  id: string,
  body: object,
  headers: Record<string, string> = {},
  token = patient.token,
): Promise<Answer> => app.call('PUT', `/api/v1/appointments/${id}`, { token, body, headers });
const act = (id: string, action: string, token = staff): Promise<Answer> =>
  app.call('POST', `/api/v1/appointments/${id}/${action}`, { token });
/** A clinic with this policy, what is booked there, and the token of a new patient. */
const openWith = async (
  policy: object,
): Promise<{ clinic: TestClinic; visit: Omit<BookableService, 'slots'>; token: string }> => {
  const clinic = await openClinic(app, { policy });
  const visit = { serviceId: await aService(app, clinic), doctorId: clinic.doctorIds[0] as string };
  return { clinic, visit, token: (await app.patient()).token };
};
const minutes = (instant: string, count: number): string =>
  new Date(Date.parse(instant) + count * 60_000).toISOString();

describe('booking', () => {
  it('returns the appointment in UTC with an ETag, and creates an audit row and an event', async () => {
    const start = freshSlot();
    const { data, status, headers } = await book(start);
    expect(status).toBe(201);
    expect(data).toMatchObject({
      clientId: patient.clientId,
      startDateTime: start,
      endDateTime: minutes(start, 15),
      status: 'CONFIRMED',
      version: 1,
      price: { amount: 25000, currency: 'EGP' },
    });
    expect(headers.get('etag')).toBe('"1"');
    const { rows } = await app.db.query(
      `SELECT (SELECT count(*)::int FROM audit_log WHERE object_id = $1 AND actor_user_id = $2 AND action = 'appointment.booked' AND request_id = $3) AS audited,
              (SELECT count(*)::int FROM outbox WHERE aggregate_id = $1 AND event = 'appointment:created') AS events`,
      [data.id, patient.userId, headers.get('x-request-id')],
    );
    expect(rows[0]).toEqual({ audited: 1, events: 1 });
  });

  it('picks a free room if the service needs one, and uses a requested room', async () => {
    const neuro = await findBookableService(app, 'Neurology consultation');
    const start = neuro.slots[40] as string;
    const [one] = await app.patients(1);
    const first = await app.call('POST', '/api/v1/appointments', {
      token: one?.token,
      body: { ...neuro, slots: undefined, startDateTime: start },
    });
    expect(first.data.resourceIds).toHaveLength(1);
    const { rows } = await app.db.query<{ doctorId: string }>(
      `SELECT doctor_id AS "doctorId" FROM service_doctor WHERE service_id = $1 AND doctor_id <> $2`,
      [neuro.serviceId, neuro.doctorId],
    );
    const same = await app.call('POST', '/api/v1/appointments', {
      token: staff,
      body: {
        serviceId: neuro.serviceId,
        doctorId: rows[0]?.doctorId,
        startDateTime: start,
        clientId: other.clientId,
        resourceIds: first.data.resourceIds,
      },
    });
    expect(same).toMatchObject({
      status: 409,
      code: 'APPOINTMENT_CONFLICT',
      body: { error: { details: { conflictingWith: 'RESOURCE' } } },
    });
    const picked = await app.call('POST', '/api/v1/appointments', {
      token: staff,
      body: { serviceId: neuro.serviceId, doctorId: rows[0]?.doctorId, startDateTime: start, clientId: other.clientId },
    });
    expect(picked.status).toBe(201);
    expect(picked.data.resourceIds).not.toEqual(first.data.resourceIds);
  });

  it('rejects a patient who has another appointment at that time, and returns three other times, which can be booked', async () => {
    const start = freshSlot();
    expect((await book(start)).status).toBe(201);
    const cardiology = await findBookableService(app, 'Cardiology consultation');
    const answer = await app.call('POST', '/api/v1/appointments', {
      token: patient.token,
      body: { serviceId: cardiology.serviceId, doctorId: cardiology.doctorId, startDateTime: start },
    });
    expect(answer.body.error.details.conflictingWith).toBe('CLIENT');
    expect(answer.body.error.details.alternatives).toHaveLength(3);
    const [{ startDateTime, doctorId }] = answer.body.error.details.alternatives;
    const accepted = await app.call('POST', '/api/v1/appointments', {
      token: patient.token,
      body: { serviceId: cardiology.serviceId, doctorId, startDateTime },
    });
    expect(accepted.status).toBe(201);
  });

  it('returns the reason if a time is not bookable; the front desk may override hours (audited), but not an overlap (Z-09)', async () => {
    const start = freshSlot();
    const night = `${start.slice(0, 10)}T23:00:00.000Z`;
    const reasons = [
      [minutes(start, 7), 'OFF_GRID'],
      [night, 'OUTSIDE_WORKING_HOURS'],
      [minutes(new Date().toISOString(), -60), 'INSIDE_NOTICE'],
      [minutes(start, 200 * 1440), 'PAST_HORIZON'],
    ] as const;
    for (const [time, reason] of reasons) {
      expect(await book(time)).toMatchObject({
        status: 422,
        code: 'SLOT_NOT_OFFERED',
        body: { error: { details: { reason } } },
      });
    }
    expect((await book(night, { overrideHours: true, overrideReason: 'Urgent' })).code).toBe('FORBIDDEN');
    const walkIn = await book(
      night,
      { overrideHours: true, overrideReason: 'Urgent', clientId: other.clientId },
      staff,
    );
    expect(walkIn.status).toBe(201);
    const history = await app.call('GET', `/api/v1/appointments/${walkIn.data.id}/history`, { token: staff });
    expect(history.data[0]).toMatchObject({
      action: 'appointment.booked',
      actorRole: 'STAFF',
      changes: { overrideHours: true },
    });
    expect(
      (
        await book(
          minutes(night, 5),
          { overrideHours: true, overrideReason: 'Urgent', clientId: patient.clientId },
          staff,
        )
      ).code,
    ).toBe('APPOINTMENT_CONFLICT');
  });

  it('returns the first answer for a repeated Idempotency-Key, creates one row, and returns 409 while the first request runs', async () => {
    const start = freshSlot();
    const headers = { 'idempotency-key': newId() };
    const body = { serviceId: video.serviceId, doctorId: video.doctorId, startDateTime: start };
    const send = (extra: object = {}): Promise<Answer> =>
      app.call('POST', '/api/v1/appointments', { token: patient.token, body: { ...body, ...extra }, headers });
    const together = await Promise.all([send(), send(), send(), send()]);
    const first = together.find(({ status }) => status === 201) as Answer;
    for (const answer of together) expect([201, 409]).toContain(answer.status);
    for (const { code } of together.filter(({ status }) => status === 409))
      expect(code).toBe('IDEMPOTENCY_IN_PROGRESS');
    const again = await send();
    expect(again).toMatchObject({ status: 201, data: first.data });
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect((await send({ notes: 'else' })).code).toBe('IDEMPOTENCY_KEY_REUSED');
    const elsewhere = freshSlot();
    const reused = await Promise.all(Array.from({ length: 8 }, () => send({ startDateTime: elsewhere })));
    for (const { code } of reused) expect(['IDEMPOTENCY_KEY_REUSED', 'IDEMPOTENCY_IN_PROGRESS']).toContain(code);
    expect((await book(elsewhere, {}, other.token)).status).toBe(201);
    const { rows } = await app.db.query(`SELECT FROM appointment WHERE doctor_id = $1 AND start_at = $2`, [
      video.doctorId,
      start,
    ]);
    expect(rows).toHaveLength(1);
  });

  it('is PENDING if the clinic requires confirmation, reserves the time, and one of two concurrent confirmations succeeds (Z-10)', async () => {
    const { clinic, visit, token } = await openWith({ requiresConfirmation: true });
    const pending = (await book(at(9), visit, token)).data;
    expect(pending.status).toBe('PENDING');
    expect((await book(at(9), visit, other.token)).code).toBe('APPOINTMENT_CONFLICT');
    const confirm = (): Promise<Answer> => act(pending.id, 'confirm', clinic.staff);
    const answers = await Promise.all([confirm(), confirm()]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
    expect(answers.find(({ status }) => status === 409)?.code).toBe('INVALID_TRANSITION');
  });
});

describe('an appointment', () => {
  it('allows only the documented status transitions', async () => {
    const { id } = (await book(freshSlot())).data;
    await startsIn(app, id, 0);
    expect((await act(id, 'complete')).code).toBe('INVALID_TRANSITION');
    expect((await act(id, 'check-in')).data.checkedInAt).toEqual(expect.any(String));
    expect((await act(id, 'check-in')).data.version).toBe(2);
    expect((await act(id, 'start')).data.status).toBe('IN_PROGRESS');
    expect((await act(id, 'no-show')).code).toBe('INVALID_TRANSITION');
    expect((await act(id, 'complete')).data.status).toBe('COMPLETED');
    expect((await app.call('DELETE', `/api/v1/appointments/${id}`, { token: staff })).code).toBe('INVALID_TRANSITION');
    const history = await app.call('GET', `/api/v1/appointments/${id}/history`, { token: patient.token });
    expect(history.data.map(({ action }: { action: string }) => action)).toEqual([
      'appointment.booked',
      'appointment.checked-in',
      'appointment.started',
      'appointment.completed',
    ]);
  });

  it('can be moved to a time that overlaps its own, and does not change if a move fails', async () => {
    const physio = await findBookableService(app, 'Physiotherapy session');
    const [one] = await app.patients(1);
    const token = one?.token as string;
    const start = physio.slots[12] as string;
    const made = (
      await app.call('POST', '/api/v1/appointments', {
        token,
        body: { serviceId: physio.serviceId, doctorId: physio.doctorId, startDateTime: start },
      })
    ).data;
    const moved = await change(made.id, { startDateTime: minutes(start, 15) }, {}, token);
    expect(moved).toMatchObject({
      status: 200,
      data: { startDateTime: minutes(start, 15), endDateTime: minutes(start, 60), version: 2 },
    });
    expect((await change(made.id, { startDateTime: minutes(start, 22) }, {}, token)).code).toBe('SLOT_NOT_OFFERED');
    expect((await app.call('GET', `/api/v1/appointments/${made.id}`, { token })).data).toEqual(moved.data);
    expect(await app.overlaps()).toBe(0);
    const { rows } = await app.db.query(`SELECT version FROM reservation WHERE appointment_id = $1`, [made.id]);
    expect(new Set(rows.map(({ version }: { version: number }) => version))).toEqual(new Set([2]));
  });

  it('can be changed only with its newest version', async () => {
    const { id } = (await book(freshSlot())).data;
    expect((await change(id, { notes: 'a' }, { 'if-match': '"1"' })).data).toMatchObject({ notes: 'a', version: 2 });
    expect((await change(id, { notes: 'b' }, { 'if-match': '"1"' })).code).toBe('VERSION_MISMATCH');
    const fresh = await app.call('GET', `/api/v1/appointments/${id}`, {
      token: patient.token,
      headers: { 'if-none-match': '"2"' },
    });
    expect(fresh.status).toBe(304);
  });

  it('frees its time when it is cancelled, and cannot be cancelled by its patient after the cut-off', async () => {
    const { clinic, visit, token } = await openWith({ cancellationCutoffMinutes: 43_200 });
    const start = at(9);
    const { id } = (await book(start, visit, token)).data;
    expect((await freeStarts(app, visit, 2)).includes(start)).toBe(false);
    expect((await app.call('DELETE', `/api/v1/appointments/${id}`, { token })).code).toBe('CANCELLATION_TOO_LATE');
    expect((await change(id, { startDateTime: at(10) }, {}, token)).code).toBe('CANCELLATION_TOO_LATE');
    const gone = await app.call('DELETE', `/api/v1/appointments/${id}?reason=ill`, { token: clinic.staff });
    expect(gone.data).toMatchObject({ status: 'CANCELLED', cancelReason: 'ill' });
    expect((await freeStarts(app, visit, 2)).includes(start)).toBe(true);
    expect((await book(start, visit, other.token)).status).toBe(201);
  });
});

describe('availability', () => {
  it('lists exactly the bookable slots: every slot of three days can be booked, and no other time of a day', async () => {
    const cardio = await findBookableService(app, 'Cardiology consultation', 2);
    const [one] = await app.patients(1);
    const day = cardio.slots[0]?.slice(0, 10);
    const quarters = Array.from({ length: 96 }, (_, n) => minutes(`${day}T00:00:00.000Z`, n * 15));
    const unlisted = quarters.filter((start) => !cardio.slots.includes(start));
    expect(unlisted.length).toBeGreaterThan(0);
    for (const startDateTime of unlisted) {
      const { status } = await app.call('POST', '/api/v1/appointments', {
        token: one?.token,
        body: { serviceId: cardio.serviceId, doctorId: cardio.doctorId, startDateTime },
      });
      expect({ startDateTime, isRefused: [409, 422].includes(status) }).toEqual({ startDateTime, isRefused: true });
    }
    const guests = await app.patients(cardio.slots.length);
    let booked = 0;
    for (const [index, startDateTime] of cardio.slots.entries()) {
      const still = (await freeStarts(app, cardio, 2)).includes(startDateTime);
      const answer = await app.call('POST', '/api/v1/appointments', {
        token: guests[index]?.token,
        body: { serviceId: cardio.serviceId, doctorId: cardio.doctorId, startDateTime },
      });
      expect({ startDateTime, status: answer.status }).toEqual({ startDateTime, status: still ? 201 : 409 });
      if (still) booked += 1;
    }
    expect(booked).toBeGreaterThan(10);
  });

  it('returns the earliest times of every doctor of a service', async () => {
    const { data } = await app.call('GET', `/api/v1/availability/next?serviceId=${video.serviceId}&limit=2`);
    const perDoctor = new Map<string, number>();
    for (const { doctorId } of data) perDoctor.set(doctorId, (perDoctor.get(doctorId) ?? 0) + 1);
    expect(perDoctor.size).toBeGreaterThan(3);
    expect(new Set(perDoctor.values())).toEqual(new Set([2]));
  });
});

describe('the list of appointments', () => {
  it('returns each appointment once, in order, with any page size', async () => {
    const { clinic, visit, token } = await openWith({});
    const booked: string[] = [];
    for (let day = 2; day < 10; day += 1) booked.push((await book(at(day), visit, token)).data.id);
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const answer: Answer = await app.call(
        'GET',
        `/api/v1/appointments?limit=3&withTotal=true${cursor ? `&cursor=${cursor}` : ''}`,
        { token: clinic.staff },
      );
      seen.push(...answer.data.map(({ id }: { id: string }) => id));
      cursor = answer.body.meta.nextCursor;
      expect(answer.body.meta.total).toBe(8);
    } while (cursor && seen.length < 9);
    expect(seen).toEqual(booked);
  });

  it('of a front desk contains no appointments of other clinics, and that of a new patient is empty', async () => {
    const [stranger] = await app.patients(1);
    expect((await app.call('GET', '/api/v1/appointments', { token: stranger?.token })).data).toEqual([]);
    const elsewhere = await app.login('staff2@careslot.test');
    const { data } = await app.call('GET', '/api/v1/appointments?limit=100', { token: elsewhere });
    const mine = await app.call('GET', '/api/v1/appointments?limit=100', { token: staff });
    const clinics = (list: { clinicId: string }[]): string[] => [...new Set(list.map(({ clinicId }) => clinicId))];
    expect([clinics(data), clinics(mine.data)]).toEqual([[expect.any(String)], [expect.any(String)]]);
    expect(clinics(data)).not.toEqual(clinics(mine.data));
  });
});
