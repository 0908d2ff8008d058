import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TestApp, type Answer } from '../support/app.js';
import { aService, at, openClinic, type TestClinic } from '../support/clinic.js';
import { countDeadlocks } from '../support/locks.js';
import { rounds } from '../support/long-form.js';
import { startsIn } from '../support/visits.js';

/** Unusual cases of booking and rescheduling: group sessions, rooms, alternatives, concurrent deletions. */

interface Patient {
  clientId: string;
  token: string;
}

let app: TestApp;
let patients: Patient[];

beforeAll(async () => {
  app = await TestApp.start();
  patients = await app.patients(400);
});

afterAll(() => app.close());

const nextPatient = (): Patient => patients.pop() as Patient;
const book = (serviceId: string, clinic: TestClinic, start: string, extra: object = {}, who = nextPatient()) =>
  app.call('POST', '/api/v1/appointments', {
    token: who.token,
    body: { serviceId, doctorId: clinic.doctorIds[0], startDateTime: start, ...extra },
  });
const bookAtDesk = (serviceId: string, clinic: TestClinic, start: string, extra: object = {}) =>
  book(serviceId, clinic, start, { clientId: nextPatient().clientId, ...extra }, { clientId: '', token: clinic.staff });
const move = (id: string, body: object, token: string): Promise<Answer> =>
  app.call('PUT', `/api/v1/appointments/${id}`, { token, body });
const act = (id: string, action: string, token: string): Promise<Answer> =>
  app.call('POST', `/api/v1/appointments/${id}/${action}`, { token });
const statuses = (answers: Answer[]): number[] => answers.map(({ status }) => status).sort();
const conflict = (answer: Answer): string | undefined => answer.body.error?.details?.conflictingWith;

describe('a group session', () => {
  it('that is full has a free seat as soon as its capacity is raised', async () => {
    const clinic = await openClinic(app);
    const service = await aService(app, clinic, { capacity: 2 });
    for (let seat = 0; seat < 2; seat += 1) expect((await book(service, clinic, at(5))).status).toBe(201);
    expect(conflict(await book(service, clinic, at(5)))).toBe('DOCTOR');
    await app.call('PUT', `/api/v1/services/${service}`, { token: clinic.manager, body: { capacity: 3 } });
    expect((await book(service, clinic, at(5))).status).toBe(201);
  });

  it('becomes separate visits if its service is no longer a group service: only one of two seats can be moved to one time', async () => {
    const clinic = await openClinic(app);
    const service = await aService(app, clinic, { capacity: 8 });
    const seats = [(await book(service, clinic, at(5))).data, (await book(service, clinic, at(5))).data];
    await app.call('PUT', `/api/v1/services/${service}`, { token: clinic.manager, body: { capacity: 1 } });
    const moved = [];
    for (const { id } of seats) moved.push(await move(id, { startDateTime: at(6) }, clinic.staff));
    expect(statuses(moved)).toEqual([200, 409]);
  });

  it('with one patient can be moved to an overlapping time in the only room', async () => {
    const clinic = await openClinic(app, { rooms: 1 });
    const service = await aService(app, clinic, {
      capacity: 8,
      durationMinutes: 60,
      requiredResourceKinds: ['ROOM'],
    });
    const { id } = (await book(service, clinic, at(5))).data;
    expect(await move(id, { startDateTime: at(5, '09:15') }, clinic.staff)).toMatchObject({
      status: 200,
      data: { startDateTime: at(5, '09:15'), resourceIds: clinic.roomIds },
    });
    expect((await book(service, clinic, at(5, '09:15'))).data.resourceIds).toEqual(clinic.roomIds);
    expect(await app.overlaps()).toBe(0);
  });

  it('stays in its room, so a request for another room is a conflict', async () => {
    const clinic = await openClinic(app, { rooms: 2 });
    const service = await aService(app, clinic, { capacity: 3, requiredResourceKinds: ['ROOM'] });
    const [here, there] = clinic.roomIds;
    expect((await book(service, clinic, at(5), { resourceIds: [here] })).data.resourceIds).toEqual([here]);
    expect(conflict(await book(service, clinic, at(5), { resourceIds: [there] }))).toBe('RESOURCE');
    expect((await book(service, clinic, at(5), { resourceIds: [here] })).status).toBe(201);
  });

  it('that swaps times with a session of another service is refused, as is the other one, without a deadlock', async () => {
    const clinic = await openClinic(app);
    const services = [await aService(app, clinic, { capacity: 2 }), await aService(app, clinic, { capacity: 2 })];
    const before = await countDeadlocks(app.db);
    for (let day = 5; day < 10; day += 1) {
      const [nine, ten] = [at(day, '09:00'), at(day, '10:00')];
      const one = (await book(services[0] as string, clinic, nine)).data;
      const two = (await book(services[1] as string, clinic, ten)).data;
      const answers = await Promise.all([
        move(one.id, { startDateTime: ten }, clinic.staff),
        move(two.id, { startDateTime: nine }, clinic.staff),
      ]);
      expect(statuses(answers)).toEqual([409, 409]);
    }
    expect(await countDeadlocks(app.db)).toBe(before);
  });
});

