import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { TestApp } from '../support/app.js';
import { aService, at, openClinic } from '../support/clinic.js';
import { startsIn } from '../support/visits.js';

let app: TestApp;

beforeAll(async () => {
  app = await TestApp.start();
});

afterAll(() => app.close());

it('a doctor sees the records of patients with a current or past appointment, but not before it or after its cancellation (Z-03)', async () => {
  const clinic = await openClinic(app, { doctors: 2 });
  const serviceId = await aService(app, clinic);
  const [patient] = await app.patients(1);
  const [doctor, colleague] = clinic.doctorIds.map((doctorId) =>
    app.tokenFor({ userId: randomUUID(), role: 'DOCTOR', doctorId, clinicIds: [clinic.id] }),
  );
  const sees = async (token: string | undefined): Promise<[number, number]> => {
    const one = await app.call('GET', `/api/v1/clients/${patient?.clientId}`, { token });
    const list = await app.call('GET', '/api/v1/clients', { token });
    return [one.status, list.data.length];
  };
  const book = async (day: number): Promise<string> => {
    const body = { serviceId, doctorId: clinic.doctorIds[0], startDateTime: at(day) };
    return (await app.call('POST', '/api/v1/appointments', { token: patient?.token, body })).data.id;
  };
  expect(await sees(doctor)).toEqual([404, 0]);
  const first = await book(3);
  expect(await sees(doctor)).toEqual([200, 1]);
  expect(await sees(colleague)).toEqual([404, 0]);
  await app.call('DELETE', `/api/v1/appointments/${first}`, { token: patient?.token });
  expect(await sees(doctor)).toEqual([404, 0]);
  const second = await book(4);
  await startsIn(app, second, 0);
  for (const step of ['start', 'complete']) {
    const { status } = await app.call('POST', `/api/v1/appointments/${second}/${step}`, { token: clinic.staff });
    expect(status).toBe(200);
  }
  expect(await sees(doctor)).toEqual([200, 1]);
});
