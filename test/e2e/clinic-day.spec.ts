import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import ICAL from 'ical.js';
import { newId } from '../../src/core/kernel/id.js';
import { TestApp, type Answer, type TestPatient } from '../support/app.js';
import { aService, at, openClinic, type TestClinic } from '../support/clinic.js';
import { readPdf } from '../support/pdf.js';
import { SettableClock } from '../support/settable-clock.js';
import { countStatements } from '../support/statements.js';

/** GET /clinics/:id/day: everything that the front desk needs of one day, with a constant number of statements. */

const ENV = { JOBS_IN_PROCESS: 'false', VISIT_CHANGES_PER_10_MINUTES: '10000', JWT_EXPIRES_IN: '96h' };
/** The day of the test: the clinic's doctors work from 09:00 to 12:00 UTC. */
const DAY = at(2).slice(0, 10);
const on = (time: string): string => at(2, time);
const range = (start: string, end: string) => ({ startDateTime: on(start), endDateTime: on(end) });

let app: TestApp;
let clock: SettableClock;
let clinic: TestClinic;
let other: TestClinic;
let serviceId: string;
let patients: TestPatient[];
let doctor: string;
let visits: { first: string; second: string; third: string };

beforeAll(async () => {
  clock = new SettableClock();
  clock.set(at(1, '07:00'));
  app = await TestApp.start({ ...ENV }, undefined, clock);
  const hours = { start: '09:00', end: '12:00' };
  clinic = await openClinic(app, { doctors: 3, rooms: 1, hours, policy: { horizonDays: 365, holdMinutes: 30 } });
  other = await openClinic(app);
  serviceId = await aService(app, clinic, { bufferAfterMinutes: 10, requiredResourceKinds: ['ROOM'] });
  patients = await app.patients(4);
  doctor = doctorToken(0);
  await closeDoctor(2);
  clock.set(on('08:00'));
  visits = {
    first: await book(0, 0, on('09:00')),
    second: await book(1, 0, on('10:30')),
    third: await book(2, 1, on('11:15')),
  };
});

afterAll(() => app.close());

const doctorToken = (index: number): string =>
  app.tokenFor({
    userId: newId(),
    role: 'DOCTOR',
    doctorId: clinic.doctorIds[index],
    clinicIds: [clinic.id],
  });

const patientAt = (index: number): TestPatient => patients[index] as TestPatient;

async function book(patient: number, doctorIndex: number, startDateTime: string): Promise<string> {
  const { data, body } = await app.call('POST', '/api/v1/appointments', {
    token: patientAt(patient).token,
    body: { serviceId, doctorId: clinic.doctorIds[doctorIndex], startDateTime },
  });
  if (!data) throw new Error(JSON.stringify(body));
  return data.id as string;
}

async function closeDoctor(index: number): Promise<void> {
  const body = { from: DAY, to: DAY, kind: 'CLOSED', start: '10:00', end: '11:00', reason: 'Training' };
  const path = `/api/v1/doctors/${clinic.doctorIds[index]}/schedule/exceptions`;
  expect((await app.call('POST', path, { token: clinic.manager, body })).status).toBe(201);
}

const act = async (id: string, step: string, token = clinic.staff): Promise<void> => {
  const answer = await app.call('POST', `/api/v1/appointments/${id}/${step}`, { token });
  expect(answer.status).toBe(200);
};

let arrival: Promise<void> | undefined;
let firstStart: Promise<void> | undefined;

/** All three patients check in, once for all tests: the third at 08:00, the second at 08:40, the first at 08:50. */
const arrive = (): Promise<void> =>
  (arrival ??= (async () => {
    clock.set(on('08:00'));
    await act(visits.third, 'check-in');
    clock.set(on('08:40'));
    await act(visits.second, 'check-in');
    clock.set(on('08:50'));
    await act(visits.first, 'check-in');
  })());

/** The first patient is in the room from 09:00 on, once for all tests. */
const startFirst = (): Promise<void> =>
  (firstStart ??= (async () => {
    await arrive();
    clock.set(on('09:00'));
    await act(visits.first, 'start');
  })());

const getDay = (query = `date=${DAY}`, token = clinic.staff, clinicId = clinic.id): Promise<Answer> =>
  app.call('GET', `/api/v1/clinics/${clinicId}/day?${query}`, { token });

const getIds = (rows: { id: string }[]): string[] => rows.map(({ id }) => id);