describe('rooms and equipment', () => {
  it('are reserved once, also if an id is sent twice in different case, and not more than the service needs', async () => {
    const clinic = await openClinic(app, { rooms: 3 });
    const [one, two] = clinic.roomIds as [string, string];
    const single = await aService(app, clinic, { requiredResourceKinds: ['ROOM'] });
    const double = await aService(app, clinic, { requiredResourceKinds: ['ROOM', 'ROOM'] });
    const twice = await book(double, clinic, at(5, '09:00'), { resourceIds: [one, one.toUpperCase()] });
    expect(new Set(twice.data.resourceIds).size).toBe(2);
    expect(await book(single, clinic, at(5, '10:00'), { resourceIds: [one, two] })).toMatchObject({
      status: 400,
      body: { error: { details: [{ field: 'resourceIds' }] } },
    });
  });

  it('cannot be requested while they are closed, but the front desk may override their hours', async () => {
    const clinic = await openClinic(app, { rooms: 2 });
    const [open, closedRoom] = clinic.roomIds as [string, string];
    const service = await aService(app, clinic, { requiredResourceKinds: ['ROOM'] });
    const day = at(5).slice(0, 10);
    const closed = await app.call('POST', `/api/v1/resources/${closedRoom}/schedule/exceptions`, {
      token: clinic.manager,
      body: { kind: 'CLOSED', from: day, to: day },
    });
    expect(closed.status).toBe(201);
    expect(conflict(await book(service, clinic, at(5), { resourceIds: [closedRoom] }))).toBe('RESOURCE');
    const rules = [{ weekday: 1, start: '09:00', end: '09:30' }];
    for (const id of clinic.roomIds)
      await app.call('PUT', `/api/v1/resources/${id}/schedule`, { token: clinic.manager, body: { rules } });
    expect(conflict(await bookAtDesk(service, clinic, at(6, '23:00')))).toBe('RESOURCE');
    const override = { overrideHours: true, overrideReason: 'Urgent', resourceIds: [open] };
    expect((await bookAtDesk(service, clinic, at(6, '23:00'), override)).data.resourceIds).toEqual([open]);
  });
});

