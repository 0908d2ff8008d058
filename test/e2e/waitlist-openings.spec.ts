import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { HoldsRepository } from '../../src/modules/appointments/holds.repository.js';
import { LinkTokens } from '../../src/modules/notifications/link-tokens.js';
import { TestApp, type Answer, type TestPatient } from '../support/app.js';
import { aService, at, openClinic, type ClinicOptions, type TestClinic } from '../support/clinic.js';
import { eventually } from '../support/eventually.js';
import { whileNothingIsPublished } from '../support/outbox.js';
import { SettableClock } from '../support/settable-clock.js';
import { acceptOffer, getEntry, joinWaitlist, settleWaitlist, type Waiter } from '../support/waitlist.js';

/** Offers of times that are closed, and times that become free without a cancelled visit. No job runs: the tests run the worker. */

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const ENV = { JOBS_IN_PROCESS: 'false', VISIT_CHANGES_PER_10_MINUTES: '10000', JWT_EXPIRES_IN: '24h' };
const EVERY_DAY = [1, 2, 3, 4, 5, 6, 7];

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
  doctorId: string;
}

const call = (method: string, path: string, token: string | undefined, body?: object): Promise<Answer> =>
  app.call(method, `/api/v1/${path}`, { token, ...(body && { body }) });
const day = (ahead: number): string => at(ahead).slice(0, 10);
const expectDone = (answer: Answer, status = 200): void =>
  expect([answer.status, answer.body.error]).toEqual([status, undefined]);

async function open(options: ClinicOptions = {}, service: object = {}): Promise<World> {
  const clinic = await openClinic(app, { ...options, policy: { horizonDays: 365, ...options.policy } });
  return { clinic, serviceId: await aService(app, clinic, service), doctorId: clinic.doctorIds[0] as string };
}

async function booked(w: World, start: string, fields: object = {}, token?: string): Promise<any> {
  const patient = token ?? (await app.patient()).token;
  const body = { serviceId: w.serviceId, doctorId: w.doctorId, startDateTime: start, ...fields };
  const answer = await call('POST', 'appointments', patient, body);
  expectDone(answer, 201);
  return { ...answer.data, token: patient };
}

const waiting = (w: World, fields?: object, from?: TestPatient): Promise<Waiter> =>
  joinWaitlist(app, w.serviceId, fields, from);

const read = (waiter: { token: string; id: string }): Promise<any> => getEntry(app, waiter);
const readStatus = async (waiter: Waiter): Promise<string> => (await read(waiter)).status;
const readOfferedStart = async (waiter: Waiter): Promise<string | undefined> =>
  (await read(waiter)).offer?.startDateTime;
const accept = (waiter: { token: string; id: string }): Promise<Answer> => acceptOffer(app, waiter);
const toRefusal = ({ status, code, body }: Answer): unknown => [status, code, body.error?.details?.reason];
const CLOSED = [410, 'HOLD_EXPIRED', 'CLOSED'];

const settle = ({ clinic }: World): Promise<void> => settleWaitlist(app, clinic.id, 2);

/** A patient who is offered the time of a visit that was cancelled. */
async function offered(w: World, start: string, fields: object = {}, from?: TestPatient): Promise<Waiter> {
  const visit = await booked(w, start);
  const waiter = await waiting(w, fields, from);
  expectDone(await call('DELETE', `appointments/${visit.id}`, w.clinic.staff));
  await settle(w);
  expect(await readOfferedStart(waiter)).toBe(start);
  return waiter;
}

const close = (w: World, date: string): Promise<Answer> =>
  call('POST', `doctors/${w.doctorId}/schedule/exceptions`, w.clinic.staff, { kind: 'CLOSED', from: date, to: date });

const openHolds = async (w: World): Promise<number> =>
  (await app.db.query('SELECT FROM hold WHERE clinic_id = $1', [w.clinic.id])).rowCount ?? 0;

