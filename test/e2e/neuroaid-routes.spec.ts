import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createApp } from '../../src/app.js';
import { loadConfig } from '../../src/core/config/config.js';
import { newId } from '../../src/core/kernel/id.js';
import { AnalysisRunner } from '../../src/modules/scans/analysis/analysis-runner.js';
import { TestApp, type Answer, type CallOptions } from '../support/app.js';
import { aService, at, openClinic, type TestClinic } from '../support/clinic.js';
import { eventually, within } from '../support/eventually.js';
import { FakeModelServer } from '../support/fake-model-server.js';
import { png } from '../support/pictures.js';
import { startStalledUpload } from '../support/uploads.js';

/** What the routes without a version do besides the calls of the NeuroAid client: ids, tokens, scope, errors. */

/** The client's statuses; no other ever leaves these routes. */
const STATUSES = [200, 201, 400, 401, 403, 404, 500];

let app: TestApp;
let folder: string;
let clinic: TestClinic;
let doctorId: string;
let picture: Buffer;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'careslot-neuroaid-'));
  app = await TestApp.start({ STORAGE_DIR: folder, PUBLIC_URL: 'https://api.example.org' });
  clinic = await openClinic(app, { timeZone: 'Africa/Cairo' });
  await aService(app, clinic);
  doctorId = clinic.doctorIds[0] as string;
  picture = await png();
});

afterAll(async () => {
  await app.close();
  await rm(folder, { recursive: true, force: true });
});

async function call(method: string, path: string, options: CallOptions = {}): Promise<Answer> {
  const answer = await app.call(method, path, options);
  expect(STATUSES).toContain(answer.status);
  if (answer.status >= 400) expect(answer.body).toEqual(failure(answer.body.error));
  return answer;
}

const failure = (sentence: unknown): object => {
  expect(sentence).toEqual(expect.stringMatching(/.{5}/));
  return { error: sentence, message: sentence };
};

function form(fields: Record<string, string> = {}, name = 'file', bytes: Uint8Array = picture): FormData {
  const made = new FormData();
  for (const [key, value] of Object.entries(fields)) made.append(key, value);
  made.append(name, new Blob([bytes], { type: 'image/png' }), 'scan.png');
  return made;
}

const newUser = () => ({
  email: `${newId()}@mobile.test`,
  password: 'a-long-and-quiet-river',
  name: 'Mona Ali Hassan',
  phone: '+201001234567',
  role: 'client',
  isActive: true,
});

async function aPatient(): Promise<{ token: string; user: any; account: ReturnType<typeof newUser> }> {
  const account = newUser();
  const { status, body } = await call('POST', '/api/auth/register', { body: account });
  expect(status).toBe(201);
  return { token: body.accessToken, user: body.user, account };
}

/** A time of its own for each booking, on the hour in Cairo. */
let hours = 0;
const nextStart = (): string => new Date(Date.parse(at(4)) + (hours += 1) * 3_600_000).toISOString();

describe('an id', () => {
  it('is a stable number with both prefixes, and the UUID is also accepted', async () => {
    const { token, user } = await aPatient();
    expect((await call('GET', '/api/main/users/me', { token })).body.id).toBe(user.id);
    const doctor = (await call('GET', `/api/doctors/${doctorId}`)).body;
    expect(Number.isSafeInteger(doctor.id)).toBe(true);
    for (const id of [doctor.id, doctorId, doctorId.toUpperCase()])
      expect((await call('GET', `/api/main/doctors/${id}`)).body).toEqual(doctor);
    const body = { doctorId: String(doctor.id), userId: String(user.id), startDateTime: nextStart() };
    const booked = await call('POST', '/api/bookings', { token, body });
    expect([booked.status, booked.body.doctorId]).toEqual([201, doctor.id]);
    for (const filter of [`doctorId=${doctor.id}`, `doctorId=${doctorId}`, `userId=${user.id}`])
      expect((await call('GET', `/api/bookings?${filter}`, { token })).body.bookings).toEqual([booked.body]);
  });

  it('is the same for concurrent first requests', async () => {
    const fresh = await openClinic(app, { doctors: 12 });
    const path = `/api/doctors?clinicId=${fresh.id}`;
    const answers = await Promise.all(Array.from({ length: 12 }, () => call('GET', path)));
    const numbers = answers.map(({ body }) => body.map(({ id }: any) => id));
    expect(new Set(numbers[0]).size).toBe(12);
    for (const list of numbers) expect(list).toEqual(numbers[0]);
  });

  it('may be imported, and new ids do not use imported numbers', async () => {
    const fresh = await openClinic(app, { doctors: 3 });
    const [old, ...others] = fresh.doctorIds as [string, string, string];
    const { rows } = await app.db.query(`SELECT nextval('neuroaid_id_number')::float8 AS last`);
    const put = `INSERT INTO neuroaid_id (kind, number, uuid) VALUES ('doctor', $1, $2)`;
    await app.db.query(put, [7, old]);
    for (const ahead of [1, 2, 3]) await app.db.query(put, [rows[0].last + ahead, newId()]);
    expect((await call('GET', '/api/doctors/7')).body).toMatchObject({ id: 7, name: 'Doc No 1' });
    const listed = (await call('GET', `/api/doctors?clinicId=${fresh.id}`)).body;
    expect(listed.find(({ id }: any) => id === 7)).toMatchObject({ name: 'Doc No 1' });
    expect(new Set(listed.map(({ id }: any) => id)).size).toBe(others.length + 1);
  });

  it('grants no access: a number of another patient is NOT_FOUND', async () => {
    const [owner, stranger] = [await aPatient(), await aPatient()];
    const booking = { doctorId, startDateTime: nextStart() };
    const booked = (await call('POST', '/api/bookings', { token: owner.token, body: booking })).body;
    const scan = (await call('POST', '/api/scans', { token: owner.token, form: form() })).body;
    const { token } = stranger;
    const attempts: [string, string, CallOptions?][] = [
      ['PATCH', `bookings/${booked.id}`, { body: { status: 'canceled' } }],
      ['DELETE', `bookings/${booked.id}`],
      ['GET', `scans/${scan.id}`],
      ['DELETE', `scans/${scan.id}`],
      ['POST', 'ai/analyze-image', { body: { scanId: scan.id } }],
      ['PATCH', `users/${owner.user.id}`, { body: { name: 'Not Mona' } }],
      ['GET', `bookings?userId=${owner.user.id}`],
      ['GET', `favorites?userId=${owner.user.id}`],
      ['POST', 'favorites', { body: { doctorId, userId: owner.user.id } }],
      ['POST', 'bookings', { body: { ...booking, userId: owner.user.id, startDateTime: nextStart() } }],
    ];
    for (const [method, path, options] of attempts)
      expect([path, (await call(method, `/api/main/${path}`, { token, ...options })).status]).toEqual([path, 404]);
    expect((await call('GET', '/api/bookings', { token })).body).toEqual({ bookings: [] });
    expect((await call('GET', '/api/scans', { token })).body).toEqual([]);
    expect((await call('GET', '/api/bookings', { token: owner.token })).body.bookings[0].status).toBe('upcoming');
    expect((await call('GET', '/api/users/me', { token: owner.token })).body.name).toBe('Mona Ali Hassan');
  });

  it('of one kind is not an id of another, and an invalid id is reported by field', async () => {
    const { token, user } = await aPatient();
    expect((await call('GET', `/api/doctors/${user.id}`)).status).toBe(404);
    for (const id of ['0', '-1', '1.5', '1e3', '9007199254740993', 'x', '١'])
      expect([id, (await call('GET', `/api/doctors/${id}`)).status]).toEqual([id, 400]);
    for (const id of [0, -1, 1.5, true, null, [1], { id: 1 }, ''])
      expect((await call('POST', '/api/favorites', { token, body: { doctorId: id } })).body.error).toMatch(
        /doctorId must be an id/,
      );
  });
});

