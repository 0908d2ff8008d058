import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TestApp, type Answer, type TestPatient } from '../support/app.js';
import { aService, at, openClinic, type TestClinic } from '../support/clinic.js';

/** Who waits for a time: joining, listing and leaving. Offers: waitlist-offers.spec.ts. */

let app: TestApp;
let clinic: TestClinic;
let elsewhere: TestClinic;
let serviceId: string;

beforeAll(async () => {
  app = await TestApp.start({ JOBS_IN_PROCESS: 'false' });
  clinic = await openClinic(app, { doctors: 2, timeZone: 'Africa/Cairo', policy: { horizonDays: 365 } });
  elsewhere = await openClinic(app);
  serviceId = await aService(app, clinic);
});

afterAll(() => app.close());

const call = (method: string, path: string, token: string | undefined, body?: object): Promise<Answer> =>
  app.call(method, `/api/v1/${path}`, { token, ...(body && { body }) });
const day = (ahead: number): string => at(ahead).slice(0, 10);
const join = (token: string | undefined, fields: object = {}): Promise<Answer> =>
  call('POST', 'waitlist', token, { serviceId, from: day(1), to: day(9), ...fields });

async function joined(token: string, fields: object = {}): Promise<any> {
  const { status, data, body } = await join(token, fields);
  expect([status, body.error]).toEqual([201, undefined]);
  return data;
}

const read = async (token: string, id: string): Promise<any> =>
  (await call('GET', 'waitlist?limit=100', token)).data.find((entry: { id: string }) => entry.id === id);

/** A patient whom the clinic knows. */
async function known(): Promise<TestPatient> {
  const patient = await app.patient();
  await app.db.query('INSERT INTO client_clinic (client_id, clinic_id, registered_at) VALUES ($1, $2, now())', [
    patient.clientId,
    clinic.id,
  ]);
  return patient;
}

const toErrorFields = ({ body }: Answer): string[] => body.error.details.map(({ field }: { field: string }) => field);

describe('joining the waitlist', () => {
  it('returns the entry as it was asked for', async () => {
    const patient = await app.patient();
    const fields = { doctorId: clinic.doctorIds[0], weekdays: [3, 1], startTime: '09:00', endTime: '12:30' };
    expect(await joined(patient.token, fields)).toEqual({
      ...{ id: expect.any(String), clinicId: clinic.id, clientId: patient.clientId, serviceId },
      ...{ ...fields, weekdays: [1, 3], from: day(1), to: day(9), urgency: 'NORMAL' },
      ...{ appointmentId: null, referralId: null },
      ...{ status: 'WAITING', position: 1, offer: null, client: null, version: 1, createdAt: expect.any(String) },
    });
  });

  it('is possible for oneself, and for the front desk with patients of its clinic', async () => {
    const [patient, other] = [await known(), await app.patient()];
    expect((await join(other.token, { clientId: patient.clientId })).status).toBe(404);
    expect((await join(elsewhere.staff, { clientId: patient.clientId })).status).toBe(403);
    expect(toErrorFields(await join(clinic.staff))).toEqual(['clientId']);
    const entry = await joined(clinic.staff, { clientId: patient.clientId, urgency: 'HIGH' });
    expect(entry).toMatchObject({ urgency: 'HIGH', client: { id: patient.clientId, firstName: 'Pat' } });
    const ofOther = await app.patient();
    await app.db.query('INSERT INTO client_clinic (client_id, clinic_id, registered_at) VALUES ($1, $2, now())', [
      ofOther.clientId,
      elsewhere.id,
    ]);
    expect((await join(clinic.staff, { clientId: ofOther.clientId })).status).toBe(404);
  });

  it('lets guardians wait for a child', async () => {
    const [child, parent] = [await known(), await known()];
    await call('PUT', `clients/${child.clientId}`, clinic.staff, { dateOfBirth: day(-2_000) });
    await call('POST', `clients/${child.clientId}/guardians`, clinic.staff, { clientId: parent.clientId });
    const entry = await joined(parent.token, { clientId: child.clientId });
    expect(entry.clientId).toBe(child.clientId);
    const ofChild = await call('GET', `waitlist?clientId=${child.clientId}`, parent.token);
    expect(ofChild.data.map(({ id }: { id: string }) => id)).toEqual([entry.id]);
    expect(await read(parent.token, entry.id)).toBeUndefined();
    expect((await call('DELETE', `waitlist/${entry.id}`, parent.token)).status).toBe(200);
  });

  it('refuses days that are over or in the wrong order, times in the wrong order, and doctors of other services', async () => {
    const { token } = await app.patient();
    expect(toErrorFields(await join(token, { from: day(-3), to: day(-2) }))).toEqual(['to']);
    expect(toErrorFields(await join(token, { from: day(3), to: day(2) }))).toEqual(['to']);
    expect(toErrorFields(await join(token, { to: day(400) }))).toEqual(['to']);
    expect(toErrorFields(await join(token, { startTime: '10:00', endTime: '09:00' }))).toEqual(['endTime']);
    expect(toErrorFields(await join(token, { doctorId: elsewhere.doctorIds[0] }))).toEqual(['doctorId']);
    expect(toErrorFields(await join(token, { weekdays: [0], from: 'soon' }))).toEqual(['from', 'weekdays']);
    expect((await join(token, { serviceId: elsewhere.id })).status).toBe(404);
  });

  it('is checked against the current doctors and the deletion of the service, also if the service was read before', async () => {
    const [first, second] = clinic.doctorIds;
    const service = await aService(app, clinic, { doctorIds: [first] });
    const path = `services/${service}`;
    const joinFor = async (doctorId?: string): Promise<number> =>
      (await join((await app.patient()).token, { serviceId: service, doctorId })).status;
    expect(await joinFor(second)).toBe(400);
    expect((await call('PUT', path, clinic.admin, { doctorIds: [first, second] })).status).toBe(200);
    expect(await joinFor(second)).toBe(201);
    expect((await call('DELETE', path, clinic.admin)).status).toBe(200);
    expect(await joinFor()).toBe(404);
  });

  it('leaves the urgency to the front desk', async () => {
    const { token } = await app.patient();
    expect((await join(token, { urgency: 'URGENT' })).code).toBe('FORBIDDEN');
  });

  it('is possible once for the same days and times, and ten times for a service', async () => {
    const { token } = await app.patient();
    const answers = await Promise.all(Array.from({ length: 5 }, () => join(token)));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409, 409]);
    const more = await Promise.all(Array.from({ length: 12 }, (_, n) => join(token, { to: day(20 + n) })));
    expect(more.filter(({ status }) => status === 201)).toHaveLength(9);
    expect(more.filter(({ code }) => code === 'ALREADY_EXISTS')).toHaveLength(3);
  });

  it('for an earlier time needs an upcoming visit of the patient and the service', async () => {
    const [patient, other] = [await app.patient(), await app.patient()];
    const visit = await call('POST', 'appointments', patient.token, { serviceId, startDateTime: at(8, '10:00') });
    const appointmentId = visit.data.id;
    expect((await join(other.token, { appointmentId })).status).toBe(404);
    const another = await aService(app, clinic);
    expect(toErrorFields(await join(patient.token, { appointmentId, serviceId: another }))).toEqual(['serviceId']);
    expect((await joined(patient.token, { appointmentId })).appointmentId).toBe(appointmentId);
    await call('DELETE', `appointments/${appointmentId}`, patient.token);
    expect((await join(patient.token, { appointmentId, to: day(7) })).code).toBe('INVALID_TRANSITION');
  });

  it('is repeated by the same Idempotency-Key', async () => {
    const { token } = await app.patient();
    const body = { serviceId, from: day(1), to: day(2) };
    const send = (): Promise<Answer> =>
      app.call('POST', '/api/v1/waitlist', { token, body, headers: { 'idempotency-key': `wait-${token.slice(-8)}` } });
    const [first, again] = [await send(), await send()];
    expect([again.status, again.data, again.headers.get('idempotency-replayed')]).toEqual([201, first.data, 'true']);
  });
});

