import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { countByStatus } from '../support/answers.js';
import { TestApp, type Answer, type TestPatient } from '../support/app.js';
import { aService, at, openClinic, type ClinicOptions, type TestClinic } from '../support/clinic.js';
import { SettableClock } from '../support/settable-clock.js';
import { startsIn } from '../support/visits.js';
import {
  acceptOffer,
  getEntry,
  joinWaitlist,
  runWaitlistWorker,
  settleWaitlist,
  type Waiter,
} from '../support/waitlist.js';

/**
 * Freed times are offered to those who wait. No job runs in this process: the tests run the worker when the events are handled, and
 * several workers at once where that matters.
 */

const MINUTE = 60_000;
const ENV = { JOBS_IN_PROCESS: 'false', VISIT_CHANGES_PER_10_MINUTES: '10000', JWT_EXPIRES_IN: '24h' };

let app: TestApp;
let clock: SettableClock;

beforeAll(async () => {
  clock = new SettableClock();
  app = await TestApp.start({ ...ENV }, undefined, clock);
});

afterAll(() => app.close());

interface World {
  clinic: TestClinic;
  serviceId: string;
  /** The patient of the time that is freed. */
  holder: TestPatient;
}

const call = (method: string, path: string, token: string | undefined, body?: object): Promise<Answer> =>
  app.call(method, `/api/v1/${path}`, { token, ...(body && { body }) });
const day = (ahead: number): string => at(ahead).slice(0, 10);

async function open(options: ClinicOptions = {}, service: object = {}): Promise<World> {
  const clinic = await openClinic(app, { ...options, policy: { horizonDays: 365, ...options.policy } });
  return { clinic, serviceId: await aService(app, clinic, service), holder: await app.patient() };
}

const book = (w: World, token: string, start: string, fields: object = {}): Promise<Answer> =>
  call('POST', 'appointments', token, {
    ...{ serviceId: w.serviceId, doctorId: w.clinic.doctorIds[0], startDateTime: start, ...fields },
  });

async function booked(w: World, token: string, start: string, fields: object = {}): Promise<any> {
  const { status, data, body } = await book(w, token, start, fields);
  expect([status, body.error]).toEqual([201, undefined]);
  return data;
}

/** A new patient who waits. */
const waiting = (w: World, fields?: object, from?: TestPatient): Promise<Waiter> =>
  joinWaitlist(app, w.serviceId, fields, from);

const read = (waiter: { token: string; id: string }): Promise<any> => getEntry(app, waiter);
const readStatus = async (waiter: { token: string; id: string }): Promise<string> => (await read(waiter)).status;
const readStatuses = (...waiters: { token: string; id: string }[]): Promise<string[]> =>
  Promise.all(waiters.map(readStatus));
const accept = (waiter: { token: string; id: string }): Promise<Answer> => acceptOffer(app, waiter);
const decline = ({ token, id }: { token: string; id: string }): Promise<Answer> =>
  call('POST', `waitlist/${id}/decline`, token);
const cancel = (appointmentId: string, token: string): Promise<Answer> =>
  call('DELETE', `appointments/${appointmentId}`, token);

const work = ({ clinic }: World): Promise<void> => runWaitlistWorker(app, clinic.id);

const settle = ({ clinic }: World, workers = 3): Promise<void> => settleWaitlist(app, clinic.id, workers);

/** Books a time of the holder and cancels it. */
async function free(w: World, start: string, fields: object = {}): Promise<void> {
  const { id } = await booked(w, w.holder.token, start, fields);
  expect((await cancel(id, w.holder.token)).status).toBe(200);
  await settle(w);
}

const countOpenOffers = async (start: string): Promise<number> =>
  (
    await app.db.query(
      `SELECT 1 FROM waitlist_offer o JOIN hold h ON h.id = o.hold_id WHERE o.state = 'OPEN' AND o.start_at = $1`,
      [start],
    )
  ).rowCount ?? 0;