describe('the day of a clinic', () => {
  beforeEach(() => clock.set(on('08:00')));

  it('has every doctor with hours, closures, reserved and free time', async () => {
    const { data } = await getDay();
    expect(data).toMatchObject({ clinicId: clinic.id, date: DAY, timeZone: 'UTC', startDateTime: on('00:00') });
    expect(getIds(data.doctors)).toEqual(clinic.doctorIds);
    expect(data.doctors).toMatchObject([
      {
        hours: [range('09:00', '12:00')],
        closures: [],
        busy: [range('09:00', '09:40'), range('10:30', '11:10')],
        free: [range('09:40', '10:30'), range('11:10', '12:00')],
      },
      { busy: [range('11:15', '11:55')], free: [range('09:00', '11:15'), range('11:55', '12:00')] },
      {
        hours: [range('09:00', '10:00'), range('11:00', '12:00')],
        closures: [range('10:00', '11:00')],
        busy: [],
        free: [range('09:00', '10:00'), range('11:00', '12:00')],
      },
    ]);
  });

  it('has the appointments by start, with short objects', async () => {
    const { data } = await getDay();
    expect(getIds(data.appointments)).toEqual([visits.first, visits.second, visits.third]);
    expect(data.appointments[0]).toMatchObject({
      client: { id: patientAt(0).clientId, firstName: 'Pat', lastName: 'Ient' },
      service: { id: serviceId, name: 'Visit', durationMinutes: 30, mode: 'IN_PERSON' },
      resources: [{ id: clinic.roomIds[0], kind: 'ROOM', name: 'ROOM 1' }],
      staffNotes: null,
    });
    expect(data.appointments[0]).not.toHaveProperty('doctor');
    const only = (await getDay(`date=${DAY}&expand=doctor`)).data.appointments[0];
    expect(only.doctor).toMatchObject({ id: clinic.doctorIds[0], lastName: 'No 1' });
    expect(only).not.toHaveProperty('client');
  });

  it('has each appointment as GET /appointments lists it', async () => {
    const period = `clinicId=${clinic.id}&from=${on('00:00')}&to=${at(3, '00:00')}`;
    for (const expand of ['client,doctor,service,resources', 'client', 'doctor,resources', 'service']) {
      const listed = await app.call('GET', `/api/v1/appointments?${period}&expand=${expand}`, { token: clinic.staff });
      expect(listed.data).toHaveLength(3);
      expect((await getDay(`date=${DAY}&expand=${expand}`)).data.appointments).toEqual(listed.data);
    }
  });

  it('is today if no day is given, in the zone of the clinic', async () => {
    expect((await getDay('')).data.date).toBe(DAY);
    const apia = await openClinic(app, { timeZone: 'Pacific/Apia' });
    clock.set(on('12:00'));
    const next = (await getDay('', apia.staff, apia.id)).data;
    expect(next).toMatchObject({ date: at(3).slice(0, 10), timeZone: 'Pacific/Apia', startDateTime: on('11:00') });
  });

  it('counts by status, and filters by doctor and status', async () => {
    const all = (await getDay(`date=${DAY}&status=PENDING,CANCELLED`)).data;
    expect(all.appointments).toEqual([]);
    expect(all.counts).toEqual({ PENDING: 0, CONFIRMED: 3, IN_PROGRESS: 0, COMPLETED: 0, CANCELLED: 0, NO_SHOW: 0 });
    const one = (await getDay(`date=${DAY}&doctorId=${clinic.doctorIds[1]}`)).data;
    expect([getIds(one.doctors), getIds(one.appointments)]).toEqual([[clinic.doctorIds[1]], [visits.third]]);
    expect(one.counts).toMatchObject({ CONFIRMED: 1 });
  });

  it('has no queue on another day', async () => {
    const { data } = await getDay(`date=${at(1).slice(0, 10)}`);
    expect([data.queue, data.waiting.waiting, data.appointments]).toEqual([[], 0, []]);
  });

  it('has the holds in force, and not the expired ones', async () => {
    const answer = await app.call('POST', '/api/v1/holds', {
      token: patientAt(3).token,
      body: { serviceId, doctorId: clinic.doctorIds[1], startDateTime: on('09:45') },
    });
    expect(answer.status).toBe(201);
    try {
      const { data } = await getDay();
      expect(data.holds).toEqual([
        {
          ...answer.data,
          client: { id: patientAt(3).clientId, firstName: 'Pat', lastName: 'Ient' },
          service: expect.objectContaining({ id: serviceId }),
          resources: [expect.objectContaining({ id: clinic.roomIds[0] })],
        },
      ]);
      expect(data.doctors[1].busy).toContainEqual(range('09:45', '10:25'));
      const own = (await getDay(`date=${DAY}`, doctorToken(1))).data;
      expect(own.holds).toMatchObject([{ id: answer.data.id, clientId: null }]);
      expect(own.holds[0]).not.toHaveProperty('client');
      clock.set(on('08:30'));
      const later = (await getDay()).data;
      expect(later.holds).toEqual([]);
      expect(later.doctors[1].busy).toEqual([range('11:15', '11:55')]);
    } finally {
      await app.db.query('DELETE FROM hold WHERE id = $1', [answer.data.id]);
    }
  });
});

