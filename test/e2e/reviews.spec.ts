import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { TestApp, type Answer, type TestPatient } from '../support/app.js';
import { aService, openClinic, type TestClinic } from '../support/clinic.js';
import { SettableClock } from '../support/settable-clock.js';

/** The rule "review in three months": a completed visit gives its patient a referral. */

const ZONE = 'Africa/Cairo';

let app: TestApp;
let clock: SettableClock;
let clinic: TestClinic;
let reviewId: string;
let serviceId: string;

beforeAll(async () => {
  clock = new SettableClock();
  app = await TestApp.start({ VISIT_CHANGES_PER_10_MINUTES: '10000', JWT_EXPIRES_IN: '24h' }, undefined, clock);
  clinic = await openClinic(app, { timeZone: ZONE, policy: { horizonDays: 365 } });
  reviewId = await aService(app, clinic, { requiresReferral: true });
  serviceId = await aService(app, clinic, { reviewAfterMonths: 3, reviewServiceId: reviewId });
});

afterAll(() => app.close());

const call = (method: string, path: string, token = clinic.staff, body?: object): Promise<Answer> =>
  app.call(method, `/api/v1/${path}`, { token, ...(body && { body }) });

interface Visit extends TestPatient {
  id: string;
  startAt: string;
}

/** A visit that has started. */
async function started(service = serviceId): Promise<Visit> {
  const patient = await app.patient();
  const startAt = new Date(Math.ceil(clock.now() / 3_600_000) * 3_600_000 + 3_600_000).toISOString();
  const slot = { serviceId: service, doctorId: clinic.doctorIds[0], startDateTime: startAt };
  const { status, data } = await call('POST', 'appointments', patient.token, slot);
  expect(status).toBe(201);
  clock.set(startAt);
  expect((await call('POST', `appointments/${data.id}/start`)).status).toBe(200);
  return { ...patient, id: data.id, startAt };
}

const step = async ({ id }: Visit, name: string): Promise<void> => {
  const { status, body } = await call('POST', `appointments/${id}/${name}`);
  expect([status, body.error]).toEqual([200, undefined]);
};
const listReferrals = async ({ token }: Visit): Promise<any[]> => (await call('GET', 'referrals', token)).data;
const localDay = (instant: string): string =>
  new Intl.DateTimeFormat('en-CA', { timeZone: ZONE, dateStyle: 'short' }).format(new Date(instant));

it('a completed visit gives its patient a referral for the review, in the window after so many months', async () => {
  const visit = await started();
  expect(await listReferrals(visit)).toEqual([]);
  await step(visit, 'complete');
  const [referral, ...others] = await listReferrals(visit);
  expect(others).toEqual([]);
  expect(referral).toMatchObject({
    ...{ clinicId: clinic.id, clientId: visit.clientId, serviceId: reviewId, doctorId: null, appointmentId: null },
  });
  const [from, to] = [Date.parse(referral.validFrom), Date.parse(referral.validTo)];
  const [year = 0, month = 0] = localDay(visit.startAt).split('-').map(Number);
  const expected = new Date(Date.UTC(year, month - 1 + 3, 1));
  expect([new Date(from).getUTCFullYear(), new Date(from).getUTCMonth()]).toEqual([
    expected.getUTCFullYear(),
    expected.getUTCMonth(),
  ]);
  expect((to - from) / 86_400_000).toBe(30);
  const { rows } = await app.db.query(
    `SELECT remind_on IS NOT NULL AS reminds, reviewed_id AS visit FROM referral WHERE id = $1`,
    [referral.id],
  );
  expect(rows).toEqual([{ reminds: true, visit: visit.id }]);
  const audit = await app.db.query(`SELECT action, clinic_id FROM audit_log WHERE object_id = $1`, [referral.id]);
  expect(audit.rows).toEqual([{ action: 'referral.created', clinic_id: clinic.id }]);
  const slot = { serviceId: reviewId, doctorId: clinic.doctorIds[0], referralId: referral.id };
  const booked = await call('POST', 'appointments', visit.token, {
    ...{ ...slot, startDateTime: `${referral.validFrom}T10:00:00.000Z` },
  });
  expect(booked.status).toBe(201);
});

it('a visit gives one referral, also if it is completed twice, and an undone completion withdraws it', async () => {
  const visit = await started();
  await step(visit, 'complete');
  const [first] = await listReferrals(visit);
  await step(visit, 'reinstate');
  expect(await listReferrals(visit)).toEqual([]);
  await step(visit, 'complete');
  const [second, ...others] = await listReferrals(visit);
  expect([others, second.validFrom]).toEqual([[], first.validFrom]);
  const actions = await app.db.query(`SELECT action FROM audit_log WHERE object_id = $1 ORDER BY id`, [first.id]);
  expect(actions.rows.map(({ action }) => action)).toEqual(['referral.created', 'referral.deleted']);
});

it('a referral that was used stays when the completion is undone, and there is no second one', async () => {
  const visit = await started();
  await step(visit, 'complete');
  const [referral] = await listReferrals(visit);
  const slot = { serviceId: reviewId, doctorId: clinic.doctorIds[0], referralId: referral.id };
  const startDateTime = `${referral.validTo}T10:00:00.000Z`;
  expect((await call('POST', 'appointments', visit.token, { ...slot, startDateTime })).status).toBe(201);
  await step(visit, 'reinstate');
  await step(visit, 'complete');
  expect((await listReferrals(visit)).map(({ id }) => id)).toEqual([referral.id]);
});

it('completions of one visit at the same time give one referral', async () => {
  const visit = await started();
  const answers = await Promise.all(Array.from({ length: 8 }, () => call('POST', `appointments/${visit.id}/complete`)));
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  expect(await listReferrals(visit)).toHaveLength(1);
});

it('the review is of the same service by default, and there is none without the rule or for an inactive service', async () => {
  const same = await aService(app, clinic, { reviewAfterMonths: 1 });
  const none = await aService(app, clinic);
  const inactive = await aService(app, clinic);
  const broken = await aService(app, clinic, { reviewAfterMonths: 1, reviewServiceId: inactive });
  expect((await call('PUT', `services/${inactive}`, clinic.manager, { isActive: false })).status).toBe(200);
  const found: string[][] = [];
  for (const service of [same, none, broken]) {
    const visit = await started(service);
    await step(visit, 'complete');
    found.push((await listReferrals(visit)).map((referral) => referral.serviceId));
  }
  expect(found).toEqual([[same], [], []]);
});

it('the rule belongs to a service, with a service of the same clinic, and ends with null', async () => {
  const elsewhere = await aService(app, await openClinic(app));
  const change = (fields: object): Promise<Answer> => call('PUT', `services/${serviceId}`, clinic.manager, fields);
  expect((await change({ reviewServiceId: elsewhere })).body.error.details[0].field).toBe('reviewServiceId');
  for (const reviewAfterMonths of [0, 25, 1.5]) {
    expect((await change({ reviewAfterMonths })).body.error.details[0].field).toBe('reviewAfterMonths');
  }
  expect((await change({ reviewAfterMonths: null })).data).toMatchObject({
    ...{ reviewAfterMonths: null, reviewServiceId: reviewId },
  });
  const visit = await started();
  await step(visit, 'complete');
  expect(await listReferrals(visit)).toEqual([]);
});
