import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { newId } from '../../src/core/kernel/id.js';
import { BulkRepository, type BulkVisit } from '../../src/modules/appointments/bulk/bulk.repository.js';
import { TestApp, type Answer, type TestPatient } from '../support/app.js';
import { aService, at, openClinic, type TestClinic } from '../support/clinic.js';
import { eventually } from '../support/eventually.js';
import { countStatements } from '../support/statements.js';
import { acceptOffer, offerTime } from '../support/waitlist.js';

/** Bulk changes and closures against what happens to the visits meanwhile, on days of clock changes, and with odd inputs. */

let app: TestApp;
let clinic: TestClinic;
let other: TestClinic;
let serviceId: string;
let patients: TestPatient[];
/** Each test has days of its own. */
let day = 2;

const POLICY = { horizonDays: 730, slotStepMinutes: 15, maxUpcomingPerClient: 200 };

beforeAll(async () => {
  app = await TestApp.start({ JOBS_IN_PROCESS: 'false' });
  clinic = await openClinic(app, { doctors: 3, policy: POLICY });
  other = await openClinic(app, { policy: POLICY });
  serviceId = await aService(app, clinic);
  patients = await app.patients(4);
});

afterAll(() => app.close());

beforeEach(() => {
  day += 5;
});

const call = (method: string, path: string, token: string, body?: object): Promise<Answer> =>
  app.call(method, `/api/v1/${path}`, { token, body });
const doctor = (index: number): string => clinic.doctorIds[index] as string;
const patient = (index: number): TestPatient => patients[index % patients.length] as TestPatient;
const toDate = (daysAhead: number): string => at(daysAhead).slice(0, 10);

async function bookAt(place: TestClinic, service: string, who: TestPatient, startDateTime: string): Promise<string> {
  const body = { serviceId: service, doctorId: place.doctorIds[0], startDateTime };
  const answer = await call('POST', 'appointments', who.token, body);
  if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
  return answer.data.id as string;
}

const book = (who: TestPatient, startDateTime: string, service = serviceId): Promise<string> =>
  bookAt(clinic, service, who, startDateTime);

const bulk = (body: object, token = clinic.staff): Promise<Answer> =>
  call('POST', 'appointments/bulk', token, { reason: 'The doctor is ill', ...body });

const get = async (id: string): Promise<Answer['data']> => (await call('GET', `appointments/${id}`, clinic.staff)).data;

/** Runs work after the started requests have found their visits, and before they change the first of them. */
async function afterFinding<T>(requests: number, start: () => Promise<T>, work: () => Promise<void>): Promise<T> {
  const bulks = app.app.get(BulkRepository, { strict: false });
  const [findVisits, findDoctorVisits] = [bulks.findVisits.bind(bulks), bulks.findDoctorVisits.bind(bulks)];
  let found = 0;
  let goOn = (): void => undefined;
  const mayGoOn = new Promise<void>((resolve) => (goOn = resolve));
  const andWait = async (visits: Promise<BulkVisit[]>): Promise<BulkVisit[]> => {
    await visits;
    found += 1;
    await mayGoOn;
    return visits;
  };
  bulks.findVisits = (...args) => andWait(findVisits(...args));
  bulks.findDoctorVisits = (...args) => andWait(findDoctorVisits(...args));
  try {
    const running = start();
    await eventually(
      () => (found === requests ? Promise.resolve() : Promise.reject(new Error(`${found} found`))),
      50_000,
    );
    await work();
    goOn();
    return await running;
  } finally {
    goOn();
    Object.assign(bulks, { findVisits, findDoctorVisits });
  }
}

