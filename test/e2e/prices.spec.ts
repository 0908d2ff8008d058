import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TestApp, type Answer, type TestPatient } from '../support/app.js';
import { aService, at, openClinic, type TestClinic } from '../support/clinic.js';

/** Prices by doctor and by first or follow-up visit, taxes, and the note about the insurance. */

let app: TestApp;
let clinic: TestClinic;
let patients: TestPatient[];
let nextPatient = 0;
let day = 2;

beforeAll(async () => {
  app = await TestApp.start({ JOBS_IN_PROCESS: 'false', VISIT_CHANGES_PER_10_MINUTES: '10000' });
  clinic = await openClinic(app, { doctors: 2, policy: { taxBasisPoints: 1400 } });
  patients = await app.patients(20);
});

afterAll(() => app.close());

const aPatient = (): TestPatient => patients[nextPatient++] as TestPatient;
const doctor = (n: 0 | 1): string => clinic.doctorIds[n] as string;
const usd = (amount: number): object => ({ amount, currency: 'USD' });
const setPrices = (id: string, body: object, token = clinic.manager, headers = {}): Promise<Answer> =>
  app.call('PUT', `/api/v1/services/${id}/prices`, { token, body: { firstVisitPer: 'DOCTOR', ...body }, headers });
const post = (path: string, token: string, body: object): Promise<Answer> =>
  app.call('POST', `/api/v1/${path}`, { token, body });

/** Books a visit on the next day. @returns its id and price */
async function bookNextDay(token: string, body: object): Promise<{ id: string; amount: number }> {
  const { data, body: answer } = await post('appointments', token, { startDateTime: at((day += 1)), ...body });
  if (!data) throw new Error(JSON.stringify(answer));
  return { id: data.id, amount: data.price.amount };
}

const setStatus = (id: string, status: string): Promise<unknown> =>
  app.db.query('UPDATE appointment SET status = $2 WHERE id = $1', [id, status]);

describe('the prices of a service', () => {
  it('are its own price until others are set, and are read by everybody', async () => {
    const id = await aService(app, clinic);
    const prices = [
      { doctorId: doctor(0), visit: 'FIRST', price: usd(500) },
      { visit: 'FOLLOW_UP', price: usd(70) },
    ];
    const none = { price: usd(100), firstVisitPer: 'DOCTOR', prices: [], version: 1 };
    expect((await app.call('GET', `/api/v1/services/${id}/prices`)).data).toEqual(none);
    const set = await setPrices(id, { firstVisitPer: 'CLINIC', prices });
    const view = { doctorId: null, visit: 'FOLLOW_UP', price: usd(70) };
    expect(set.data).toEqual({ price: usd(100), firstVisitPer: 'CLINIC', prices: [view, prices[0]], version: 2 });
    expect((await app.call('GET', `/api/v1/services/${id}/prices`)).data).toEqual(set.data);
    expect((await setPrices(id, { prices: [] }, clinic.manager, { 'if-match': '"1"' })).code).toBe('VERSION_MISMATCH');
    expect((await setPrices(id, { prices: [] }, clinic.staff)).code).toBe('FORBIDDEN');
  });

  it.each([
    ['another currency', [{ visit: 'ANY', price: { amount: 1, currency: 'EUR' } }], 'prices[0].price.currency'],
    ['a repeated price', Array(2).fill({ visit: 'ANY', price: usd(1) }), 'prices[1]'],
    ['a fraction', [{ visit: 'ANY', price: usd(1.5) }], 'prices[0].price.amount'],
  ])('refuse %s', async (_, prices, field) => {
    const answer = await setPrices(await aService(app, clinic), { prices });
    expect([answer.code, answer.body.error.details[0].field]).toEqual(['VALIDATION_ERROR', field]);
  });

  it('refuse a doctor who does not give the service, and keep the currency', async () => {
    const id = await aService(app, clinic, { doctorIds: [doctor(0)] });
    const foreign = await setPrices(id, { prices: [{ doctorId: doctor(1), visit: 'ANY', price: usd(1) }] });
    expect([foreign.code, foreign.body.error.details[0].field]).toEqual(['VALIDATION_ERROR', 'prices[0].doctorId']);
    expect((await setPrices(id, { prices: [{ visit: 'ANY', price: usd(1) }] })).status).toBe(200);
    const body = { price: { amount: 100, currency: 'EUR' } };
    expect((await app.call('PUT', `/api/v1/services/${id}`, { token: clinic.manager, body })).code).toBe(
      'VALIDATION_ERROR',
    );
  });
});