describe('a token', () => {
  const claims = (token: string): { iat: number; exp: number } =>
    JSON.parse(Buffer.from(token.split('.')[1] as string, 'base64url').toString());
  const status = async (token: string): Promise<number> => (await call('GET', '/api/main/users/me', { token })).status;

  it('is valid for seven days, unlike that of /api/v1', async () => {
    const { token, account } = await aPatient();
    const { iat, exp } = claims(token);
    expect(exp - iat).toBe(7 * 86_400);
    const login = await app.call('POST', '/api/v1/auth/login', { body: credentials(account) });
    const other = claims(login.data.accessToken);
    expect([other.exp - other.iat, login.data.expiresIn]).toEqual([900, 900]);
  });

  const credentials = ({ email, password }: { email: string; password: string }) => ({ email, password });
  const signIn = async (account: { email: string; password: string }): Promise<string> =>
    (await call('POST', '/api/main/auth/login', { body: credentials(account) })).body.token;

  it('is invalid as soon as its session ends, in any way', async () => {
    const { token, account } = await aPatient();
    const [second, third, fourth] = [await signIn(account), await signIn(account), await signIn(account)];
    await app.call('POST', '/api/v1/auth/logout', { token });
    expect([await status(token), await status(second)]).toEqual([401, 200]);
    const sessions = (await app.call('GET', '/api/v1/auth/sessions', { token: fourth })).data;
    const [previous] = sessions.filter(({ current }: any) => !current);
    await app.call('DELETE', `/api/v1/auth/sessions/${previous.id}`, { token: fourth });
    expect([await status(second), await status(third)].sort()).toEqual([200, 401]);
    const password = 'another-long-and-quiet-river';
    const change = { currentPassword: account.password, newPassword: password };
    expect((await app.call('PUT', '/api/v1/auth/password', { token: fourth, body: change })).status).toBe(200);
    expect([await status(second), await status(third), await status(fourth)]).toEqual([401, 401, 200]);
    const fifth = await signIn({ ...account, password });
    await app.call('POST', '/api/v1/auth/logout-all', { token: fourth });
    expect([await status(fourth), await status(fifth)]).toEqual([401, 401]);
  });

  it('stays invalid in a process that starts days later', async () => {
    const { token } = await aPatient();
    await app.call('POST', '/api/v1/auth/logout', { token });
    await app.db.query(`UPDATE session SET revoked_at = now() - interval '6 days' WHERE revoked_at IS NOT NULL`);
    const later = await createApp(loadConfig(app.environment));
    await later.listen(0, '127.0.0.1');
    const response = await fetch(`${await later.getUrl()}/api/main/users/me`, {
      headers: { authorization: `Bearer ${token}` },
    });
    await later.close();
    expect(response.status).toBe(401);
  });
});