describe('a visit that its patient moves away while a bulk change runs', () => {
  it.each([
    ['cancels the day', { action: 'CANCEL' }, false],
    ['moves the day to another doctor', { action: 'MOVE', to: {} }, false],
    ['cancels the listed visits', { action: 'CANCEL' }, true],
    ['moves the listed visits to the next free time', { action: 'MOVE' }, true],
  ])('keeps the time that its patient chose, if the change %s', async (_, change, isListed) => {
    const [first, second] = [await book(patient(0), at(day, '09:00')), await book(patient(1), at(day, '10:00'))];
    const targets = isListed ? { appointmentIds: [first, second] } : { doctorId: doctor(0), date: toDate(day) };
    const body = { ...targets, ...change, ...('to' in change && { to: { doctorId: doctor(1) } }) };
    const chosen = at(day + 1, '10:00');
    const answer = await afterFinding(
      1,
      () => bulk(body),
      async () => {
        const moved = await call('PUT', `appointments/${second}`, patient(1).token, { startDateTime: chosen });
        expect(moved.status).toBe(200);
      },
    );
    expect(answer.data).toMatchObject([
      { appointmentId: first, outcome: change.action === 'CANCEL' ? 'CANCELLED' : 'MOVED' },
      { appointmentId: second, outcome: 'SKIPPED', reason: 'MOVED_MEANWHILE', startDateTime: chosen },
    ]);
    expect(await get(second)).toMatchObject({
      ...{ status: 'CONFIRMED', startDateTime: chosen, doctorId: doctor(0), version: 2 },
    });
    expect(await app.overlaps()).toBe(0);
  });
});

it('a bulk move that is sent twice without an Idempotency-Key moves each visit once', async () => {
  const ids = [await book(patient(0), at(day, '09:00')), await book(patient(1), at(day, '10:00'))];
  const send = (): Promise<Answer> => bulk({ action: 'MOVE', appointmentIds: ids });
  const answers = await afterFinding(
    2,
    () => Promise.all([send(), send()]),
    () => Promise.resolve(),
  );
  const getOutcomes = (index: number): string[] =>
    answers.map(({ data }) => (data as { outcome: string }[])[index]?.outcome ?? '').sort();
  expect([getOutcomes(0), getOutcomes(1)]).toEqual(Array(2).fill(['MOVED', 'SKIPPED']));
  for (const id of ids) expect((await get(id)).version).toBe(2);
});

