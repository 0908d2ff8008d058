import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ClientMergeService } from '../../src/modules/clients/index.js';
import { LinkTokens } from '../../src/modules/notifications/link-tokens.js';
import { TestApp, type Answer, type TestPatient } from '../support/app.js';
import { aService, at, openClinic, type ClinicOptions, type TestClinic } from '../support/clinic.js';
import { allPublished } from '../support/outbox.js';
import {
  acceptOffer,
  getEntry,
  joinWaitlist,
  runWaitlistWorker,
  settleWaitlist,
  type Waiter,
} from '../support/waitlist.js';

/** Attempts to break the waitlist: its order, its privacy, and the rule of one patient for one time. */

const ENV = { JOBS_IN_PROCESS: 'false', VISIT_CHANGES_PER_10_MINUTES: '10000', JWT_EXPIRES_IN: '24h' };

let app: TestApp;

beforeAll(async () => {
  app = await TestApp.start({ ...ENV });
});

afterAll(() => app.close());

interface World {
  clinic: TestClinic;
  serviceId: string;
}

const call = (method: string, path: string, token: string | undefined, body?: object): Promise<Answer> =>
  app.call(method, `/api/v1/${path}`, { token, ...(body && { body }) });
const day = (ahead: number): string => at(ahead).slice(0, 10);

async function open(options: ClinicOptions = {}): Promise<World> {
  const clinic = await openClinic(app, { ...options, policy: { horizonDays: 365, ...options.policy } });
  return { clinic, serviceId: await aService(app, clinic) };
}

async function booked(w: World, start: string, patient?: TestPatient, doctor = 0): Promise<any> {
  const { token } = patient ?? (await app.patient());
  const slot = { serviceId: w.serviceId, doctorId: w.clinic.doctorIds[doctor], startDateTime: start };
  const { status, data, body } = await call('POST', 'appointments', token, slot);
  expect([status, body.error]).toEqual([201, undefined]);
  return data;
}

const waiting = (w: World, fields?: object, from?: TestPatient): Promise<Waiter> =>
  joinWaitlist(app, w.serviceId, fields, from);

const read = (waiter: { token: string; id: string }): Promise<any> => getEntry(app, waiter);
const readStatus = async (waiter: Waiter): Promise<string> => (await read(waiter)).status;
const accept = (waiter: { token: string; id: string }): Promise<Answer> => acceptOffer(app, waiter);
const cancel = (w: World, id: string): Promise<Answer> => call('DELETE', `appointments/${id}`, w.clinic.staff);

const work = ({ clinic }: World): Promise<void> => runWaitlistWorker(app, clinic.id);

const settle = ({ clinic }: World, workers = 3): Promise<void> => settleWaitlist(app, clinic.id, workers);

describe('the order', () => {
  it('holds under fifty cancellations at once: one offer for an entry and for a time, and all are answered', async () => {
    const w = await open({ doctors: 2 });
    const starts = Array.from({ length: 25 }, (_, n) => at(3 + Math.floor(n / 5), `1${n % 5}:00`));
    const visits = [];
    for (const start of starts) visits.push(await booked(w, start), await booked(w, start, undefined, 1));
    const waiters: Waiter[] = [];
    for (let n = 0; n < 12; n += 1) waiters.push(await waiting(w));
    const answers = await Promise.all([...visits.map(({ id }) => cancel(w, id)), work(w), work(w), work(w)]);
    expect(answers.slice(0, 50).every((answer) => answer?.status === 200)).toBe(true);
    await settle(w, 6);
    const offers = await app.db.query(
      `SELECT entry_id, hold_id, doctor_id, start_at FROM waitlist_offer WHERE clinic_id = $1 AND state = 'OPEN'`,
      [w.clinic.id],
    );
    expect(new Set(offers.rows.map((row) => row.entry_id)).size).toBe(12);
    expect(new Set(offers.rows.map((row) => row.hold_id)).size).toBe(12);
    expect(new Set(offers.rows.map((row) => `${row.doctor_id} ${row.start_at}`)).size).toBe(12);
    const accepted = await Promise.all(waiters.map(accept));
    expect(accepted.map(({ status }) => status)).toEqual(waiters.map(() => 200));
    expect(await app.overlaps()).toBe(0);
  });

  it('has no end: a time is offered to the first whom it suits, also behind twelve hundred others', async () => {
    const w = await open();
    const visit = await booked(w, at(3, '10:00'));
    const first = await waiting(w, { to: day(3), startTime: '15:00' });
    // Copies of an entry that the time does not suit; of one patient, because only the entries count.
    await app.db.query(
      `INSERT INTO waitlist_entry (id, clinic_id, client_id, service_id, from_day, to_day, ends_at, start_minute, urgency, status)
       SELECT gen_random_uuid(), e.clinic_id, e.client_id, e.service_id, e.from_day, e.to_day, e.ends_at, e.start_minute, 1, 'WAITING'
       FROM waitlist_entry e, generate_series(1, 1200) WHERE e.id = $1`,
      [first.id],
    );
    const suited = await waiting(w);
    await cancel(w, visit.id);
    await settle(w, 1);
    expect((await read(suited)).offer?.startDateTime).toBe(at(3, '10:00'));
  });

  it('does not change because the entry of the first is in use at the moment', async () => {
    const w = await open();
    const visit = await booked(w, at(3, '10:00'));
    const [first, second] = [await waiting(w), await waiting(w)];
    await cancel(w, visit.id);
    await allPublished(app);
    const user = await app.db.connect();
    try {
      await user.query('BEGIN');
      await user.query('SELECT FROM waitlist_entry WHERE id = $1 FOR UPDATE', [first.id]);
      await work(w);
      expect([await readStatus(first), await readStatus(second)]).toEqual(['WAITING', 'WAITING']);
    } finally {
      await user.query('ROLLBACK');
      user.release();
    }
    await work(w);
    expect([await readStatus(first), await readStatus(second)]).toEqual(['OFFERED', 'WAITING']);
  });
});