describe('a booking', () => {
  let token: string;
  beforeAll(async () => {
    ({ token } = await aPatient());
  });
  const book = (body: object) => call('POST', '/api/main/bookings', { token, body });
  const refused = async (body: object): Promise<string> => {
    const answer = await book(body);
    expect(answer.status).toBe(400);
    return answer.body.message;
  };

  it('accepts a plain day and midnight in UTC as a day, but no other instant', async () => {
    const day = at(5).slice(0, 10);
    for (const [date, time] of [
      [day, '08:00 AM'],
      [`${day}T00:00:00.000Z`, '09:00 AM'],
      [`${day}T00:00:00Z`, '10:00 AM'],
    ] as const) {
      const { status, body } = await book({ doctorId, date, time });
      expect([status, body.date, body.time]).toEqual([201, day, time]);
    }
    for (const date of [`${day}T22:00:00.000Z`, `${day}T00:00:00+02:00`, `${day}T12:00:00`, '2027-02-30', 'tomorrow'])
      expect(await refused({ doctorId, date, time: '11:00 AM' })).toMatch(/date must be a day/);
  });

  it('uses the doctor’s only service, otherwise the default one, otherwise the shortest', async () => {
    const own = await openClinic(app);
    const [ownDoctor] = own.doctorIds as [string];
    let day = 6;
    const booked = async (): Promise<string> => {
      const body = { doctorId: ownDoctor, startDateTime: at((day += 1)) };
      const { status, body: booking } = await book(body);
      expect(status).toBe(201);
      const { rows } = await app.db.query(
        `SELECT a.service_id AS id FROM appointment a JOIN neuroaid_id n ON n.uuid = a.id AND n.kind = 'booking'
         WHERE n.number = $1`,
        [booking.id],
      );
      return rows[0].id;
    };
    expect(await refused({ doctorId: ownDoctor, startDateTime: at(6) })).toMatch(/provides no service/);
    const long = await aService(app, own, { durationMinutes: 60 });
    expect(await booked()).toBe(long);
    const short = await aService(app, own, { durationMinutes: 20 });
    await aService(app, own, { durationMinutes: 10, capacity: 8 });
    await aService(app, own, { durationMinutes: 5, isActive: false });
    expect(await booked()).toBe(short);
    const marked = await app.call('PUT', `/api/v1/services/${long}`, { token: own.manager, body: { isDefault: true } });
    expect(marked).toMatchObject({ status: 200, data: { isDefault: true } });
    expect(await booked()).toBe(long);
    expect((await book({ doctorId: ownDoctor, serviceId: short, startDateTime: at(12) })).status).toBe(201);
  });

  it('is rejected with the reason if it is not possible', async () => {
    const day = at(5).slice(0, 10);
    expect(await refused({ doctorId, startDateTime: at(3, '09:07') })).toMatch(/minute/);
    expect(await refused({ doctorId })).toMatch(/startDateTime must be given, or date and time/);
    expect(await refused({ doctorId, date: day })).toMatch(/time must be given/);
    expect(await refused({ doctorId, time: '10:00' })).toMatch(/date must be given/);
    expect(await refused({ doctorId, date: day, time: '10:00', startDateTime: at(5) })).toMatch(/not both/);
    for (const time of ['25:00', '10:60', '13:00 PM', '0:10 AM'])
      expect(await refused({ doctorId, date: day, time })).toMatch(/time must be a time/);
    expect(await refused({ doctorId, date: day, time: '10:00', status: 'completed' })).toMatch(/status must be/);
    expect((await book({ doctorId: newId(), date: day, time: '10:00' })).status).toBe(404);
    expect((await book({ doctorId: 999, date: day, time: '10:00' })).status).toBe(404);
  });

  it('is rejected for a time that the clocks skip', async () => {
    const { rows } = await app.db.query(`SELECT extract(year FROM now())::int + 1 AS year`);
    // Egypt's clocks go forward at midnight, on the last Friday of April.
    const last = new Date(Date.UTC(rows[0].year, 4, 0));
    while (last.getUTCDay() !== 5) last.setUTCDate(last.getUTCDate() - 1);
    const date = last.toISOString().slice(0, 10);
    expect(await refused({ doctorId, date, time: '00:30' })).toMatch(/time must be a time that exists/);
  });

  it('is possible once: the next request gets 400, and the time is free again after a cancellation', async () => {
    const body = { doctorId, startDateTime: nextStart() };
    const { id } = (await book(body)).body;
    const other = await aPatient();
    const taken = await call('POST', '/api/bookings', { token: other.token, body });
    expect(taken.status).toBe(400);
    const canceled = await call('PATCH', `/api/bookings/${id}`, { token, body: { status: 'canceled' } });
    expect(canceled).toMatchObject({ status: 200, body: { id, status: 'canceled' } });
    expect((await call('PATCH', `/api/bookings/${id}`, { token, body: { status: 'canceled' } })).status).toBe(400);
    expect((await call('POST', '/api/bookings', { token: other.token, body })).status).toBe(201);
  });

  it('accepts no other change than the status canceled', async () => {
    const { id } = (await book({ doctorId, startDateTime: nextStart() })).body;
    for (const body of [
      { status: 'completed' },
      { status: 'upcoming' },
      {},
      { status: 'canceled', date: '2027-01-01' },
    ])
      expect((await call('PATCH', `/api/bookings/${id}`, { token, body })).status).toBe(400);
  });

  it('has the client’s name of its status', async () => {
    const asks = await openClinic(app, { policy: { requiresConfirmation: true } });
    await aService(app, asks);
    const { body } = await book({ doctorId: asks.doctorIds[0], startDateTime: at(25) });
    const words = [body.status];
    for (const status of ['CONFIRMED', 'IN_PROGRESS', 'COMPLETED', 'NO_SHOW', 'CANCELLED']) {
      await app.db.query(
        `UPDATE appointment SET status = $1 WHERE id = (SELECT uuid FROM neuroaid_id WHERE kind = 'booking' AND number = $2)`,
        [status, body.id],
      );
      const { bookings } = (await call('GET', '/api/bookings', { token })).body;
      words.push(bookings.find(({ id }: any) => id === body.id).status);
    }
    expect(words).toEqual(['pending', 'upcoming', 'upcoming', 'completed', 'canceled', 'canceled']);
  });

  it('is in a list with the next page in its headers', async () => {
    const patient = await aPatient();
    for (let n = 0; n < 2; n += 1) {
      await call('POST', '/api/bookings', { token: patient.token, body: { doctorId, startDateTime: nextStart() } });
    }
    const first = await call('GET', '/api/bookings?limit=1&withTotal=true', { token: patient.token });
    expect([first.body.bookings.length, first.headers.get('x-total-count')]).toEqual([1, '2']);
    const next = /^<(.+)>; rel="next"$/.exec(first.headers.get('link') ?? '')?.[1] as string;
    const second = await call('GET', next, { token: patient.token });
    expect([second.body.bookings.length, second.headers.get('link')]).toEqual([1, null]);
  });

  it('is shown to the front desk with the number of its patient, and audited as in /api/v1', async () => {
    const { token: own, user } = await aPatient();
    const { id } = (await call('POST', '/api/bookings', { token: own, body: { doctorId, startDateTime: nextStart() } }))
      .body;
    await call('DELETE', `/api/bookings/${id}?reason=Well%20again`, { token: own });
    const { bookings } = (await call('GET', '/api/bookings', { token: clinic.staff })).body;
    expect(bookings.find((booking: any) => booking.id === id)).toMatchObject({ userId: user.id, status: 'canceled' });
    const { rows } = await app.db.query(
      `SELECT action FROM audit_log l JOIN neuroaid_id n ON n.uuid = l.object_id AND n.kind = 'booking'
       WHERE n.number = $1 ORDER BY l.id`,
      [id],
    );
    expect(rows.map(({ action }) => action)).toEqual(['appointment.booked', 'appointment.cancelled']);
  });
});

