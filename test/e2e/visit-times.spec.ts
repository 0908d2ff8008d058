import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { NOTIFICATION_TITLE } from '../../src/modules/notifications/index.js';
import { TestApp, type Answer } from '../support/app.js';
import { decrypted } from '../support/encrypted.js';
import { aService, openClinic, type ClinicOptions, type TestClinic } from '../support/clinic.js';
import { eventually } from '../support/eventually.js';
import { SettableClock } from '../support/settable-clock.js';

/** When the status of an appointment may change, which time this frees, and how it is undone. */

/** In the past, because tokens are checked by the same clock. */
const [LONG_AGO, DAY, LATER] = ['2026-05-04', '2026-05-18', '2026-05-24'] as [string, string, string];

const clock = new SettableClock();
const at = (time: string, day = DAY): string => `${day}T${time}Z`;
const setClock = (time: string, day = DAY): void => clock.set(at(time, day));

let app: TestApp;

beforeAll(async () => {
  app = await TestApp.start({}, undefined, clock);
});

afterAll(() => app.close());

beforeEach(() => setClock('08:00:00'));

interface Practice extends TestClinic {
  serviceId: string;
}

/** A clinic whose visits take twenty minutes and start every five. */
async function createPractice(options: ClinicOptions = {}, service: object = {}): Promise<Practice> {
  const policy = { slotStepMinutes: 5, ...options.policy };
  const clinic = await openClinic(app, { ...options, policy });
  return { ...clinic, serviceId: await aService(app, clinic, { durationMinutes: 20, ...service }) };
}

const post = (path: string, token: string, body?: object, headers = {}): Promise<Answer> =>
  app.call('POST', `/api/v1/appointments${path}`, { token, headers, ...(body && { body }) });

const act = (id: string, step: string, { staff }: Practice, headers = {}): Promise<Answer> =>
  post(`/${id}/${step}`, staff, undefined, headers);

async function book(practice: Practice, startDateTime: string, patient?: { token: string }): Promise<Answer> {
  const { token } = patient ?? (await app.patient());
  const [doctorId] = practice.doctorIds;
  return post('', token, { serviceId: practice.serviceId, doctorId, startDateTime });
}

async function walkIn(practice: Practice, startDateTime: string): Promise<Answer> {
  const { clientId } = await app.patient();
  await app.db.query('INSERT INTO client_clinic (client_id, clinic_id) VALUES ($1, $2)', [clientId, practice.id]);
  const [doctorId] = practice.doctorIds;
  const body = {
    serviceId: practice.serviceId,
    doctorId,
    clientId,
    startDateTime,
    overrideHours: true,
    overrideReason: 'Urgent',
  };
  return post('', practice.staff, body);
}

async function booked(practice: Practice, startDateTime: string, patient?: { token: string }): Promise<string> {
  const answer = await book(practice, startDateTime, patient);
  expect(answer.status).toBe(201);
  return answer.data.id;
}

const listed = async ({ serviceId }: Practice, day = DAY): Promise<string[]> => {
  const { data } = await app.call('GET', `/api/v1/availability?serviceId=${serviceId}&from=${day}&to=${day}`);
  return data.map(({ startDateTime }: { startDateTime: string }) => startDateTime.slice(11, 16));
};

const reservations = async (id: string): Promise<{ kind: string; ends: string }[]> => {
  const { rows } = await app.db.query(
    `SELECT kind, upper(during) AS ends FROM reservation WHERE appointment_id = $1 AND active ORDER BY kind`,
    [id],
  );
  return rows.map(({ kind, ends }) => ({ kind, ends: ends.toISOString().slice(11, 19) }));
};

const history = async (id: string, token: string): Promise<any[]> =>
  (await app.call('GET', `/api/v1/appointments/${id}/history`, { token })).data;