describe('an offer', () => {
  async function offered(w: World, start: string, fields: object = {}, from?: TestPatient): Promise<Waiter> {
    const visit = await booked(w, start);
    const waiter = await waiting(w, fields, from);
    await cancel(w, visit.id);
    await settle(w);
    expect((await read(waiter)).offer?.startDateTime).toBe(start);
    return waiter;
  }

  const createLink = async ({ id }: Waiter): Promise<string> => {
    const { rows } = await app.db.query('SELECT id FROM waitlist_offer WHERE entry_id = $1', [id]);
    return new URL(app.app.get(LinkTokens).url({ action: 'accept-offer', offerId: rows[0].id })).pathname;
  };

  it('is for its patient and the own front desk: not for doctors, other patients or other clinics', async () => {
    const [w, elsewhere] = [await open(), await open()];
    const waiter = await offered(w, at(3, '10:00'));
    const doctor = app.tokenFor({
      ...{ userId: waiter.userId, role: 'DOCTOR', doctorId: w.clinic.doctorIds[0], clinicIds: [w.clinic.id] },
    });
    for (const [token, status] of [
      [elsewhere.clinic.staff, 404],
      [elsewhere.clinic.manager, 404],
      [(await app.patient()).token, 404],
      [doctor, 403],
      [undefined, 401],
    ] as const) {
      for (const [method, path] of [
        ['POST', `waitlist/${waiter.id}/accept`],
        ['POST', `waitlist/${waiter.id}/decline`],
        ['DELETE', `waitlist/${waiter.id}`],
      ] as const)
        expect([method, path, (await call(method, path, token)).status]).toEqual([method, path, status]);
    }
    expect(await readStatus(waiter)).toBe('OFFERED');
    const list = await call('GET', `waitlist?clientId=${waiter.clientId}`, elsewhere.clinic.manager);
    expect(list.data).toEqual([]);
  });

  it('of a duplicate is accepted by the record that stays', async () => {
    const w = await open();
    const waiter = await offered(w, at(3, '10:00'));
    const stays = await app.patient();
    await app.app.get(ClientMergeService).merge(stays.clientId, waiter.clientId);
    const accepted = await accept({ token: stays.token, id: waiter.id });
    expect([accepted.status, accepted.data?.status]).toEqual([200, 'BOOKED']);
    const visit = await call('GET', `appointments/${accepted.data.appointmentId}`, stays.token);
    expect(visit.data).toMatchObject({ clientId: stays.clientId, startDateTime: at(3, '10:00') });
    expect(await app.overlaps()).toBe(0);
  });

  it('whose held time the front desk books for somebody else is over, and its patients wait on', async () => {
    const w = await open({ policy: { waitlistOffersToAll: true } });
    const waiters = [await offered(w, at(3, '10:00')), await waiting(w)] as const;
    // The second one waits since before the time is freed again.
    const { rows } = await app.db.query('SELECT hold_id AS id FROM waitlist_offer WHERE entry_id = $1', [
      waiters[0].id,
    ]);
    const slot = { serviceId: w.serviceId, doctorId: w.clinic.doctorIds[0], startDateTime: at(3, '10:00') };
    const patient = await app.patient();
    await booked(w, at(9, '10:00'), patient);
    const body = { ...slot, holdId: rows[0].id as string, clientId: patient.clientId };
    expect((await call('POST', 'appointments', w.clinic.staff, body)).status).toBe(201);
    await settle(w);
    expect([await readStatus(waiters[0]), await readStatus(waiters[1])]).toEqual(['WAITING', 'WAITING']);
    expect([409, 410]).toContain((await accept(waiters[0])).status);
    const next = await booked(w, at(4, '10:00'));
    await cancel(w, next.id);
    await settle(w);
    expect((await read(waiters[0])).offer?.startDateTime).toBe(at(4, '10:00'));
  });

  it('of a patient who is erased is gone with its link, and goes to the next', async () => {
    const w = await open();
    const waiter = await offered(w, at(3, '10:00'));
    const next = await waiting(w);
    const link = await createLink(waiter);
    await app.db.query('UPDATE session SET proven_at = now() WHERE user_id = $1', [waiter.userId]);
    const { status } = await call('POST', `users/${waiter.userId}/erase`, waiter.token, {});
    expect(status).toBe(200);
    await settle(w);
    expect([(await app.call('GET', link)).status, (await app.call('POST', link)).status]).toEqual([404, 404]);
    // Who came after the time was freed gets it because it is freed again.
    expect((await read(next)).offer?.startDateTime).toBe(at(3, '10:00'));
  });

  it('of an earlier time, while the desk moves the visit: the visit has one time, and the other is free', async () => {
    for (let round = 0; round < 6; round += 1) {
      const w = await open({ doctors: 2 });
      const patient = await app.patient();
      const visit = await booked(w, at(20, '10:00'), patient, 1);
      const waiter = await offered(w, at(10, '10:00'), { appointmentId: visit.id, to: day(10) }, patient);
      // Before or after the offered time.
      const target = at(round % 2 === 0 ? 8 : 15, '10:00');
      const [accepted, moved] = await Promise.all([
        accept(waiter),
        call('PUT', `appointments/${visit.id}`, w.clinic.staff, { startDateTime: target }),
      ]);
      expect(moved.status).toBe(200);
      expect([200, 410]).toContain(accepted.status);
      const { data } = await call('GET', `appointments/${visit.id}`, patient.token);
      expect([at(10, '10:00'), target]).toContain(data.startDateTime);
      const { rows } = await app.db.query(
        `SELECT DISTINCT lower(during) AS start FROM reservation WHERE appointment_id = $1 AND active`,
        [visit.id],
      );
      expect(rows).toEqual([{ start: new Date(data.startDateTime) }]);
      await settle(w);
      expect(await readStatus(waiter)).toBe(accepted.status === 200 ? 'BOOKED' : 'WAITING');
      const free = await booked(w, at(20, '10:00'), undefined, 1);
      expect(free.status).toBe('CONFIRMED');
    }
    expect(await app.overlaps()).toBe(0);
  });
});