describe('the next free time of a doctor', () => {
  it('is the earliest bookable time, and absent if there is none', async () => {
    const own = await openClinic(app, { doctors: 3, timeZone: 'Africa/Cairo', policy: { horizonDays: 60 } });
    await aService(app, own);
    const [first, late, never] = own.doctorIds as [string, string, string];
    const closed = (id: string, until: number) =>
      app.call('POST', `/api/v1/doctors/${id}/schedule/exceptions`, {
        token: own.admin,
        body: { kind: 'CLOSED', from: at(-1).slice(0, 10), to: at(until).slice(0, 10) },
      });
    await closed(late, 20);
    await closed(never, 70);
    const doctors = (await call('GET', `/api/doctors?clinicId=${own.id}`)).body;
    const numbers = await Promise.all(
      [first, late, never].map(async (id) => (await call('GET', `/api/doctors/${id}`)).body),
    );
    expect(doctors).toEqual(expect.arrayContaining(numbers));
    const [soon, later, none] = numbers;
    expect(later.nextAvailable).toBe(`${at(21).slice(0, 10)} 12:00 AM`);
    expect([none.available, none.nextAvailable]).toEqual([false, undefined]);
    // What it says can be booked as it stands.
    const [, date, time] = /^(\S+) (.+)$/.exec(soon.nextAvailable) as unknown as [string, string, string];
    const { token } = await aPatient();
    expect((await call('POST', '/api/bookings', { token, body: { doctorId: soon.id, date, time } })).status).toBe(201);
    expect((await call('GET', `/api/doctors/${first}`)).body.nextAvailable).not.toBe(soon.nextAvailable);
  });
});