describe('a step', () => {
  it('to no-show is not allowed before the visit starts: the time stays reserved', async () => {
    const practice = await createPractice();
    const id = await booked(practice, at('10:00:00', LATER));
    for (const [time, day] of [
      ['08:00:00', DAY],
      ['09:59:59.999', LATER],
    ] as const) {
      setClock(time, day);
      const refused = await act(id, 'no-show', practice);
      expect([refused.status, refused.code]).toEqual([409, 'INVALID_TRANSITION']);
      expect(refused.body.error.details).toEqual({ reason: 'TOO_EARLY', notBefore: `${LATER}T10:00:00.000Z` });
    }
    expect((await book(practice, at('10:00:00', LATER))).code).toBe('APPOINTMENT_CONFLICT');
    setClock('10:00:00', LATER);
    expect((await act(id, 'no-show', practice)).data).toMatchObject({ status: 'NO_SHOW' });
  });

  it.each(['Asia/Tokyo', 'America/Los_Angeles'])(
    'to check in is allowed from the start of the clinic’s day, in %s',
    async (timeZone) => {
      const practice = await createPractice({ timeZone });
      const midnight = localMidnight(timeZone, LATER);
      const id = await booked(practice, new Date(midnight + 9 * 3_600_000).toISOString());
      clock.set(new Date(midnight - 1).toISOString());
      expect((await act(id, 'check-in', practice)).body.error.details.reason).toBe('TOO_EARLY');
      clock.set(new Date(midnight).toISOString());
      expect((await act(id, 'check-in', practice)).data.checkedInAt).toBe(new Date(midnight).toISOString());
    },
  );

  it('to start is allowed from thirty minutes before the visit, or after the check-in', async () => {
    const practice = await createPractice();
    const id = await booked(practice, at('10:00:00'));
    setClock('09:29:59.999');
    expect((await act(id, 'start', practice)).body.error.details).toMatchObject({ reason: 'TOO_EARLY' });
    setClock('09:30:00');
    expect((await act(id, 'start', practice)).data).toMatchObject({
      status: 'IN_PROGRESS',
      startedAt: at('09:30:00.000'),
    });
    const early = await booked(practice, at('20:00:00'));
    expect((await act(early, 'check-in', practice)).status).toBe(200);
    expect((await act(early, 'start', practice)).data.status).toBe('IN_PROGRESS');
  });

  it('to complete is not allowed earlier than thirty minutes before the visit', async () => {
    const practice = await createPractice();
    const id = await booked(practice, at('10:00:00', LATER));
    await app.db.query(`UPDATE appointment SET status = 'IN_PROGRESS' WHERE id = $1`, [id]);
    expect((await act(id, 'complete', practice)).body.error.details.reason).toBe('TOO_EARLY');
    setClock('09:30:00', LATER);
    expect((await act(id, 'complete', practice)).data.status).toBe('COMPLETED');
  });

  it('that the status does not allow is rejected because of the status, not the time', async () => {
    const practice = await createPractice();
    const id = await booked(practice, at('10:00:00', LATER));
    await app.call('DELETE', `/api/v1/appointments/${id}`, { token: practice.staff });
    for (const step of ['check-in', 'start', 'complete', 'no-show']) {
      const { code, body } = await act(id, step, practice);
      expect([code, body.error.details.from, body.error.details.reason]).toEqual([
        'INVALID_TRANSITION',
        'CANCELLED',
        undefined,
      ]);
    }
  });
});

