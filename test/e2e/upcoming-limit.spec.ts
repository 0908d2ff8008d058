import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TestApp, type Answer, type TestPatient } from '../support/app.js';
import { aService, at, openClinic, type TestClinic } from '../support/clinic.js';
import { eventually } from '../support/eventually.js';
import { countLockWaits, lockTable } from '../support/locks.js';
import { secondApp, type SecondApp } from '../support/second-app.js';

/** The limit on upcoming appointments of one patient. */

const MAX_UPCOMING = 7;
const AT_ONCE = 50;

let app: TestApp;
let second: SecondApp;
let clinic: TestClinic;
let serviceId: string;

beforeAll(async () => {
  app = await TestApp.start({ JOBS_IN_PROCESS: 'false' });
  second = await secondApp(app, { JOBS_IN_PROCESS: 'false' });
  clinic = await openClinic(app, { policy: { maxUpcomingPerClient: MAX_UPCOMING } });
  serviceId = await aService(app, clinic);
});

afterAll(async () => {
  await second.close();
  await app.close();
});

const book = (token: string, startDateTime: string, more: object = {}, of = clinic, url = app.url): Promise<Answer> =>
  app.call('POST', `${url}/api/v1/appointments`, {
    token,
    body: { serviceId, doctorId: of.doctorIds[0], startDateTime, ...more },
  });
/** Half-hour times of the days to come. */
const times = (first: number, count: number): string[] =>
  Array.from({ length: count }, (_, n) =>
    at(first + Math.floor(n / 40), `${String(Math.floor((n % 40) / 2)).padStart(2, '0')}:${n % 2 ? '30' : '00'}`),
  );
const statuses = (answers: Answer[]): number[] => answers.map(({ status }) => status).sort();
const countUpcoming = async ({ clientId }: TestPatient): Promise<number> => {
  const { rows } = await app.db.query<{ n: number }>(
    `SELECT count(*)::int AS n FROM appointment WHERE client_id = $1 AND status IN ('PENDING', 'CONFIRMED')`,
    [clientId],
  );
  return rows[0]?.n ?? -1;
};
/** Starts requests, and lets none finish before both processes are in the middle of a booking. */
async function runConcurrently<T>(start: () => Promise<T>[]): Promise<T[]> {
  const release = await lockTable(app.db, 'client_clinic');
  const started = start();
  await eventually(async () => expect(await countLockWaits(app.db)).toBeGreaterThanOrEqual(2));
  await release();
  return Promise.all(started);
}

const setLimit = (maxUpcomingPerClient: unknown, { id, manager } = clinic): Promise<Answer> =>
  app.call('PUT', `/api/v1/clinics/${id}`, { token: manager, body: { policy: { maxUpcomingPerClient } } });

describe('a patient who books for themselves', () => {
  it('gets exactly as many appointments as the policy allows, with concurrent requests to two processes (Z-11)', async () => {
    const patient = await app.patient();
    const answers = await runConcurrently(() =>
      times(3, AT_ONCE).map((time, n) => book(patient.token, time, {}, clinic, n % 2 ? second.url : app.url)),
    );
    expect(statuses(answers)).toEqual([...Array(MAX_UPCOMING).fill(201), ...Array(AT_ONCE - MAX_UPCOMING).fill(422)]);
    expect(answers.find(({ status }) => status === 422)?.body.error).toMatchObject({
      code: 'SLOT_NOT_OFFERED',
      message: expect.stringContaining(`${MAX_UPCOMING}`),
      details: { reason: 'TOO_MANY_UPCOMING', maxUpcomingPerClient: MAX_UPCOMING },
    });
    expect(await countUpcoming(patient)).toBe(MAX_UPCOMING);
  });

  it('may book again after one is cancelled or over, and may move existing ones', async () => {
    const patient = await app.patient();
    const [first, second] = await Promise.all(times(6, MAX_UPCOMING).map((time) => book(patient.token, time)));
    const [extra, another, later] = times(8, 3) as [string, string, string];
    expect((await book(patient.token, extra)).status).toBe(422);
    const one = `/api/v1/appointments/${first?.data.id}`;
    expect((await app.call('PUT', one, { token: patient.token, body: { startDateTime: later } })).status).toBe(200);
    expect((await app.call('DELETE', one, patient)).status).toBe(200);
    expect((await book(patient.token, extra)).status).toBe(201);
    expect((await book(patient.token, another)).status).toBe(422);
    await app.db.query(
      `UPDATE appointment SET start_at = now() - interval '2 h', end_at = now() - interval '1 h' WHERE id = $1`,
      [second?.data.id],
    );
    expect((await book(patient.token, another)).status).toBe(201);
  });

  it('is not limited by appointments at other clinics, nor by those of others', async () => {
    const [patient, somebody] = [await app.patient(), await app.patient()];
    await Promise.all(times(10, MAX_UPCOMING).map((time) => book(patient.token, time)));
    const elsewhere = await openClinic(app);
    const visit = { serviceId: await aService(app, elsewhere) };
    const [there, here] = times(12, 2) as [string, string];
    expect((await book(patient.token, there, visit, elsewhere)).status).toBe(201);
    expect((await book(somebody.token, here)).status).toBe(201);
  });

  it('gets the same error from the NeuroAid routes', async () => {
    const patient = await app.patient();
    await Promise.all(times(14, MAX_UPCOMING).map((time) => book(patient.token, time)));
    const answer = await app.call('POST', '/api/bookings', {
      token: patient.token,
      body: { serviceId, doctorId: clinic.doctorIds[0], startDateTime: at(15) },
    });
    expect(answer).toMatchObject({
      status: 400,
      body: { error: expect.stringContaining(`${MAX_UPCOMING} upcoming appointments`) },
    });
  });
});

describe('the front desk', () => {
  it('may book for a patient without a limit', async () => {
    const patient = await app.patient();
    const answers = await Promise.all(
      times(17, MAX_UPCOMING + 3).map((time) => book(clinic.staff, time, { clientId: patient.clientId })),
    );
    expect(statuses(answers)).toEqual(Array(MAX_UPCOMING + 3).fill(201));
    expect((await book(patient.token, at(18, '22:00'))).status).toBe(422);
  });
});

describe('the policy', () => {
  it('is twenty by default, and null for no limit', async () => {
    const fresh = await openClinic(app);
    const { data } = await app.call('GET', `/api/v1/clinics/${fresh.id}`);
    expect(data.policy.maxUpcomingPerClient).toBe(20);
    for (const bad of [0, -1, 1.5, '7', 1001, []]) {
      const refused = await setLimit(bad);
      expect(refused).toMatchObject({ status: 400, code: 'VALIDATION_ERROR' });
      expect(refused.body.error.details[0].field).toBe('policy.maxUpcomingPerClient');
    }
    expect((await setLimit(null, fresh)).data.policy.maxUpcomingPerClient).toBeNull();
    const visit = { serviceId: await aService(app, fresh) };
    const patient = await app.patient();
    const answers = await Promise.all(times(20, 25).map((time) => book(patient.token, time, visit, fresh)));
    expect(statuses(answers)).toEqual(Array(25).fill(201));
  });
});