describe('the queue of the day', () => {
  beforeAll(arrive);
  beforeEach(() => clock.set(on('09:00')));

  it('is sorted by the start of the visits, and has the waiting times', async () => {
    const { data } = await getDay();
    expect(data.queue).toMatchObject([
      { appointmentId: visits.first, doctorId: clinic.doctorIds[0], number: 3, position: 1, waitingMinutes: 10 },
      { appointmentId: visits.second, doctorId: clinic.doctorIds[0], number: 2, position: 2, waitingMinutes: 20 },
      { appointmentId: visits.third, doctorId: clinic.doctorIds[1], number: 1, position: 1, waitingMinutes: 60 },
    ]);
    expect(data.queue.map((entry: { estimatedWaitMinutes: number }) => entry.estimatedWaitMinutes)).toEqual([
      0, 90, 135,
    ]);
    // The queue and the screen of the waiting room have the same estimates.
    const toWaits = (entries: { number: number; estimatedWaitMinutes: number }[]): object =>
      Object.fromEntries(entries.map(({ number, estimatedWaitMinutes }) => [number, estimatedWaitMinutes]));
    for (const path of ['queue', 'queue/board']) {
      const answer = await app.call('GET', `/api/v1/${path}?clinicId=${clinic.id}`, { token: clinic.staff });
      const entries = path === 'queue' ? answer.data : answer.data.entries;
      expect(toWaits(entries)).toEqual({ 3: 0, 2: 90, 1: 135 });
    }
    expect(data.queue[0].client).toMatchObject({ id: patientAt(0).clientId, lastName: 'Ient' });
    expect(data.waiting).toEqual({ waiting: 3, longestMinutes: 60, averageMinutes: null });
  });

  it('has the patient in the room first, and their waiting time in the average', async () => {
    await startFirst();
    const started = (await getDay()).data;
    expect(started.queue).toMatchObject([
      { status: 'IN_ROOM', position: null, waitingMinutes: 10 },
      { status: 'WAITING', position: 1 },
      { status: 'WAITING', position: 1 },
    ]);
    expect(started.waiting).toEqual({ waiting: 2, longestMinutes: 60, averageMinutes: 10 });
    expect(started.doctors[0].waiting).toEqual({ waiting: 1, longestMinutes: 20, averageMinutes: 10 });
  });

  it('is the same as GET /queue, also with a walk-in who waits for a gap', async () => {
    await startFirst();
    const body = { clinicId: clinic.id, serviceId, doctorId: clinic.doctorIds[1], withSlot: false };
    const added = await app.call('POST', '/api/v1/queue/walk-ins', {
      token: clinic.staff,
      body: { ...body, client: { firstName: 'Walk', lastName: 'In', phone: '+201005550001' } },
    });
    expect(added.status).toBe(201);
    for (const [token, doctorId] of [
      [clinic.staff, undefined],
      [clinic.staff, clinic.doctorIds[1]],
      [doctor, undefined],
      [doctorToken(1), undefined],
    ] as const) {
      const filter = doctorId ? `&doctorId=${doctorId}` : '';
      const listed = await app.call('GET', `/api/v1/queue?clinicId=${clinic.id}${filter}`, { token });
      const { queue } = (await getDay(`date=${DAY}${filter}`, token)).data;
      const withoutWait = queue.map(({ waitingMinutes: _, ...entry }: { waitingMinutes: number }) => entry);
      expect(withoutWait).toEqual(listed.data);
    }
    const { data } = await getDay();
    expect(data.queue).toHaveLength(4);
    expect(data.waiting).toMatchObject({ waiting: 3 });
    await app.call('DELETE', `/api/v1/queue/${added.data.id}`, { token: clinic.staff });
  });

  it('gives a number to a patient who was checked in by an earlier release', async () => {
    const { rows } = await app.db.query('DELETE FROM queue_entry WHERE appointment_id = $1 RETURNING number', [
      visits.third,
    ]);
    const { data } = await getDay();
    expect(rows).toHaveLength(1);
    expect(data.queue).toHaveLength(3);
    expect(data.queue.find((entry: { appointmentId: string }) => entry.appointmentId === visits.third)).toMatchObject({
      status: 'WAITING',
      position: 1,
    });
  });
});