describe('a bulk change of the visits of', () => {
  it('a doctor who has left, of a deleted service, cancels them; moving them says that it is not possible', async () => {
    const place = await openClinic(app, { doctors: 2, policy: POLICY });
    const [left, stays] = place.doctorIds as [string, string];
    const service = await aService(app, place);
    const ids: string[] = [];
    for (const time of ['09:00', '10:00', '11:00']) ids.push(await bookAt(place, service, patient(0), at(day, time)));
    await app.db.query('UPDATE doctor SET deleted_at = now(), is_active = false WHERE id = $1', [left]);
    await app.db.query('UPDATE schedule_revision SET revision = revision + 1 WHERE clinic_id = $1', [place.id]);
    const onDay = { doctorId: left, date: toDate(day) };
    const next = await bulk({ action: 'MOVE', ...onDay }, place.staff);
    expect(next.data).toMatchObject(Array(3).fill({ outcome: 'FAILED', reason: 'NO_FREE_TIME' }));
    const toOther = { action: 'MOVE', appointmentIds: [ids[0]], to: { doctorId: stays } };
    expect((await bulk(toOther, place.staff)).data).toMatchObject([{ outcome: 'MOVED', doctorId: stays }]);
    await app.db.query('UPDATE service SET deleted_at = now(), is_active = false WHERE id = $1', [service]);
    await app.db.query('UPDATE schedule_revision SET revision = revision + 1 WHERE clinic_id = $1', [place.id]);
    const ofDeleted = await bulk({ action: 'MOVE', ...onDay, to: { doctorId: stays } }, place.staff);
    expect(ofDeleted.data).toMatchObject(Array(2).fill({ outcome: 'FAILED' }));
    const cancelled = await bulk({ action: 'CANCEL', ...onDay }, place.staff);
    expect(cancelled.data).toMatchObject(Array(2).fill({ outcome: 'CANCELLED' }));
    expect(await app.overlaps()).toBe(0);
  });

  it('a day in Cairo without midnight has the visits of that local day, and no others', async () => {
    const cairo = await openClinic(app, { timeZone: 'Africa/Cairo', policy: POLICY });
    const service = await aService(app, cairo);
    const date = lastFriday(4);
    // At midnight, the clocks go to 01:00: the day begins at 22:00 UTC and has 23 hours.
    const midnight = Date.parse(`${date}T00:00:00Z`) - 2 * HOUR;
    const starts = [midnight - HOUR, midnight, midnight + 22 * HOUR, midnight + 23 * HOUR].map(toIso);
    const ids: string[] = [];
    for (const start of starts) ids.push(await bookAt(cairo, service, patient(2), start));
    const closed = await call('POST', `doctors/${cairo.doctorIds[0]}/schedule/exceptions`, cairo.staff, {
      ...{ from: date, to: date, kind: 'CLOSED' },
    });
    expect(closed.data.affected.map(({ id }: { id: string }) => id)).toEqual(ids.slice(1, 3));
    const onDay = { doctorId: cairo.doctorIds[0], date };
    for (const dryRun of [true, false]) {
      const answer = await bulk({ action: 'MOVE', ...onDay, dryRun }, cairo.staff);
      expect(answer.data).toMatchObject([
        { appointmentId: ids[1], outcome: 'MOVED', startDateTime: toIso(midnight + 23.5 * HOUR) },
        { appointmentId: ids[2], outcome: 'MOVED', startDateTime: toIso(midnight + 24 * HOUR) },
      ]);
    }
  });

  it('a day on which the clocks repeat an hour keeps the local time, the first of both', async () => {
    const berlin = await openClinic(app, { timeZone: 'Europe/Berlin', policy: POLICY });
    const service = await aService(app, berlin);
    const date = lastSunday(10);
    const before = toIso(Date.parse(`${date}T00:30:00Z`) - 24 * HOUR);
    const id = await bookAt(berlin, service, patient(3), before);
    const answer = await bulk({ action: 'MOVE', appointmentIds: [id], to: { date } }, berlin.staff);
    expect(answer.data).toMatchObject([{ outcome: 'MOVED', startDateTime: `${date}T00:30:00.000Z` }]);
    // A closure from 02:00 to 03:00 has both hours.
    const hours = { from: date, to: date, start: '02:00', end: '03:00' };
    const closed = await call('POST', `clinics/${berlin.id}/closures`, berlin.manager, hours);
    expect(closed.data.affected.map((visit: { id: string }) => visit.id)).toEqual([id]);
    const query = `serviceId=${service}&from=${date}&to=${date}`;
    const { data } = await app.call('GET', `/api/v1/availability?${query}`);
    const starts = data.map(({ startDateTime }: { startDateTime: string }) => startDateTime) as string[];
    expect(starts.filter((start) => start > `${date}T23:30` || (start > `${date}T00` && start < `${date}T02`))).toEqual(
      [],
    );
    expect(starts).toContain(`${date}T02:00:00.000Z`);
  });
});

describe('at the same time as a bulk move', () => {
  it('a closing of the target day lists every visit that got in, and the others stay', async () => {
    for (let round = 0; round < 3; round += 1) {
      const date = day + round;
      const ids: string[] = [];
      for (let index = 0; index < 8; index += 1) ids.push(await book(patient(index), at(date, `1${index}:00`)));
      const [moved, closed] = await Promise.all([
        bulk({ action: 'MOVE', appointmentIds: ids, to: { doctorId: doctor(2) } }),
        call('POST', `doctors/${doctor(2)}/schedule/exceptions`, clinic.staff, {
          ...{ from: toDate(date), to: toDate(date), kind: 'CLOSED' },
        }),
      ]);
      expect([moved.status, closed.status]).toEqual([200, 201]);
      const results = moved.data as { appointmentId: string; outcome: string; reason: string | null }[];
      const gotIn = results.filter(({ outcome }) => outcome === 'MOVED').map(({ appointmentId }) => appointmentId);
      const listed = (closed.data.affected as { id: string }[]).map(({ id }) => id);
      expect(listed.sort()).toEqual(gotIn.sort());
      for (const { outcome, reason } of results)
        expect([outcome, reason]).toEqual(outcome === 'MOVED' ? ['MOVED', null] : ['FAILED', 'TIME_OFF']);
      for (const id of ids) expect((await get(id)).doctorId).toBe(gotIn.includes(id) ? doctor(2) : doctor(0));
    }
    expect(await app.overlaps()).toBe(0);
  });

  it('an offer of a target time is accepted, or the visit is moved there, and nothing overlaps', async () => {
    for (let round = 0; round < 3; round += 1) {
      const date = day + round;
      const place = await openClinic(app, { doctors: 2, policy: POLICY });
      const service = await aService(app, place);
      const [here, there] = place.doctorIds as [string, string];
      const id = await bookAt(place, service, patient(0), at(date));
      const waiter = await offerTime(app, { serviceId: service, doctorId: there, startDateTime: at(date) });
      const [moved, accepted, declined] = await Promise.all([
        bulk({ action: 'MOVE', appointmentIds: [id], to: { doctorId: there } }, place.staff),
        round === 0 ? acceptOffer(app, { ...waiter, id: waiter.entryId }) : null,
        round > 0 ? call('POST', `waitlist/${waiter.entryId}/decline`, waiter.token) : null,
      ]);
      const [{ outcome, code }] = moved.data as [{ outcome: string; code: string | null }];
      if (accepted) expect([accepted.status, outcome, code]).toEqual([200, 'FAILED', 'APPOINTMENT_CONFLICT']);
      else expect([declined?.status, code]).toEqual([200, outcome === 'MOVED' ? null : 'APPOINTMENT_CONFLICT']);
      const { data } = await call('GET', `appointments/${id}`, place.staff);
      expect(data.doctorId).toBe(outcome === 'MOVED' ? there : here);
    }
    expect(await app.overlaps()).toBe(0);
  });
});