describe('a freed time', () => {
  it('is offered to the first who fits, held for everybody else, and booked by accepting', async () => {
    const w = await open();
    const start = at(3, '10:00');
    const { id } = await booked(w, w.holder.token, start);
    const [first, second] = [await waiting(w), await waiting(w)];
    expect(await readStatuses(first, second)).toEqual(['WAITING', 'WAITING']);
    await cancel(id, w.holder.token);
    await settle(w);
    const entry = await read(first);
    expect(entry).toMatchObject({
      status: 'OFFERED',
      offer: { startDateTime: start, doctorId: w.clinic.doctorIds[0] },
    });
    expect(Date.parse(entry.offer.expiresAt) - clock.now()).toBe(60 * MINUTE);
    expect(await readStatus(second)).toBe('WAITING');
    expect((await book(w, (await app.patient()).token, start)).code).toBe('APPOINTMENT_CONFLICT');
    expect((await decline(second)).code).toBe('INVALID_TRANSITION');
    const accepted = await accept(first);
    expect([accepted.status, accepted.data.status, accepted.data.offer]).toEqual([200, 'BOOKED', null]);
    const visit = await call('GET', `appointments/${accepted.data.appointmentId}`, first.token);
    expect(visit.data).toMatchObject({ clientId: first.clientId, startDateTime: start, status: 'CONFIRMED' });
    expect((await accept(first)).code).toBe('INVALID_TRANSITION');
    expect(await app.overlaps()).toBe(0);
  });

  it('goes to the more urgent first, then by arrival, and on when it is declined', async () => {
    const w = await open();
    const [first, second] = [await waiting(w), await waiting(w)];
    const urgent = await app.patient();
    await app.db.query('INSERT INTO client_clinic (client_id, clinic_id, registered_at) VALUES ($1, $2, now())', [
      urgent.clientId,
      w.clinic.id,
    ]);
    const { data } = await call('POST', 'waitlist', w.clinic.staff, {
      ...{ serviceId: w.serviceId, from: day(0), to: day(60), clientId: urgent.clientId, urgency: 'URGENT' },
    });
    const most = { ...urgent, id: data.id as string };
    const start = at(3, '10:00');
    await free(w, start);
    expect(await readStatuses(most, first, second)).toEqual(['OFFERED', 'WAITING', 'WAITING']);
    expect((await decline(most)).data).toMatchObject({ status: 'WAITING', offer: null });
    await settle(w);
    expect(await readStatuses(most, first, second)).toEqual(['WAITING', 'OFFERED', 'WAITING']);
    await decline(first);
    await settle(w);
    await decline(second);
    await settle(w);
    expect(await readStatuses(most, first, second)).toEqual(['WAITING', 'WAITING', 'WAITING']);
    expect((await book(w, (await app.patient()).token, start)).status).toBe(201);
  });

  it('is free when the offer expires, without a worker, and then goes to the next', async () => {
    const w = await open({ policy: { waitlistOfferMinutes: 30 } });
    const [first, second] = [await waiting(w), await waiting(w)];
    const start = at(4, '10:00');
    await free(w, start);
    const { offer } = await read(first);
    clock.set(new Date(Date.parse(offer.expiresAt) - 1).toISOString());
    expect(await readStatus(first)).toBe('OFFERED');
    clock.set(offer.expiresAt);
    expect(await readStatus(first)).toBe('WAITING');
    const late = await accept(first);
    expect([late.status, late.code, late.body.error.details]).toEqual([410, 'HOLD_EXPIRED', { reason: 'EXPIRED' }]);
    expect((await decline(first)).code).toBe('HOLD_EXPIRED');
    await settle(w);
    expect(await readStatuses(first, second)).toEqual(['WAITING', 'OFFERED']);
    expect((await accept(second)).status).toBe(200);
  });

  it('does not count among the three holds of the patient', async () => {
    const w = await open();
    const waiter = await waiting(w);
    await free(w, at(3, '10:00'));
    const holds = await Promise.all(
      ['12:00', '13:00', '14:00', '15:00'].map((time) =>
        call('POST', 'holds', waiter.token, {
          ...{ serviceId: w.serviceId, doctorId: w.clinic.doctorIds[0], startDateTime: at(3, time) },
        }),
      ),
    );
    expect(countByStatus(holds)).toEqual({ '201': 3, '422 SLOT_NOT_OFFERED': 1 });
    expect((await accept(waiter)).status).toBe(200);
  });

  it('must suit in days, weekdays, times and doctor, by the clinic’s clock', async () => {
    const w = await open({ doctors: 2, timeZone: 'Africa/Cairo' });
    const [doctorId, otherDoctorId] = w.clinic.doctorIds as [string, string];
    // 08:00 in UTC is 10:00 or 11:00 in Cairo.
    const start = at(5, '08:00');
    const local = new Intl.DateTimeFormat('en-GB', { timeZone: 'Africa/Cairo', hour: '2-digit', minute: '2-digit' });
    const [opens, ends] = [local.format(new Date(start)), local.format(Date.parse(start) + 30 * MINUTE)];
    const weekday = new Date(start).getUTCDay() || 7;
    const no = await Promise.all([
      waiting(w, { from: day(6) }),
      waiting(w, { to: day(4) }),
      waiting(w, { weekdays: [(weekday % 7) + 1] }),
      waiting(w, { startTime: ends }),
      waiting(w, { endTime: opens }),
      waiting(w, { doctorId: otherDoctorId }),
    ]);
    const yes = await waiting(w, {
      ...{ from: day(5), to: day(5), weekdays: [weekday], startTime: opens, endTime: ends, doctorId },
    });
    await free(w, start);
    expect(await readStatuses(...no)).toEqual(no.map(() => 'WAITING'));
    expect(await read(yes)).toMatchObject({ status: 'OFFERED', offer: { startDateTime: start } });
  });

  it('is not offered to patients with a visit on that day, to patients who came later, or within the notice', async () => {
    const w = await open({ policy: { minimumNoticeMinutes: 120 } });
    const busy = await waiting(w);
    const elsewhere = await aService(app, w.clinic);
    await booked(w, busy.token, at(6, '15:00'), { serviceId: elsewhere });
    await free(w, at(6, '10:00'));
    const late = await waiting(w);
    await settle(w);
    expect(await readStatuses(busy, late)).toEqual(['WAITING', 'WAITING']);
    const soon = new Date(Math.ceil((clock.now() + 130 * MINUTE) / (15 * MINUTE)) * 15 * MINUTE).toISOString();
    const { id } = await booked(w, w.holder.token, soon);
    clock.set(new Date(clock.now() + 60 * MINUTE).toISOString());
    await cancel(id, w.holder.token);
    await settle(w);
    expect(await readStatus(late)).toBe('WAITING');
  });

  it('is noticed when a visit is moved, a hold is released or expires, and hours are opened again', async () => {
    const w = await open({ hours: { start: '09:00', end: '17:00' } });
    const offered = async (start: string, act: () => Promise<void>): Promise<void> => {
      const waiter = await waiting(w, { from: start.slice(0, 10), to: start.slice(0, 10) });
      await act();
      await settle(w);
      expect(await read(waiter)).toMatchObject({ status: 'OFFERED', offer: { startDateTime: start } });
    };
    const moved = await booked(w, w.holder.token, at(7, '10:00'));
    await offered(at(7, '10:00'), async () => {
      const { status } = await call('PUT', `appointments/${moved.id}`, w.holder.token, {
        startDateTime: at(8, '10:00'),
      });
      expect(status).toBe(200);
    });
    const hold = async (start: string): Promise<any> =>
      (
        await call('POST', 'holds', w.holder.token, {
          ...{ serviceId: w.serviceId, doctorId: w.clinic.doctorIds[0], startDateTime: start },
        })
      ).data;
    const released = await hold(at(9, '10:00'));
    await offered(at(9, '10:00'), async () => {
      expect((await call('DELETE', `holds/${released.id}`, w.holder.token)).status).toBe(200);
    });
    const exceptions = `doctors/${w.clinic.doctorIds[0]}/schedule/exceptions`;
    await offered(at(10, '18:00'), async () => {
      const date = day(10);
      const extra = { kind: 'OPEN', from: date, to: date, start: '18:00', end: '19:00' };
      expect((await call('POST', exceptions, w.clinic.manager, extra)).status).toBe(201);
    });
    const date = day(11);
    const closed = await call('POST', exceptions, w.clinic.manager, { kind: 'CLOSED', from: date, to: date });
    await offered(at(11, '09:00'), async () => {
      expect((await call('DELETE', `${exceptions}/${closed.data.id}`, w.clinic.manager)).status).toBe(200);
    });
    const closures = `clinics/${w.clinic.id}/closures`;
    const holiday = await call('POST', closures, w.clinic.manager, { from: day(12), to: day(12), reason: 'Holiday' });
    await offered(at(12, '09:00'), async () => {
      expect((await call('DELETE', `${closures}/${holiday.data.id}`, w.clinic.manager)).status).toBe(200);
    });
  });

  it('is offered again when its patient leaves the waitlist or books another time', async () => {
    const w = await open();
    const [first, second, third] = [await waiting(w), await waiting(w), await waiting(w)];
    await free(w, at(3, '10:00'));
    expect((await call('DELETE', `waitlist/${first.id}`, first.token)).status).toBe(200);
    await settle(w);
    expect(await readStatuses(first, second, third)).toEqual(['CANCELLED', 'OFFERED', 'WAITING']);
    const visit = await booked(w, second.token, at(4, '10:00'));
    await settle(w);
    expect(await readStatuses(second, third)).toEqual(['BOOKED', 'OFFERED']);
    expect((await read(second)).appointmentId).toBe(visit.id);
  });

  it('that was freed while the patient had another offer is offered when that one is declined', async () => {
    const w = await open();
    const waiter = await waiting(w);
    await free(w, at(3, '10:00'));
    await free(w, at(5, '10:00'));
    expect((await read(waiter)).offer.startDateTime).toBe(at(3, '10:00'));
    await decline(waiter);
    await settle(w);
    expect((await read(waiter)).offer.startDateTime).toBe(at(5, '10:00'));
  });

  it('can be accepted and declined by the front desk and nobody else', async () => {
    const w = await open();
    const [first, second] = [await waiting(w), await waiting(w)];
    await free(w, at(3, '10:00'));
    const other = await openClinic(app);
    expect((await accept({ ...first, token: second.token })).status).toBe(404);
    expect((await accept({ ...first, token: other.staff })).status).toBe(404);
    expect((await decline({ ...first, token: w.clinic.staff })).status).toBe(200);
    await settle(w);
    expect((await accept({ ...second, token: w.clinic.staff })).data).toMatchObject({
      ...{ status: 'BOOKED', client: { id: second.clientId } },
    });
  });

  it('ends with the days that the patient gave', async () => {
    const w = await open();
    const waiter = await waiting(w, { to: day(1) });
    await free(w, at(1, '23:00'));
    expect(await readStatus(waiter)).toBe('OFFERED');
    await app.db.query('UPDATE waitlist_entry SET ends_at = $2 WHERE id = $1', [waiter.id, new Date(clock.now())]);
    expect(await readStatus(waiter)).toBe('EXPIRED');
    expect((await call('DELETE', `waitlist/${waiter.id}`, waiter.token)).code).toBe('INVALID_TRANSITION');
    await settle(w);
    const { rows } = await app.db.query('SELECT status FROM waitlist_entry WHERE id = $1', [waiter.id]);
    expect(rows).toEqual([{ status: 'EXPIRED' }]);
    expect(await countOpenOffers(at(1, '23:00'))).toBe(0);
  });

  it('is one seat of a group session', async () => {
    const w = await open({}, { capacity: 2 });
    const start = at(3, '10:00');
    const visits = [await booked(w, w.holder.token, start), await booked(w, (await app.patient()).token, start)];
    const [first, second] = [await waiting(w), await waiting(w)];
    await cancel(visits[0].id, w.holder.token);
    await settle(w);
    expect(await readStatuses(first, second)).toEqual(['OFFERED', 'WAITING']);
    expect((await accept(first)).status).toBe(200);
  });
});