describe('a request for a day', () => {
  beforeAll(startFirst);
  beforeEach(() => clock.set(on('09:00')));

  it('shows a doctor the names of their own patients only; other visits are busy times', async () => {
    const { data, body } = await getDay(`date=${DAY}`, doctor);
    expect(getIds(data.appointments)).toEqual([visits.first, visits.second]);
    // Of other doctors' patients, the number and the state.
    expect(data.queue).toMatchObject([
      { appointmentId: visits.first, status: 'IN_ROOM' },
      { appointmentId: visits.second, status: 'WAITING', client: { id: patientAt(1).clientId } },
      { appointmentId: null, clientId: null, client: null, doctorId: clinic.doctorIds[1], arrivedAt: null },
    ]);
    expect(data.doctors[1].waiting).toEqual({ waiting: 1, longestMinutes: null, averageMinutes: null });
    expect(data.doctors[1].busy).toEqual([range('11:15', '11:55')]);
    expect(data.counts).toMatchObject({ CONFIRMED: 1, IN_PROGRESS: 1 });
    for (const secret of [visits.third, patientAt(2).clientId]) expect(JSON.stringify(body)).not.toContain(secret);
    const filtered = await getDay(`date=${DAY}&doctorId=${clinic.doctorIds[1]}`, doctor);
    expect(filtered.data.appointments).toEqual([]);
    expect(filtered.data.queue).toMatchObject([{ status: 'WAITING', clientId: null, waitingMinutes: null }]);
  });

  it('is not found for people of other clinics, and forbidden for patients', async () => {
    const stranger = doctorToken(0);
    for (const token of [other.staff, other.manager]) expect((await getDay(`date=${DAY}`, token)).status).toBe(404);
    expect((await getDay(`date=${DAY}`, stranger, other.id)).status).toBe(404);
    expect((await getDay(`date=${DAY}`, clinic.admin, newId())).status).toBe(404);
    expect((await getDay(`date=${DAY}`, patientAt(0).token)).status).toBe(403);
  });

  it('is one row of the audit log, with the patients of all appointments and holds that were read', async () => {
    const reader = newId();
    const token = app.tokenFor({ userId: reader, role: 'STAFF', clinicIds: [clinic.id, other.id] });
    await getDay(`date=${DAY}&status=CANCELLED`, token);
    const { rows } = await app.db.query(
      `SELECT action, clinic_id, changes->'clientIds' AS ids FROM audit_log WHERE actor_user_id = $1`,
      [reader],
    );
    expect(rows).toEqual([{ action: 'appointment.list-read', clinic_id: clinic.id, ids: expect.any(Array) }]);
    expect(rows[0].ids.sort()).toEqual([0, 1, 2].map((index) => patientAt(index).clientId).sort());
  });

  it('names every bad parameter', async () => {
    const answer = await getDay('date=2026-02-30&doctorId=x&status=LATE&expand=notes&format=xml');
    expect([answer.status, answer.code]).toEqual([400, 'VALIDATION_ERROR']);
    expect(answer.body.error.details.map(({ field }: { field: string }) => field).sort()).toEqual(
      ['date', 'doctorId', 'expand', 'format', 'status'].sort(),
    );
  });
});