describe('completing early', () => {
  async function completed(
    practice: Practice,
    startDateTime: string,
    [startedAt, completedAt]: [string, string],
  ): Promise<string> {
    const id = await booked(practice, startDateTime);
    setClock(startedAt);
    await act(id, 'check-in', practice);
    await act(id, 'start', practice);
    setClock(completedAt);
    expect((await act(id, 'complete', practice)).data.status).toBe('COMPLETED');
    return id;
  }

  it('frees the rest of the time of doctor, room and equipment: it is listed, and can be booked', async () => {
    const practice = await createPractice(
      { rooms: 1, equipment: 1 },
      { requiredResourceKinds: ['ROOM', 'EQUIPMENT'], bufferAfterMinutes: 5 },
    );
    await booked(practice, at('12:20:00'));
    const id = await completed(practice, at('12:50:00'), ['12:30:00', '12:55:00']);
    expect(await reservations(id)).toEqual([
      { kind: 'CLIENT', ends: '12:55:00' },
      { kind: 'DOCTOR', ends: '13:00:00' },
      { kind: 'RESOURCE', ends: '13:00:00' },
      { kind: 'RESOURCE', ends: '13:00:00' },
    ]);
    expect((await listed(practice)).slice(0, 1)).toEqual(['13:00']);
    expect((await walkIn(practice, at('13:00:00'))).status).toBe(201);
  });

  it('before the planned start frees all of the time', async () => {
    const practice = await createPractice();
    const id = await completed(practice, at('12:50:00'), ['12:35:00', '12:47:00']);
    expect(await reservations(id)).toEqual([]);
    expect((await listed(practice)).slice(0, 2)).toEqual(['12:50', '12:55']);
    expect((await walkIn(practice, at('12:50:00'))).status).toBe(201);
  });

  it('late does not change what is reserved', async () => {
    const practice = await createPractice();
    const id = await completed(practice, at('12:50:00'), ['12:50:00', '13:30:00']);
    expect((await reservations(id)).map(({ ends }) => ends)).toEqual(['13:10:00', '13:10:00']);
  });

  it('also frees the patient’s time', async () => {
    const [one, other] = [await createPractice(), await createPractice()];
    const patient = await app.patient();
    const id = await booked(one, at('12:50:00'), patient);
    setClock('12:50:00');
    await act(id, 'start', one);
    expect((await book(other, at('13:00:00'), patient)).code).toBe('APPOINTMENT_CONFLICT');
    setClock('12:54:30');
    await act(id, 'complete', one);
    expect((await book(other, at('12:55:00'), patient)).status).toBe(201);
  });

  it('frees the seat of a group session while others stay', async () => {
    const practice = await createPractice({}, { capacity: 2 });
    const first = await booked(practice, at('12:50:00'));
    const second = await booked(practice, at('12:50:00'));
    expect((await book(practice, at('12:50:00'))).code).toBe('APPOINTMENT_CONFLICT');
    setClock('12:40:00');
    await act(first, 'start', practice);
    await act(first, 'complete', practice);
    expect(await listed(practice)).toContain('12:50');
    await booked(practice, at('12:50:00'));
    expect((await book(practice, at('12:50:00'))).code).toBe('APPOINTMENT_CONFLICT');
    expect((await act(first, 'reinstate', practice)).code).toBe('APPOINTMENT_CONFLICT');
    await app.call('DELETE', `/api/v1/appointments/${second}`, { token: practice.staff });
    expect((await act(first, 'reinstate', practice)).data.status).toBe('IN_PROGRESS');
  });
});

