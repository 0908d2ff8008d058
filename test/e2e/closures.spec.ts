import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TestApp, type Answer, type TestPatient } from '../support/app.js';
import { aService, at, openClinic, type TestClinic } from '../support/clinic.js';
import { nextShortDay } from '../support/clock-changes.js';
import { SocketClient } from '../support/sockets.js';

/** Closed clinics and closed days of doctors: nothing can be booked in them, and the answer lists the visits that were booked before. */

let app: TestApp;
let clinic: TestClinic;
let other: TestClinic;
let serviceId: string;
let roomServiceId: string;
let patients: TestPatient[];
let desk: SocketClient | undefined;

beforeAll(async () => {
  app = await TestApp.start({ VISIT_CHANGES_PER_10_MINUTES: '10000' });
  clinic = await openClinic(app, { doctors: 3, rooms: 1, policy: { horizonDays: 365 } });
  other = await openClinic(app);
  serviceId = await aService(app, clinic);
  roomServiceId = await aService(app, clinic, { requiredResourceKinds: ['ROOM'] });
  patients = await app.patients(20);
});

afterAll(async () => {
  desk?.close();
  await app.close();
});

const call = (method: string, path: string, token: string, body?: object): Promise<Answer> =>
  app.call(method, `/api/v1${path}`, { token, body });

const day = (daysAhead: number): string => at(daysAhead).slice(0, 10);

const close = (body: object, token = clinic.manager): Promise<Answer> =>
  call('POST', `/clinics/${clinic.id}/closures`, token, body);

const open = (id: string): Promise<Answer> => call('DELETE', `/clinics/${clinic.id}/closures/${id}`, clinic.manager);

const book = (patient: number, doctor: number, startDateTime: string, fields: object = {}): Promise<Answer> =>
  call('POST', '/appointments', patients[patient]?.token as string, {
    serviceId,
    doctorId: clinic.doctorIds[doctor],
    startDateTime,
    ...fields,
  });

async function freeStarts(from: number, to = from): Promise<string[]> {
  const query = `serviceId=${serviceId}&doctorId=${clinic.doctorIds[0]}&from=${day(from)}&to=${day(to)}`;
  const { data } = await app.call('GET', `/api/v1/availability?${query}`);
  return data.map(({ startDateTime }: { startDateTime: string }) => startDateTime);
}

const getSortedIds = (visits: { id: string }[]): string[] => visits.map(({ id }) => id).sort();

