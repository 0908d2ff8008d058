import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { TestApp, type Answer, type TestPatient } from '../support/app.js';
import { aService, at, openClinic, type TestClinic } from '../support/clinic.js';
import { linkGuardian } from '../support/guardians.js';

/** Attacks on series of appointments. No worker runs. */

let app: TestApp;
let clinic: TestClinic;
let elsewhere: TestClinic;
let serviceId: string;
let patient: TestPatient;
let start: string;
let day = 3;

beforeAll(async () => {
  app = await TestApp.start({ JOBS_IN_PROCESS: 'false' });
  [clinic, elsewhere] = [await openClinic(app), await openClinic(app)];
  serviceId = await aService(app, clinic);
});

afterAll(() => app.close());

beforeEach(async () => {
  patient = await app.patient();
  start = at((day += 4));
});

const call = (method: string, path: string, token: string, body?: object, headers = {}): Promise<Answer> =>
  app.call(method, `/api/v1/${path}`, { token, headers, ...(body && { body }) });

const bookSeries = (token: string, fields: object = {}, key?: string): Promise<Answer> => {
  const body = { serviceId, startDateTime: start, rrule: 'FREQ=DAILY;COUNT=3', ...fields };
  return call('POST', 'appointments/series', token, body, key ? { 'idempotency-key': key } : {});
};

async function booked(token = patient.token, fields: object = {}, key?: string): Promise<any[]> {
  const { status, data } = await bookSeries(token, fields, key);
  expect(status).toBe(201);
  return data.appointments;
}

async function count(clientId: string): Promise<number> {
  const { rows } = await app.db.query(`SELECT count(*)::int AS n FROM appointment WHERE client_id = $1`, [clientId]);
  return rows[0].n;
}

describe('a series', () => {
  it.each(['FREQ=YEARLY;INTERVAL=999;COUNT=10', 'FREQ=YEARLY;INTERVAL=90;COUNT=3', 'FREQ=DAILY;INTERVAL=999;COUNT=90'])(
    'has no appointments after the years that a single one can have: %s',
    async (rrule) => {
      const desk = { clientId: patient.clientId, overrideHours: true, overrideReason: 'Planned for long' };
      const answers = [
        await bookSeries(patient.token, { rrule }),
        await bookSeries(patient.token, { rrule, skipConflicts: true }),
        await bookSeries(clinic.staff, { rrule, ...desk }),
      ];
      const refused = {
        code: 'VALIDATION_ERROR',
        details: [{ field: 'rrule', error: 'must end before the year 2200' }],
      };
      for (const { body } of answers) expect(body.error).toMatchObject(refused);
      expect(await count(patient.clientId)).toBe(0);
    },
  );

  it('of another patient or clinic cannot be told from one that does not exist, in any scope', async () => {
    const [, { id = '' } = {}] = await booked();
    const others = [(await app.patient()).token, elsewhere.staff, elsewhere.manager];
    for (const token of others) {
      for (const scope of ['THIS', 'FOLLOWING', 'ALL']) {
        for (const [method, body] of [['PUT', { notes: 'Mine?' }], ['DELETE']] as const) {
          // A stale version must not be checked before the access.
          const ask = (target: string): Promise<Answer> =>
            call(method, `appointments/${target}?scope=${scope}`, token, body, { 'if-match': '"7"' });
          const [foreign, unknown] = [await ask(id), await ask(randomUUID())];
          expect([foreign.status, foreign.body.error]).toEqual([404, unknown.body.error]);
        }
      }
    }
    expect((await call('GET', `appointments/${id}`, patient.token)).data).toMatchObject({ notes: null, version: 1 });
  });

  it('of a child is changed by the guardian only until the desk ends the guardianship', async () => {
    const parent = await app.patient();
    await linkGuardian(app, clinic, patient, parent);
    const guardians = `clients/${patient.clientId}/guardians`;
    const [{ id }] = await booked(parent.token, { clientId: patient.clientId });
    const change = (): Promise<Answer> =>
      call('PUT', `appointments/${id}?scope=ALL`, parent.token, { notes: 'From the parent' });
    expect((await change()).status).toBe(200);
    await call('DELETE', `${guardians}/${parent.clientId}`, clinic.staff);
    expect((await change()).status).toBe(404);
    expect((await call('DELETE', `appointments/${id}?scope=ALL`, parent.token)).status).toBe(404);
    const again = { clientId: patient.clientId, startDateTime: at(day, '12:00') };
    expect((await bookSeries(parent.token, again)).status).toBe(404);
    expect(await count(patient.clientId)).toBe(3);
  });

  it('is not booked a second time by its Idempotency-Key, although a part of its times is free again', async () => {
    const key = randomUUID();
    const request = { skipConflicts: true };
    const [first, , last] = await booked(patient.token, request, key);
    expect((await call('DELETE', `appointments/${last.id}`, patient.token)).status).toBe(200);
    const again = await bookSeries(patient.token, request, key);
    expect([again.status, again.headers.get('idempotency-replayed')]).toEqual([201, 'true']);
    expect(again.data.appointments[0].id).toBe(first.id);
    const other = await bookSeries(patient.token, { startDateTime: at(day, '12:00') }, key);
    expect(other.code).toBe('IDEMPOTENCY_KEY_REUSED');
    expect(await count(patient.clientId)).toBe(3);
  });
});
