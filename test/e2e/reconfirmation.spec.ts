import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { LinkTokens } from '../../src/modules/notifications/index.js';
import { TestApp, type Answer, type TestPatient } from '../support/app.js';
import { aService, at, openClinic, type TestClinic } from '../support/clinic.js';
import { acceptOffer, joinWaitlist, settleWaitlist } from '../support/waitlist.js';

/** `policy.requiresConfirmation`: a patient who moves a confirmed visit asks for the new time; the clinic does not ask itself. */

let app: TestApp;
let clinic: TestClinic;
let serviceId: string;
let patient: TestPatient;
/** Each test has days of its own. */
let day = 2;

beforeAll(async () => {
  app = await TestApp.start({ JOBS_IN_PROCESS: 'false' });
  const policy = { requiresConfirmation: true, horizonDays: 365, maxUpcomingPerClient: 100 };
  clinic = await openClinic(app, { doctors: 2, rooms: 2, policy });
  serviceId = await aService(app, clinic, { requiredResourceKinds: ['ROOM'] });
  patient = await app.patient();
});

afterAll(() => app.close());

beforeEach(() => {
  day += 5;
});

const call = (method: string, path: string, token: string, body?: object): Promise<Answer> =>
  app.call(method, `/api/v1/${path}`, { token, ...(body && { body }) });

const get = async (id: string): Promise<Answer['data']> => (await call('GET', `appointments/${id}`, clinic.staff)).data;

/** A visit that the clinic has confirmed. */
async function confirmed(startDateTime = at(day), who = patient, service = serviceId): Promise<Answer['data']> {
  const slot = { serviceId: service, doctorId: clinic.doctorIds[0], startDateTime };
  const { data } = await call('POST', 'appointments', who.token, slot);
  expect(data.status).toBe('PENDING');
  const answer = await call('POST', `appointments/${data.id}/confirm`, clinic.staff);
  expect(answer.data.status).toBe('CONFIRMED');
  return answer.data;
}

const move = (id: string, body: object, token = patient.token): Promise<Answer> =>
  call('PUT', `appointments/${id}`, token, body);

describe('a confirmed visit that its patient moves', () => {
  it.each([
    ['to another time', () => ({ startDateTime: at(day, '14:00') })],
    ['to another doctor', () => ({ doctorId: clinic.doctorIds[1] })],
  ])('%s waits for the clinic again, which can confirm it', async (_, to) => {
    const { id } = await confirmed();
    const moved = await move(id, to());
    expect([moved.status, moved.data?.status, moved.data?.version]).toEqual([200, 'PENDING', 3]);
    const history = await call('GET', `appointments/${id}/history`, clinic.staff);
    const entry = history.data.find(({ action }: { action: string }) => action === 'appointment.rescheduled');
    expect(entry.changes).toMatchObject({ status: ['CONFIRMED', 'PENDING'] });
    expect((await call('POST', `appointments/${id}/check-in`, clinic.staff)).code).toBe('INVALID_TRANSITION');
    expect((await call('POST', `appointments/${id}/confirm`, clinic.staff)).data.status).toBe('CONFIRMED');
  });

  it('stays confirmed if only its notes or its room change, or nothing', async () => {
    const { id, resourceIds } = await confirmed();
    const room = clinic.roomIds.find((roomId) => !resourceIds.includes(roomId));
    for (const body of [{ notes: 'A ramp, please' }, { startDateTime: at(day) }, { resourceIds: [room] }])
      expect((await move(id, body)).data.status).toBe('CONFIRMED');
    expect(await get(id)).toMatchObject({ resourceIds: [room], status: 'CONFIRMED' });
  });

  it('returns to waiting if it is cancelled then and reinstated', async () => {
    const { id } = await confirmed();
    await move(id, { startDateTime: at(day, '14:00') });
    await call('DELETE', `appointments/${id}`, patient.token);
    expect((await call('POST', `appointments/${id}/reinstate`, clinic.staff)).data.status).toBe('PENDING');
  });

  it('by the link of a message waits, too', async () => {
    const { id, startDateTime } = await confirmed();
    const start = Date.parse(startDateTime as string);
    const url = app.app.get(LinkTokens).url({ action: 'reschedule', appointmentId: id, start });
    const page = await (await fetch(new URL(new URL(url).pathname, app.url))).text();
    const offered = /name="start" value="([^"]+)"/.exec(page)?.[1];
    const form = new URLSearchParams({ start: offered as string, doctor: clinic.doctorIds[0] as string });
    const answer = await fetch(new URL(new URL(url).pathname, app.url), { method: 'POST', body: form });
    expect(answer.status).toBe(200);
    const after = await get(id);
    expect(after.startDateTime).not.toBe(startDateTime);
    expect(after.status).toBe('PENDING');
  });

  it('by accepting an earlier time waits, too; accepted by the front desk, it stays confirmed', async () => {
    for (const [who, status] of [
      ['patient', 'PENDING'],
      ['desk', 'CONFIRMED'],
    ] as const) {
      const own = await app.patient();
      day += 3;
      const [earlier, later] = [await confirmed(at(day)), await confirmed(at(day + 1), own)];
      const waiter = await joinWaitlist(app, serviceId, { appointmentId: later.id }, own);
      await call('DELETE', `appointments/${earlier.id}`, clinic.staff);
      await settleWaitlist(app, clinic.id, 1);
      const token = who === 'patient' ? own.token : clinic.staff;
      expect((await acceptOffer(app, { token, id: waiter.id })).status).toBe(200);
      expect(await get(later.id as string)).toMatchObject({ status, startDateTime: at(day) });
    }
  });

  it('stays confirmed where the service does not ask for confirmation', async () => {
    const free = await aService(app, clinic, { policy: { requiresConfirmation: false } });
    const slot = { serviceId: free, doctorId: clinic.doctorIds[0], startDateTime: at(day) };
    const { data } = await call('POST', 'appointments', patient.token, slot);
    expect((await move(data.id as string, { startDateTime: at(day, '14:00') })).data.status).toBe('CONFIRMED');
  });
});

it('a confirmed visit that the clinic moves stays confirmed, also in bulk', async () => {
  const { id } = await confirmed();
  const asDoctor = app.tokenFor({
    ...{ userId: patient.userId, role: 'DOCTOR', doctorId: clinic.doctorIds[0], clinicIds: [clinic.id] },
  });
  expect((await move(id, { startDateTime: at(day, '14:00') }, clinic.staff)).data.status).toBe('CONFIRMED');
  expect((await move(id, { startDateTime: at(day, '15:00') }, asDoctor)).data.status).toBe('CONFIRMED');
  const bulk = { action: 'MOVE', appointmentIds: [id], to: { doctorId: clinic.doctorIds[1] }, reason: 'Ill' };
  expect((await call('POST', 'appointments/bulk', clinic.staff, bulk)).data).toMatchObject([{ outcome: 'MOVED' }]);
  expect((await get(id)).status).toBe('CONFIRMED');
});
