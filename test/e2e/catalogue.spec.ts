import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TestApp, type Answer } from '../support/app.js';
import { aService, createAccount, openClinic, type TestClinic } from '../support/clinic.js';

let app: TestApp;
let clinic: TestClinic;
let other: TestClinic;

beforeAll(async () => {
  app = await TestApp.start({ JOBS_IN_PROCESS: 'false' });
  clinic = await openClinic(app, { doctors: 3 });
  other = await openClinic(app);
});

afterAll(() => app.close());

const call = (method: string, path: string, body?: object): Promise<Answer> =>
  app.call(method, `/api/v1${path}`, { token: clinic.admin, body });
const sorted = (ids: readonly (string | undefined)[]): (string | undefined)[] => [...ids].sort();

describe('The doctors of a service', () => {
  it('are replaced by those of the request, also by none', async () => {
    const [first, second, third] = clinic.doctorIds;
    const path = `/services/${await aService(app, clinic, { doctorIds: [first, second] })}`;
    const replaced = await call('PUT', path, { doctorIds: [second, third] });
    expect([replaced.status, sorted(replaced.data.doctorIds)]).toEqual([200, sorted([second, third])]);
    expect((await call('PUT', path, { name: 'Renamed' })).data.doctorIds).toEqual(replaced.data.doctorIds);
    expect((await call('PUT', path, { doctorIds: [] })).data.doctorIds).toEqual([]);
    expect((await call('GET', path)).data.doctorIds).toEqual([]);
  });

  it('stay as they were if one of the request works at another clinic (Z-04)', async () => {
    const path = `/services/${await aService(app, clinic)}`;
    const refused = await call('PUT', path, { doctorIds: [clinic.doctorIds[0], other.doctorIds[0]] });
    expect([refused.status, refused.code, refused.body.error.details]).toEqual([
      400,
      'VALIDATION_ERROR',
      [{ field: 'doctorIds', error: 'must be doctors of the same clinic' }],
    ]);
    expect((await call('GET', path)).data.doctorIds).toEqual(sorted(clinic.doctorIds));
  });
});

describe('The services of a doctor', () => {
  it('are replaced by those of the request, also by none', async () => {
    const services = [await aService(app, clinic, { doctorIds: [] }), await aService(app, clinic, { doctorIds: [] })];
    const path = `/doctors/${clinic.doctorIds[0]}`;
    expect((await call('PUT', path, { serviceIds: services })).data.serviceIds).toEqual(sorted(services));
    expect((await call('PUT', path, { serviceIds: [services[1]] })).data.serviceIds).toEqual([services[1]]);
    expect((await call('PUT', path, { serviceIds: [] })).data.serviceIds).toEqual([]);
  });
});

describe('The account of a doctor', () => {
  const link = (index: number, userId: string | null): Promise<Answer> =>
    call('PUT', `/doctors/${clinic.doctorIds[index]}`, { userId });
  const clinicIds = async (userId: string): Promise<string[]> => (await call('GET', `/users/${userId}`)).data.clinicIds;

  it('belongs to the clinic from then on, and can be replaced and removed', async () => {
    const [first, second] = [await createAccount(app, 'DOCTOR'), await createAccount(app, 'DOCTOR')];
    expect((await link(0, first)).data.userId).toBe(first);
    expect(await clinicIds(first)).toEqual([clinic.id]);
    expect((await link(0, second)).data.userId).toBe(second);
    expect((await link(0, null)).data.userId).toBeNull();
  });

  it('must have the role DOCTOR and no other doctor', async () => {
    expect(await link(0, await createAccount(app, 'STAFF'))).toMatchObject({ status: 400, code: 'VALIDATION_ERROR' });
    const userId = await createAccount(app, 'DOCTOR');
    expect((await link(1, userId)).status).toBe(200);
    expect(await link(2, userId)).toMatchObject({ status: 409, code: 'ALREADY_EXISTS' });
  });
});

describe('A clinic', () => {
  it('is counted in the total of the list until it is deleted', async () => {
    const total = async (): Promise<number> => (await call('GET', '/clinics?limit=1&withTotal=true')).body.meta.total;
    const before = await total();
    const { data } = await call('POST', '/clinics', { name: 'Short-lived', timeZone: 'UTC' });
    expect(await total()).toBe(before + 1);
    expect((await call('DELETE', `/clinics/${data.id}`)).status).toBe(200);
    expect(await total()).toBe(before);
  });

  it('cannot be deleted while it has doctors', async () => {
    const refused = await call('DELETE', `/clinics/${other.id}`);
    expect([refused.status, refused.code]).toEqual([409, 'IN_USE']);
  });

  it('cannot be deleted while a patient is registered there', async () => {
    const { data: empty } = await call('POST', '/clinics', { name: 'Without doctors', timeZone: 'UTC' });
    const body = { firstName: 'Mona', lastName: 'Hassan', clinicId: empty.id };
    const { data: patient } = await call('POST', '/clients', body);
    expect(await call('DELETE', `/clinics/${empty.id}`)).toMatchObject({ status: 409, code: 'IN_USE' });
    const { rows } = await app.db.query('SELECT user_id AS id FROM client WHERE id = $1', [patient.id]);
    expect((await call('DELETE', `/users/${rows[0].id}`)).status).toBe(200);
    expect((await call('DELETE', `/clinics/${empty.id}`)).status).toBe(200);
  });

  it('gets no doctors, services or resources after it was deleted', async () => {
    const { data } = await call('POST', '/clinics', { name: 'Closed', timeZone: 'UTC' });
    await call('DELETE', `/clinics/${data.id}`);
    const requests: [path: string, body: object][] = [
      ['/doctors', { firstName: 'Laila', lastName: 'Mansour', speciality: 'Neurology' }],
      ['/services', { name: 'Visit', durationMinutes: 30, price: { amount: 1, currency: 'EGP' } }],
      ['/resources', { kind: 'ROOM', name: 'Room 1' }],
    ];
    for (const [path, body] of requests) {
      const { status, code } = await call('POST', path, { ...body, clinicId: data.id });
      expect([path, status, code]).toEqual([path, 400, 'VALIDATION_ERROR']);
    }
  });
});