async function findOfferId(waiter: Waiter): Promise<string> {
  const { rows } = await app.db.query('SELECT id FROM waitlist_offer WHERE entry_id = $1 ORDER BY id DESC', [
    waiter.id,
  ]);
  return rows[0].id;
}

const createLink = (offerId: string): string =>
  new URL(app.app.get(LinkTokens).url({ action: 'accept-offer', offerId })).pathname;

describe('an offer of a time that is closed', () => {
  it.each<[string, ClinicOptions, object, (w: World) => Promise<Answer>]>([
    ['the doctor’s day', {}, {}, (w) => close(w, day(3))],
    [
      'the clinic’s day',
      {},
      {},
      (w) =>
        call('POST', `clinics/${w.clinic.id}/closures`, w.clinic.manager, { from: day(3), to: day(3), reason: 'Rain' }),
    ],
    [
      'weekly hours',
      {},
      {},
      (w) =>
        call('PUT', `doctors/${w.doctorId}/schedule`, w.clinic.manager, {
          rules: EVERY_DAY.map((weekday) => ({ weekday, start: '12:00', end: '20:00' })),
        }),
    ],
    ['the doctor', {}, {}, (w) => call('PUT', `doctors/${w.doctorId}`, w.clinic.manager, { isActive: false })],
    ['the service', {}, {}, (w) => call('PUT', `services/${w.serviceId}`, w.clinic.manager, { isActive: false })],
    [
      'the only room',
      { rooms: 1 },
      { requiredResourceKinds: ['ROOM'] },
      (w) => call('PUT', `resources/${w.clinic.roomIds[0]}`, w.clinic.manager, { isActive: false }),
    ],
    [
      'the hours of the only room',
      { rooms: 1 },
      { requiredResourceKinds: ['ROOM'] },
      (w) =>
        call('POST', `resources/${w.clinic.roomIds[0]}/schedule/exceptions`, w.clinic.manager, {
          ...{ kind: 'CLOSED', from: day(3), to: day(3) },
        }),
    ],
  ])('ends at once: %s', async (_, options, service, act) => {
    const w = await open(options, service);
    const waiter = await offered(w, at(3, '10:00'), { from: day(3), to: day(3), endTime: '11:00' });
    const link = createLink(await findOfferId(waiter));
    const answer = await act(w);
    expect([200, 201]).toContain(answer.status);
    await settle(w);
    expect(await read(waiter)).toMatchObject({ status: 'WAITING', offer: null });
    expect(await openHolds(w)).toBe(0);
    expect(toRefusal(await accept(waiter))).toEqual(CLOSED);
    for (const method of ['GET', 'POST']) {
      const page = await app.call(method, link);
      expect([page.status, page.body]).toEqual([410, expect.stringContaining('not available any more')]);
    }
    expect((await call('GET', 'appointments', waiter.token)).data).toEqual([]);
  });

  it('is followed by an offer of another time, and the closed one is offered when it is opened again', async () => {
    const w = await open();
    const first = await offered(w, at(3, '10:00'), { from: day(3), to: day(3) });
    const other = await booked(w, at(4, '10:00'));
    const both = await waiting(w, { from: day(3), to: day(4), startTime: '10:00', endTime: '10:30' });
    expectDone(await call('DELETE', `waitlist/${first.id}`, first.token));
    await settle(w);
    expect(await readOfferedStart(both)).toBe(at(3, '10:00'));
    expectDone(await call('DELETE', `appointments/${other.id}`, w.clinic.staff));
    const { data } = await close(w, day(3));
    await settle(w);
    expect(await readOfferedStart(both)).toBe(at(4, '10:00'));
    expectDone(await call('POST', `waitlist/${both.id}/decline`, both.token));
    expectDone(await call('DELETE', `doctors/${w.doctorId}/schedule/exceptions/${data.id}`, w.clinic.staff));
    await settle(w);
    expect(await readOfferedStart(both)).toBe(at(3, '10:00'));
    expect((await accept(both)).status).toBe(200);
  });

  it('ends for all to whom it was made, and only there', async () => {
    const w = await open({ doctors: 2, policy: { waitlistOffersToAll: true } });
    const visits = [await booked(w, at(3, '10:00')), await booked(w, at(5, '10:00'))];
    const on = (n: number): Promise<Waiter> => waiting(w, { from: day(n), to: day(n), doctorId: w.doctorId });
    const waiters = [await on(3), await on(3), await on(5)];
    for (const { id } of visits) expectDone(await call('DELETE', `appointments/${id}`, w.clinic.staff));
    await settle(w);
    expect(await Promise.all(waiters.map(readStatus))).toEqual(['OFFERED', 'OFFERED', 'OFFERED']);
    await close(w, day(3));
    await settle(w);
    expect(await Promise.all(waiters.map(readStatus))).toEqual(['WAITING', 'WAITING', 'OFFERED']);
  });

  it('cannot be accepted in the moment before it ends, also for an earlier time of a visit', async () => {
    const w = await open({ doctors: 2 });
    const visit = await booked(w, at(20, '10:00'), { doctorId: w.clinic.doctorIds[1] });
    const visitor = { token: visit.token, clientId: visit.clientId } as TestPatient;
    const later = await offered(w, at(3, '10:00'), { appointmentId: visit.id, to: day(3) }, visitor);
    const other = await offered(w, at(4, '10:00'), { from: day(4), to: day(4) });
    await whileNothingIsPublished(app, async () => {
      await close(w, day(3));
      await close(w, day(4));
      expect(toRefusal(await accept(other))).toEqual(CLOSED);
      expect(toRefusal(await accept(later))).toEqual(CLOSED);
      const page = await app.call('POST', createLink(await findOfferId(other)));
      expect([page.status, page.body]).toEqual([410, expect.stringContaining('not available any more')]);
    });
    const unmoved = await call('GET', `appointments/${visit.id}`, visit.token);
    expect(unmoved.data.startDateTime).toBe(at(20, '10:00'));
  });

  it('against accepting: the visit is in the list of the closure, or there is none', async () => {
    for (let round = 0; round < 6; round += 1) {
      const w = await open({ doctors: 2 });
      const isSwap = round % 2 === 1;
      const later = isSwap && (await booked(w, at(20, '10:00'), { doctorId: w.clinic.doctorIds[1] }));
      const visitor = later && ({ token: later.token, clientId: later.clientId } as TestPatient);
      const fields = { to: day(3), ...(later && { appointmentId: later.id }) };
      const waiter = await offered(w, at(3, '10:00'), fields, visitor || undefined);
      const [accepted, closed] = await Promise.all([accept(waiter), close(w, day(3))]);
      expectDone(closed, 201);
      const affected = closed.data.affected.map(({ clientId }: { clientId: string }) => clientId);
      if (accepted.status === 200) expect(affected).toEqual([waiter.clientId]);
      else expect([toRefusal(accepted), affected]).toEqual([CLOSED, []]);
      await settle(w);
      expect(await readStatus(waiter)).toBe(accepted.status === 200 ? 'BOOKED' : 'WAITING');
      expect(await openHolds(w)).toBe(0);
    }
    expect(await app.overlaps()).toBe(0);
  });
});