describe('alternative times', () => {
  it('are times at which the requested room is also free', async () => {
    const clinic = await openClinic(app, { doctors: 2, rooms: 2 });
    const service = await aService(app, clinic, { requiredResourceKinds: ['ROOM'] });
    const [room] = clinic.roomIds;
    for (const time of ['08:00', '08:30', '09:00', '09:30', '10:00'])
      await book(service, clinic, at(5, time), { doctorId: clinic.doctorIds[1], resourceIds: [room] });
    const who = nextPatient();
    const answer = await book(service, clinic, at(5), { resourceIds: [room] }, who);
    const { conflictingWith, alternatives } = answer.body.error.details;
    expect([conflictingWith, alternatives.length]).toEqual(['RESOURCE', 3]);
    for (const { startDateTime, doctorId } of alternatives) {
      const accepted = await book(service, clinic, startDateTime, { doctorId, resourceIds: [room] }, who);
      expect(accepted.status).toBe(201);
      await app.call('DELETE', `/api/v1/appointments/${accepted.data.id}`, who);
    }
  });

  it('do not include a session if its service became longer than the free time', async () => {
    const clinic = await openClinic(app);
    const session = await aService(app, clinic, { capacity: 4 });
    await book(session, clinic, at(5, '09:00'));
    await book(await aService(app, clinic), clinic, at(5, '09:30'));
    const day = at(5).slice(0, 10);
    const isListed = async (): Promise<boolean> => {
      const free = await app.call('GET', `/api/v1/availability?serviceId=${session}&from=${day}&to=${day}`);
      return free.data.some(({ startDateTime }: { startDateTime: string }) => startDateTime === at(5, '09:00'));
    };
    expect(await isListed()).toBe(true);
    await app.call('PUT', `/api/v1/services/${session}`, { token: clinic.manager, body: { durationMinutes: 60 } });
    expect(await isListed()).toBe(false);
    expect(conflict(await book(session, clinic, at(5, '09:00')))).toBe('DOCTOR');
  });
});

describe('a concurrent deletion', () => {
  it('of a doctor or service leaves no appointment with it, in many rounds of booking, moving and deleting', async () => {
    const clinic = await openClinic(app);
    const service = await aService(app, clinic);
    const kinds = Array.from(
      { length: rounds(15, 50) },
      (_, round) => (['book', 'move', 'service'] as const)[round % 3],
    );
    for (const [round, kind] of kinds.entries()) {
      const deletedId = kind === 'service' ? await aService(app, clinic) : await addDoctor(clinic, service);
      const booked = kind === 'move' && (await book(service, clinic, at(5 + round))).data;
      const doctorId = kind === 'service' ? clinic.doctorIds[0] : deletedId;
      const path = kind === 'service' ? 'services' : 'doctors';
      const answers = await Promise.all([
        app.call('DELETE', `/api/v1/${path}/${deletedId}`, { token: clinic.manager }),
        booked
          ? move(booked.id, { doctorId, overrideHours: true, overrideReason: 'Urgent' }, clinic.staff)
          : bookAtDesk(kind === 'service' ? deletedId : service, clinic, at(5 + round), {
              doctorId,
              overrideHours: true,
              overrideReason: 'Urgent',
            }),
      ]);
      expect({ kind, won: answers.filter(({ status }) => status < 300).length }).toEqual({ kind, won: 1 });
    }
    const { rows } = await app.db.query(
      `SELECT FROM appointment a JOIN doctor d ON d.id = a.doctor_id JOIN service s ON s.id = a.service_id
       WHERE (d.deleted_at IS NOT NULL OR s.deleted_at IS NOT NULL) AND a.status IN ('PENDING', 'CONFIRMED')`,
    );
    expect(rows).toHaveLength(0);
  });

  it('of a room leaves no appointment in it, in ten rounds', async () => {
    const clinic = await openClinic(app);
    const service = await aService(app, clinic, { requiredResourceKinds: ['ROOM'] });
    for (let round = 0; round < 10; round += 1) {
      const { data } = await app.call('POST', '/api/v1/resources', {
        token: clinic.manager,
        body: { clinicId: clinic.id, kind: 'ROOM', name: 'Room' },
      });
      const path = `/api/v1/resources/${data.id}`;
      const answers = await Promise.all([
        app.call('DELETE', path, { token: clinic.manager }),
        book(service, clinic, at(5 + round)),
      ]);
      expect(['200,409', '409,201']).toContain(answers.map(({ status }) => status).join());
      const booked = answers[1].data?.id as string | undefined;
      if (booked) await app.call('DELETE', `/api/v1/appointments/${booked}`, { token: clinic.staff });
      if (booked) await app.call('DELETE', path, { token: clinic.manager });
    }
  });
});

