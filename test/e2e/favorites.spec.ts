import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TestApp } from '../support/app.js';

const PATH = '/api/v1/favorites';

type Patient = Awaited<ReturnType<TestApp['patients']>>[number];

let app: TestApp;
let doctors: string[];
let patient: { token: string };
let other: { token: string };

beforeAll(async () => {
  app = await TestApp.start();
  [patient, other] = (await app.patients(2)) as [Patient, Patient];
  const { rows } = await app.db.query<{ id: string }>(`SELECT id FROM doctor ORDER BY id LIMIT 4`);
  doctors = rows.map(({ id }) => id);
});

afterAll(() => app.close());

const add = (token: string, doctorId: unknown, headers = {}) =>
  app.call('POST', PATH, { token, body: { doctorId }, headers });
const listed = async (token: string): Promise<string[]> =>
  (await app.call('GET', PATH, { token })).data.map(({ doctorId }: { doctorId: string }) => doctorId);

describe('favourites', () => {
  it('are added once, and listed with the doctor, newest first', async () => {
    for (const id of doctors) {
      const { status, data } = await add(patient.token, id);
      expect([status, data.doctorId, data.doctor.id]).toEqual([201, id, id]);
    }
    expect(await add(patient.token, doctors[0])).toMatchObject({ status: 409, code: 'ALREADY_EXISTS' });
    const first = await app.call('GET', `${PATH}?limit=3&withTotal=true`, { token: patient.token });
    expect(first.body.meta.total).toBe(4);
    const rest = await app.call('GET', `${PATH}?limit=3&cursor=${first.body.meta.nextCursor}`, {
      token: patient.token,
    });
    const all = [...first.data, ...rest.data];
    expect(all.map(({ doctorId }: { doctorId: string }) => doctorId)).toEqual([...doctors].reverse());
    const card = (await app.call('GET', `/api/v1/doctors/${doctors[3]}`)).data;
    expect(all[0].doctor).toEqual(card);
  });

  it('are stored once with concurrent requests', async () => {
    const [tapper] = await app.patients(1);
    const answers = await Promise.all(Array.from({ length: 8 }, () => add(tapper?.token as string, doctors[0])));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array<number>(7).fill(409)]);
    expect(await listed(tapper?.token as string)).toEqual([doctors[0]]);
  });

  it('get the same answer for the same Idempotency-Key', async () => {
    const [tapper] = await app.patients(1);
    const headers = { 'idempotency-key': 'heart-1' };
    const [first, again] = [
      await add(tapper?.token as string, doctors[1], headers),
      await add(tapper?.token as string, doctors[1], headers),
    ];
    expect([again.status, again.data]).toEqual([201, first.data]);
  });

  it('belong to one patient', async () => {
    expect(await listed(other.token)).toEqual([]);
    expect((await app.call('DELETE', `${PATH}/${doctors[0]}`, { token: other.token })).status).toBe(404);
    expect(await listed(patient.token)).toContain(doctors[0]);
    for (const email of ['doctor', 'staff', 'manager', 'admin']) {
      const token = await app.login(`${email}@careslot.test`);
      expect((await add(token, doctors[0])).status).toBe(403);
    }
  });

  it('can be removed', async () => {
    expect(await app.call('DELETE', `${PATH}/${doctors[0]}`, { token: patient.token })).toMatchObject({ status: 200 });
    expect((await app.call('DELETE', `${PATH}/${doctors[0]}`, { token: patient.token })).code).toBe('NOT_FOUND');
    expect(await listed(patient.token)).not.toContain(doctors[0]);
    expect((await add(patient.token, doctors[0])).status).toBe(201);
  });

  it('are hidden if the doctor is deleted or inactive', async () => {
    await app.db.query(`UPDATE doctor SET deleted_at = now() WHERE id = $1`, [doctors[1]]);
    await app.db.query(`UPDATE doctor SET is_active = false WHERE id = $1`, [doctors[2]]);
    expect((await listed(patient.token)).sort()).toEqual([doctors[0], doctors[3]].sort());
    expect((await add(other.token, doctors[1])).status).toBe(404);
    expect((await add(other.token, doctors[2])).status).toBe(404);
  });

  it('reject ids that are not of a doctor', async () => {
    expect((await add(patient.token, randomUUID())).status).toBe(404);
    for (const wrong of [7, null, 'x', [doctors[0]], undefined]) {
      const answer = await add(patient.token, wrong);
      expect([answer.status, answer.body.error.details[0].field]).toEqual([400, 'doctorId']);
    }
    expect((await app.call('DELETE', `${PATH}/x`, { token: patient.token })).status).toBe(400);
  });
});