describe('at the same time', () => {
  it('one entry gets one offer of two freed times', async () => {
    const w = await open({ doctors: 2 });
    const waiter = await waiting(w);
    const visits = [
      await booked(w, w.holder.token, at(3, '10:00')),
      await booked(w, (await app.patient()).token, at(3, '10:00'), { doctorId: w.clinic.doctorIds[1] }),
    ];
    await Promise.all(visits.map(({ id }) => cancel(id, w.clinic.staff)));
    await settle(w, 6);
    const { rows } = await app.db.query(`SELECT state FROM waitlist_offer WHERE entry_id = $1`, [waiter.id]);
    expect(rows).toEqual([{ state: 'OPEN' }]);
  });

  it('several workers offer one time once', async () => {
    const w = await open();
    for (let n = 0; n < 4; n += 1) await waiting(w);
    const start = at(3, '11:00');
    const { id } = await booked(w, w.holder.token, start);
    await cancel(id, w.holder.token);
    await settle(w, 8);
    expect(await countOpenOffers(start)).toBe(1);
    const openOffers = await app.db.query(`SELECT 1 FROM waitlist_offer WHERE state = 'OPEN' AND clinic_id = $1`, [
      w.clinic.id,
    ]);
    expect(openOffers.rowCount).toBe(1);
  });

  it('accepting many times books once', async () => {
    const w = await open();
    const waiter = await waiting(w);
    await free(w, at(3, '10:00'));
    const answers = await Promise.all(Array.from({ length: 10 }, () => accept(waiter)));
    expect(countByStatus(answers)).toEqual({ '200': 1, '409 INVALID_TRANSITION': 9 });
    const visits = await call('GET', 'appointments', waiter.token);
    expect(visits.data).toHaveLength(1);
  });

  it('accepting with the same Idempotency-Key returns one booking', async () => {
    const w = await open();
    const { token, id } = await waiting(w);
    await free(w, at(3, '10:00'));
    const headers = { 'idempotency-key': `accept-${id}` };
    const send = (): Promise<Answer> => app.call('POST', `/api/v1/waitlist/${id}/accept`, { token, headers });
    const [one, other] = await Promise.all([send(), send()]);
    const again = await send();
    expect([again.status, again.headers.get('idempotency-replayed')]).toEqual([200, 'true']);
    for (const answer of [one, other].filter(({ code }) => code !== 'IDEMPOTENCY_IN_PROGRESS'))
      expect([answer.status, answer.data]).toEqual([200, again.data]);
    expect((await call('GET', 'appointments', token)).data).toHaveLength(1);
  });

  it('accepting and declining: one of them counts', async () => {
    for (let round = 0; round < 4; round += 1) {
      const w = await open();
      const waiter = await waiting(w);
      const start = at(3, '10:00');
      await free(w, start);
      const [accepted, declined] = await Promise.all([accept(waiter), decline(waiter)]);
      expect([accepted.status, declined.status].sort()).toEqual([200, 409]);
      const visits = await call('GET', 'appointments', waiter.token);
      expect(visits.data).toHaveLength(accepted.status === 200 ? 1 : 0);
      await settle(w);
      expect(await readStatus(waiter)).toBe(accepted.status === 200 ? 'BOOKED' : 'WAITING');
    }
    expect(await app.overlaps()).toBe(0);
  });

  it('accepting and the end of the offer: the time has one patient', async () => {
    const w = await open();
    const [first, second] = [await waiting(w), await waiting(w)];
    const start = at(3, '10:00');
    await free(w, start);
    clock.set((await read(first)).offer.expiresAt);
    const [late] = await Promise.all([accept(first), work(w), work(w)]);
    expect(late.code).toBe('HOLD_EXPIRED');
    await settle(w);
    const answers = await Promise.all([accept(second), accept(first)]);
    expect(answers.map(({ status }) => status)).toEqual([200, 410]);
    expect(await app.overlaps()).toBe(0);
  });

  it('accepting and a booking of the same patient: no time is taken twice, and the entry ends', async () => {
    for (let round = 0; round < 3; round += 1) {
      const w = await open();
      const waiter = await waiting(w);
      const start = at(3, '10:00');
      await free(w, start);
      const [accepted, same, other] = await Promise.all([
        accept(waiter),
        book(w, waiter.token, start),
        book(w, waiter.token, at(4, '10:00')),
      ]);
      expect([same.code, other.status]).toEqual(['APPOINTMENT_CONFLICT', 201]);
      await settle(w);
      expect(await readStatus(waiter)).toBe('BOOKED');
      const visits = await call('GET', 'appointments', waiter.token);
      expect(visits.data).toHaveLength(accepted.status === 200 ? 2 : 1);
    }
    expect(await app.overlaps()).toBe(0);
  });
});