/** The next last Sunday of a month, on which the clocks of Europe change. */
function lastSunday(month: number): string {
  const year = new Date().getUTCFullYear();
  const [next = ''] = [year, year + 1]
    .map((number) => {
      const last = new Date(Date.UTC(number, month, 0));
      return new Date(last.getTime() - last.getUTCDay() * 86_400_000).toISOString().slice(0, 10);
    })
    .filter((date) => date > day(2));
  return next;
}

describe('on a day when the clocks change', () => {
  it.each([
    ['that has no 02:30', 3, { startTime: '02:00', endTime: '03:30' }, '00:30', '01:00'],
    ['that has 02:30 twice', 10, { startTime: '02:30', endTime: '03:00' }, '00:00', '00:30'],
  ])('%s, times are those of the clinic’s clock', async (_, month, times, tooEarly, fits) => {
    const date = lastSunday(month);
    const w = await open({ timeZone: 'Europe/Berlin', policy: { horizonDays: 400 } });
    const visits = [await booked(w, `${date}T${tooEarly}:00.000Z`), await booked(w, `${date}T${fits}:00.000Z`)];
    const waiter = await waiting(w, { from: date, to: date, ...times });
    await cancel(w, visits[0].id);
    await settle(w);
    expect(await readStatus(waiter)).toBe('WAITING');
    await cancel(w, visits[1].id);
    await settle(w);
    expect((await read(waiter)).offer?.startDateTime).toBe(`${date}T${fits}:00.000Z`);
    expect((await accept(waiter)).status).toBe(200);
  });
});