describe('a change', () => {
  it('of the time resets the check-in', async () => {
    const clinic = await openClinic(app);
    const service = await aService(app, clinic);
    const { id } = (await book(service, clinic, at(5))).data;
    await startsIn(app, id, 0);
    expect((await act(id, 'check-in', clinic.staff)).data.checkedInAt).toEqual(expect.any(String));
    expect((await move(id, { startDateTime: at(6) }, clinic.staff)).data.checkedInAt).toBeNull();
  });

  it('of the room alone is allowed within the notice', async () => {
    const clinic = await openClinic(app, { rooms: 2 });
    const service = await aService(app, clinic, { requiredResourceKinds: ['ROOM'] });
    const { id } = (await book(service, clinic, at(5))).data;
    const policy = { minimumNoticeMinutes: 20_000 };
    await app.call('PUT', `/api/v1/clinics/${clinic.id}`, { token: clinic.manager, body: { policy } });
    const [, other] = clinic.roomIds;
    expect((await move(id, { resourceIds: [other] }, clinic.staff)).data.resourceIds).toEqual([other]);
    expect((await move(id, { startDateTime: at(6) }, clinic.staff)).code).toBe('SLOT_NOT_OFFERED');
  });

  it('of the room alone keeps the planned duration if that of the service has changed', async () => {
    const clinic = await openClinic(app, { rooms: 2 });
    const service = await aService(app, clinic, { requiredResourceKinds: ['ROOM'] });
    const { id, endDateTime } = (await book(service, clinic, at(5))).data;
    await app.call('PUT', `/api/v1/services/${service}`, { token: clinic.manager, body: { durationMinutes: 60 } });
    const [one, other] = clinic.roomIds;
    const moved = await move(id, { resourceIds: [other] }, clinic.staff);
    expect(moved.data).toMatchObject({ resourceIds: [other], endDateTime });
    expect((await book(service, clinic, endDateTime, { resourceIds: [one] })).status).toBe(201);
    expect((await move(id, { startDateTime: at(6) }, clinic.staff)).data.endDateTime).toBe(at(6, '10:00'));
  });

  it('to another doctor at the same time keeps the planned duration if that of the service has changed', async () => {
    const clinic = await openClinic(app, { doctors: 2 });
    const service = await aService(app, clinic);
    const { id, startDateTime, endDateTime } = (await book(service, clinic, at(5))).data;
    await app.call('PUT', `/api/v1/services/${service}`, { token: clinic.manager, body: { durationMinutes: 60 } });
    const [, other] = clinic.doctorIds;
    const moved = await move(id, { doctorId: other }, clinic.staff);
    expect(moved.data).toMatchObject({ doctorId: other, startDateTime, endDateTime });
  });

  it('to another time takes the present duration of the service, and the history has the old and the new end', async () => {
    const clinic = await openClinic(app);
    const service = await aService(app, clinic);
    const { id, startDateTime, endDateTime } = (await book(service, clinic, at(5))).data;
    await app.call('PUT', `/api/v1/services/${service}`, { token: clinic.manager, body: { durationMinutes: 60 } });
    const moved = (await move(id, { startDateTime: at(6) }, clinic.staff)).data;
    expect(moved.endDateTime).toBe(at(6, '10:00'));
    const { data } = await app.call('GET', `/api/v1/appointments/${id}/history`, { token: clinic.staff });
    const iso = (instant: string): string => new Date(instant).toISOString();
    const { changes } = data.find(({ action }: { action: string }) => action === 'appointment.rescheduled');
    expect(changes).toMatchObject({
      startDateTime: [iso(startDateTime), iso(at(6))],
      endDateTime: [iso(endDateTime), iso(moved.endDateTime)],
    });
  });

  it('of the room alone may override the room’s hours, but only by the front desk', async () => {
    const clinic = await openClinic(app, { rooms: 2 });
    const service = await aService(app, clinic, { requiredResourceKinds: ['ROOM'] });
    const who = nextPatient();
    const { id, resourceIds } = (await book(service, clinic, at(5), {}, who)).data;
    const closed = clinic.roomIds.find((room) => !resourceIds.includes(room));
    const day = at(5).slice(0, 10);
    await app.call('POST', `/api/v1/resources/${closed}/schedule/exceptions`, {
      token: clinic.manager,
      body: { kind: 'CLOSED', from: day, to: day },
    });
    const body = { resourceIds: [closed], overrideHours: true, overrideReason: 'Urgent' };
    expect(await move(id, body, who.token)).toMatchObject({ status: 403, code: 'FORBIDDEN' });
    expect(await move(id, body, clinic.staff)).toMatchObject({ status: 200, data: { resourceIds: [closed] } });
  });

  it('that has no effect does not change the version and the history', async () => {
    const clinic = await openClinic(app);
    const who = nextPatient();
    const { id, startDateTime } = (await book(await aService(app, clinic), clinic, at(5), { notes: 'n' }, who)).data;
    for (const body of [
      {},
      { notes: 'n' },
      { startDateTime, doctorId: clinic.doctorIds[0] },
      { overrideHours: true, overrideReason: 'Urgent' },
    ])
      expect(await move(id, body, who.token)).toMatchObject({ status: 200, data: { version: 1 } });
    await move(id, { notes: 'other', overrideHours: true, overrideReason: 'Urgent' }, who.token);
    const history = await app.call('GET', `/api/v1/appointments/${id}/history?limit=1&withTotal=true`, who);
    expect(history.body.meta).toMatchObject({ total: 2, nextCursor: expect.any(String) });
    const rest = await app.call(
      'GET',
      `/api/v1/appointments/${id}/history?cursor=${history.body.meta.nextCursor}`,
      who,
    );
    expect(rest.data).toMatchObject([{ action: 'appointment.updated', changes: { notes: true } }]);
    expect(rest.data[0].changes).not.toHaveProperty('overrideHours');
  });
});