describe('the printed day', () => {
  beforeAll(startFirst);
  beforeEach(() => clock.set(on('09:00')));

  const rename = (first: string, last: string): Promise<unknown> =>
    app.db.query('UPDATE user_account SET first_name = $2, last_name = $3 WHERE id = $1', [
      ...[patientAt(2).userId, first, last],
    ]);

  it('is a CSV file with local times, in which no name is a formula', async () => {
    await rename('=1+1', 'منى, "M"');
    const answer = await getDay(`date=${DAY}&format=csv`);
    await rename('Pat', 'Ient');
    expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(answer.headers.get('content-disposition')).toBe(`attachment; filename="day-${DAY}.csv"`);
    const lines = (answer.body as string).split('\r\n');
    expect(lines).toHaveLength(5);
    expect(lines[3]).toBe(`${DAY},11:15,11:45,Doc No 2,"'=1+1 منى, ""M""",Visit,ROOM 1,CONFIRMED,08:00`);
  });

  it('is an iCalendar file in which names cannot add lines or turn the text around them', async () => {
    await rename('منى\u202e', 'M\r\nATTENDEE:mailto:x@evil.example');
    const answer = await getDay(`date=${DAY}&format=ics`);
    await rename('Pat', 'Ient');
    expect(answer.body).not.toMatch(/^ATTENDEE/m);
    expect(answer.body).not.toMatch(/[\u202a-\u202e\u2066-\u2069]/);
    expect(answer.body).toContain('SUMMARY:منى M ATTENDEE');
  });

  it('is an iCalendar file with the same instants, without services', async () => {
    const answer = await getDay(`date=${DAY}&format=ics`);
    expect(answer.headers.get('content-type')).toBe('text/calendar; charset=utf-8');
    expect(answer.body).not.toContain('Visit');
    const events = new ICAL.Component(ICAL.parse(answer.body as string) as unknown[])
      .getAllSubcomponents('vevent')
      .map((component) => new ICAL.Event(component));
    expect(events.map(({ uid, startDate, endDate }) => [uid, startDate.toJSDate(), endDate.toJSDate()])).toEqual([
      [`appointment-${visits.first}@careslot`, new Date(on('09:00')), new Date(on('09:30'))],
      [`appointment-${visits.second}@careslot`, new Date(on('10:30')), new Date(on('11:00'))],
      [`appointment-${visits.third}@careslot`, new Date(on('11:15')), new Date(on('11:45'))],
    ]);
    expect(events.map(({ summary, location }) => [summary, location])[0]).toEqual(['Pat Ient', 'Doc No 1, ROOM 1']);
  });

  describe('as PDF', () => {
    const print = async (
      path: string,
      token: string,
    ): Promise<{ response: Response; title: string; pages: string[] }> => {
      const response = await fetch(`${app.url}/api/v1/clinics/${path}`, {
        headers: { authorization: `Bearer ${token}` },
      });
      const { title, pages } = await readPdf(new Uint8Array(await response.arrayBuffer()));
      return { response, title, pages: pages.map(({ texts }) => texts.map(({ text }) => text).join(' ')) };
    };

    it('is a sheet for each doctor, with hours, free time, visits, rooms and numbers', async () => {
      const { response, title, pages } = await print(`${clinic.id}/day?date=${DAY}&format=pdf`, clinic.staff);
      expect(response.status).toBe(200);
      expect(response.headers.get('content-type')).toBe('application/pdf');
      expect(response.headers.get('content-disposition')).toBe(`attachment; filename="day-${DAY}.pdf"`);
      expect(response.headers.get('cache-control')).toBe('private, no-store');
      expect(title).toContain('Test clinic');
      expect(pages).toHaveLength(3);
      for (const text of [
        'Doc No 1',
        'Hours: 09:00–12:00',
        'Free: 09:40–10:30',
        '09:00–09:30',
        'Pat Ient',
        'ROOM 1',
        'Page 1',
      ])
        expect(pages[0]).toContain(text);
      expect(pages[0]).toMatch(/09:00–09:30 \d Pat Ient Visit ROOM 1 In the room/);
      expect(pages[2]).toContain('Closed: 10:00–11:00');
      expect(pages.join(' ').match(/Pat Ient/g)).toHaveLength(3);
    });

    it('shows a doctor only their own patients; other visits are reserved times', async () => {
      const { pages } = await print(`${clinic.id}/day?date=${DAY}&format=pdf`, doctor);
      expect(pages[0]?.match(/Pat Ient/g)).toHaveLength(2);
      expect(pages[1]).toContain('11:15–11:55');
      expect(pages[1]).toContain('Reserved');
      expect(pages[1]).not.toContain('Pat Ient');
    });

    it('is in the language of the clinic, from right to left in Arabic', async () => {
      const cairo = await openClinic(app, { timeZone: 'Africa/Cairo' });
      const changed = await app.call('PUT', `/api/v1/clinics/${cairo.id}`, {
        token: cairo.admin,
        body: { locale: 'ar-EG' },
      });
      expect(changed.status).toBe(200);
      const service = await aService(app, cairo);
      const body = { serviceId: service, startDateTime: on('10:00'), clientId: patientAt(3).clientId };
      expect((await app.call('POST', '/api/v1/appointments', { token: cairo.admin, body })).status).toBe(201);
      const file = await fetch(`${app.url}/api/v1/clinics/${cairo.id}/day?date=${DAY}&format=pdf`, {
        headers: { authorization: `Bearer ${cairo.staff}` },
      });
      const [page] = (await readPdf(new Uint8Array(await file.arrayBuffer()))).pages;
      const at = (text: string): number => page?.texts.find((piece) => piece.text.includes(text))?.x ?? NaN;
      // The time is at the right, the patient to the left of it, and the status at the left.
      expect(at('12:00')).toBeGreaterThan(at('12:30'));
      expect(at('12:30')).toBeGreaterThan(at('Pat Ient'));
      expect(at('Pat Ient')).toBeGreaterThan(at('Visit'));
    });

    it('says so if there is nothing to print', async () => {
      const empty = await openClinic(app, { doctors: 0 });
      const { pages } = await print(`${empty.id}/day?format=pdf`, empty.staff);
      expect(pages).toEqual([expect.stringContaining('there are no appointments')]);
    });
  });

  it('has only their own visits for a doctor', async () => {
    const { body } = await getDay(`date=${DAY}&format=csv`, doctor);
    expect((body as string).split('\r\n')).toHaveLength(4);
  });
});

