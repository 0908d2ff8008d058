import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '../../src/core/kernel/id.js';
import { BookingStatementRunner } from '../../src/modules/appointments/booking-statement-runner.js';
import { BOOKING_RULES } from '../../src/modules/scheduling/booking-rules.repository.js';
import { countByStatus } from '../support/answers.js';
import { TestApp, type Answer } from '../support/app.js';
import { aService, at, openClinic, type TestClinic } from '../support/clinic.js';
import { eventually } from '../support/eventually.js';
import { rounds } from '../support/long-form.js';
import { countDeadlocks, countLockWaits } from '../support/locks.js';
import { secondApp, type SecondApp } from '../support/second-app.js';

/** The booking statement in two processes on one database: batches, and concurrent changes of the schedule. */

interface Patient {
  clientId: string;
  userId: string;
  token: string;
}

/** Notes that a constraint refuses by their length: the statement fails after it has inserted other rows. */
const REFUSED = 'refused by a constraint '.repeat(40);

let app: TestApp;
let second: SecondApp;
let clinic: TestClinic;
let serviceId: string;
let patients: Patient[];

beforeAll(async () => {
  app = await TestApp.start({ JOBS_IN_PROCESS: 'false', DATABASE_TIMEOUT_SECONDS: '8' });
  second = await secondApp(app, { JOBS_IN_PROCESS: 'false' });
  clinic = await openClinic(app, { doctors: 6, policy: { horizonDays: 365 } });
  serviceId = await aService(app, clinic);
  patients = await app.patients(60);
  await app.db.query(`ALTER TABLE appointment ADD CONSTRAINT refused CHECK (octet_length(notes) < ${REFUSED.length})`);
});

afterAll(async () => {
  await second.close();
  await app.close();
});

interface Booking {
  patient: number;
  doctor?: number;
  start: string;
  key?: string;
  url?: string;
  service?: string;
  notes?: string;
}

const book = ({
  patient,
  doctor = 0,
  start,
  key,
  url = app.url,
  service = serviceId,
  notes,
}: Booking): Promise<Answer> =>
  app.call('POST', `${url}/api/v1/appointments`, {
    token: patients[patient]?.token,
    headers: key ? { 'idempotency-key': key } : {},
    body: { serviceId: service, doctorId: clinic.doctorIds[doctor], startDateTime: start, notes },
  });

/** The first half hours of a day. */
const halfHours = (day: number, count: number): string[] =>
  Array.from({ length: count }, (_, n) =>
    at(day, `${String(Math.floor(n / 2)).padStart(2, '0')}:${n % 2 ? '30' : '00'}`),
  );

/** Holds a lock during the work, or until the work releases it. */
async function whileLocked<T>(
  statement: string,
  work: (release: () => Promise<void>) => Promise<T>,
  values: string[] = [],
): Promise<T> {
  const holder = await app.db.connect();
  const release = async (): Promise<void> => void (await holder.query('ROLLBACK'));
  try {
    await holder.query('BEGIN');
    await holder.query(statement, values);
    return await work(release);
  } finally {
    await release();
    holder.release();
  }
}

/** A lock that every booking waits for. */
const LOCK_BOOKINGS = 'LOCK TABLE client_clinic IN EXCLUSIVE MODE';

/** Waits until this many statements wait for a lock, and at least this many bookings of the first process for a statement. */
const untilWaiting = (statements: number, bookings: number): Promise<void> =>
  eventually(async () => {
    expect(await countLockWaits(app.db)).toBe(statements);
    expect(app.app.get(BookingStatementRunner).waiting).toBeGreaterThanOrEqual(bookings);
  });

/**
 * Blocks the first two statements until the other bookings wait behind them, so that these are sent as one batch.
 * @param waiting how many bookings of the first process wait at least
 */
const asBatch = (requests: () => Promise<Answer>[], waiting: number): Promise<Answer[]> =>
  whileLocked(LOCK_BOOKINGS, async (release) => {
    const answers = Promise.all(requests());
    await untilWaiting(2, waiting);
    await release();
    return answers;
  });