describe('an account', () => {
  const change = (token: string, id: number | string, body: object) =>
    call('PATCH', `/api/main/users/${id}`, { token, body });

  it('does not change if the whole object is sent unchanged', async () => {
    const { body } = await call('POST', '/api/auth/register', {
      body: { ...newUser(), name: undefined, firstName: 'Mona Ali', lastName: 'Hassan' },
    });
    const unchanged = await change(body.accessToken, body.user.id, body.user);
    expect(unchanged).toMatchObject({ status: 200, body: body.user });
    const { data } = await app.call('GET', '/api/v1/auth/profile', { token: body.accessToken });
    expect(data).toMatchObject({ firstName: 'Mona Ali', lastName: 'Hassan', version: 1 });
  });

  it('accepts a telephone number in any format, and none', async () => {
    const { token, user } = await aPatient();
    expect((await change(token, user.id, { ...user, phone: '(02) 2794 1234' })).status).toBe(200);
    expect((await change(token, user.id, { ...user, phone: '' })).body.phone).toBeNull();
    expect((await change(token, user.id, { phone: 'call me' })).status).toBe(400);
  });

  it('cannot change its own role, e-mail address or id', async () => {
    const { token, user } = await aPatient();
    expect((await change(token, user.id, { ...user, role: 'admin' })).status).toBe(403);
    expect((await change(token, user.id, { ...user, role: 'wizard' })).status).toBe(400);
    expect((await change(token, user.id, { ...user, email: `${newId()}@mobile.test` })).status).toBe(403);
    expect((await change(token, user.id, { ...user, isActive: false })).status).toBe(400);
    expect((await change(token, user.id, { ...user, id: user.id + 1 })).status).toBe(404);
    expect((await call('GET', '/api/users/me', { token })).body).toEqual(user);
  });

  it('is not created with another role than client, or as inactive', async () => {
    const register = (fields: object) => call('POST', '/api/auth/register', { body: { ...newUser(), ...fields } });
    for (const role of ['admin', 'ADMIN', 'doctor', 'STAFF', 7, null])
      expect((await register({ role })).status).toBe(400);
    for (const isActive of [false, 'true', null]) expect((await register({ isActive })).status).toBe(400);
  });

  it('has a full name of two names, or of one word', async () => {
    const name = async (fields: object) =>
      (await call('POST', '/api/auth/register', { body: { ...newUser(), ...fields } })).body.user.name;
    expect(await name({ name: '  محمد   علي ' })).toBe('محمد علي');
    expect(await name({ name: 'Suharto' })).toBe('Suharto');
    expect(await name({ name: undefined, firstName: 'Mona', lastName: 'Hassan' })).toBe('Mona Hassan');
  });

  it('is not revealed by a failed sign-in, and is not created with a weak password or a taken address', async () => {
    const { email } = newUser();
    const wrong = await call('POST', '/api/auth/login', { body: { email, password: 'not-the-password' } });
    expect([wrong.status, wrong.body]).toEqual([401, failure('Invalid credentials')]);
    const patient = { email: 'patient@careslot.test', password: 'not-the-password' };
    expect((await call('POST', '/api/auth/login', { body: patient })).body).toEqual(wrong.body);
    const weak = await call('POST', '/api/auth/register', { body: { ...newUser(), password: 'abc123' } });
    expect([weak.status, weak.body.message]).toEqual([400, expect.stringMatching(/password .*8/)]);
    const taken = await call('POST', '/api/auth/register', { body: { ...newUser(), email: 'patient@careslot.test' } });
    expect(taken.status).toBe(400);
  });

  it('is listed for those who manage accounts', async () => {
    const { token } = await aPatient();
    expect((await call('GET', '/api/users', { token })).status).toBe(403);
    const users = (await call('GET', '/api/users?role=CLIENT&limit=3', { token: clinic.admin })).body;
    expect(users).toHaveLength(3);
    expect(users[0]).toMatchObject({ id: expect.any(Number), name: expect.any(String), role: 'client' });
  });

  it('has the same sign-in limit as in /api/v1, counted together', async () => {
    const body = { email: newUser().email, password: 'guess-after-guess' };
    for (const path of ['/api/auth/login', '/api/main/auth/login', '/api/v1/auth/login'])
      for (let n = 0; n < 3; n += 1) expect((await app.call('POST', path, { body })).status).toBe(401);
    expect((await call('POST', '/api/auth/login', { body })).status).toBe(401);
    const limited = await call('POST', '/api/main/auth/login', { body });
    expect(limited.status).toBe(403);
    expect(Number(limited.headers.get('retry-after'))).toBeGreaterThan(0);
  });

  it('is created once for an Idempotency-Key', async () => {
    const [body, headers] = [newUser(), { 'idempotency-key': newId() }];
    const first = await call('POST', '/api/auth/register', { body, headers });
    const again = await call('POST', '/api/auth/register', { body, headers });
    expect([again.status, again.body]).toEqual([201, first.body]);
    expect((await call('POST', '/api/auth/register', { body: newUser(), headers })).status).toBe(400);
  });
});

describe('the server URL in links to images', () => {
  const imageFrom = async (on: TestApp, headers: Record<string, string>): Promise<string> => {
    const { request } = await import('node:http');
    const response = new Promise<string>((resolve, reject) => {
      const sent = request(`${on.url}/api/doctors?limit=1`, { headers }, (incoming) => {
        let text = '';
        incoming.on('data', (chunk) => (text += chunk)).on('end', () => resolve(text));
      });
      sent.on('error', reject).end();
    });
    const body = await within('a response', response);
    return new URL(JSON.parse(body)[0].image).origin;
  };

  it('is PUBLIC_URL with any requested host', async () => {
    expect(await imageFrom(app, { host: 'evil.example' })).toBe('https://api.example.org');
  });

  it('is otherwise the requested host, for this caller only', async () => {
    const plain = await TestApp.start({ TRUST_PROXY: '1' });
    expect(await imageFrom(plain, { host: '192.168.1.6:8080' })).toBe('http://192.168.1.6:8080');
    const behind = { host: 'inner', 'x-forwarded-host': 'clinic.example', 'x-forwarded-proto': 'https' };
    expect(await imageFrom(plain, behind)).toBe('https://clinic.example');
    expect(await imageFrom(plain, {})).toBe(plain.url);
    for (const host of ['a b', 'x"onload=', 'evil.example/path?', 'user@evil.example'])
      expect(await imageFrom(plain, { host })).toMatch(/^http:\/\/localhost/);
    expect((await plain.call('GET', '/api/doctors')).headers.get('cache-control')).toBe('no-store');
    await plain.close();
  });
});

describe('a page of another origin', () => {
  const preflight = (on: TestApp, origin: string) =>
    on.call('OPTIONS', '/api/main/users/7', {
      headers: { origin, 'access-control-request-method': 'PATCH', 'access-control-request-headers': 'authorization' },
    });

  it('may have any port of localhost in the demo, and may send PATCH', async () => {
    for (const origin of ['http://localhost:51234', 'http://127.0.0.1:8080', 'http://localhost']) {
      const { status, headers } = await preflight(app, origin);
      expect([status, headers.get('access-control-allow-origin')]).toEqual([204, origin]);
      expect(headers.get('access-control-allow-methods')).toMatch(/\bPATCH\b/);
    }
    for (const origin of ['http://localhost.evil.example', 'http://evil.example:3000', 'null', 'http://localhost:x'])
      expect((await preflight(app, origin)).headers.get('access-control-allow-origin')).toBeNull();
  });
});