describe('reinstating', () => {
  it('undoes one step at a time, appears in the history, and checks If-Match', async () => {
    const practice = await createPractice();
    const id = await booked(practice, at('10:00:00'));
    setClock('10:00:00');
    for (const step of ['check-in', 'start', 'complete']) await act(id, step, practice);
    expect((await act(id, 'reinstate', practice, { 'if-match': '"1"' })).code).toBe('VERSION_MISMATCH');
    const back = await act(id, 'reinstate', practice, { 'if-match': '"4"' });
    expect(back.data).toMatchObject({ status: 'IN_PROGRESS', completedAt: null, version: 5 });
    expect((await act(id, 'reinstate', practice)).data).toMatchObject({ status: 'CONFIRMED', startedAt: null });
    expect((await act(id, 'reinstate', practice)).data).toMatchObject({ status: 'CONFIRMED', checkedInAt: null });
    expect((await act(id, 'reinstate', practice)).code).toBe('INVALID_TRANSITION');
    const undone = (await history(id, practice.staff)).filter(({ action }) => action === 'appointment.reinstated');
    expect(undone.map(({ changes, actorRole }) => [changes.status, actorRole])).toEqual([
      [['COMPLETED', 'IN_PROGRESS'], 'STAFF'],
      [['IN_PROGRESS', 'CONFIRMED'], 'STAFF'],
      [['CONFIRMED', 'CONFIRMED'], 'STAFF'],
    ]);
  });

  it('reserves the time of a no-show again', async () => {
    const practice = await createPractice({ rooms: 1 }, { requiredResourceKinds: ['ROOM'] });
    const id = await booked(practice, at('10:00:00'));
    const held = await reservations(id);
    setClock('10:00:00');
    await act(id, 'no-show', practice);
    expect(await reservations(id)).toEqual([]);
    expect((await act(id, 'reinstate', practice)).data.status).toBe('CONFIRMED');
    expect(await reservations(id)).toEqual(held);
    expect((await walkIn(practice, at('10:05:00'))).code).toBe('APPOINTMENT_CONFLICT');
  });

  it.each([
    [false, 'CONFIRMED'],
    [true, 'PENDING'],
  ])(
    'returns a cancelled visit to its previous status (confirmation required: %s)',
    async (requiresConfirmation, status) => {
      const practice = await createPractice({ policy: { requiresConfirmation } });
      const id = await booked(practice, at('10:00:00', LATER));
      await app.call('DELETE', `/api/v1/appointments/${id}?reason=Mistake`, { token: practice.staff });
      expect(await listed(practice, LATER)).toContain('10:00');
      const { data } = await act(id, 'reinstate', practice);
      expect(data).toMatchObject({
        status,
        cancelledAt: null,
        cancelReason: null,
        startDateTime: at('10:00:00.000', LATER),
      });
      expect(await listed(practice, LATER)).not.toContain('10:00');
    },
  );

  it('is rejected with other times if the time is no longer free, and changes nothing', async () => {
    const practice = await createPractice();
    const id = await booked(practice, at('10:00:00', LATER));
    await app.call('DELETE', `/api/v1/appointments/${id}`, { token: practice.staff });
    await booked(practice, at('10:10:00', LATER));
    const refused = await act(id, 'reinstate', practice);
    expect([refused.status, refused.code]).toEqual([409, 'APPOINTMENT_CONFLICT']);
    expect(refused.body.error.details).toMatchObject({ conflictingWith: 'DOCTOR' });
    expect(refused.body.error.details.alternatives).toHaveLength(3);
    const { data } = await app.call('GET', `/api/v1/appointments/${id}`, { token: practice.staff });
    expect(data).toMatchObject({ status: 'CANCELLED', version: 2 });
    expect(await reservations(id)).toEqual([]);
  });

  it('is rejected with times at which the patient is free, also long after the visit', async () => {
    const practice = await createPractice({ doctors: 2 });
    const patient = await app.patient();
    setClock('09:00:00', LONG_AGO);
    const id = await booked(practice, at('10:00:00', LONG_AGO), patient);
    setClock('10:00:00', LONG_AGO);
    await act(id, 'no-show', practice);
    expect((await walkIn(practice, at('10:00:00', LONG_AGO))).status).toBe(201);
    setClock('08:00:00', LATER);
    const otherDoctor = { ...practice, doctorIds: practice.doctorIds.slice(1) };
    await booked(otherDoctor, at('08:10:00', LATER), patient);
    const { alternatives } = (await act(id, 'reinstate', practice)).body.error.details;
    expect(alternatives.map(({ startDateTime }: { startDateTime: string }) => startDateTime)).toEqual([
      at('08:30:00.000', LATER),
      at('08:35:00.000', LATER),
      at('08:40:00.000', LATER),
    ]);
  });

  it('and concurrent bookings of the same time: one of them succeeds', async () => {
    const practice = await createPractice();
    for (let round = 0; round < 5; round += 1) {
      const start = at(`1${round}:00:00`, LATER);
      const id = await booked(practice, start);
      await app.call('DELETE', `/api/v1/appointments/${id}`, { token: practice.staff });
      const patients = await app.patients(4);
      const answers = await Promise.all([
        act(id, 'reinstate', practice),
        ...patients.map((who) => book(practice, start, who)),
      ]);
      const refused = answers.filter(({ status }) => status >= 300);
      expect(refused.map(({ code }) => code)).toEqual(Array<string>(4).fill('APPOINTMENT_CONFLICT'));
    }
    expect(await app.overlaps()).toBe(0);
  });

  it('reserves time again that an early completion freed, if it is still free', async () => {
    const practice = await createPractice();
    const id = await booked(practice, at('12:50:00'));
    setClock('12:45:00');
    await act(id, 'start', practice);
    setClock('12:55:00');
    await act(id, 'complete', practice);
    expect((await act(id, 'reinstate', practice)).data.status).toBe('IN_PROGRESS');
    expect((await reservations(id)).map(({ ends }) => ends)).toEqual(['13:10:00', '13:10:00']);
    await act(id, 'complete', practice);
    await walkIn(practice, at('13:00:00'));
    expect((await act(id, 'reinstate', practice)).code).toBe('APPOINTMENT_CONFLICT');
  });

  it('is allowed for the front desk and the visit’s doctor; patients get 403, other doctors 404', async () => {
    const practice = await createPractice();
    const id = await booked(practice, at('10:00:00', LATER));
    const doctor = (doctorId: string) =>
      app.tokenFor({ userId: randomUUID(), role: 'DOCTOR', doctorId, clinicIds: [practice.id] });
    await app.call('DELETE', `/api/v1/appointments/${id}`, { token: practice.staff });
    expect((await post(`/${id}/reinstate`, (await app.patient()).token)).status).toBe(403);
    expect((await post(`/${id}/reinstate`, doctor(randomUUID()))).status).toBe(404);
    expect((await post(`/${id}/reinstate`, doctor(practice.doctorIds[0] as string))).status).toBe(200);
  });

  it('of a cancellation notifies the patient and plans the reminders again', async () => {
    const practice = await createPractice();
    // The worker plans messages by the real time.
    clock.set(new Date().toISOString());
    const inFiveDays = new Date(Date.now() + 5 * 86_400_000).toISOString().slice(0, 10);
    const id = await booked(practice, at('10:00:00', inFiveDays));
    const reminders = async (): Promise<number> =>
      (
        await app.db.query(
          `SELECT count(*)::int AS n FROM planned_notification WHERE appointment_id = $1 AND kind = 'APPOINTMENT_REMINDER'`,
          [id],
        )
      ).rows[0].n;
    await eventually(async () => expect(await reminders()).toBe(2));
    await app.call('DELETE', `/api/v1/appointments/${id}`, { token: practice.staff });
    await eventually(async () => expect(await reminders()).toBe(0));
    await act(id, 'reinstate', practice);
    await eventually(async () => expect(await reminders()).toBe(2));
    await eventually(async () => {
      const { rows } = await app.db.query(
        `SELECT id, title FROM notification WHERE appointment_id = $1 AND kind = 'APPOINTMENT_REINSTATED' AND channel = 'IN_APP'`,
        [id],
      );
      const titles = rows.map(({ id: entry, title }) => decrypted(app, NOTIFICATION_TITLE, title, entry));
      expect(titles).toEqual(['Appointment takes place after all']);
    });
  });
});

