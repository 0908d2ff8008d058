import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { countByStatus } from '../support/answers.js';
import { TestApp, type Answer, type TestPatient } from '../support/app.js';
import { aService, at, openClinic, type TestClinic } from '../support/clinic.js';
import { SettableClock } from '../support/settable-clock.js';

/** Bookings without a doctor, and the policies of clinics and services. */

const DOCTORS = 4;
const AT_ONCE = 50;

let app: TestApp;
let clinic: TestClinic;
let serviceId: string;
let patients: TestPatient[];
/** Each test has a day of its own. */
let day = 2;

beforeAll(async () => {
  app = await TestApp.start({ JOBS_IN_PROCESS: 'false', VISIT_CHANGES_PER_10_MINUTES: '10000' });
  clinic = await openClinic(app, { doctors: DOCTORS, rooms: 2 });
  serviceId = await aService(app, clinic);
  // The second half competes for times: a random few of them become patients of the clinic.
  patients = await app.patients(2 * AT_ONCE);
});

afterAll(() => app.close());

const post = (path: string, token: string | undefined, body: object): Promise<Answer> =>
  app.call('POST', `/api/v1/${path}`, { token, body: { serviceId, ...body } });
const book = (token: string | undefined, body: object): Promise<Answer> => post('appointments', token, body);
const hold = (token: string | undefined, body: object): Promise<Answer> => post('holds', token, body);
const getToken = (patient: number): string => (patients[patient] as TestPatient).token;
const nextDay = (time = '09:00'): string => at((day += 1), time);
const listBookedDoctors = (answers: Answer[]): string[] =>
  answers.filter(({ status }) => status === 201).map(({ data }) => data.doctorId as string);