/** Counts the appointments that have all of their active reservations, one audit row, one event and a link to the clinic. */
async function countComplete(ids: string[]): Promise<number> {
  const { rows } = await app.db.query<{ n: number }>(
    `SELECT count(*)::int AS n FROM appointment a WHERE a.id = ANY ($1::uuid[])
       AND (SELECT count(*) FROM reservation r WHERE r.appointment_id = a.id AND r.active) = 2 + cardinality(a.resource_ids)
       AND (SELECT count(*) FROM audit_log l WHERE l.object_id = a.id AND l.action = 'appointment.booked') = 1
       AND (SELECT count(*) FROM outbox o WHERE o.aggregate_id = a.id AND o.event = 'appointment:created') = 1
       AND EXISTS (SELECT FROM client_clinic x WHERE x.client_id = a.client_id AND x.clinic_id = a.clinic_id)`,
    [ids],
  );
  return rows[0]?.n ?? -1;
}

const toIds = (answers: Answer[]): string[] =>
  answers.filter(({ status }) => status === 201).map(({ data }) => data.id as string);

describe('a batch of bookings', () => {
  it('writes each booking completely', async () => {
    const starts = halfHours(3, 40);
    const answers = await asBatch(() => starts.map((start, n) => book({ patient: n, doctor: n % 6, start })), 38);
    expect(countByStatus(answers)).toEqual({ 201: 40 });
    expect(await countComplete(toIds(answers))).toBe(40);
    for (const [n, { data }] of answers.entries()) {
      const read = await app.call('GET', `/api/v1/appointments/${data.id}`, { token: patients[n]?.token });
      expect(read.data).toEqual(data);
    }
  });

  it('writes all other bookings if the database refuses one', async () => {
    const starts = halfHours(4, 30);
    const answers = await asBatch(
      () => starts.map((start, n) => book({ patient: n, doctor: n % 6, start, ...(n === 17 && { notes: REFUSED }) })),
      28,
    );
    expect(answers[17]).toMatchObject({ status: 500, code: 'INTERNAL_ERROR' });
    expect(countByStatus(answers)).toEqual({ 201: 29, '500 INTERNAL_ERROR': 1 });
    expect(await countComplete(toIds(answers))).toBe(29);
  });

  it('stores a lone surrogate as the replacement character', async () => {
    const booked = await book({ patient: 9, doctor: 5, start: at(4, '20:00'), notes: 'a\ud83d b' });
    expect([booked.status, booked.data.notes]).toEqual([201, 'a\ufffd b']);
    const read = await app.call('GET', `/api/v1/appointments/${booked.data.id}`, { token: patients[9]?.token });
    expect(read.data).toEqual(booked.data);
  });

  it('books a contested slot once, and offers the others three other times', async () => {
    const start = at(5, '09:00');
    const answers = await asBatch(
      () =>
        Array.from({ length: 30 }, (_, n) => book({ patient: n, doctor: 0, start, url: n % 2 ? second.url : app.url })),
      14,
    );
    expect(countByStatus(answers)).toEqual({ 201: 1, '409 APPOINTMENT_CONFLICT': 29 });
    for (const { status, body } of answers) {
      if (status === 201) continue;
      expect(body.error.details).toMatchObject({ conflictingWith: 'DOCTOR', alternatives: { length: 3 } });
    }
    expect(await app.overlaps()).toBe(0);
  });

  it('books once if an Idempotency-Key is in it twice, and the answer is replayed', async () => {
    const key = newId();
    const [first, again, ...others] = await asBatch(
      () => [
        book({ patient: 1, start: at(6, '09:00'), key }),
        book({ patient: 1, start: at(6, '09:00'), key }),
        ...halfHours(6, 10).map((start, n) => book({ patient: 10 + n, doctor: 1, start })),
      ],
      9,
    );
    expect(countByStatus(others)).toEqual({ 201: 10 });
    // The second gets IDEMPOTENCY_IN_PROGRESS or the stored answer, but never a conflict with its own booking.
    expect(countByStatus([first as Answer, again as Answer])).toEqual(
      again?.status === 201 && first?.status === 201 ? { 201: 2 } : { 201: 1, '409 IDEMPOTENCY_IN_PROGRESS': 1 },
    );
    const replayed = await book({ patient: 1, start: at(6, '09:00'), key });
    expect([replayed.status, replayed.headers.get('idempotency-replayed')]).toEqual([201, 'true']);
    const { rows } = await app.db.query('SELECT FROM appointment WHERE client_id = $1 AND start_at = $2', [
      patients[1]?.clientId,
      at(6, '09:00'),
    ]);
    expect(rows).toHaveLength(1);
  });

  it('fails with 503 if PostgreSQL closes the connection, and is booked once if the requests are repeated with the same keys', async () => {
    const starts = halfHours(9, 40);
    const keys = starts.map(() => newId());
    const bookAll = (): Promise<Answer>[] =>
      starts.map((start, n) => book({ patient: n, doctor: n % 6, start, key: keys[n] }));
    const cut = await whileLocked(LOCK_BOOKINGS, async (release) => {
      const answers = Promise.all(bookAll());
      await untilWaiting(2, 38);
      await app.db.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      );
      await release();
      return answers;
    });
    expect(cut.filter(({ status }) => status === 503).length).toBeGreaterThan(0);
    expect(
      Object.keys(countByStatus(cut)).filter((name) => !['201', '503 SERVICE_UNAVAILABLE'].includes(name)),
    ).toEqual([]);
    const again = await Promise.all(bookAll());
    expect(countByStatus(again)).toEqual({ 201: 40 });
    expect(await countComplete(toIds(again))).toBe(40);
    for (const [n, answer] of cut.entries()) if (answer.status === 201) expect(again[n]?.data).toEqual(answer.data);
  });

  it('books an Idempotency-Key once in two processes', async () => {
    for (let round = 0; round < 10; round += 1) {
      const key = newId();
      const start = halfHours(7, 20)[round * 2] as string;
      const pair = await asBatch(
        () => [app.url, second.url].map((url) => book({ patient: 2, doctor: round % 6, start, key, url })),
        0,
      );
      expect(countByStatus(pair)).toEqual({ 201: 2 });
      expect(pair[0]?.data).toEqual(pair[1]?.data);
    }
  });

  it('refuses a patient of another clinic, and writes the other bookings', async () => {
    const elsewhere = await openClinic(app);
    const stranger = (await app.patients(1))[0] as Patient;
    await app.db.query('INSERT INTO client_clinic (client_id, clinic_id, registered_at) VALUES ($1, $2, now())', [
      stranger.clientId,
      elsewhere.id,
    ]);
    const byDesk = (clientId: string | undefined, start: string): Promise<Answer> =>
      app.call('POST', '/api/v1/appointments', {
        token: clinic.staff,
        body: { serviceId, doctorId: clinic.doctorIds[2], startDateTime: start, clientId },
      });
    const starts = halfHours(8, 10);
    const answers = await asBatch(
      () => starts.map((start, n) => byDesk(n === 4 ? stranger.clientId : patients[n]?.clientId, start)),
      8,
    );
    expect(answers[4]).toMatchObject({ status: 404, code: 'NOT_FOUND' });
    expect(countByStatus(answers)).toEqual({ 201: 9, '404 NOT_FOUND': 1 });
  });
});