describe('the waitlist', () => {
  it('shows patients their own entries, and the front desk those of its clinic with names', async () => {
    const [patient, other] = [await app.patient(), await app.patient()];
    const entry = await joined(patient.token);
    expect(await read(patient.token, entry.id)).toEqual(entry);
    expect(await read(other.token, entry.id)).toBeUndefined();
    expect(await read(elsewhere.staff, entry.id)).toBeUndefined();
    const atDesk = await call('GET', `waitlist?clientId=${patient.clientId}&status=WAITING,OFFERED`, clinic.staff);
    expect(atDesk.data).toEqual([{ ...entry, client: { id: patient.clientId, firstName: 'Pat', lastName: 'Ient' } }]);
    expect((await call('GET', `waitlist?clientId=${patient.clientId}&status=BOOKED`, clinic.staff)).data).toEqual([]);
    const { rows } = await app.db.query(
      `SELECT changes FROM audit_log WHERE action = 'waitlist_entry.list-read' AND changes -> 'clientIds' ? $1`,
      [patient.clientId],
    );
    expect(rows.length).toBeGreaterThan(0);
  });

  it('has places by urgency, then arrival, among those who could get the same times', async () => {
    const service = await aService(app, clinic);
    const [first, second, urgent] = [await known(), await known(), await known()];
    const of = (fields: object): object => ({ serviceId: service, ...fields });
    const a = await joined(first.token, of({ doctorId: clinic.doctorIds[0] }));
    const b = await joined(second.token, of({}));
    const c = await joined(clinic.staff, of({ clientId: urgent.clientId, urgency: 'URGENT' }));
    const otherDoctor = await joined(first.token, of({ doctorId: clinic.doctorIds[1] }));
    const later = await joined(first.token, of({ from: day(20), to: day(21) }));
    const place = async (token: string, { id }: { id: string }): Promise<number> => (await read(token, id)).position;
    expect(await place(first.token, a)).toBe(2);
    expect(await place(second.token, b)).toBe(3);
    expect(await place(urgent.token, c)).toBe(1);
    expect(await place(first.token, otherDoctor)).toBe(3);
    expect(await place(first.token, later)).toBe(1);
  });

  it('is left by the patient or the front desk, once, and keeps the entry', async () => {
    const [patient, other] = [await app.patient(), await app.patient()];
    const entry = await joined(patient.token);
    expect((await call('DELETE', `waitlist/${entry.id}`, other.token)).status).toBe(404);
    expect((await call('DELETE', `waitlist/${entry.id}`, elsewhere.staff)).status).toBe(404);
    const stale = await app.call('DELETE', `/api/v1/waitlist/${entry.id}`, {
      token: patient.token,
      headers: { 'if-match': '"7"' },
    });
    expect(stale.code).toBe('VERSION_MISMATCH');
    const left = await Promise.all(
      Array.from({ length: 4 }, () => call('DELETE', `waitlist/${entry.id}`, patient.token)),
    );
    expect(left.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409]);
    expect(await read(patient.token, entry.id)).toMatchObject({ status: 'CANCELLED', position: null, version: 2 });
    expect((await join(patient.token)).status).toBe(201);
  });
});