describe('a booking without a doctor', () => {
  it('gets the free doctor with the fewest reserved minutes on that day, and of equals the one with the first id', async () => {
    const start = nextDay();
    const [first, second, third, fourth] = [...clinic.doctorIds].sort();
    const long = await aService(app, clinic, { durationMinutes: 60 });
    const desk = (doctorId: string | undefined, time: string, service = serviceId): Promise<Answer> =>
      book(clinic.staff, {
        doctorId,
        startDateTime: at(day, time),
        serviceId: service,
        clientId: patients[9]?.clientId,
      });
    const cancelled = await desk(second, '17:00');
    for (const answer of [
      cancelled,
      await app.call('DELETE', `/api/v1/appointments/${cancelled.data.id}`, { token: clinic.staff }),
      await desk(first, '12:00', long),
      await desk(second, '14:00'),
      await desk(third, '15:00'),
      await desk(fourth, '16:00'),
      // Neither cancelled visits nor other days count.
      await book(clinic.staff, { doctorId: second, startDateTime: at(day + 1), clientId: patients[9]?.clientId }),
    ])
      expect(answer.code).toBeUndefined();
    const chosen: Answer[] = [];
    for (let n = 0; n < DOCTORS; n += 1) chosen.push(await book(getToken(n), { startDateTime: start }));
    expect(listBookedDoctors(chosen)).toEqual([second, third, fourth, first]);
    const late = await book(getToken(DOCTORS), { startDateTime: start });
    expect(late).toMatchObject({
      status: 409,
      body: { error: { code: 'APPOINTMENT_CONFLICT', details: { conflictingWith: 'DOCTOR' } } },
    });
    expect(late.body.error.details.alternatives).toHaveLength(3);
    day += 1;
  });

  it('succeeds for exactly as many of 50 concurrent requests as there are doctors; the others get other times', async () => {
    const startDateTime = nextDay();
    const answers = await Promise.all(patients.slice(AT_ONCE).map(({ token }) => book(token, { startDateTime })));
    expect(countByStatus(answers)).toEqual({ 201: DOCTORS, '409 APPOINTMENT_CONFLICT': AT_ONCE - DOCTORS });
    expect(listBookedDoctors(answers).sort()).toEqual([...clinic.doctorIds].sort());
    const lost = answers.filter(({ status }) => status === 409);
    for (const { body } of lost) {
      const { conflictingWith, alternatives } = body.error.details;
      expect([conflictingWith, alternatives.length]).toEqual(['DOCTOR', 3]);
      expect(alternatives.every((slot: { startDateTime: string }) => slot.startDateTime !== startDateTime)).toBe(true);
    }
    expect(await app.overlaps()).toBe(0);
  });

  it('succeeds for exactly as many concurrent holds and bookings together as there are doctors', async () => {
    const startDateTime = nextDay();
    const answers = await Promise.all(
      patients.slice(AT_ONCE).map(({ token }, n) => (n % 2 ? hold : book)(token, { startDateTime })),
    );
    expect(countByStatus(answers)).toEqual({ 201: DOCTORS, '409 APPOINTMENT_CONFLICT': AT_ONCE - DOCTORS });
    expect(listBookedDoctors(answers).sort()).toEqual([...clinic.doctorIds].sort());
    expect(await app.overlaps()).toBe(0);
  });

  it('takes the doctor of its hold', async () => {
    const startDateTime = nextDay();
    const held = await hold(getToken(0), { startDateTime });
    const booked = await book(getToken(0), { startDateTime, holdId: held.data.id });
    expect([booked.status, booked.data.id, booked.data.doctorId]).toEqual([201, held.data.id, held.data.doctorId]);
  });

  it('is refused as a conflict of the patient who has another visit then, whoever is free', async () => {
    const startDateTime = nextDay();
    expect((await book(getToken(0), { startDateTime })).status).toBe(201);
    const again = await book(getToken(0), { startDateTime });
    expect([again.code, again.body.error.details.conflictingWith]).toEqual(['APPOINTMENT_CONFLICT', 'CLIENT']);
  });

  it('uses the requested room, and only as many doctors as there are rooms', async () => {
    const service = await aService(app, clinic, { requiredResourceKinds: ['ROOM'] });
    const startDateTime = nextDay();
    const [room] = clinic.roomIds;
    const first = await book(getToken(0), { startDateTime, serviceId: service, resourceIds: [room] });
    expect([first.status, first.data.resourceIds]).toEqual([201, [room]]);
    const second = await book(getToken(1), { startDateTime, serviceId: service, resourceIds: [room] });
    expect([second.code, second.body.error.details.conflictingWith]).toEqual(['APPOINTMENT_CONFLICT', 'RESOURCE']);
    const others = await Promise.all([2, 3, 4, 5].map((n) => book(getToken(n), { startDateTime, serviceId: service })));
    expect(countByStatus(others)).toEqual({ 201: 1, '409 APPOINTMENT_CONFLICT': 3 });
  });

  it('joins the fullest group session with a free seat before another doctor opens one', async () => {
    const group = await aService(app, clinic, { capacity: 3 });
    const startDateTime = nextDay();
    const [first, second] = [...clinic.doctorIds].sort();
    const seat = (patient: number, doctorId?: string): Promise<Answer> =>
      book(getToken(patient), { startDateTime, serviceId: group, doctorId });
    await seat(0, first);
    await seat(1, second);
    await seat(2, second);
    expect(listBookedDoctors([await seat(3), await seat(4), await seat(5)])).toEqual([second, first, first]);
    const answers = await Promise.all(patients.slice(AT_ONCE + 6).map((_, n) => seat(n + AT_ONCE + 6)));
    expect(countByStatus(answers)).toEqual({ 201: 6, '409 APPOINTMENT_CONFLICT': AT_ONCE - 12 });
  });

  it('is refused outside the hours of all doctors, and replays the first answer for the same key', async () => {
    const closed = await openClinic(app, { doctors: 2, hours: { start: '08:00', end: '12:00' } });
    const service = await aService(app, closed);
    const night = await book(getToken(0), { serviceId: service, startDateTime: nextDay('23:00') });
    expect([night.code, night.body.error.details.reason]).toEqual(['SLOT_NOT_OFFERED', 'OUTSIDE_WORKING_HOURS']);
    const request = {
      token: getToken(0),
      body: { serviceId: service, startDateTime: at(day) },
      headers: { 'idempotency-key': 'any-doctor' },
    };
    const [one, two] = [
      await app.call('POST', '/api/v1/appointments', request),
      await app.call('POST', '/api/v1/appointments', request),
    ];
    expect([one.status, two.status, two.data.id]).toEqual([201, 201, one.data.id]);
  });
});

