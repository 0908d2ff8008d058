import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TestApp } from '../support/app.js';
import { aService, at, openClinic, type TestClinic } from '../support/clinic.js';
import { eventually } from '../support/eventually.js';
import { SocketClient } from '../support/sockets.js';
import { startsIn } from '../support/visits.js';

/** Names of time zones that browsers know and PostgreSQL does not. */

let app: TestApp;

beforeAll(async () => {
  app = await TestApp.start();
});

afterAll(() => app.close());

describe.each([
  ['US/Pacific-New', 'America/Los_Angeles'],
  ['Canada/East-Saskatchewan', 'America/Regina'],
  ['Asia/Calcutta', 'Asia/Kolkata'],
  ['Europe/Kiev', 'Europe/Kyiv'],
])('a zone alias, %s', (given, canonical) => {
  it('is stored by its canonical name, for clinics and users', async () => {
    const clinic = await openClinic(app, { timeZone: given });
    const { data } = await app.call('GET', `/api/v1/clinics/${clinic.id}`);
    expect(data.timeZone).toBe(canonical);
    const changed = await app.call('PUT', `/api/v1/clinics/${clinic.id}`, {
      token: clinic.manager,
      body: { timeZone: given },
    });
    expect(changed.data.timeZone).toBe(canonical);
    const [patient] = await app.patients(1);
    const own = await app.call('PUT', `/api/v1/users/${patient?.userId}`, {
      token: patient?.token,
      body: { timeZone: given },
    });
    expect(own.data.timeZone).toBe(canonical);
  });
});

describe('a clinic whose zone PostgreSQL does not know', () => {
  // As it was stored before names were made canonical.
  const ZONE = 'Canada/East-Saskatchewan';
  let clinic: TestClinic;
  let serviceId: string;

  beforeAll(async () => {
    clinic = await openClinic(app, { timeZone: ZONE });
    serviceId = await aService(app, clinic);
    await app.db.query('UPDATE clinic SET time_zone = $2 WHERE id = $1', [clinic.id, ZONE]);
    await expect(app.db.query(`SELECT now() AT TIME ZONE '${ZONE}'`)).rejects.toThrow('not recognized');
  });

  const parked = async (): Promise<number> => {
    const { rows } = await app.db.query(
      `SELECT count(*)::int AS n FROM outbox WHERE parked_at IS NOT NULL OR attempts > 0`,
    );
    return rows[0].n;
  };

  it('can list and book times and gets queue and availability events, and no event is parked', async () => {
    const desk = await SocketClient.connected(app.url, clinic.staff);
    const [doctorId] = clinic.doctorIds;
    const [patient] = await app.patients(1);
    const day = at(3).slice(0, 10);
    const listed = await app.call('GET', `/api/v1/availability?serviceId=${serviceId}&from=${day}&to=${day}`);
    // Saskatchewan is at UTC-6 all year.
    expect(listed.data[0].startDateTime).toBe(`${day}T06:00:00.000Z`);
    const body = { serviceId, doctorId, startDateTime: listed.data[0].startDateTime };
    const { data: appointment } = await app.call('POST', '/api/v1/appointments', { token: patient?.token, body });
    const booked = await desk.waitFor('availability:changed', (data) => data.doctorId === doctorId);
    expect(booked.data).toEqual({ doctorId, date: day });

    await startsIn(app, appointment.id, 0);
    const checkedIn = await app.call('POST', `/api/v1/appointments/${appointment.id}/check-in`, {
      token: clinic.staff,
    });
    expect(checkedIn.status).toBe(200);
    const queue = await desk.waitFor('queue:updated', (data) => data.doctorId === doctorId);
    expect(queue.data).toEqual({ clinicId: clinic.id, doctorId, waiting: 1 });

    const path = `/api/v1/doctors/${doctorId}/schedule/exceptions`;
    await app.call('POST', path, { token: clinic.manager, body: { from: day, to: day, kind: 'CLOSED' } });
    await eventually(async () => {
      const told = desk.seen.filter(({ event, data }) => event === 'availability:changed' && data.date === day);
      expect(told.length).toBeGreaterThanOrEqual(2);
    });
    expect(await parked()).toBe(0);
    desk.close();
  });

  it('filters lists by local day', async () => {
    const { token } = await app.patient();
    // 23:00 of the day before in Saskatchewan.
    const body = { serviceId, doctorId: clinic.doctorIds[0], startDateTime: at(9, '05:00') };
    const booked = await app.call('POST', '/api/v1/appointments', { token, body });
    const listed = async (day: string): Promise<string[]> => {
      const query = `clinicId=${clinic.id}&from=${day}&to=${day}`;
      const { data } = await app.call('GET', `/api/v1/appointments?${query}`, { token: clinic.staff });
      return data.map(({ id }: { id: string }) => id);
    };
    expect(await listed(at(8).slice(0, 10))).toEqual([booked.data.id]);
    expect(await listed(at(9).slice(0, 10))).toEqual([]);
  });
});