describe('a cursor', () => {
  it('is rejected if it has a value that no list returns, such as a date that only JavaScript can parse', async () => {
    const { staff } = await openClinic(app);
    for (const value of ['2021 1 (x)', '+275760-09-13T00:00:00.000Z', '2022-02-30', '1', 'Tue Mar 01 2022']) {
      const cursor = Buffer.from(JSON.stringify(['startDateTime', value, randomUUID()])).toString('base64url');
      const answer = await app.call('GET', `/api/v1/appointments?cursor=${cursor}`, { token: staff });
      expect(answer).toMatchObject({ status: 400, code: 'BAD_CURSOR' });
    }
  });
});

async function addDoctor({ id, manager }: TestClinic, serviceId: string): Promise<string> {
  const { data } = await app.call('POST', '/api/v1/doctors', {
    token: manager,
    body: { clinicId: id, firstName: 'Soon', lastName: 'Gone', speciality: 'None', serviceIds: [serviceId] },
  });
  return data.id as string;
}

describe('the front desk that books for a patient of another clinic', () => {
  it('gets 404 and does not learn whether the patient is busy, also if the time is already reserved (Z-04)', async () => {
    const [theirs, clinic] = [await openClinic(app), await openClinic(app, { rooms: 1 })];
    const foreign = nextPatient();
    const elsewhere = await book(await aService(app, theirs), theirs, at(5, '09:30'), {}, foreign);
    expect(elsewhere.status).toBe(201);
    const single = await aService(app, clinic, { requiredResourceKinds: ['ROOM'] });
    const group = await aService(app, clinic, { name: 'Group', capacity: 2 });
    for (const [service, time] of [
      [single, '09:00'],
      [group, '12:00'],
      [group, '12:00'],
    ] as const) {
      expect((await book(service, clinic, at(5, time))).status).toBe(201);
    }
    for (const [service, time] of [
      [single, '09:00'],
      [group, '12:00'],
    ] as const) {
      const extra = { clientId: foreign.clientId };
      const answer = await book(service, clinic, at(5, time), extra, { clientId: '', token: clinic.staff });
      expect(answer).toMatchObject({ status: 404, code: 'NOT_FOUND' });
    }
  });
});