describe('a closed clinic', () => {
  it('has no free times on its closed days until it is opened again', async () => {
    const before = await freeStarts(10, 12);
    const closed = await close({ from: day(11), to: day(11), reason: 'Holiday' });
    expect(closed.status).toBe(201);
    expect(closed.data).toMatchObject({ from: day(11), to: day(11), start: null, end: null, reason: 'Holiday' });
    expect(closed.data).toMatchObject({ affected: [], affectedTotal: 0 });
    // The visit before would end in the closed day.
    const remaining = before.filter((start) => !start.startsWith(day(11)) && start !== at(10, '23:45'));
    expect(await freeStarts(10, 12)).toEqual(remaining);
    expect(await book(0, 1, at(11))).toMatchObject({
      status: 422,
      code: 'SLOT_NOT_OFFERED',
      body: { error: { details: { reason: 'TIME_OFF' } } },
    });
    expect((await open(closed.data.id)).status).toBe(200);
    expect((await open(closed.data.id)).status).toBe(404);
    expect(await freeStarts(10, 12)).toEqual(before);
  });

  it('may be closed for a part of each day', async () => {
    const closed = await close({ from: day(14), to: day(15), start: '10:00', end: '24:00' });
    const starts = await freeStarts(14, 15);
    // A visit takes half an hour, so the last one before the closed time starts at 09:30.
    expect(starts.filter((start) => start.slice(11, 16) > '09:30')).toEqual([]);
    expect(starts).toContain(at(15, '09:30'));
    await open(closed.data.id);
  });

  it('is not closed for the front desk with overrideHours', async () => {
    const closed = await close({ from: day(16), to: day(16) });
    const byDesk = (fields: object): Promise<Answer> =>
      call('POST', '/appointments', clinic.staff, {
        ...{ serviceId, doctorId: clinic.doctorIds[0], startDateTime: at(16), clientId: patients[0]?.clientId },
        ...fields,
      });
    expect((await byDesk({})).code).toBe('SLOT_NOT_OFFERED');
    expect((await byDesk({ overrideHours: true, overrideReason: 'An emergency' })).status).toBe(201);
    await open(closed.data.id);
  });

  it('lists its visits in the closed time, by start, and not those before, after, cancelled or of others', async () => {
    const early = await book(1, 0, at(20, '09:30'));
    const last = await book(2, 1, at(21, '11:45'));
    const first = await book(3, 2, at(20, '09:45'));
    const cancelled = await book(4, 0, at(20, '10:30'));
    const after = await book(5, 0, at(21, '12:00'));
    await call('DELETE', `/appointments/${cancelled.data.id}`, clinic.staff);
    const { data } = await close({ from: day(20), to: day(21), start: '10:00', end: '12:00' });
    expect(data.affected).toMatchObject([
      {
        ...{ id: first.data.id, clientId: patients[3]?.clientId, doctorId: clinic.doctorIds[2], serviceId },
        ...{ startDateTime: at(20, '09:45'), endDateTime: at(20, '10:15'), status: 'CONFIRMED', version: 1 },
      },
      { id: last.data.id },
    ]);
    expect(data.affectedTotal).toBe(2);
    expect(getSortedIds(data.affected)).not.toContain(early.data.id);
    expect(getSortedIds(data.affected)).not.toContain(after.data.id);
    const { rows } = await app.db.query(
      `SELECT changes -> 'clientIds' AS ids FROM audit_log WHERE action = 'appointment.list-read' ORDER BY id DESC LIMIT 1`,
    );
    expect(rows[0].ids.sort()).toEqual([patients[2]?.clientId, patients[3]?.clientId].sort());
    await open(data.id);
  });

  it('lists every visit that was booked before it, while bookings and the closing run at the same time', async () => {
    for (let round = 0; round < 4; round += 1) {
      const date = 30 + round;
      const bookings = patients.map((_, index) =>
        book(index, index % 3, at(date, `${String(8 + Math.floor(index / 3)).padStart(2, '0')}:00`)),
      );
      const [closed, ...booked] = await Promise.all([close({ from: day(date), to: day(date) }), ...bookings]);
      expect(closed.status).toBe(201);
      const made = booked.filter(({ status }) => status === 201).map(({ data }) => data as { id: string });
      expect(booked.filter(({ status, code }) => status !== 201 && code !== 'SLOT_NOT_OFFERED')).toEqual([]);
      expect(getSortedIds(closed.data.affected)).toEqual(getSortedIds(made));
    }
  });

  it('does not book a time that was held before it was closed', async () => {
    const slot = { serviceId, doctorId: clinic.doctorIds[0], startDateTime: at(40) };
    const hold = await call('POST', '/holds', patients[6]?.token as string, slot);
    expect(hold.status).toBe(201);
    const closed = await close({ from: day(40), to: day(40) });
    expect((await book(6, 0, at(40), { holdId: hold.data.id })).code).toBe('SLOT_NOT_OFFERED');
    await open(closed.data.id);
    expect((await book(6, 0, at(40), { holdId: hold.data.id })).status).toBe(201);
  });

  it('is shown in its day view, for each doctor and as a whole', async () => {
    const closed = await close({ from: day(44), to: day(45), start: '00:00', end: '12:00', reason: 'Works' });
    const get = async (date: string): Promise<Answer['data']> =>
      (await call('GET', `/clinics/${clinic.id}/day?date=${date}`, clinic.staff)).data;
    const shown = await get(day(45));
    const { affected: _, affectedTotal: _total, ...closure } = closed.data;
    expect(shown.closures).toEqual([closure]);
    expect(shown.doctors).toHaveLength(3);
    for (const doctor of shown.doctors) {
      expect(doctor.closures).toEqual([{ startDateTime: at(45, '00:00'), endDateTime: at(45, '12:00') }]);
      expect(doctor.free).toEqual([{ startDateTime: at(45, '12:00'), endDateTime: at(46, '00:00') }]);
    }
    expect((await get(day(46))).closures).toEqual([]);
    await open(closed.data.id);
  });

  it('is closed on local days, also when the clocks change', async () => {
    const newYork = await openClinic(app, { timeZone: 'America/New_York', policy: { horizonDays: 400 } });
    // The clocks go from 02:00 to 03:00: the day has 23 hours.
    const { before, day: short } = nextShortDay('America/New_York');
    const after = new Date(Date.parse(short) + 86_400_000).toISOString().slice(0, 10);
    const visit = await aService(app, newYork);
    const path = `/clinics/${newYork.id}/closures`;
    await call('POST', path, newYork.manager, { from: short, to: short });
    const query = `serviceId=${visit}&from=${before}&to=${after}`;
    const { data } = await app.call('GET', `/api/v1/availability?${query}`);
    const starts = data.map(({ startDateTime }: { startDateTime: string }) => startDateTime) as string[];
    expect(starts.filter((start) => start > `${short}T04:30:00.000Z` && start < `${after}T04:00`)).toEqual([]);
    expect(starts).toContain(`${short}T04:30:00.000Z`);
    expect(starts).toContain(`${after}T04:00:00.000Z`);
  });

  it('announces the changed days of each doctor', async () => {
    desk = await SocketClient.connected(app.url, clinic.staff);
    const closed = await close({ from: day(50), to: day(51) });
    for (const doctorId of clinic.doctorIds) {
      for (const date of [day(50), day(51)]) {
        await desk.waitFor('availability:changed', (data) => data.doctorId === doctorId && data.date === date);
      }
    }
    await open(closed.data.id);
  });

  it('is closed only by its managers, within the rules of exceptions', async () => {
    const body = { from: day(60), to: day(60) };
    expect((await close(body, clinic.staff)).status).toBe(403);
    expect((await close(body, other.manager)).status).toBe(403);
    expect((await close({ ...body, to: day(59) })).body.error.details).toMatchObject([{ field: 'to' }]);
    expect((await close({ ...body, start: '10:00' })).body.error.details).toMatchObject([{ field: 'end' }]);
    expect((await close({ ...body, kind: 'OPEN' })).body.error.details).toMatchObject([{ field: 'kind' }]);
    expect((await call('GET', `/clinics/${clinic.doctorIds[0]}/closures`, clinic.manager)).status).toBe(404);
    const closed = await close(body);
    expect((await call('DELETE', `/clinics/${other.id}/closures/${closed.data.id}`, other.manager)).status).toBe(404);
    const listed = await app.call('GET', `/api/v1/clinics/${clinic.id}/closures?from=${day(60)}&to=${day(60)}`);
    expect(getSortedIds(listed.data)).toEqual([closed.data.id]);
    await open(closed.data.id);
  });
});