describe('a delayed booking', () => {
  it('waits while the schedule of its clinic is changed, and does not delay bookings of other clinics', async () => {
    const elsewhere = await openClinic(app, { doctors: 6 });
    const service = await aService(app, elsewhere);
    const bookElsewhere = (n: number, time: string): Promise<Answer> =>
      app.call('POST', '/api/v1/appointments', {
        token: patients[n]?.token,
        body: { serviceId: service, doctorId: elsewhere.doctorIds[n % 6], startDateTime: at(10, time) },
      });
    await book({ patient: 40, start: at(10, '20:00') });
    await bookElsewhere(41, '20:00');
    const lock = 'SELECT FROM schedule_revision WHERE clinic_id = $1 FOR UPDATE';
    await whileLocked(
      lock,
      async (release) => {
        const held: Promise<Answer>[] = [];
        const free: Promise<Answer>[] = [];
        for (let n = 0; n < 20; n += 1) {
          held.push(book({ patient: n, doctor: n % 6, start: at(10, `${String(n).padStart(2, '0')}:00`) }));
          free.push(bookElsewhere(20 + n, `${String(n).padStart(2, '0')}:00`));
        }
        expect(countByStatus(await Promise.all(free))).toEqual({ 201: 20 });
        await release();
        expect(countByStatus(await Promise.all(held))).toEqual({ 201: 20 });
      },
      [clinic.id],
    );
    const refused = await whileLocked(lock, () => book({ patient: 0, start: at(10, '23:00') }), [clinic.id]);
    expect(refused).toMatchObject({ status: 503, code: 'SERVICE_UNAVAILABLE' });
    expect((await book({ patient: 0, start: at(10, '23:00') })).status).toBe(201);
  });

  it('does not block the time of another booking of its batch that is cancelled in the meantime', async () => {
    const start = at(11, '09:00');
    const lockClient = 'SELECT FROM client WHERE id = $1 FOR UPDATE';
    const bookWhileClientIsLocked = async (releaseClient: () => Promise<void>): Promise<void> => {
      // One batch, which fails. Sent alone, the first is booked, the second fails, and the third waits for its patient's row.
      const { both, first, second, third } = await whileLocked(LOCK_BOOKINGS, async (releaseBookings) => {
        const both = [0, 1].map((n) => book({ patient: n, doctor: n, start }));
        await untilWaiting(2, 0);
        const first = book({ patient: 2, doctor: 2, start });
        await untilWaiting(2, 1);
        const second = book({ patient: 4, doctor: 4, start, notes: REFUSED });
        await untilWaiting(2, 2);
        const third = book({ patient: 3, doctor: 3, start });
        await untilWaiting(2, 3);
        await releaseBookings();
        return { both, first, second, third };
      });
      expect(countByStatus(await Promise.all(both))).toEqual({ 201: 2 });
      const { status, data } = await first;
      expect([status, (await second).status]).toEqual([201, 500]);
      expect((await app.call('DELETE', `/api/v1/appointments/${data.id}`, { token: clinic.staff })).status).toBe(200);
      expect((await book({ patient: 5, doctor: 2, start })).status).toBe(201);
      await releaseClient();
      expect((await third).status).toBe(201);
    };
    await whileLocked(lockClient, bookWhileClientIsLocked, [patients[3]?.clientId as string]);
  });
});

