import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { countByStatus } from '../support/answers.js';
import { TestApp, type Answer } from '../support/app.js';
import { within } from '../support/eventually.js';
import { rounds } from '../support/long-form.js';
import { freeStarts, findBookableService, type BookableService } from '../support/slots.js';

const ROUNDS = rounds(10, 100);
const AT_ONCE = 50;
/** A chain of deadlocks would take forty seconds for a round of fifty. The usual duration of a round is measured in bench/. */
const STALL_MILLISECONDS = 30_000;

let app: TestApp;
let patients: { clientId: string; token: string }[];

beforeAll(async () => {
  // As in production, where a worker sends the messages to patients.
  app = await TestApp.start({ JOBS_IN_PROCESS: 'false' });
  patients = await app.patients(500);
});

afterAll(() => app.close());

const book = (of: BookableService, startDateTime: string, token: string): Promise<Answer> =>
  app.call('POST', '/api/v1/appointments', {
    token,
    body: { serviceId: of.serviceId, doctorId: of.doctorId, startDateTime },
  });

const waitForAll = (answers: Promise<Answer>[], withinMs = STALL_MILLISECONDS): Promise<Answer[]> =>
  within('the answers of a round', Promise.all(answers), withinMs);

describe('fifty concurrent requests', () => {
  it('for one slot get one 201 and 49 × 409 in every round (Z-10)', async () => {
    const video = await findBookableService(app, 'Video visit');
    for (let round = 0; round < ROUNDS; round += 1) {
      const slot = video.slots[round] as string;
      const answers = await waitForAll(patients.slice(0, AT_ONCE).map(({ token }) => book(video, slot, token)));
      const counts = countByStatus(answers);
      expect({ round, counts }).toEqual({ round, counts: { 201: 1, '409 APPOINTMENT_CONFLICT': AT_ONCE - 1 } });
      const booked = answers.findIndex(({ status }) => status === 201);
      const cancelled = await app.call('DELETE', `/api/v1/appointments/${answers[booked]?.data.id}`, {
        token: patients[booked]?.token,
      });
      expect(cancelled.status).toBe(200);
    }
    expect(await app.overlaps()).toBe(0);
  });

  it('for overlapping times of one doctor get only 201 and 409, and create no overlap (Z-10)', async () => {
    const short = await findBookableService(app, 'Neurology consultation');
    const long = { ...(await findBookableService(app, 'Stroke follow-up')), doctorId: short.doctorId };
    long.slots = await freeStarts(app, long);
    for (let round = 0; round < rounds(4, 20); round += 1) {
      const window = short.slots.slice(round * 6, round * 6 + 6);
      const answers = await waitForAll(
        patients.slice(0, AT_ONCE).map(({ token }, index) => {
          const slot = window[index % window.length] as string;
          return book(index % 2 && long.slots.includes(slot) ? long : short, slot, token);
        }),
      );
      expect(Object.keys(countByStatus(answers)).sort()).toEqual(['201', '409 APPOINTMENT_CONFLICT']);
    }
    expect(await app.overlaps()).toBe(0);
  });

  it('to move into one slot: one succeeds, the others keep their times (Z-10)', async () => {
    const physio = await findBookableService(app, 'Physiotherapy session');
    const staff = await app.login('staff@careslot.test');
    const target = physio.slots.at(-1) as string;
    const apart = physio.slots.filter((_, index) => index % 4 === 0).slice(0, AT_ONCE);
    const booked: { id: string; startDateTime: string }[] = [];
    for (const [index, slot] of apart.entries()) {
      const answer = await book(physio, slot, patients[index + 100]?.token as string);
      if (answer.status === 201) booked.push(answer.data);
    }
    expect(booked.length).toBeGreaterThan(20);
    const answers = await waitForAll(
      booked.map(({ id }) =>
        app.call('PUT', `/api/v1/appointments/${id}`, { token: staff, body: { startDateTime: target } }),
      ),
    );
    expect(countByStatus(answers)).toEqual({ 200: 1, '409 APPOINTMENT_CONFLICT': booked.length - 1 });
    for (const [index, answer] of answers.entries()) {
      if (answer.status !== 409) continue;
      const still = await app.call('GET', `/api/v1/appointments/${booked[index]?.id}`, { token: staff });
      expect(still.data).toMatchObject({ startDateTime: booked[index]?.startDateTime, version: 1 });
    }
    expect(await app.overlaps()).toBe(0);
  });
});