describe('an image', () => {
  it('can be uploaded with one of three field names only', async () => {
    const { token } = await aPatient();
    for (const name of ['file', 'image', 'scan'])
      expect((await call('POST', '/api/scans', { token, form: form({}, name) })).status).toBe(201);
    for (const path of ['/api/scans', '/api/main/ai/analyze-image', '/api/ai/stroke-image/predict']) {
      expect((await call('POST', path, { form: form() })).status).toBe(401);
      expect((await call('POST', path, { token, form: form({}, 'file', Buffer.from('GIF89a')) })).status).toBe(400);
      expect((await call('POST', path, { token, form: form({}, 'picture') })).status).toBe(400);
      expect((await call('POST', path, { token, form: new FormData() })).status).toBe(400);
      expect((await call('POST', path, { token })).status).toBe(400);
    }
    expect((await app.call('POST', '/api/v1/scans', { token, form: form({}, 'image') })).status).toBe(400);
  });

  describe('with a model', () => {
    let model: FakeModelServer;
    let modelled: TestApp;
    let token: string;

    beforeAll(async () => {
      model = await FakeModelServer.start();
      modelled = await TestApp.start({
        STORAGE_DIR: folder,
        SCAN_MODEL_PROTOCOL: 'kserve',
        SCAN_MODEL_URL: model.url,
        SCAN_MODEL_NAME: 'stroke-ct',
        SCAN_MODEL_TIMEOUT_SECONDS: '1',
      });
      const { body } = await modelled.call('POST', '/api/auth/register', { body: newUser() });
      token = body.accessToken;
    });

    afterAll(async () => {
      await modelled.close();
      await model.close();
    });

    it('has the model’s draft in the answer to the upload, in a list, and as texts', async () => {
      const draft = { confidence: 0.87, findings: expect.arrayContaining([expect.stringMatching(/clinician/)]) };
      const upload = await modelled.call('POST', '/api/main/scans', { token, form: form({}, 'image') });
      expect([upload.status, upload.body]).toEqual([201, expect.objectContaining(draft)]);
      expect((await modelled.call('GET', '/api/scans', { token })).body).toEqual([expect.objectContaining(draft)]);
      const scanId = upload.body.id;
      const analyzed = await modelled.call('POST', '/api/ai/analyze-image', { token, body: { scanId } });
      expect(analyzed.body).toMatchObject({ scanId, ...draft });
      const predicted = await modelled.call('POST', '/api/ai/stroke-image/predict', { token, form: form() });
      expect(predicted.body).toMatchObject({ prediction: upload.body.result, confidence: '87.0%' });
    });

    it('has no findings if the model fails, and concurrent waiting is limited', async () => {
      model.mood = 'hangs';
      const { body: scan } = await modelled.call('POST', '/api/scans', { token, form: form() });
      expect(scan).toMatchObject({ result: 'No analysis is available', confidence: 0, findings: [] });
      const ask = () => modelled.call('POST', '/api/ai/analyze-image', { token, body: { scanId: scan.id } });
      const answers = await Promise.all(Array.from({ length: 6 }, ask));
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 403, 403]);
      model.mood = 'well';
    });

    it('is no upload in progress and has no temporary file while its analysis is awaited', async () => {
      const storage = join(folder, 'awaited');
      // Nobody runs the analyses until the test does.
      const idle = await TestApp.start({
        STORAGE_DIR: storage,
        JOBS_IN_PROCESS: 'false',
        SCAN_MODEL_PROTOCOL: 'kserve',
        SCAN_MODEL_URL: model.url,
        SCAN_MODEL_NAME: 'stroke-ct',
      });
      try {
        const [patient] = await idle.patients(1);
        const token = patient?.token as string;
        const temporaryFiles = (): Promise<string[]> => readdir(join(storage, 'incoming'));
        const awaited = Array.from({ length: 4 }, () => idle.call('POST', '/api/scans', { token, form: form() }));
        const queued = await eventually(async () => {
          const { rows } = await idle.db.query<{ id: string }>(`SELECT id FROM scan_analysis WHERE state = 'QUEUED'`);
          expect(rows).toHaveLength(4);
          return rows;
        });
        expect(await temporaryFiles()).toEqual([]);
        // The limit of eight uploads at once is still free for others.
        const port = Number(new URL(idle.url).port);
        const others = await Promise.all(Array.from({ length: 8 }, () => startStalledUpload(port, token)));
        await eventually(async () => expect(await temporaryFiles()).toHaveLength(8));
        for (const socket of others) socket.destroy();
        for (const { id } of queued) await idle.app.get(AnalysisRunner).run(id);
        for (const answer of await Promise.all(awaited))
          expect([answer.status, answer.body.confidence]).toEqual([201, 0.87]);
      } finally {
        await idle.close();
      }
    });
  });
});