describe('the price of an appointment', () => {
  it('is the most exact: doctor and kind of visit, doctor, kind of visit, all, service', async () => {
    const { token } = aPatient();
    const both = { doctorId: doctor(0), visit: 'FIRST', price: usd(1) };
    const ofDoctor = { doctorId: doctor(0), visit: 'ANY', price: usd(2) };
    const ofVisit = { visit: 'FIRST', price: usd(3) };
    const ofAll = { visit: 'ANY', price: usd(4) };
    for (const [prices, amount] of [
      [[ofAll, ofVisit, ofDoctor, both], 1],
      [[ofAll, ofVisit, ofDoctor], 2],
      [[ofAll, ofVisit], 3],
      [[ofAll], 4],
      [[], 100],
    ] as const) {
      const serviceId = await aService(app, clinic);
      expect((await setPrices(serviceId, { prices })).status).toBe(200);
      expect(await bookNextDay(token, { serviceId, doctorId: doctor(0) })).toMatchObject({ amount });
    }
  });

  it('is that of a first visit until one with this doctor is completed, of whatever service', async () => {
    const serviceId = await aService(app, clinic);
    const other = await aService(app, clinic);
    await setPrices(serviceId, {
      prices: [
        { visit: 'FIRST', price: usd(900) },
        { visit: 'FOLLOW_UP', price: usd(300) },
      ],
    });
    const { token } = aPatient();
    const visit = { serviceId, doctorId: doctor(0) };
    const earlier = await bookNextDay(token, { ...visit, serviceId: other });
    for (const status of ['CONFIRMED', 'CANCELLED', 'NO_SHOW', 'IN_PROGRESS']) {
      await setStatus(earlier.id, status);
      expect([status, (await bookNextDay(token, visit)).amount]).toEqual([status, 900]);
    }
    await setStatus(earlier.id, 'COMPLETED');
    expect((await bookNextDay(token, visit)).amount).toBe(300);
    expect((await bookNextDay(token, { ...visit, doctorId: doctor(1) })).amount).toBe(900);
    expect((await bookNextDay(aPatient().token, visit)).amount).toBe(900);
  });

  it('is that of a first visit until one at the clinic is completed, if the service says so', async () => {
    const serviceId = await aService(app, clinic);
    await setPrices(serviceId, { firstVisitPer: 'CLINIC', prices: [{ visit: 'FOLLOW_UP', price: usd(300) }] });
    const { token } = aPatient();
    const first = await bookNextDay(token, { serviceId, doctorId: doctor(0) });
    expect(first.amount).toBe(100);
    await setStatus(first.id, 'COMPLETED');
    expect((await bookNextDay(token, { serviceId, doctorId: doctor(1) })).amount).toBe(300);
  });

  it('has the first price once in a series, and after a hold that of the patient who is booked', async () => {
    const serviceId = await aService(app, clinic);
    await setPrices(serviceId, { prices: [{ visit: 'FIRST', price: usd(900) }] });
    const { token, clientId } = aPatient();
    const start = at((day += 4));
    const series = await post('appointments/series', token, {
      ...{ serviceId, doctorId: doctor(0), startDateTime: start, rrule: 'FREQ=DAILY;COUNT=3' },
    });
    expect(series.data.appointments.map(({ price }: { price: { amount: number } }) => price.amount)).toEqual([
      900, 100, 100,
    ]);
    await setStatus(series.data.appointments[0].id, 'COMPLETED');
    const visit = { serviceId, doctorId: doctor(0), startDateTime: at((day += 4)) };
    const held = await post('holds', clinic.staff, visit);
    const booked = await post('appointments', clinic.staff, { ...visit, clientId, holdId: held.data.id });
    expect(booked.data.price).toEqual({ amount: 100, currency: 'USD', taxBasisPoints: 1400 });
  });

  it('stays as it was booked when prices, taxes, time and doctor change', async () => {
    const serviceId = await aService(app, clinic, { policy: { taxBasisPoints: 500 } });
    const { token } = aPatient();
    const { id } = await bookNextDay(token, { serviceId, doctorId: doctor(0) });
    await setPrices(serviceId, { prices: [{ visit: 'ANY', price: usd(7) }] });
    const path = `/api/v1/appointments/${id}`;
    const moved = await app.call('PUT', path, { token, body: { startDateTime: at((day += 1)), doctorId: doctor(1) } });
    expect(moved.data.price).toEqual({ amount: 100, currency: 'USD', taxBasisPoints: 500 });
    expect((await bookNextDay(token, { serviceId, doctorId: doctor(0) })).amount).toBe(7);
  });
});

describe('the note about the insurance', () => {
  it('is written by the patient and the desk, read by both, encrypted, and has a history', async () => {
    const serviceId = await aService(app, clinic);
    const { token } = aPatient();
    const request = { serviceId, startDateTime: at((day += 1)), insuranceNote: 'Misr Insurance 77' };
    const { data } = await post('appointments', token, request);
    const path = `/api/v1/appointments/${data.id}`;
    expect(data.insuranceNote).toBe('Misr Insurance 77');
    const body = { insuranceNote: 'Misr Insurance 78, pays 80 %' };
    expect((await app.call('PUT', path, { token: clinic.staff, body })).data).toMatchObject(body);
    expect((await app.call('GET', path, { token })).data).toMatchObject(body);
    const { data: history } = await app.call('GET', `${path}/history`, { token });
    expect(history[1].replacedNotes).toEqual([
      { field: 'insuranceNote', before: 'Misr Insurance 77', after: 'Misr Insurance 78, pays 80 %' },
    ]);
    const { rows } = await app.db.query('SELECT insurance_note AS note FROM appointment WHERE id = $1', [data.id]);
    expect((rows[0].note as Buffer).toString()).not.toContain('Misr');
  });
});