it('with any doctor, as many holds and bookings of one time succeed as there are doctors, over a change of clocks', async () => {
  const place = await openClinic(app, { doctors: 4, timeZone: 'Europe/Berlin', policy: POLICY });
  const service = await aService(app, place);
  const people = await app.patients(24);
  // From 01:30 before the clocks go back to 02:30 after it: an hour of the clock is two hours.
  const startDateTime = `${lastSunday(10)}T00:30:00.000Z`;
  const answers = await Promise.all(
    people.map(({ token }, index) =>
      call('POST', index % 2 ? 'holds' : 'appointments', token, { serviceId: service, startDateTime }),
    ),
  );
  const taken = answers.filter(({ status }) => status === 201);
  expect(taken.map(({ data }) => data.doctorId as string).sort()).toEqual([...place.doctorIds].sort());
  expect(answers.filter(({ code }) => code === 'APPOINTMENT_CONFLICT')).toHaveLength(people.length - 4);
  expect(await app.overlaps()).toBe(0);
});

describe('an odd bulk request', () => {
  it.each<[string, (id: string) => object, number, object]>([
    ['an empty target is like none', () => ({ to: {} }), 200, [{ outcome: 'MOVED' }]],
    ['the own doctor', () => ({ to: { doctorId: doctor(0) } }), 200, [{ outcome: 'SKIPPED', reason: 'UNCHANGED' }]],
    [
      'a doctor of another clinic',
      () => ({ to: { doctorId: other.doctorIds[0] } }),
      200,
      [{ code: 'VALIDATION_ERROR' }],
    ],
    ['a day long ago', () => ({ to: { date: '1900-01-01' } }), 200, [{ code: 'SLOT_NOT_OFFERED' }]],
    ['the last possible day', () => ({ to: { date: '2199-12-31' } }), 200, [{ reason: 'PAST_HORIZON' }]],
    [
      'the last possible day of a doctor',
      () => ({ appointmentIds: undefined, doctorId: doctor(0), date: '2199-12-31' }),
      200,
      [],
    ],
    ['one visit three times', (id) => ({ appointmentIds: [id, id.toUpperCase(), id] }), 200, [{ outcome: 'MOVED' }]],
    ['the id of a visit as a session', (id) => ({ appointmentIds: undefined, groupId: id }), 404, {}],
    [
      'a reason with other scripts and line breaks',
      () => ({ reason: '\u202eمرض\r\nBcc: x@y.example 🤒' }),
      200,
      [{ outcome: 'MOVED' }],
    ],
    ['a reason with NUL', () => ({ reason: 'a\u0000b' }), 400, {}],
    ['an invisible reason', () => ({ reason: '\u200b\u2060' }), 400, {}],
    ['null as the target', () => ({ to: null }), 400, {}],
    ['a list as the target', () => ({ to: [] }), 400, {}],
    ['a text for dryRun', () => ({ dryRun: 'true' }), 400, {}],
  ])('with %s', async (_, toBody, status, expected) => {
    const id = await book(patient(0), at(day, '09:00'));
    const answer = await bulk({ action: 'MOVE', appointmentIds: [id], dryRun: true, ...toBody(id) });
    expect(answer.status).toBe(status);
    if (status === 200) {
      expect(answer.data).toHaveLength((expected as object[]).length);
      expect(answer.data).toMatchObject(expected);
    }
    expect(await get(id)).toMatchObject({ startDateTime: at(day, '09:00'), version: 1 });
  });

  it('of a patient, a doctor or another clinic changes nothing (Z-04)', async () => {
    const id = await book(patient(0), at(day, '09:00'));
    const asDoctor = app.tokenFor({ userId: newId(), role: 'DOCTOR', doctorId: doctor(0), clinicIds: [clinic.id] });
    const body = { action: 'CANCEL', appointmentIds: [id] };
    expect((await bulk(body, patient(0).token)).status).toBe(403);
    expect((await bulk(body, asDoctor)).status).toBe(403);
    expect((await bulk(body, other.manager)).data).toMatchObject([{ outcome: 'FAILED', code: 'NOT_FOUND' }]);
    const onDay = { action: 'CANCEL', doctorId: doctor(0), date: toDate(day) };
    expect((await bulk(onDay, other.manager)).status).toBe(404);
    expect((await get(id)).status).toBe('CONFIRMED');
  });
});

