import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TestApp, type Answer, type TestPatient } from '../support/app.js';
import { aService, at, openClinic, type TestClinic } from '../support/clinic.js';

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
  patients = await app.patients(AT_ONCE);
}, 60_000);

afterAll(() => app.close());

const post = (path: string, token: string | undefined, body: object): Promise<Answer> =>
  app.call('POST', `/api/v1/${path}`, { token, body: { serviceId, ...body } });
const book = (token: string | undefined, body: object): Promise<Answer> => post('appointments', token, body);
const hold = (token: string | undefined, body: object): Promise<Answer> => post('holds', token, body);
const tokenOf = (patient: number): string => (patients[patient] as TestPatient).token;
const nextDay = (time = '09:00'): string => at((day += 1), time);
const tally = (answers: Answer[]): Record<string, number> =>
  answers.reduce<Record<string, number>>((count, { status, code }) => {
    const name = code ? `${status} ${code}` : String(status);
    return { ...count, [name]: (count[name] ?? 0) + 1 };
  }, {});
const doctorsOf = (answers: Answer[]): string[] =>
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
    for (const answer of [
      await desk(first, '12:00', long),
      await desk(second, '14:00'),
      await desk(third, '15:00'),
      await desk(fourth, '16:00'),
      // Neither the days around nor cancelled visits count.
      await book(clinic.staff, { doctorId: second, startDateTime: at(day + 1), clientId: patients[9]?.clientId }),
    ])
      expect(answer.status).toBe(201);
    const chosen: Answer[] = [];
    for (let n = 0; n < DOCTORS; n += 1) chosen.push(await book(tokenOf(n), { startDateTime: start }));
    expect(doctorsOf(chosen)).toEqual([second, third, fourth, first]);
    const late = await book(tokenOf(DOCTORS), { startDateTime: start });
    expect(late).toMatchObject({
      status: 409,
      body: { error: { code: 'APPOINTMENT_CONFLICT', details: { conflictingWith: 'DOCTOR' } } },
    });
    expect(late.body.error.details.alternatives).toHaveLength(3);
    day += 1;
  });

  it('succeeds for exactly as many of 50 concurrent requests as there are doctors; the others get other times', async () => {
    const startDateTime = nextDay();
    const answers = await Promise.all(patients.map(({ token }) => book(token, { startDateTime })));
    expect(tally(answers)).toEqual({ 201: DOCTORS, '409 APPOINTMENT_CONFLICT': AT_ONCE - DOCTORS });
    expect(doctorsOf(answers).sort()).toEqual([...clinic.doctorIds].sort());
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
    const answers = await Promise.all(patients.map(({ token }, n) => (n % 2 ? hold : book)(token, { startDateTime })));
    expect(tally(answers)).toEqual({ 201: DOCTORS, '409 APPOINTMENT_CONFLICT': AT_ONCE - DOCTORS });
    expect(doctorsOf(answers).sort()).toEqual([...clinic.doctorIds].sort());
    expect(await app.overlaps()).toBe(0);
  });

  it('takes the doctor of its hold', async () => {
    const startDateTime = nextDay();
    const held = await hold(tokenOf(0), { startDateTime });
    const booked = await book(tokenOf(0), { startDateTime, holdId: held.data.id });
    expect([booked.status, booked.data.id, booked.data.doctorId]).toEqual([201, held.data.id, held.data.doctorId]);
  });

  it('is refused as a conflict of the patient who has another visit then, whoever is free', async () => {
    const startDateTime = nextDay();
    expect((await book(tokenOf(0), { startDateTime })).status).toBe(201);
    const again = await book(tokenOf(0), { startDateTime });
    expect([again.code, again.body.error.details.conflictingWith]).toEqual(['APPOINTMENT_CONFLICT', 'CLIENT']);
  });

  it('uses the requested room, and only as many doctors as there are rooms', async () => {
    const service = await aService(app, clinic, { requiredResourceKinds: ['ROOM'] });
    const startDateTime = nextDay();
    const [room] = clinic.roomIds;
    const first = await book(tokenOf(0), { startDateTime, serviceId: service, resourceIds: [room] });
    expect([first.status, first.data.resourceIds]).toEqual([201, [room]]);
    const second = await book(tokenOf(1), { startDateTime, serviceId: service, resourceIds: [room] });
    expect([second.code, second.body.error.details.conflictingWith]).toEqual(['APPOINTMENT_CONFLICT', 'RESOURCE']);
    const others = await Promise.all([2, 3, 4, 5].map((n) => book(tokenOf(n), { startDateTime, serviceId: service })));
    expect(tally(others)).toEqual({ 201: 1, '409 APPOINTMENT_CONFLICT': 3 });
  });

  it('joins the fullest group session with a free seat before another doctor opens one', async () => {
    const group = await aService(app, clinic, { capacity: 3 });
    const startDateTime = nextDay();
    const [first, second] = [...clinic.doctorIds].sort();
    const seat = (patient: number, doctorId?: string): Promise<Answer> =>
      book(tokenOf(patient), { startDateTime, serviceId: group, doctorId });
    await seat(0, first);
    await seat(1, second);
    await seat(2, second);
    expect(doctorsOf([await seat(3), await seat(4), await seat(5)])).toEqual([second, first, first]);
    const answers = await Promise.all(patients.slice(6).map((_, n) => seat(n + 6)));
    expect(tally(answers)).toEqual({ 201: 6, '409 APPOINTMENT_CONFLICT': AT_ONCE - 12 });
  });

  it('is refused outside the hours of all doctors, and replays the first answer for the same key', async () => {
    const closed = await openClinic(app, { doctors: 2, hours: { start: '08:00', end: '12:00' } });
    const service = await aService(app, closed);
    const night = await book(tokenOf(0), { serviceId: service, startDateTime: nextDay('23:00') });
    expect([night.code, night.body.error.details.reason]).toEqual(['SLOT_NOT_OFFERED', 'OUTSIDE_WORKING_HOURS']);
    const request = {
      token: tokenOf(0),
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
