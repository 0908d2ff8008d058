import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { WaitlistWorker } from '../../src/modules/waitlist/waitlist-worker.js';
import { TestApp, type Answer, type TestPatient } from '../support/app.js';
import { aService, at, openClinic, type TestClinic } from '../support/clinic.js';
import { allPublished } from '../support/outbox.js';

/** Waiting for services that require a referral. */

let app: TestApp;
let clinic: TestClinic;
let serviceId: string;
let doctorId: string;
/** Each test has days of its own. */
let ahead = 2;

beforeAll(async () => {
  app = await TestApp.start({ JOBS_IN_PROCESS: 'false', VISIT_CHANGES_PER_10_MINUTES: '10000' });
  clinic = await openClinic(app, { doctors: 2, policy: { horizonDays: 365 } });
  doctorId = clinic.doctorIds[0] as string;
  serviceId = await aService(app, clinic, { requiresReferral: true });
});

afterAll(() => app.close());

const call = (method: string, path: string, token: string | undefined, body?: object): Promise<Answer> =>
  app.call(method, `/api/v1/${path}`, { token, ...(body && { body }) });
const day = (days: number): string => at(days).slice(0, 10);
const nextDay = (): number => (ahead += 3);
const toReason = ({ status, body }: Answer): unknown => [status, body.error?.details?.reason];
const toErrorField = ({ status, body }: Answer): unknown => [status, body.error?.details?.[0]?.field];

async function known(): Promise<TestPatient> {
  const patient = await app.patient();
  await app.db.query('INSERT INTO client_clinic (client_id, clinic_id, registered_at) VALUES ($1, $2, now())', [
    patient.clientId,
    clinic.id,
  ]);
  return patient;
}

async function referred(patient: TestPatient, fields: object = {}): Promise<string> {
  const body = { clientId: patient.clientId, serviceId, validTo: day(200), ...fields };
  const { status, data } = await call('POST', 'referrals', clinic.staff, body);
  expect(status).toBe(201);
  return data.id;
}

const join = (token: string, fields: object = {}): Promise<Answer> =>
  call('POST', 'waitlist', token, { serviceId, from: day(1), to: day(200), ...fields });

async function joined(token: string, fields: object): Promise<{ token: string; id: string }> {
  const { status, data } = await join(token, fields);
  expect(status).toBe(201);
  return { token, id: data.id };
}

const read = async ({ token, id }: { token: string; id: string }): Promise<any> =>
  (await call('GET', 'waitlist?limit=100', token)).data.find((entry: { id: string }) => entry.id === id);
const accept = ({ token, id }: { token: string; id: string }): Promise<Answer> =>
  call('POST', `waitlist/${id}/accept`, token);

async function settle(): Promise<void> {
  for (let round = 0; round < 2; round += 1) {
    await allPublished(app);
    await app.app.get(WaitlistWorker, { strict: false }).run(clinic.id);
  }
}

/** A visit, booked by the front desk; its cancellation frees the time. */
async function taken(start: string, doctor = doctorId): Promise<() => Promise<void>> {
  const { clientId } = await known();
  const body = { serviceId, doctorId: doctor, startDateTime: start, clientId };
  const { status, data } = await call('POST', 'appointments', clinic.staff, body);
  expect(status).toBe(201);
  return async () => {
    expect((await call('DELETE', `appointments/${data.id}`, clinic.staff)).status).toBe(200);
    await settle();
  };
}

const readUse = async (id: string): Promise<unknown> =>
  (await app.db.query('SELECT appointment_id AS id FROM referral WHERE id = $1', [id])).rows[0]?.id;