describe('the stroke assessment', () => {
  const LAB = { totalCholesterolMgDl: 200, hdlMgDl: 45, systolic: 160, diabetes: true, egfr: 90 };
  const complete = { sex: 'FEMALE', age: 50, smoker: false, bpTreated: true, statin: false, ...LAB };
  const FORM = { gender: 'Female', age: 50, bmi: 35, heart_disease: 0, smoking_status: 'never smoked' };
  const CALL = /^Call your local emergency number now/;
  let token: string;
  beforeAll(async () => {
    ({ token } = await aPatient());
  });
  const assess = (body: object, headers: Record<string, string> = {}, path = '/api/ai/assessment') =>
    call('POST', path, { token, body, headers });
  const refused = async (body: object, headers?: Record<string, string>): Promise<string> => {
    const answer = await assess(body, headers);
    expect([answer.status, JSON.stringify(answer.body).match(/\blow\b/i)]).toEqual([400, null]);
    return answer.body.message;
  };
  const records = async (): Promise<{ level: string }[]> =>
    (
      await app.db.query(
        `SELECT level FROM stroke_assessment WHERE rater_user_id = (
           SELECT uuid FROM neuroaid_id WHERE kind = 'user' AND number = $1) ORDER BY id`,
        [(await call('GET', '/api/users/me', { token })).body.id],
      )
    ).rows;

  it('returns the emergency text for any positive sign, even if a percentage is computable or fields are invalid', async () => {
    for (const body of [
      { symptoms: { face: true } },
      { symptoms: { arm: 'yes' }, prevent: complete },
      { ...FORM, previous_stroke_symptoms: 1, prevent: complete },
      { ...FORM, previousStrokeSymptoms: 'Yes' },
      { age: 'old', bmi: -3, gender: 7, previous_stroke_symptoms: true },
      { symptoms: { speech: 1 }, glucose: 99_999, clinicId: 'nowhere', nonsense: [] },
      { symptomsResolved: true },
    ])
      expect([body, await refused(body)]).toEqual([body, expect.stringMatching(CALL)]);
  });

  it('stores the record of an emergency, also with an Idempotency-Key', async () => {
    const before = (await records()).length;
    await refused({ symptoms: { face: true } });
    await refused({ symptoms: { face: true } }, { 'idempotency-key': newId() });
    const after = await records();
    expect(after.slice(before)).toEqual([{ level: 'CALL_EMERGENCY' }, { level: 'CALL_EMERGENCY' }]);
  });

  it('returns the percentage of the equation, and no reassuring level', async () => {
    for (const path of ['/api/ai/assessment', '/api/ai/stroke-assessment', '/api/main/ai/assessment']) {
      const { status, body } = await assess({ prevent: complete }, {}, path);
      expect([status, body]).toEqual([
        201,
        expect.objectContaining({
          risk_level: 'unknown',
          risk_percentage: 5.4,
          stroke_probability: 5.4,
          riskPercentage: 5.4,
        }),
      ]);
      expect(body).not.toHaveProperty('risk_category');
    }
  });

  it('computes nothing for people outside the equation’s population, or from invented answers', async () => {
    const rest = { bpTreated: true, statin: false, ...LAB };
    expect(await refused({ ...FORM, heart_disease: 1, prevent: rest })).toMatch(/cannot be computed.*heart/);
    expect(await refused({ prevent: complete, cha2ds2: { strokeOrTia: true } })).toMatch(/cannot be computed.*stroke/);
    expect(await refused({ ...FORM, age: 85, prevent: rest })).toMatch(/Missing: age \(30 to 79\)\./);
    // The nine questions come with an age, a sex and a body mass index that the client made up.
    expect(await refused({ ...FORM, physical_inactivity: 0, prevent: rest })).toMatch(
      /Missing: sex, age .*, smoking\./,
    );
    expect((await assess({ ...FORM, prevent: rest })).body.risk_percentage).toBe(5.4);
  });

  it('reports invalid fields if there is no sign', async () => {
    expect(await refused({ ...FORM, age: 500, bmi: 'heavy' })).toMatch(/age must.*bmi must/);
    expect(await refused({ ...FORM, shoeSize: 44 })).toMatch(/shoeSize is not a field/);
    expect(await refused({})).toMatch(/symptoms must be given/);
    expect((await assess([] as object)).status).toBe(400);
  });

  it('answers in the caller’s language', async () => {
    expect(await refused(FORM, { 'accept-language': 'ar-EG,ar;q=0.9' })).toMatch(/لا يمكن حساب خطر السكتة الدماغية/);
    expect(await refused(FORM, { 'accept-language': 'hi-IN' })).toMatch(/स्ट्रोक का जोखिम नहीं निकाला जा सकता/);
    expect(await refused({ symptoms: { face: true } }, { 'accept-language': 'ar' })).toMatch(/^اتصل/);
  });

  it('is not possible for another patient', async () => {
    const other = await app.patients(1);
    const body = { prevent: complete, clientId: other[0]?.clientId };
    expect((await assess(body)).status).toBe(404);
  });
});

describe('the chat', () => {
  it('returns the answer of the service, and an emergency text at once', async () => {
    const { token } = await aPatient();
    const asked = { message: 'How do I book an appointment?', history: [{ role: 'user', content: 'Hello' }] };
    const { status, body } = await call('POST', '/api/ai/chat', { token, body: asked });
    expect([status, body.response]).toEqual([200, body.answer]);
    const more = { message: 'How do I cancel?', conversationId: body.conversationId };
    const next = await call('POST', '/api/main/ai/chat', { token, body: more });
    expect([next.status, next.body.conversationId]).toEqual([200, body.conversationId]);
    const urgent = { message: 'My face is drooping and my arm is weak' };
    expect((await call('POST', '/api/ai/chat', { token, body: urgent })).body).toMatchObject({
      disposition: 'EMERGENCY',
      bookingUrl: null,
    });
    const other = await aPatient();
    expect((await call('POST', '/api/ai/chat', { token: other.token, body: more })).status).toBe(404);
    expect((await call('POST', '/api/ai/chat', { token, body: { message: ' ' } })).body.error).toMatch(/message must/);
  });

  it('returns errors that begin with the emergency lines, except for an administrative message', async () => {
    const { token } = await aPatient();
    const conversationId = newId();
    for (const path of ['/api/ai/chat', '/api/main/ai/chat']) {
      const health = await call('POST', path, { token, body: { message: 'My ear itches', conversationId } });
      expect([health.status, health.body.error]).toEqual([404, expect.stringMatching(/^Emergency\? Call your local/)]);
      const booking = await call('POST', path, { token, body: { message: 'How do I book?', conversationId } });
      expect([booking.status, booking.body.error]).toEqual([404, expect.not.stringMatching(/emergency/i)]);
    }
  });
});