const openWith = async (policy: object): Promise<{ there: TestClinic; service: string }> => {
  const there = await openClinic(app, { policy: { horizonDays: 60, ...policy } });
  return { there, service: await aService(app, there) };
};
const setPolicy = ({ id, manager }: TestClinic, policy: object): Promise<Answer> =>
  app.call('PUT', `/api/v1/clinics/${id}`, { token: manager, body: { policy } });
const move = (token: string, id: string, startDateTime: string): Promise<Answer> =>
  app.call('PUT', `/api/v1/appointments/${id}`, { token, body: { startDateTime } });
const freeOn = async (on: string, service: string, token?: string): Promise<number> => {
  const date = on.slice(0, 10);
  const answer = await app.call<object[]>('GET', `/api/v1/availability?serviceId=${service}&from=${date}&to=${date}`, {
    token,
  });
  return answer.data.length;
};
const toCodeAndReason = ({ code, body }: Answer): unknown[] => [code, body.error?.details?.reason];

describe('the policies of a clinic', () => {
  const LIMIT = 2;

  it('limit nothing in a new clinic, and refuse values out of range by name', async () => {
    const created = await openWith({});
    const { data } = await app.call('GET', `/api/v1/clinics/${created.there.id}`);
    expect(data.policy).toMatchObject({
      maxPerDayPerClient: null,
      noShowLimit: null,
      requiresDeposit: false,
      deskMinimumNoticeMinutes: null,
      deskHorizonDays: null,
    });
    const policy = {
      maxPerDayPerClient: 0,
      noShowLimit: 1.5,
      requiresDeposit: null,
      deskMinimumNoticeMinutes: -1,
      deskHorizonDays: 731,
    };
    const refused = await setPolicy(created.there, policy);
    expect(refused.body.error.details.map(({ field }: { field: string }) => field).sort()).toEqual(
      Object.keys(policy)
        .map((field) => `policy.${field}`)
        .sort(),
    );
    const valid = { maxPerDayPerClient: 1, noShowLimit: 2, requiresDeposit: true, deskHorizonDays: 9 };
    expect((await setPolicy(created.there, valid)).data.policy).toMatchObject(valid);
  });

  it('give the front desk another notice and horizon, also in availability and after a conflict', async () => {
    const { there, service } = await openWith({
      minimumNoticeMinutes: 10_000,
      horizonDays: 10,
      deskMinimumNoticeMinutes: 0,
      deskHorizonDays: 30,
    });
    const desk = (startDateTime: string, patient: number): Promise<Answer> =>
      book(there.staff, { serviceId: service, startDateTime, clientId: patients[patient]?.clientId });
    const [soon, late, tooLate] = [at(2), at(25), at(40)];
    for (const [time, reason] of [
      [soon, 'INSIDE_NOTICE'],
      [late, 'PAST_HORIZON'],
    ] as const) {
      expect(toCodeAndReason(await book(getToken(20), { serviceId: service, startDateTime: time }))).toEqual([
        'SLOT_NOT_OFFERED',
        reason,
      ]);
      const seen = [
        await freeOn(time, service),
        await freeOn(time, service, getToken(20)),
        await freeOn(time, service, clinic.staff),
      ];
      expect(seen).toEqual([0, 0, 0]);
      expect(await freeOn(time, service, there.staff)).toBeGreaterThan(0);
      expect((await desk(time, 20)).status).toBe(201);
    }
    expect(toCodeAndReason(await desk(tooLate, 20))).toEqual(['SLOT_NOT_OFFERED', 'PAST_HORIZON']);
    const lost = await desk(soon, 21);
    expect(lost.code).toBe('APPOINTMENT_CONFLICT');
    expect(lost.body.error.details.alternatives[0].startDateTime.slice(0, 10)).toBe(soon.slice(0, 10));
  });

  it('let the front desk give a visit to another doctor at the same time, inside the notice of patients', async () => {
    const policy = { horizonDays: 10, minimumNoticeMinutes: 10_000, deskMinimumNoticeMinutes: 0, deskHorizonDays: 30 };
    const there = await openClinic(app, { doctors: 2, policy });
    const service = await aService(app, there);
    const [first, second] = there.doctorIds;
    for (const startDateTime of [at(2), at(25)]) {
      const visit = { serviceId: service, doctorId: first, startDateTime, clientId: patients[22]?.clientId };
      const booked = await book(there.staff, visit);
      const moved = await app.call('PUT', `/api/v1/appointments/${booked.data.id}`, {
        token: there.staff,
        body: { doctorId: second },
      });
      expect(moved).toMatchObject({ status: 200, data: { doctorId: second, startDateTime } });
    }
  });

  it('leave no day that is full for the patient among the other times after a conflict', async () => {
    const hours = { start: '08:00', end: '10:00' };
    const there = await openClinic(app, { doctors: 2, hours, policy: { horizonDays: 60, maxPerDayPerClient: 1 } });
    const service = await aService(app, there);
    const [first, second] = there.doctorIds;
    const [full, taken, before] = [at(14), at(13), at(12)];
    const own = (startDateTime: string, doctorId = first): Promise<Answer> =>
      book(getToken(34), { serviceId: service, doctorId, startDateTime });
    const listOtherDays = ({ body }: Answer): string[] =>
      body.error.details.alternatives.map((slot: { startDateTime: string }) => slot.startDateTime.slice(0, 10));
    // Nothing but one time is free on the day of the conflict.
    for (const time of ['08:00', '08:30', '09:00']) {
      await book(there.staff, {
        serviceId: service,
        doctorId: first,
        startDateTime: at(13, time),
        clientId: patients[35]?.clientId,
      });
    }
    const visit = await own(full, second);
    expect(visit.status).toBe(201);
    const conflict = await own(taken);
    expect(conflict.code).toBe('APPOINTMENT_CONFLICT');
    expect(listOtherDays(conflict)).toHaveLength(3);
    expect(listOtherDays(conflict)).not.toContain(full.slice(0, 10));
    const ofDesk = await book(there.staff, {
      serviceId: service,
      doctorId: first,
      startDateTime: taken,
      clientId: patients[34]?.clientId,
    });
    expect(listOtherDays(ofDesk)).toContain(full.slice(0, 10));

    // A visit that moves does not count itself, but the others do.
    const other = await own(before, second);
    expect(other.status).toBe(201);
    const daysToMove = async ({ data }: Answer): Promise<string[]> => {
      const body = { startDateTime: taken, doctorId: first };
      return listOtherDays(await app.call('PUT', `/api/v1/appointments/${data.id}`, { token: getToken(34), body }));
    };
    expect(await daysToMove(visit)).toContain(full.slice(0, 10));
    const ofOther = await daysToMove(other);
    expect(ofOther).toContain(before.slice(0, 10));
    expect(ofOther).not.toContain(full.slice(0, 10));
  });

  it('limit the visits of a patient on one day, with concurrent bookings, moves and holds', async () => {
    const { there, service } = await openWith({ maxPerDayPerClient: LIMIT });
    const patient = patients[30] as TestPatient;
    const own = (startDateTime: string, more: object = {}): Promise<Answer> =>
      book(patient.token, { serviceId: service, startDateTime, ...more });
    const visits = [await own(at(3)), await own(at(4)), await own(at(5)), await own(at(6))];
    const on = (hour: number): string => at(8, `${String(hour).padStart(2, '0')}:00`);
    const held = await hold(patient.token, { serviceId: service, startDateTime: on(23) });
    const answers = await Promise.all([
      ...visits.map(({ data }, n) => move(patient.token, data.id, on(n))),
      ...Array.from({ length: 12 }, (_, n) => own(on(n + 6))),
      own(on(23), { holdId: held.data.id }),
    ]);
    const succeeded = answers.filter(({ status }) => status < 300);
    expect(succeeded).toHaveLength(LIMIT);
    for (const answer of answers.filter(({ status }) => status >= 300)) {
      expect(toCodeAndReason(answer)).toEqual(['SLOT_NOT_OFFERED', 'TOO_MANY_ON_DAY']);
    }
    const { rows } = await app.db.query<{ n: number }>(
      `SELECT count(*)::int AS n FROM appointment WHERE client_id = $1 AND clinic_id = $2 AND status = 'CONFIRMED'
       AND start_at::date = $3::date`,
      [patient.clientId, there.id, on(0)],
    );
    expect(rows).toEqual([{ n: LIMIT }]);

    expect(toCodeAndReason(await hold(patient.token, { serviceId: service, startDateTime: on(20) }))).toEqual([
      'SLOT_NOT_OFFERED',
      'TOO_MANY_ON_DAY',
    ]);
    expect(await freeOn(on(0), service, patient.token)).toBe(0);
    expect(await freeOn(on(0), service, getToken(31))).toBeGreaterThan(0);
    const again = succeeded[0] as Answer;
    expect((await move(patient.token, again.data.id, on(21))).status).toBe(200);
    const desk = { serviceId: service, startDateTime: on(22), clientId: patient.clientId };
    expect((await book(there.staff, desk)).status).toBe(201);
    for (const { data } of succeeded) {
      await app.call('DELETE', `/api/v1/appointments/${data.id}`, { token: patient.token });
    }
    expect(await freeOn(on(0), service, patient.token)).toBeGreaterThan(0);
    expect((await own(on(1))).status).toBe(201);
  });

  it('let a patient with too many no-shows within a year book only through the front desk', async () => {
    const { there, service } = await openWith({ noShowLimit: LIMIT });
    const patient = patients[32] as TestPatient;
    const own = (startDateTime: string): Promise<Answer> => book(patient.token, { serviceId: service, startDateTime });
    const visits = [await own(at(3)), await own(at(4)), await own(at(5))];
    const setNoShow = (visit: Answer | undefined, daysAgo: number): Promise<unknown> =>
      app.db.query(
        `UPDATE appointment SET status = 'NO_SHOW', start_at = now() - $2 * interval '1 day', end_at = now() - $2 * interval '1 day' + interval '30 minutes'
         WHERE id = $1`,
        [visit?.data.id, daysAgo],
      );
    await setNoShow(visits[0], 370);
    await setNoShow(visits[1], 300);
    expect((await own(at(10))).status).toBe(201);
    await setNoShow(visits[0], 1);
    const refused = await own(at(11));
    expect(toCodeAndReason(refused)).toEqual(['SLOT_NOT_OFFERED', 'TOO_MANY_NO_SHOWS']);
    expect(toCodeAndReason(await hold(patient.token, { serviceId: service, startDateTime: at(11) }))).toEqual([
      'SLOT_NOT_OFFERED',
      'TOO_MANY_NO_SHOWS',
    ]);
    expect(await freeOn(at(11), service, patient.token)).toBe(0);
    expect((await move(patient.token, visits[2]?.data.id, at(12))).status).toBe(200);
    const desk = { serviceId: service, startDateTime: at(11), clientId: patient.clientId };
    expect((await book(there.staff, desk)).status).toBe(201);
  });

  it('require a reason for an override of hours, which only staff can read', async () => {
    const { there, service } = await openWith({});
    const REASON = 'Pulled a tooth yesterday';
    const desk = (more: object): Promise<Answer> =>
      book(there.staff, {
        serviceId: service,
        startDateTime: at(3, '09:07'),
        clientId: patients[33]?.clientId,
        ...more,
      });
    for (const more of [
      { overrideHours: true },
      { overrideReason: REASON },
      { overrideHours: true, overrideReason: ' ' },
    ]) {
      expect((await desk(more)).body.error).toMatchObject({
        code: 'VALIDATION_ERROR',
        details: [{ field: 'overrideReason' }],
      });
    }
    const booked = await desk({ overrideHours: true, overrideReason: REASON });
    expect(booked.status).toBe(201);
    const path = `/api/v1/appointments/${booked.data.id}`;
    const body = { startDateTime: at(4, '09:07'), overrideHours: true, staffNotes: 'new' };
    expect((await app.call('PUT', path, { token: there.staff, body })).code).toBe('VALIDATION_ERROR');
    const moved = await app.call('PUT', path, { token: there.staff, body: { ...body, overrideReason: 'Moved' } });
    expect(moved.status).toBe(200);
    const readHistory = async (token: string): Promise<unknown[]> =>
      (await app.call('GET', `${path}/history`, { token })).data.map(
        ({ action, overrideReason, replacedNotes, changes }: Record<string, unknown> & { changes: object }) => [
          action,
          overrideReason,
          replacedNotes,
          'overrideHours' in changes,
        ],
      );
    const staffNote = { field: 'staffNotes', before: null, after: 'new' };
    expect(await readHistory(there.staff)).toEqual([
      ['appointment.booked', REASON, [], true],
      ['appointment.rescheduled', 'Moved', [staffNote], true],
    ]);
    expect(await readHistory(getToken(33))).toEqual([
      ['appointment.booked', null, [], true],
      ['appointment.rescheduled', null, [], true],
    ]);
    const { rows } = await app.db.query<{ text: Buffer }>(
      `SELECT new_text AS text FROM appointment_note_change WHERE appointment_id = $1 AND field = 'overrideReason'`,
      [booked.data.id],
    );
    expect(rows.map(({ text }) => text.includes(REASON))).toEqual([false, false]);
  });
});