describe('an earlier time', () => {
  it('is swapped with the visit in one step, and the old time is offered to the next', async () => {
    const w = await open({ doctors: 2 });
    const patient = await app.patient();
    const visit = await booked(w, patient.token, at(20, '10:00'), { doctorId: w.clinic.doctorIds[1] });
    const waiter = await waiting(w, { appointmentId: visit.id }, patient);
    const next = await waiting(w, { from: day(15) });
    await free(w, at(25, '10:00'));
    expect(await readStatuses(waiter, next)).toEqual(['WAITING', 'OFFERED']);
    await decline(next);
    await free(w, at(10, '11:00'));
    expect(await read(waiter)).toMatchObject({ status: 'OFFERED', offer: { startDateTime: at(10, '11:00') } });
    const before = await call('GET', `appointments/${visit.id}`, patient.token);
    expect(before.data.startDateTime).toBe(at(20, '10:00'));
    const accepted = await accept(waiter);
    expect(accepted.data).toMatchObject({ status: 'BOOKED', appointmentId: visit.id });
    const after = await call('GET', `appointments/${visit.id}`, patient.token);
    expect(after.data).toMatchObject({
      ...{ startDateTime: at(10, '11:00'), doctorId: w.clinic.doctorIds[0], version: before.data.version + 1 },
    });
    const { rows } = await app.db.query(
      `SELECT r.version, r.kind, r.group_id = r.appointment_id AS own, lower(during) AS start FROM reservation r
       WHERE appointment_id = $1 ORDER BY kind`,
      [visit.id],
    );
    const range = { version: after.data.version, own: true, start: new Date(at(10, '11:00')) };
    expect(rows).toEqual([
      { kind: 'CLIENT', ...range },
      { kind: 'DOCTOR', ...range },
    ]);
    await settle(w);
    expect(await read(next)).toMatchObject({ status: 'OFFERED', offer: { startDateTime: at(20, '10:00') } });
    expect(await app.overlaps()).toBe(0);
  });

  it.each([
    ['completed', ['check-in', 'start', 'complete']],
    ['a no-show', ['no-show']],
  ])('is not waited for any more after the visit was %s', async (_what, steps) => {
    const w = await open();
    const patient = await app.patient();
    const visit = await booked(w, patient.token, at(20, '10:00'));
    const waiter = await waiting(w, { appointmentId: visit.id }, patient);
    await startsIn(app, visit.id, -1);
    for (const step of steps)
      expect((await call('POST', `appointments/${visit.id}/${step}`, w.clinic.staff)).status).toBe(200);
    await settle(w);
    expect(await readStatus(waiter)).toBe('CANCELLED');
  });

  it('is not offered after the cut-off of the visit, and the offer ends there', async () => {
    const w = await open({ policy: { cancellationCutoffMinutes: 1_440 } });
    const [patient, other] = [await app.patient(), await app.patient()];
    const start = new Date(Math.ceil(clock.now() / (15 * MINUTE)) * 15 * MINUTE + 1_470 * MINUTE).toISOString();
    const visit = await booked(w, patient.token, start);
    const waiter = await waiting(w, { appointmentId: visit.id }, patient);
    const earlier = new Date(Date.parse(start) - 600 * MINUTE).toISOString();
    const freed = await booked(w, other.token, earlier);
    await cancel(freed.id, w.clinic.staff);
    await settle(w);
    const { offer } = await read(waiter);
    expect(Date.parse(start) - Date.parse(offer.expiresAt)).toBe(1_440 * MINUTE);
    clock.set(offer.expiresAt);
    expect((await accept(waiter)).code).toBe('HOLD_EXPIRED');
    const again = await booked(w, other.token, new Date(Date.parse(start) - 300 * MINUTE).toISOString());
    await cancel(again.id, w.clinic.staff);
    await settle(w);
    expect(await readStatus(waiter)).toBe('WAITING');
  });

  it('ends with the visit, and is withdrawn when the visit is moved before it', async () => {
    const w = await open();
    const [patient, other] = [await app.patient(), await app.patient()];
    const visits = [await booked(w, patient.token, at(20, '10:00')), await booked(w, other.token, at(21, '10:00'))];
    const first = await waiting(w, { appointmentId: visits[0].id }, patient);
    const second = await waiting(w, { appointmentId: visits[1].id }, other);
    await free(w, at(10, '10:00'));
    expect(await readStatuses(first, second)).toEqual(['OFFERED', 'WAITING']);
    await call('PUT', `appointments/${visits[0].id}`, patient.token, { startDateTime: at(9, '10:00') });
    await settle(w);
    expect(await readStatuses(first, second)).toEqual(['WAITING', 'OFFERED']);
    await cancel(visits[1].id, other.token);
    await settle(w);
    expect(await readStatus(second)).toBe('CANCELLED');
    expect((await book(w, (await app.patient()).token, at(10, '10:00'))).status).toBe(201);
  });

  it('that was freed during an offer is offered after the offer was withdrawn, since the visit was moved before it', async () => {
    const w = await open();
    const patient = await app.patient();
    const visit = await booked(w, patient.token, at(20, '10:00'));
    const waiter = await waiting(w, { appointmentId: visit.id }, patient);
    await free(w, at(10, '10:00'));
    expect(await read(waiter)).toMatchObject({ offer: { startDateTime: at(10, '10:00') } });
    await free(w, at(8, '10:00'));
    await call('PUT', `appointments/${visit.id}`, patient.token, { startDateTime: at(9, '10:00') });
    await settle(w);
    expect(await read(waiter)).toMatchObject({ status: 'OFFERED', offer: { startDateTime: at(8, '10:00') } });
  });

  it('against the patient’s own cancellation: the visit is moved and cancelled, or cancelled', async () => {
    for (let round = 0; round < 4; round += 1) {
      const w = await open();
      const patient = await app.patient();
      const visit = await booked(w, patient.token, at(20, '10:00'));
      const waiter = await waiting(w, { appointmentId: visit.id }, patient);
      await free(w, at(10, '10:00'));
      const [accepted, cancelled] = await Promise.all([accept(waiter), cancel(visit.id, patient.token)]);
      expect([200, 409]).toContain(accepted.status);
      expect(cancelled.status).toBe(200);
      await settle(w);
      expect(await readStatus(waiter)).toBe(accepted.status === 200 ? 'BOOKED' : 'CANCELLED');
      // Both times are free again.
      const bookedAgain = await Promise.all(
        [10, 20].map(async (n) => book(w, (await app.patient()).token, at(n, '10:00'))),
      );
      expect(bookedAgain.map(({ status }) => status)).toEqual([201, 201]);
    }
    expect(await app.overlaps()).toBe(0);
  });
});