describe('a closed day of a doctor or a room', () => {
  it('is closed and opened by the front desk for a doctor, and lists the doctor’s visits', async () => {
    const [visit] = [await book(7, 0, at(70)), await book(8, 1, at(70))];
    const path = `/doctors/${clinic.doctorIds[0]}/schedule/exceptions`;
    const sick = { from: day(70), to: day(70), kind: 'CLOSED', reason: 'Ill' };
    expect((await call('POST', path, other.staff, sick)).status).toBe(404);
    const closed = await call('POST', path, clinic.staff, sick);
    expect(closed).toMatchObject({ status: 201, data: { affectedTotal: 1, affected: [{ id: visit?.data.id }] } });
    expect((await book(9, 0, at(70, '12:00'))).code).toBe('SLOT_NOT_OFFERED');
    expect((await call('DELETE', `${path}/${closed.data.id}`, clinic.staff)).status).toBe(200);
    expect((await book(9, 0, at(70, '12:00'))).status).toBe(201);
  });

  it('lists every visit of the doctor that was booked before, while bookings and the closing run at the same time', async () => {
    const path = `/doctors/${clinic.doctorIds[2]}/schedule/exceptions`;
    for (let date = 72; date < 75; date += 1) {
      const bookings = patients
        .slice(0, 12)
        .map((_, index) => book(index, 2, at(date, `${String(8 + index).padStart(2, '0')}:00`)));
      const sick = { from: day(date), to: day(date), kind: 'CLOSED' };
      const [closed, ...booked] = await Promise.all([call('POST', path, clinic.staff, sick), ...bookings]);
      const made = booked.filter(({ status }) => status === 201).map(({ data }) => data as { id: string });
      expect(getSortedIds(closed.data.affected)).toEqual(getSortedIds(made));
    }
  });

  it('opens extra hours only for managers, without a list of visits, and is for managers of rooms', async () => {
    const path = `/doctors/${clinic.doctorIds[0]}/schedule/exceptions`;
    const extra = { from: day(76), to: day(76), kind: 'OPEN', start: '06:00', end: '07:00' };
    expect((await call('POST', path, clinic.staff, extra)).status).toBe(403);
    const opened = await call('POST', path, clinic.manager, extra);
    expect(opened.data).not.toHaveProperty('affected');
    expect((await call('DELETE', `${path}/${opened.data.id}`, clinic.staff)).status).toBe(403);
    expect((await call('DELETE', `${path}/${opened.data.id}`, clinic.manager)).status).toBe(200);
    const roomPath = `/resources/${clinic.roomIds[0]}/schedule/exceptions`;
    const closing = { from: day(77), to: day(77), kind: 'CLOSED' };
    expect((await call('POST', roomPath, clinic.staff, closing)).status).toBe(403);
    const visit = await book(10, 1, at(77), { serviceId: roomServiceId });
    await book(11, 0, at(77));
    const closed = await call('POST', roomPath, clinic.manager, closing);
    expect(getSortedIds(closed.data.affected)).toEqual([visit.data.id]);
  });
});