describe('the front desk', () => {
  it('gets alternative times that ignore the patients’ notice', async () => {
    const practice = await createPractice({ policy: { minimumNoticeMinutes: 1_440 } });
    setClock('12:00:00');
    expect((await walkIn(practice, at('12:10:00'))).status).toBe(201);
    const taken = await walkIn(practice, at('12:10:00'));
    expect(taken.code).toBe('APPOINTMENT_CONFLICT');
    const { alternatives } = taken.body.error.details;
    expect(alternatives.map(({ startDateTime }: { startDateTime: string }) => startDateTime.slice(11, 16))).toEqual([
      '12:30',
      '12:35',
      '12:40',
    ]);
    for (const { startDateTime } of alternatives.slice(0, 1))
      expect((await walkIn(practice, startDateTime)).status).toBe(201);
  });

  it('books and moves a walk-in to a whole minute', async () => {
    const practice = await createPractice();
    setClock('12:46:54.785');
    const { data, status } = await walkIn(practice, at('12:46:54.785'));
    expect([status, data.startDateTime, data.endDateTime]).toEqual([201, at('12:46:00.000'), at('13:06:00.000')]);
    const moved = await app.call('PUT', `/api/v1/appointments/${data.id}`, {
      token: practice.staff,
      body: { startDateTime: at('12:59:59.999'), overrideHours: true, overrideReason: 'Urgent' },
    });
    expect(moved.data.startDateTime).toBe(at('12:59:00.000'));
    expect((await book(practice, at('15:00:00.001'))).code).toBe('SLOT_NOT_OFFERED');
  });
});

describe('upcoming', () => {
  it('visits are those after the clock, for the limit of a patient and the deletion of a service', async () => {
    const practice = await createPractice({ policy: { maxUpcomingPerClient: 1 } });
    const patient = await app.patient();
    const remove = (): Promise<Answer> =>
      app.call('DELETE', `/api/v1/services/${practice.serviceId}`, { token: practice.manager });
    await booked(practice, at('12:00:00'), patient);
    const refused = await book(practice, at('15:00:00'), patient);
    expect(refused).toMatchObject({ status: 422, body: { error: { details: { reason: 'TOO_MANY_UPCOMING' } } } });
    expect(refused.body.error.message).toMatch(/at most 1 upcoming appointment\./);
    expect(await remove()).toMatchObject({ status: 409, code: 'IN_USE' });
    setClock('12:20:00');
    await booked(practice, at('15:00:00'), patient);
    setClock('15:20:00');
    expect((await remove()).status).toBe(200);
  });
});

/** Midnight of a local day, by ICU. */
function localMidnight(timeZone: string, day: string): number {
  const format = new Intl.DateTimeFormat('en-CA', {
    timeZone,
    dateStyle: 'short',
    timeStyle: 'short',
    hourCycle: 'h23',
  });
  const utc = Date.parse(`${day}T00:00:00Z`);
  for (let hour = -15; hour <= 15; hour += 1) {
    const instant = utc + hour * 3_600_000;
    if (format.format(instant) === `${day}, 00:00`) return instant;
  }
  throw new Error(`${day} has no midnight in ${timeZone}`);
}