describe('offers to all', () => {
  it('go to everybody who fits, and the first who accepts gets the time', async () => {
    const w = await open({ policy: { waitlistOffersToAll: true } });
    const waiters = [await waiting(w), await waiting(w), await waiting(w)];
    const [patient] = await app.patients(1);
    const visit = await booked(w, patient?.token as string, at(20, '10:00'));
    const later = await waiting(w, { appointmentId: visit.id }, patient);
    const unsuited = await waiting(w, { from: day(9) });
    const start = at(3, '10:00');
    await free(w, start);
    expect(await readStatuses(...waiters, later, unsuited)).toEqual([
      ...['OFFERED', 'OFFERED', 'OFFERED', 'OFFERED', 'WAITING'],
    ]);
    expect((await decline(waiters[0] as (typeof waiters)[number])).status).toBe(200);
    expect((await book(w, (await app.patient()).token, start)).code).toBe('APPOINTMENT_CONFLICT');
    const answers = await Promise.all([...waiters.slice(1), later].map(accept));
    expect(countByStatus(answers)).toEqual({ '200': 1, '410 HOLD_EXPIRED': 2 });
    await settle(w);
    const statuses = await readStatuses(...waiters.slice(1), later);
    expect(statuses.filter((status) => status === 'BOOKED')).toHaveLength(1);
    expect(await app.overlaps()).toBe(0);
  });

  it('let a patient swap an earlier time, too, and the others wait on', async () => {
    const w = await open({ policy: { waitlistOffersToAll: true } });
    const patient = await app.patient();
    const visit = await booked(w, patient.token, at(20, '10:00'));
    const other = await waiting(w);
    const later = await waiting(w, { appointmentId: visit.id }, patient);
    await free(w, at(3, '10:00'));
    expect((await accept(later)).data).toMatchObject({ status: 'BOOKED', appointmentId: visit.id });
    const kinds = await app.db.query(`SELECT kind FROM reservation WHERE appointment_id = $1 AND active ORDER BY 1`, [
      visit.id,
    ]);
    expect(kinds.rows).toEqual([{ kind: 'CLIENT' }, { kind: 'DOCTOR' }]);
    await settle(w);
    // The old time was freed.
    expect(await read(other)).toMatchObject({ status: 'OFFERED', offer: { startDateTime: at(20, '10:00') } });
    const lost = await app.db.query(`SELECT state FROM waitlist_offer WHERE entry_id = $1 ORDER BY id`, [other.id]);
    expect(lost.rows).toEqual([{ state: 'WITHDRAWN' }, { state: 'OPEN' }]);
  });

  it('are free again when all have declined', async () => {
    const w = await open({ policy: { waitlistOffersToAll: true } });
    const waiters = [await waiting(w), await waiting(w)];
    const start = at(3, '10:00');
    await free(w, start);
    for (const waiter of waiters) expect((await decline(waiter)).status).toBe(200);
    await settle(w);
    expect(await readStatuses(...waiters)).toEqual(['WAITING', 'WAITING']);
    expect((await book(w, (await app.patient()).token, start)).status).toBe(201);
  });
});

describe('the database', () => {
  it('refuses a second open offer for an entry, for a hold, and a second winner', async () => {
    const w = await open();
    const [first, second] = [await waiting(w), await waiting(w)];
    await free(w, at(3, '10:00'));
    const copy = (entryId: string, state: string): Promise<unknown> =>
      app.db.query(
        `INSERT INTO waitlist_offer (id, entry_id, clinic_id, doctor_id, hold_id, start_at, end_at, expires_at, state)
         SELECT uuid7(), $2, clinic_id, doctor_id, hold_id, start_at, end_at, expires_at, $3 FROM waitlist_offer WHERE entry_id = $1`,
        [first.id, entryId, state],
      );
    await expect(copy(first.id, 'OPEN')).rejects.toMatchObject({ constraint: 'waitlist_offer_entry' });
    await expect(copy(second.id, 'OPEN')).rejects.toMatchObject({ constraint: 'waitlist_offer_time' });
    await accept(first);
    await expect(copy(second.id, 'ACCEPTED')).rejects.toMatchObject({ constraint: 'waitlist_offer_winner' });
  });
});