describe('the history of the chat', () => {
  it('is checked in both formats of the client, and the answer contains the emergency text', async () => {
    const { token } = await aPatient();
    const ask = async (body: object) => (await call('POST', '/api/ai/chat', { token, body })).body;
    const message = 'What should I do now?';
    expect(await ask({ message })).toMatchObject({
      disposition: expect.not.stringMatching('EMERGENCY'),
      safetyNet: true,
    });
    for (const history of [
      { conversationHistory: [{ role: 'user', content: 'My face is drooping and my arm is weak' }] },
      { history: [{ text: 'My face is drooping and my arm is weak', isSender: true }] },
    ])
      expect((await ask({ message, ...history })).disposition).toBe('EMERGENCY');
    const answers = [{ role: 'assistant', content: 'A drooping face and a weak arm are signs of a stroke' }];
    const answer = await ask({ message, conversationHistory: answers });
    expect(answer.disposition).not.toBe('EMERGENCY');
    expect(answer.response).toBe(answer.answer);
  });

  it('is a part of the request: with the Idempotency-Key of another history, an emergency is still answered', async () => {
    const { token } = await aPatient();
    const headers = { 'idempotency-key': 'history' };
    const ask = (history?: object) =>
      call('POST', '/api/ai/chat', { token, headers, body: { message: 'What should I do now?', ...history } });
    const first = await ask();
    const emergency = { conversationHistory: [{ role: 'user', content: 'My face is drooping and my arm is weak' }] };
    expect((await ask(emergency)).body.disposition).toBe('EMERGENCY');
    expect((await ask({ history: [{ text: 'I have a question', isSender: true }] })).status).toBe(400);
    expect((await ask()).body.messageId).toBe(first.body.messageId);
  });
});

describe('every error', () => {
  it('has the same message in two fields and one of five statuses, wherever it occurs', async () => {
    const { token } = await aPatient();
    const asked = async (method: string, path: string, options: CallOptions = {}) => {
      const { status, body } = await call(method, path, options);
      return [status, body.error];
    };
    for (const prefix of ['/api', '/api/main']) {
      expect((await asked('GET', `${prefix}/users/me`))[0]).toBe(401);
      expect((await asked('GET', `${prefix}/users/me`, { token: 'a.b.c' }))[0]).toBe(401);
      for (const path of ['', '/', '/nope', '/users/me/x', '/%E0%A4%A/x'])
        expect([400, 404]).toContain((await asked('GET', prefix + path))[0]);
      expect((await asked('PATCH', `${prefix}/doctors/7`, { token, body: {} }))[0]).toBe(404);
      expect((await asked('PUT', `${prefix}/users/7`, { token, body: {} }))[0]).toBe(404);
      expect((await asked('POST', `${prefix}/auth/login`, { body: '{"a":' }))[0]).toBe(400);
      expect((await asked('POST', `${prefix}/auth/login`, { body: { email: 'x'.repeat(300_000) } }))[0]).toBe(400);
      const asForm = { headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'a=b' };
      expect((await asked('POST', `${prefix}/auth/login`, asForm))[0]).toBe(400);
      expect((await asked('GET', `${prefix}/doctors?q=%00`))[0]).toBe(400);
    }
  });

  it('of a versioned route uses the envelope, and PATCH is not allowed there', async () => {
    for (const path of ['/api/v1/nope', '/api/v2/doctors', '/API/V1/nope', '/nope', '/apis']) {
      expect((await app.call('GET', path)).body).toMatchObject({ success: false, error: { code: 'NOT_FOUND' } });
    }
    expect((await app.call('PATCH', '/api/v1/doctors')).status).toBe(405);
  });

  it('is a 403 with the seconds to wait if the rate limit is reached', async () => {
    const flooded = await TestApp.start({ RATE_LIMIT_PER_MINUTE: '3' }, undefined, { now: () => 1_800_000_000_000 });
    for (let n = 0; n < 3; n += 1) expect((await flooded.call('GET', '/api/doctors')).status).toBe(200);
    const { status, body, headers } = await flooded.call('GET', '/api/main/doctors');
    expect([status, body]).toEqual([403, failure(body.error)]);
    expect([headers.get('retry-after'), headers.get('ratelimit-limit')]).toEqual(['60', '3']);
    await flooded.close();
  });

  it('is a 500 without details for a server error', async () => {
    const broken = await TestApp.start();
    await broken.db.query(`ALTER TABLE doctor RENAME COLUMN speciality TO gone`);
    const { status, body } = await broken.call('GET', '/api/main/doctors');
    expect([status, body]).toEqual([500, failure('Something went wrong on our side.')]);
    await broken.close();
  });
});