describe('a time is offered that becomes free by', () => {
  /** Somebody waits; then `act` opens a time, which is offered. */
  async function opens(w: World, start: string, act: () => Promise<Answer>, fields: object = {}): Promise<void> {
    const on = { from: start.slice(0, 10), to: start.slice(0, 10), startTime: start.slice(11, 16) };
    const waiter = await waiting(w, { ...on, ...fields });
    await settle(w);
    expect(await readStatus(waiter)).toBe('WAITING');
    const answer = await act();
    expect(answer.body.error).toBeUndefined();
    expect([200, 201]).toContain(answer.status);
    await settle(w);
    expect(await readOfferedStart(waiter)).toBe(start);
    expect((await accept(waiter)).status).toBe(200);
  }

  const manager = (w: World, method: string, path: string, body?: object): Promise<Answer> =>
    call(method, path, w.clinic.manager, body);

  it('wider weekly hours', async () => {
    const w = await open({ hours: { start: '09:00', end: '12:00' } });
    const rules = EVERY_DAY.map((weekday) => ({ weekday, start: '09:00', end: '20:00' }));
    await opens(w, at(100, '18:00'), () => manager(w, 'PUT', `doctors/${w.doctorId}/schedule`, { rules }));
  });

  it('a closure of more than 62 days that is removed', async () => {
    const w = await open();
    const closures = `clinics/${w.clinic.id}/closures`;
    const { data } = await manager(w, 'POST', closures, { from: day(2), to: day(120), reason: 'Building' });
    await opens(w, at(110, '10:00'), () => manager(w, 'DELETE', `${closures}/${data.id}`));
  });

  it('extra hours', async () => {
    const w = await open({ hours: { start: '09:00', end: '12:00' } });
    const extra = { kind: 'OPEN', from: day(5), to: day(5), start: '18:00', end: '19:00' };
    await opens(w, at(5, '18:00'), () => manager(w, 'POST', `doctors/${w.doctorId}/schedule/exceptions`, extra));
  });

  it('a doctor who works again, or begins to give the service', async () => {
    const w = await open({ doctors: 2 });
    const path = `doctors/${w.doctorId}`;
    expectDone(await manager(w, 'PUT', path, { isActive: false }));
    const [, other] = w.clinic.doctorIds as [string, string];
    expectDone(await manager(w, 'PUT', `services/${w.serviceId}`, { doctorIds: [w.doctorId] }));
    await opens(w, at(5, '10:00'), () => manager(w, 'PUT', path, { isActive: true }));
    expectDone(await manager(w, 'PUT', path, { isActive: false }));
    await opens(w, at(6, '10:00'), () =>
      manager(w, 'PUT', `services/${w.serviceId}`, { doctorIds: [w.doctorId, other] }),
    );
  });

  it('a room that is used again, or is new, or whose closed day is opened', async () => {
    const w = await open({ rooms: 1 }, { requiredResourceKinds: ['ROOM'] });
    const room = `resources/${w.clinic.roomIds[0]}`;
    expectDone(await manager(w, 'PUT', room, { isActive: false }));
    await opens(w, at(5, '10:00'), () => manager(w, 'PUT', room, { isActive: true }));
    expectDone(await manager(w, 'PUT', room, { isActive: false }));
    await opens(w, at(6, '10:00'), () =>
      manager(w, 'POST', 'resources', { clinicId: w.clinic.id, kind: 'ROOM', name: 'New' }),
    );
    const { data } = await manager(w, 'GET', `resources?clinicId=${w.clinic.id}&kind=ROOM`);
    const added = data.find(({ name }: { name: string }) => name === 'New').id;
    const closed = await manager(w, 'POST', `resources/${added}/schedule/exceptions`, {
      ...{ kind: 'CLOSED', from: day(7), to: day(7) },
    });
    await opens(w, at(7, '10:00'), () =>
      manager(w, 'DELETE', `resources/${added}/schedule/exceptions/${closed.data.id}`),
    );
  });

  it('the room of another doctor’s visit', async () => {
    const w = await open({ doctors: 2, rooms: 1 }, { requiredResourceKinds: ['ROOM'] });
    const [, other] = w.clinic.doctorIds as [string, string];
    const visit = await booked(w, at(5, '10:00'));
    const fields = { doctorId: other, endTime: '10:30' };
    await opens(w, at(5, '10:00'), () => call('DELETE', `appointments/${visit.id}`, w.clinic.staff), fields);
    const slot = { serviceId: w.serviceId, doctorId: w.doctorId, startDateTime: at(6, '10:00') };
    const hold = await call('POST', 'holds', visit.token, slot);
    expectDone(hold, 201);
    await opens(w, at(6, '10:00'), () => call('DELETE', `holds/${hold.data.id}`, visit.token), fields);
  });

  it('more seats of a group service, and a seat that another takes no longer', async () => {
    const w = await open({}, { capacity: 2 });
    const start = at(5, '10:00');
    const visits = [await booked(w, start), await booked(w, start)];
    const fields = { endTime: '10:30' };
    await opens(w, start, () => manager(w, 'PUT', `services/${w.serviceId}`, { capacity: 3 }), fields);
    await opens(w, start, () => call('DELETE', `appointments/${visits[0].id}`, w.clinic.staff), fields);
  });

  it('a visit that was moved a little', async () => {
    const w = await open({ hours: { start: '09:30', end: '11:00' } });
    const visit = await booked(w, at(5, '10:00'));
    await booked(w, at(5, '09:30'));
    await opens(w, at(5, '10:00'), () =>
      call('PUT', `appointments/${visit.id}`, w.clinic.staff, { startDateTime: at(5, '10:30') }),
    );
  });

  it('the buffer of a visit that was cancelled', async () => {
    const w = await open({ hours: { start: '09:00', end: '12:00' } }, { bufferAfterMinutes: 30 });
    const visit = await booked(w, at(5, '11:00'));
    await opens(w, at(5, '11:30'), () => call('DELETE', `appointments/${visit.id}`, w.clinic.staff));
  });

  it('a hold that expired', async () => {
    const w = await open();
    const slot = { serviceId: w.serviceId, doctorId: w.doctorId, startDateTime: at(5, '10:00') };
    const hold = await call('POST', 'holds', (await app.patient()).token, slot);
    const waiter = await waiting(w, { from: day(5), to: day(5), startTime: '10:00', endTime: '10:30' });
    await settle(w);
    expect(await readStatus(waiter)).toBe('WAITING');
    clock.set(hold.data.expiresAt);
    await eventually(async () => {
      await app.app.get(HoldsRepository, { strict: false }).endExpired(new Date(clock.now()));
      await settle(w);
      expect(await readOfferedStart(waiter)).toBe(at(5, '10:00'));
    });
  });

  it('a later horizon, and shorter visits', async () => {
    const w = await open(
      { policy: { horizonDays: 10 }, hours: { start: '10:00', end: '10:30' } },
      { durationMinutes: 45 },
    );
    await opens(w, at(4, '10:00'), () => manager(w, 'PUT', `services/${w.serviceId}`, { durationMinutes: 30 }));
    await opens(w, at(20, '10:00'), () => manager(w, 'PUT', `clinics/${w.clinic.id}`, { policy: { horizonDays: 30 } }));
  });

  it('a visit that ends early', async () => {
    const w = await open({ policy: { minimumNoticeMinutes: 0 } });
    const start = new Date(Math.ceil(clock.now() / HOUR) * HOUR + HOUR);
    const minutesLater = (minutes: number): string => new Date(start.getTime() + minutes * MINUTE).toISOString();
    const long = await aService(app, w.clinic, { durationMinutes: 120 });
    const visit = await booked(w, minutesLater(0), { serviceId: long });
    const waiter = await waiting(w, { from: minutesLater(0).slice(0, 10), to: minutesLater(150).slice(0, 10) });
    clock.set(minutesLater(0));
    for (const step of ['check-in', 'start'])
      expectDone(await call('POST', `appointments/${visit.id}/${step}`, w.clinic.staff));
    clock.set(minutesLater(20));
    expectDone(await call('POST', `appointments/${visit.id}/complete`, w.clinic.staff));
    await settle(w);
    const found = Date.parse((await readOfferedStart(waiter)) as string);
    expect([found >= Date.parse(minutesLater(20)), found < Date.parse(minutesLater(120))]).toEqual([true, true]);
  });

  it('nothing, if only a name changes', async () => {
    const w = await open();
    const waiter = await waiting(w, { from: day(5), to: day(5) });
    expectDone(await manager(w, 'PUT', `services/${w.serviceId}`, { name: 'Another name' }));
    expectDone(await manager(w, 'PUT', `clinics/${w.clinic.id}`, { name: 'Another clinic' }));
    await settle(w);
    expect(await readStatus(waiter)).toBe('WAITING');
  });
});