describe('a change of the schedule', () => {
  it('is respected by every process once it is committed, for a day that is closed and opened again and again', async () => {
    const doctorId = clinic.doctorIds[3];
    const day = at(20).slice(0, 10);
    for (let round = 0; round < rounds(8, 30); round += 1) {
      const [writer, reader] = round % 2 ? [app.url, second.url] : [second.url, app.url];
      const start = at(20, `${String(round % 24).padStart(2, '0')}:00`);
      const closed = await app.call('POST', `${writer}/api/v1/doctors/${doctorId}/schedule/exceptions`, {
        token: clinic.manager,
        body: { kind: 'CLOSED', from: day, to: day },
      });
      expect(closed.status).toBe(201);
      const refused = await book({ patient: 3, doctor: 3, start, url: reader });
      expect(refused).toMatchObject({ status: 422, code: 'SLOT_NOT_OFFERED' });
      const opened = await app.call(
        'DELETE',
        `${writer}/api/v1/doctors/${doctorId}/schedule/exceptions/${closed.data.id}`,
        {
          token: clinic.manager,
        },
      );
      expect(opened.status).toBe(200);
      const booked = await book({ patient: 3, doctor: 3, start, url: reader });
      expect(booked.status).toBe(201);
      const cancelled = await app.call('DELETE', `/api/v1/appointments/${booked.data.id}`, { token: clinic.staff });
      expect(cancelled.status).toBe(200);
    }
  });

  it('that closes a day refuses all bookings that are requested after its commit', async () => {
    for (let round = 0; round < rounds(4, 10); round += 1) {
      const day = 30 + round;
      const date = at(day).slice(0, 10);
      let confirmed = false;
      const late: boolean[] = [];
      const answers: Answer[] = [];
      const bookAll = async (url: string, first: number): Promise<void> => {
        for (const [n, start] of halfHours(day, 48).entries()) {
          const isLate = confirmed;
          const answer = await book({ patient: first + (n % 10), doctor: 4, start, url });
          late.push(isLate);
          answers.push(answer);
          if (isLate && n > 40) break;
        }
      };
      const close = async (): Promise<void> => {
        await eventually(() => (answers.length > 4 ? Promise.resolve() : Promise.reject(new Error('no bookings yet'))));
        const closed = await app.call('POST', `/api/v1/doctors/${clinic.doctorIds[4]}/schedule/exceptions`, {
          token: clinic.manager,
          body: { kind: 'CLOSED', from: date, to: date },
        });
        expect(closed.status).toBe(201);
        confirmed = true;
      };
      await Promise.all([bookAll(app.url, 20), bookAll(second.url, 40), close()]);
      expect(late.filter(Boolean).length).toBeGreaterThan(0);
      const bookedLate = answers.filter(({ status }, n) => late[n] && status === 201);
      expect(bookedLate).toEqual([]);
      const expected = ['201', '409 APPOINTMENT_CONFLICT', '422 SLOT_NOT_OFFERED'];
      expect(Object.keys(countByStatus(answers)).filter((name) => !expected.includes(name))).toEqual([]);
    }
    expect(await app.overlaps()).toBe(0);
  });

  it('that extends the duration during bookings leaves each appointment with the duration that it was booked with', async () => {
    const own = await aService(app, clinic, { name: 'Changing', durationMinutes: 30 });
    let done = false;
    const durations = [60, 30, 45, 30, 60];
    const change = async (): Promise<void> => {
      try {
        for (const durationMinutes of durations) {
          const changed = await app.call('PUT', `/api/v1/services/${own}`, {
            token: clinic.manager,
            body: { durationMinutes },
          });
          expect(changed.status).toBe(200);
        }
      } finally {
        done = true;
      }
    };
    const answers: Answer[] = [];
    const bookAll = async (url: string, first: number): Promise<void> => {
      for (let n = 0; !done || n < 10; n += 1) {
        const start = at(50 + Math.floor(n / 12), `${String((n % 12) * 2).padStart(2, '0')}:00`);
        answers.push(await book({ patient: first + (n % 10), doctor: first === 20 ? 0 : 1, start, url, service: own }));
      }
    };
    await Promise.all([bookAll(app.url, 20), bookAll(second.url, 40), change()]);
    expect(Object.keys(countByStatus(answers))).toEqual(['201']);
    const last = await book({ patient: 50, doctor: 2, start: at(49, '09:00'), url: second.url, service: own });
    expect(Date.parse(last.data.endDateTime) - Date.parse(last.data.startDateTime)).toBe(60 * 60_000);
    const { rows } = await app.db.query<{ n: number }>(
      `SELECT count(*)::int AS n FROM appointment a JOIN reservation r ON r.appointment_id = a.id AND r.kind = 'DOCTOR'
       WHERE a.service_id = $1 AND (lower(r.during) <> a.start_at OR upper(r.during) <> a.end_at)`,
      [own],
    );
    expect(rows[0]?.n).toBe(0);
  });

  it('does not make a booking fail, even if the next change follows before the booking is written', async () => {
    const roomy = await openClinic(app, { doctors: 2, rooms: 1 });
    const own = [
      await aService(app, roomy),
      await aService(app, roomy, { name: 'In a room', requiredResourceKinds: ['ROOM'] }),
      await aService(app, roomy, { name: 'Group', capacity: 3 }),
    ];
    let done = false;
    const change = async (): Promise<void> => {
      while (!done) {
        await app.db.query('UPDATE clinic SET version = version + 1 WHERE id = $1', [roomy.id]);
        await app.db.query('SELECT 1');
      }
    };
    const changes = change();
    const answers: Answer[] = [];
    try {
      for (let n = 0; n < 30; n += 1) {
        const start = at(5, `${String(n % 24).padStart(2, '0')}:${n < 24 ? '00' : '30'}`);
        answers.push(
          await app.call('POST', '/api/v1/appointments', {
            token: patients[n]?.token,
            body: { serviceId: own[n % 3], doctorId: roomy.doctorIds[0], startDateTime: start },
          }),
        );
      }
    } finally {
      done = true;
      await changes;
    }
    expect(countByStatus(answers)).toEqual({ 201: 30 });
    expect(await countComplete(toIds(answers))).toBe(30);
  });

  it('that deletes a service during its booking succeeds, and the booking gets 404, or is refused because the service is in use', async () => {
    for (let round = 0; round < 12; round += 1) {
      const own = await aService(app, clinic, { name: `Deleted ${round}` });
      const start = at(70 + round, '10:00');
      const [booked, removed] = await Promise.all([
        book({ patient: 5, doctor: round % 6, start, url: round % 2 ? app.url : second.url, service: own }),
        app.call('DELETE', `/api/v1/services/${own}`, { token: clinic.manager }),
      ]);
      const outcome = `${booked.status} ${removed.status}`;
      expect(['201 409', '404 200']).toContain(outcome);
      expect((await book({ patient: 6, doctor: round % 6, start: at(70 + round, '12:00'), service: own })).status).toBe(
        removed.status === 200 ? 404 : 201,
      );
    }
  });

  it('increments the revision, for every table that the booking rules are read from', async () => {
    const { rows } = await app.db.query<{ tables: string[] }>(
      `SELECT array_agg(tgrelid::regclass::text ORDER BY 1) AS tables FROM pg_trigger WHERE tgname = 'schedule_changed'`,
    );
    const triggered = rows[0]?.tables ?? [];
    const plan = await app.db.query<{ 'QUERY PLAN': { Plan: object }[] }>(
      `EXPLAIN (FORMAT JSON) ${BOOKING_RULES.replace('$1', 'ARRAY[gen_random_uuid()]')}`,
    );
    const text = JSON.stringify(plan.rows[0]?.['QUERY PLAN']);
    const read = new Set([...text.matchAll(/"Relation Name":"(\w+)"/g)].map(([, name]) => name));
    read.delete('schedule_revision');
    expect(read.size).toBeGreaterThan(5);
    expect([...read].filter((table) => !triggered.includes(table as string))).toEqual([]);
  });

  it('does not deadlock with a move into the room, or with a new service of the clinic', async () => {
    const own = await openClinic(app, { rooms: 1 });
    const service = await aService(app, own, { requiredResourceKinds: ['ROOM'] });
    const booked = await app.call('POST', '/api/v1/appointments', {
      token: patients[10]?.token,
      body: { serviceId: service, doctorId: own.doctorIds[0], startDateTime: at(5) },
    });
    const before = await countDeadlocks(app.db);
    /** Runs the requests so that all of them wait for a lock on the table at the same time, in this order. */
    const runBehindLock = (table: string, requests: (() => Promise<Answer>)[]): Promise<number[]> =>
      whileLocked(`LOCK TABLE ${table} IN EXCLUSIVE MODE`, async (release) => {
        const answers: Promise<Answer>[] = [];
        for (const request of requests) {
          answers.push(request());
          await eventually(async () => expect(await countLockWaits(app.db)).toBe(answers.length));
        }
        await release();
        return (await Promise.all(answers)).map(({ status }) => status);
      });
    const rules = [1, 2, 3, 4, 5, 6, 7].map((weekday) => ({ weekday, start: '00:00', end: '24:00' }));
    const moved = await runBehindLock('resource', [
      () => app.call('PUT', `/api/v1/resources/${own.roomIds[0]}/schedule`, { token: own.manager, body: { rules } }),
      () =>
        app.call('PUT', `/api/v1/appointments/${booked.data.id}`, {
          token: own.staff,
          body: { startDateTime: at(5, '11:00') },
        }),
    ]);
    expect(moved).toEqual([200, 200]);
    const created = await runBehindLock('service', [
      () =>
        app.call('POST', '/api/v1/services', {
          token: own.manager,
          body: { clinicId: own.id, name: 'New', durationMinutes: 30, price: { amount: 1, currency: 'USD' } },
        }),
      () => app.call('PUT', `/api/v1/clinics/${own.id}`, { token: own.manager, body: { name: 'Other' } }),
    ]);
    expect(created).toEqual([201, 200]);
    expect((await countDeadlocks(app.db)) - before).toBe(0);
  });

  it('by SQL has the same effect: a room that is moved to another clinic, many new exceptions, a truncated table', async () => {
    const [from, to] = [await openClinic(app, { rooms: 1 }), await openClinic(app)];
    const own = await aService(app, from, { requiredResourceKinds: ['ROOM'] });
    const bookOwn = (n: number, time: string): Promise<Answer> =>
      app.call('POST', '/api/v1/appointments', {
        token: patients[n]?.token,
        body: { serviceId: own, doctorId: from.doctorIds[0], startDateTime: at(12, time) },
      });
    const revision = async (): Promise<number> => {
      const { rows } = await app.db.query<{ n: number }>(
        'SELECT revision::int AS n FROM schedule_revision WHERE clinic_id = $1',
        [from.id],
      );
      return rows[0]?.n ?? -1;
    };
    expect((await bookOwn(0, '09:00')).status).toBe(201);
    const moveRoom = 'UPDATE resource SET clinic_id = $1 WHERE id = $2';
    await app.db.query(moveRoom, [to.id, from.roomIds[0]]);
    expect(await bookOwn(1, '10:00')).toMatchObject({ status: 409, code: 'APPOINTMENT_CONFLICT' });
    await app.db.query(moveRoom, [from.id, from.roomIds[0]]);
    expect((await bookOwn(1, '10:00')).status).toBe(201);

    const before = await revision();
    await app.db.query(
      `INSERT INTO schedule_exception (id, resource_id, kind, from_day, to_day)
       SELECT gen_random_uuid(), d.resource_id, 'CLOSED', $2::date, $2::date FROM doctor d, generate_series(1, 500) WHERE d.id = $1`,
      [from.doctorIds[0], at(12).slice(0, 10)],
    );
    expect((await revision()) - before).toBe(1);
    expect(await bookOwn(2, '11:00')).toMatchObject({ status: 422, code: 'SLOT_NOT_OFFERED' });
    await app.db.query('TRUNCATE schedule_exception');
    expect((await bookOwn(2, '11:00')).status).toBe(201);
  });
});
