import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { newId } from '../../src/core/kernel/id.js';
import { TestApp, type Answer, type TestPatient } from '../support/app.js';
import { aService, at, createAccount, openClinic, type TestClinic } from '../support/clinic.js';

/** Attacks on referrals. No worker runs. */

let app: TestApp;
let clinic: TestClinic;
let elsewhere: TestClinic;
let serviceId: string;
let doctor: string;
let patient: TestPatient;
let day = 2;

beforeAll(async () => {
  app = await TestApp.start({ JOBS_IN_PROCESS: 'false' });
  [clinic, elsewhere] = [await openClinic(app), await openClinic(app)];
  serviceId = await aService(app, clinic, { requiresReferral: true });
  const userId = await createAccount(app, 'DOCTOR');
  doctor = app.tokenFor({ userId, role: 'DOCTOR', doctorId: clinic.doctorIds[0] ?? null, clinicIds: [clinic.id] });
});

afterAll(() => app.close());

beforeEach(async () => {
  patient = await app.patient();
  day += 2;
});

const call = (method: string, path: string, token: string, body?: object): Promise<Answer> =>
  app.call(method, `/api/v1/${path}`, { token, ...(body && { body }) });

const refer = (token: string, fields: object = {}): Promise<Answer> => {
  const validTo = at(day + 30).slice(0, 10);
  return call('POST', 'referrals', token, { clientId: patient.clientId, serviceId, validTo, ...fields });
};

const book = (token: string, fields: object = {}): Promise<Answer> =>
  call('POST', 'appointments', token, { serviceId, startDateTime: at(day), ...fields });

const toReason = ({ body }: Answer): string | undefined => body.error?.details?.reason;

describe('a referral', () => {
  it('is neither seen nor made by a doctor whose only appointment with the patient was cancelled', async () => {
    const own = await aService(app, clinic);
    const { data: visit } = await book(patient.token, { serviceId: own });
    const reason = 'Suspected epilepsy';
    expect((await refer(clinic.staff, { reason })).status).toBe(201);
    const list = async (): Promise<any[]> => (await call('GET', 'referrals', doctor)).data;
    const isOfPatient = ({ clientId }: { clientId: string }): boolean => clientId === patient.clientId;
    expect((await list()).filter(isOfPatient)).toMatchObject([{ reason }]);
    expect((await call('DELETE', `appointments/${visit.id}`, patient.token)).status).toBe(200);
    expect((await list()).filter(isOfPatient)).toEqual([]);
    expect((await refer(doctor)).code).toBe('NOT_FOUND');
  });

  it('that is required is required in every way in which a patient books', async () => {
    const { data: held } = await call('POST', 'holds', clinic.staff, {
      ...{ serviceId, clientId: patient.clientId, startDateTime: at(day) },
    });
    const { doctorId, startDateTime } = held;
    const answers = [
      await book(patient.token, { startDateTime: at(day, '12:00') }),
      await book(patient.token, { doctorId, startDateTime, holdId: held.id }),
      await call('POST', 'holds', patient.token, { serviceId, startDateTime: at(day, '12:00') }),
      await call('POST', 'appointments/series', patient.token, {
        ...{ serviceId, startDateTime: at(day, '12:00'), rrule: 'FREQ=DAILY;COUNT=1' },
      }),
    ];
    expect(answers.map(toReason)).toEqual(answers.map(() => 'REFERRAL_REQUIRED'));
  });

  it('of another clinic or patient cannot be read, used or withdrawn', async () => {
    const { data: referral } = await refer(clinic.staff);
    const stranger = await app.patient();
    const used = await book(stranger.token, { referralId: referral.id });
    const unknown = await book(stranger.token, { referralId: newId() });
    expect([used.status, used.body.error]).toEqual([400, unknown.body.error]);
    for (const token of [elsewhere.staff, elsewhere.manager]) {
      expect((await call('GET', `referrals?clientId=${patient.clientId}`, token)).data).toEqual([]);
      expect((await call('DELETE', `referrals/${referral.id}`, token)).code).toBe('NOT_FOUND');
      expect((await refer(token)).code).toBe('FORBIDDEN');
    }
    expect((await call('GET', `referrals?clientId=${patient.clientId}`, stranger.token)).data ?? []).toEqual([]);
    expect((await book(patient.token, { referralId: referral.id })).status).toBe(201);
  });
});