describe('the policies of a service', () => {
  const NONE = {
    slotStepMinutes: null,
    minimumNoticeMinutes: null,
    horizonDays: null,
    cancellationCutoffMinutes: null,
    holdMinutes: null,
    requiresConfirmation: null,
    requiresDeposit: null,
    depositPercent: null,
    taxBasisPoints: null,
    refundPercentBeforeCutoff: null,
    refundPercentAfterCutoff: null,
    maxUpcomingPerClient: null,
    maxPerDayPerClient: null,
    noShowLimit: null,
    deskMinimumNoticeMinutes: null,
    deskHorizonDays: null,
  };
  const change = (service: string, policy: unknown, token: string): Promise<Answer> =>
    app.call('PUT', `/api/v1/services/${service}`, { token, body: { policy } });

  it('are those of the clinic unless the service overrides them, and refuse values out of range by name', async () => {
    const { there, service } = await openWith({});
    const { data } = await app.call('GET', `/api/v1/services/${service}`);
    expect(data.policy).toEqual(NONE);
    const set = { horizonDays: 5, requiresConfirmation: false, deskMinimumNoticeMinutes: 0 };
    expect((await change(service, set, there.manager)).data.policy).toEqual({ ...NONE, ...set });
    expect((await change(service, { horizonDays: null, noShowLimit: 3 }, there.manager)).data.policy).toEqual({
      ...NONE,
      ...set,
      horizonDays: null,
      noShowLimit: 3,
    });
    const refused = await change(
      service,
      { slotStepMinutes: 1, holdMinutes: '5', mfaRequiredRoles: [] },
      there.manager,
    );
    expect(refused.body.error.details.map(({ field }: { field: string }) => field).sort()).toEqual([
      'policy.holdMinutes',
      'policy.mfaRequiredRoles',
      'policy.slotStepMinutes',
    ]);
    expect((await change(service, null, there.manager)).body.error.details).toMatchObject([{ field: 'policy' }]);
    const created = await aService(app, there, { policy: { maxPerDayPerClient: 1, noShowLimit: null } });
    const read = await app.call('GET', `/api/v1/services/${created}`);
    expect(read.data.policy).toEqual({ ...NONE, maxPerDayPerClient: 1 });
  });

  it('apply to its availability, bookings, holds and cancellations', async () => {
    const { there, service } = await openWith({ holdMinutes: 10, cancellationCutoffMinutes: 0 });
    const policy = {
      slotStepMinutes: 60,
      minimumNoticeMinutes: 2_000,
      horizonDays: 20,
      cancellationCutoffMinutes: 20_000,
      holdMinutes: 60,
      requiresConfirmation: true,
      deskHorizonDays: 50,
    };
    const special = await aService(app, there, { policy });
    expect([await freeOn(at(5), service), await freeOn(at(5), special)]).toEqual([96, 24]);
    const own = (startDateTime: string, more: object = {}): Promise<Answer> =>
      book(getToken(40), { serviceId: special, startDateTime, ...more });
    expect(toCodeAndReason(await own(at(5, '09:15')))).toEqual(['SLOT_NOT_OFFERED', 'OFF_GRID']);
    expect(toCodeAndReason(await own(at(1, '00:00')))).toEqual(['SLOT_NOT_OFFERED', 'INSIDE_NOTICE']);
    expect(toCodeAndReason(await own(at(30)))).toEqual(['SLOT_NOT_OFFERED', 'PAST_HORIZON']);
    const desk = { serviceId: special, startDateTime: at(30), clientId: patients[40]?.clientId };
    expect((await book(there.staff, desk)).status).toBe(201);
    const held = await hold(getToken(40), { serviceId: special, startDateTime: at(6) });
    const { rows } = await app.db.query(
      `SELECT expires_at - created_at = interval '1 hour' AS ok FROM hold WHERE id = $1`,
      [held.data.id],
    );
    expect(rows).toEqual([{ ok: true }]);
    const booked = await own(at(6), { holdId: held.data.id });
    expect(booked.data.status).toBe('PENDING');
    const path = `/api/v1/appointments/${booked.data.id}`;
    expect((await app.call('DELETE', path, { token: getToken(40) })).code).toBe('CANCELLATION_TOO_LATE');
    expect((await move(getToken(40), booked.data.id, at(7))).code).toBe('CANCELLATION_TOO_LATE');
    expect((await app.call('DELETE', path, { token: there.staff })).status).toBe(200);
  });

  it('limit only visits of the service, while those of the clinic count all', async () => {
    const { there, service } = await openWith({ maxPerDayPerClient: 3 });
    const once = await aService(app, there, { policy: { maxPerDayPerClient: 1 } });
    const own = (hour: string, serviceId = service): Promise<Answer> =>
      book(getToken(41), { serviceId, startDateTime: at(9, hour) });
    expect((await own('08:00')).status).toBe(201);
    expect((await own('09:00', once)).status).toBe(201);
    const second = await own('10:00', once);
    expect(toCodeAndReason(second)).toEqual(['SLOT_NOT_OFFERED', 'TOO_MANY_ON_DAY']);
    expect(second.body.error.message).toMatch(/at most 1 appointment for this service on one day\./);
    expect([await freeOn(at(9), once, getToken(41))]).toEqual([0]);
    expect((await own('11:00')).status).toBe(201);
    const fourth = await own('12:00');
    expect(toCodeAndReason(fourth)).toEqual(['SLOT_NOT_OFFERED', 'TOO_MANY_ON_DAY']);
    expect(fourth.body.error.message).toMatch(/at most 3 appointments on one day\./);
    const tomorrow = await book(getToken(41), { serviceId: once, startDateTime: at(10) });
    expect(toCodeAndReason(await move(getToken(41), tomorrow.data.id, at(9, '14:00')))).toEqual([
      'SLOT_NOT_OFFERED',
      'TOO_MANY_ON_DAY',
    ]);
    expect((await change(once, { maxPerDayPerClient: 2 }, there.manager)).status).toBe(200);
    expect((await move(getToken(41), tomorrow.data.id, at(9, '14:00'))).status).toBe(200);
  });
});