it('closing a day takes as many statements with thirty visits as with one, and a bulk change is linear', async () => {
  const statements = countStatements(app);
  const count = async (work: () => Promise<Answer>): Promise<{ n: number; answer: Answer }> => {
    const before = statements();
    const answer = await work();
    return { n: statements() - before, answer };
  };
  const ids: string[] = [];
  const start = Date.parse(at(day, '00:00'));
  for (let index = 0; index < 30; index += 1) ids.push(await book(patient(index), toIso(start + index * 0.5 * HOUR)));
  await book(patient(0), at(day + 1, '09:00'));
  const close = (date: string): Promise<Answer> =>
    call('POST', `doctors/${doctor(0)}/schedule/exceptions`, clinic.staff, { from: date, to: date, kind: 'CLOSED' });
  const few = await count(() => close(toDate(day + 1)));
  const many = await count(() => close(toDate(day)));
  expect([few.answer.data.affectedTotal, many.answer.data.affectedTotal]).toEqual([1, 30]);
  expect(many.n).toBe(few.n);
  const change = { action: 'MOVE', to: { doctorId: doctor(1) }, dryRun: true };
  // The first request fills the cache of the rules.
  await bulk({ ...change, appointmentIds: ids.slice(0, 1) });
  const ten = await count(() => bulk({ ...change, appointmentIds: ids.slice(0, 10) }));
  const thirty = await count(() => bulk({ ...change, appointmentIds: ids }));
  expect(thirty.answer.data).toMatchObject(Array(30).fill({ outcome: 'MOVED' }));
  expect(thirty.n).toBeLessThanOrEqual(3 * ten.n);
});

const HOUR = 3_600_000;
const toIso = (instant: number): string => new Date(instant).toISOString();

/** The last day of a month with the weekday (0 is Sunday), in this or the next year, at least 30 days ahead. */
function lastWeekday(month: number, weekday: number): string {
  const soon = Date.now() + 30 * 24 * HOUR;
  for (let year = new Date().getUTCFullYear(); ; year += 1) {
    const last = new Date(Date.UTC(year, month, 0));
    last.setUTCDate(last.getUTCDate() - ((last.getUTCDay() - weekday + 7) % 7));
    if (last.getTime() > soon) return last.toISOString().slice(0, 10);
  }
}
/** In Egypt, the clocks go forward on the last Friday of April. */
const lastFriday = (month: number): string => lastWeekday(month, 5);
const lastSunday = (month: number): string => lastWeekday(month, 0);