describe('five hundred concurrent bookings of a hundred overlapping times of one doctor, with different rooms', () => {
  it('create no overlap, no 500 and no deadlock (Z-10)', async () => {
    const cardio = await findBookableService(app, 'Cardiology consultation');
    const { rows: rooms } = await app.db.query<{ id: string }>(
      `SELECT r.id FROM resource r JOIN service s ON s.clinic_id = r.clinic_id WHERE r.kind = 'ROOM' AND s.id = $1`,
      [cardio.serviceId],
    );
    const answers = await waitForAll(
      patients.map(({ token }, index) =>
        app.call('POST', '/api/v1/appointments', {
          token,
          body: {
            serviceId: cardio.serviceId,
            doctorId: cardio.doctorId,
            startDateTime: cardio.slots[index % 100],
            ...(index % 2 && { resourceIds: [rooms[index % rooms.length]?.id] }),
          },
        }),
      ),
      100_000,
    );
    expect(Object.keys(countByStatus(answers)).sort()).toEqual(['201', '409 APPOINTMENT_CONFLICT']);
    expect(await app.overlaps()).toBe(0);
  });
});

describe('the database constraints', () => {
  it('accept exactly one of fifty overlapping reservations, in every round', async () => {
    const { rows } = await app.db.query<{ id: string }>(`SELECT id FROM appointment LIMIT ${AT_ONCE}`);
    const resource = '00000000-0000-7000-8000-000000000001';
    for (let round = 0; round < ROUNDS; round += 1) {
      const inserts = Promise.all(
        rows.map(({ id }, index) =>
          app.db.query(
            `INSERT INTO reservation (appointment_id, version, resource_id, kind, group_id, during)
             VALUES ($1, 1000, $2, 'RESOURCE', $1, tstzrange(now() + make_interval(hours => $3), now() + make_interval(hours => $3, mins => $4)))
             ON CONFLICT DO NOTHING`,
            [id, resource, round * 3 + 1, 30 + (index % 5) * 15],
          ),
        ),
      );
      const inserted = await within('the inserts of a round', inserts, STALL_MILLISECONDS);
      expect(inserted.reduce((sum, { rowCount }) => sum + (rowCount ?? 0), 0)).toBe(1);
      await app.db.query(`DELETE FROM reservation WHERE version = 1000`);
    }
  });

  it('allow exactly as many seats as a group session has', async () => {
    const group = await findBookableService(app, 'Antenatal class');
    const answers = await Promise.all(
      patients.slice(0, 13).map(({ token }) => book(group, group.slots[0] as string, token)),
    );
    expect(countByStatus(answers)).toEqual({ 201: 8, '409 APPOINTMENT_CONFLICT': 5 });
    const first = answers.findIndex(({ status }) => status === 201);
    await app.call('DELETE', `/api/v1/appointments/${answers[first]?.data.id}`, { token: patients[first]?.token });
    const { rows } = await app.db.query(
      `SELECT seat FROM appointment WHERE service_id = $1 AND start_at = $2 AND status = 'CONFIRMED'`,
      [group.serviceId, group.slots[0]],
    );
    expect(rows).toHaveLength(7);
    for (const [index, { data, status }] of answers.entries()) {
      if (status !== 201 || index === first) continue;
      const kept = await app.call('GET', `/api/v1/appointments/${data.id}`, { token: patients[index]?.token });
      expect(kept.data).toEqual(data);
    }
    expect((await book(group, group.slots[0] as string, patients[20]?.token as string)).status).toBe(201);
    expect(await app.overlaps()).toBe(0);
  });
});