describe('an empty list of free times has the reason', () => {
  const HOURS = { start: '09:00', end: '10:00' };
  const clock = new SettableClock();
  let own: TestApp;
  let there: TestClinic;
  let service: string;

  beforeAll(async () => {
    clock.set(at(1, '09:20'));
    own = await TestApp.start({ JOBS_IN_PROCESS: 'false', JWT_EXPIRES_IN: '96h' }, undefined, clock);
    there = await openClinic(own, {
      hours: HOURS,
      policy: { minimumNoticeMinutes: 60, horizonDays: 7, deskMinimumNoticeMinutes: 0, maxPerDayPerClient: 1 },
    });
    service = await aService(own, there);
  });

  afterAll(() => own.close());

  const read = async (query: string, token?: string): Promise<[number, string | undefined]> => {
    const { data, body } = await own.call('GET', `/api/v1/availability${query}`, { token });
    return [data.length, body.meta?.reason];
  };
  const onDays = (first: number, last: number): string =>
    `?serviceId=${service}&from=${at(first).slice(0, 10)}&to=${at(last).slice(0, 10)}`;

  it('and a list with free times has none', async () => {
    expect(await read(onDays(2, 2))).toEqual([3, undefined]);
    expect(await read(`/next?serviceId=${service}`)).toEqual([3, undefined]);
  });

  it('NOTICE, for times that are too soon or past', async () => {
    expect(await read(onDays(1, 1))).toEqual([0, 'NOTICE']);
    expect(await read(onDays(-3, 0))).toEqual([0, 'NOTICE']);
    // The front desk has another notice.
    expect(await read(onDays(1, 1), there.staff)).toEqual([1, undefined]);
  });

  it('HORIZON, for times that are too far ahead', async () => {
    expect(await read(onDays(8, 8))).toEqual([3, undefined]);
    expect(await read(onDays(9, 20))).toEqual([0, 'HORIZON']);
  });

  it('CLOSED, if nobody works', async () => {
    const [doctor] = there.doctorIds;
    const closed = { from: at(3).slice(0, 10), to: at(4).slice(0, 10), kind: 'CLOSED' };
    const path = `/api/v1/doctors/${doctor}/schedule/exceptions`;
    expect((await own.call('POST', path, { token: there.manager, body: closed })).status).toBe(201);
    expect(await read(onDays(3, 4))).toEqual([0, 'CLOSED']);
    // Also beyond the horizon, and in the past.
    const later = { ...closed, from: at(12).slice(0, 10), to: at(12).slice(0, 10) };
    expect((await own.call('POST', path, { token: there.manager, body: later })).status).toBe(201);
    expect(await read(onDays(12, 12))).toEqual([0, 'CLOSED']);
    const unstaffed = await aService(own, there, { doctorIds: [] });
    expect(await read(`/next?serviceId=${unstaffed}`)).toEqual([0, 'CLOSED']);
    const roomless = await aService(own, there, { requiredResourceKinds: ['ROOM'] });
    expect(await read(`/next?serviceId=${roomless}`)).toEqual([0, 'CLOSED']);
    const long = await aService(own, there, { durationMinutes: 90 });
    expect(await read(onDays(2, 2).replace(service, long))).toEqual([0, 'CLOSED']);
  });

  it('FULL, if everything is taken, or the patient has reached a limit', async () => {
    const [first, second] = (await own.patients(2)) as [TestPatient, TestPatient];
    const booked = await own.call('POST', '/api/v1/appointments', {
      token: first.token,
      body: { serviceId: service, doctorId: there.doctorIds[0], startDateTime: at(5, '09:15') },
    });
    expect(booked.status).toBe(201);
    // Every start overlaps the visit.
    expect(await read(onDays(5, 5))).toEqual([0, 'FULL']);
    // A day without a time between days that are closed.
    expect(await read(onDays(3, 5))).toEqual([0, 'FULL']);
    const other = await aService(own, there, { durationMinutes: 15 });
    const query = onDays(5, 5).replace(service, other);
    expect(await read(query, second.token)).toEqual([2, undefined]);
    expect(await read(query, first.token)).toEqual([0, 'FULL']);
  });

  it('HORIZON or CLOSED also of the next free times', async () => {
    const place = await openClinic(own, { policy: { horizonDays: 1 }, hours: HOURS });
    const visit = await aService(own, place);
    const closed = { from: at(0).slice(0, 10), to: at(3).slice(0, 10), kind: 'CLOSED' };
    const path = `/api/v1/doctors/${place.doctorIds[0]}/schedule/exceptions`;
    expect((await own.call('POST', path, { token: place.manager, body: closed })).status).toBe(201);
    expect(await read(`/next?serviceId=${visit}`)).toEqual([0, 'HORIZON']);
    const rules: object[] = [];
    const schedule = `/api/v1/doctors/${place.doctorIds[0]}/schedule`;
    expect((await own.call('PUT', schedule, { token: place.manager, body: { rules } })).status).toBe(200);
    expect(await read(`/next?serviceId=${visit}`)).toEqual([0, 'CLOSED']);
  });
});