it('needs as many statements for many doctors and visits as for few, at most six', async () => {
  const large = await openClinic(app, { doctors: 12, policy: { horizonDays: 365 } });
  const service = await aService(app, large, { durationMinutes: 15 });
  const guests = await app.patients(24);
  for (const [index, guest] of guests.entries()) {
    const body = {
      serviceId: service,
      doctorId: large.doctorIds[index % 12],
      startDateTime: on(index < 12 ? '20:00' : '21:00'),
    };
    const booked = await app.call('POST', '/api/v1/appointments', { token: guest.token, body });
    expect(booked.status).toBe(201);
    if (index < 6) await act(booked.data.id, 'check-in', large.staff);
  }
  const count = countStatements(app);
  const read = async (query: string, token: string, clinicId: string): Promise<[number, number]> => {
    const before = count();
    const { data } = await getDay(query, token, clinicId);
    return [count() - before, data.appointments.length];
  };
  const [few, none] = await read(`date=${DAY}`, other.staff, other.id);
  const [many, visitsOfMany] = await read(`date=${DAY}`, large.staff, large.id);
  expect([none, visitsOfMany]).toEqual([0, 24]);
  expect(many).toBe(few);
  expect(many).toBeLessThanOrEqual(6);
});

describe('on days when the clocks change', () => {
  it.each([
    // The clocks go back at 03:00: the day has 25 hours, and 01:00 to 04:00 takes four of them.
    ['Europe/Berlin', '2027-10-31', 25, 4],
    ['Europe/Berlin', '2027-03-28', 23, 2],
    ['America/New_York', '2027-11-07', 25, 4],
    // Midnight does not exist: the day begins at 01:00.
    ['Africa/Cairo', '2027-04-30', 23, 3],
    ['Australia/Lord_Howe', '2027-04-04', 24.5, 3.5],
    ['Asia/Kolkata', '2027-03-28', 24, 3],
  ])('%s on %s has %d hours, and working hours of %d from 01:00 to 04:00', async (timeZone, date, hours, open) => {
    const place = await openClinic(app, { timeZone, hours: { start: '01:00', end: '04:00' } });
    const { data } = await getDay(`date=${date}`, place.staff, place.id);
    const length = ({ startDateTime, endDateTime }: { startDateTime: string; endDateTime: string }): number =>
      (Date.parse(endDateTime) - Date.parse(startDateTime)) / 3_600_000;
    expect([length(data), data.doctors[0].hours.map(length), data.doctors[0].free.map(length)]).toEqual([
      hours,
      [open],
      [open],
    ]);
  });
});