describe('waiting for a service that requires a referral', () => {
  it('needs the own referral, for the service, its doctor and its days', async () => {
    const [patient, other] = [await known(), await known()];
    expect(toReason(await join(patient.token))).toEqual([422, 'REFERRAL_REQUIRED']);
    expect(toReason(await join(clinic.staff, { clientId: patient.clientId }))).toEqual([422, 'REFERRAL_REQUIRED']);
    const referralId = await referred(patient, { doctorId, validFrom: day(100) });
    const joins: [string, object][] = [
      [other.token, { referralId }],
      [patient.token, { referralId, serviceId: await aService(app, clinic) }],
      [patient.token, { referralId, doctorId: clinic.doctorIds[1] }],
      [patient.token, { referralId, to: day(50) }],
      [patient.token, { referralId: serviceId }],
    ];
    const answers = await Promise.all(joins.map(([token, fields]) => join(token, fields)));
    expect(answers.map(toErrorField)).toEqual([
      [400, 'referralId'],
      [400, 'serviceId'],
      [400, 'doctorId'],
      [400, 'to'],
      [400, 'referralId'],
    ]);
    const entry = await join(patient.token, { referralId });
    expect([entry.status, entry.data.referralId]).toEqual([201, referralId]);
    expect((await join(clinic.staff, { referralId, clientId: patient.clientId, doctorId })).status).toBe(201);
  });

  it('uses the referral when the offer is accepted, and not before', async () => {
    const patient = await known();
    const referralId = await referred(patient);
    const start = at(nextDay(), '10:00');
    const free = await taken(start);
    const waiter = await joined(patient.token, { referralId });
    await free();
    expect((await read(waiter)).offer?.startDateTime).toBe(start);
    expect(await readUse(referralId)).toBeNull();
    const accepted = await accept(waiter);
    expect([accepted.status, accepted.data?.status]).toEqual([200, 'BOOKED']);
    expect(await readUse(referralId)).toBe(accepted.data.appointmentId);
    expect(toReason(await join(patient.token, { referralId }))).toEqual([422, 'REFERRAL_USED']);
  });

  it('gets only times on the days of the referral and of its doctor', async () => {
    const patient = await known();
    const [first, second] = [nextDay(), nextDay()];
    const referralId = await referred(patient, { doctorId, validFrom: day(second) });
    const [early, ofOther, fits] = [
      await taken(at(first, '10:00')),
      await taken(at(second, '10:00'), clinic.doctorIds[1]),
      await taken(at(second, '11:00')),
    ];
    const waiter = await joined(patient.token, { referralId });
    await early();
    await ofOther();
    expect((await read(waiter)).status).toBe('WAITING');
    await fits();
    expect((await read(waiter)).offer).toMatchObject({ startDateTime: at(second, '11:00'), doctorId });
  });

  it('cannot be accepted with a referral that was used or withdrawn meanwhile, and gets no offer then', async () => {
    const patients = [await known(), await known()];
    const starts = [at(nextDay(), '10:00'), at(nextDay(), '10:00')];
    for (const [n, patient] of patients.entries()) {
      const start = starts[n] as string;
      const referralId = await referred(patient);
      const free = await taken(start);
      const waiter = await joined(patient.token, { referralId, from: start.slice(0, 10), to: start.slice(0, 10) });
      await free();
      expect((await read(waiter)).status).toBe('OFFERED');
      if (n === 0) {
        const elsewhere = { serviceId, doctorId, startDateTime: at(150, '09:00'), referralId };
        expect((await call('POST', 'appointments', patient.token, elsewhere)).status).toBe(201);
        expect(toReason(await accept(waiter))).toEqual([422, 'REFERRAL_USED']);
      } else {
        expect((await call('DELETE', `referrals/${referralId}`, clinic.staff)).status).toBe(200);
        expect(toReason(await accept(waiter))).toEqual([422, 'REFERRAL_REQUIRED']);
      }
      expect((await call('POST', `waitlist/${waiter.id}/decline`, patient.token)).status).toBe(200);
      const again = await taken(start.replace('10:00', '15:00'));
      await again();
      expect((await read(waiter)).status).toBe('WAITING');
    }
  });

  it('is accepted once with one referral of two entries', async () => {
    const patient = await known();
    const referralId = await referred(patient);
    const days = [nextDay(), nextDay()];
    const frees = [await taken(at(days[0] as number, '10:00')), await taken(at(days[1] as number, '10:00'))];
    const waiters = [];
    for (const n of days) waiters.push(await joined(patient.token, { referralId, from: day(n), to: day(n) }));
    for (const free of frees) await free();
    const answers = await Promise.all(waiters.map(accept));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 422]);
    const visits = await call('GET', 'appointments', patient.token);
    expect(visits.data).toHaveLength(1);
    expect(await readUse(referralId)).toBe(visits.data[0].id);
  });

  it('needs none for an earlier time of a visit that was booked with one, on its days', async () => {
    const patient = await known();
    const [tooEarly, fits] = [nextDay(), nextDay()];
    const referralId = await referred(patient, { validFrom: day(fits) });
    const slot = { serviceId, doctorId, startDateTime: at(160, '10:00'), referralId };
    const visit = await call('POST', 'appointments', patient.token, slot);
    expect(visit.status).toBe(201);
    const frees = [await taken(at(tooEarly, '10:00')), await taken(at(fits, '10:00'))];
    expect(toErrorField(await join(patient.token, { appointmentId: visit.data.id, referralId }))).toEqual([
      400,
      'referralId',
    ]);
    const waiter = await joined(patient.token, { appointmentId: visit.data.id });
    await frees[0]?.();
    expect((await read(waiter)).status).toBe('WAITING');
    await frees[1]?.();
    expect((await accept(waiter)).status).toBe(200);
    const moved = await call('GET', `appointments/${visit.data.id}`, patient.token);
    expect(moved.data.startDateTime).toBe(at(fits, '10:00'));
  });
});
