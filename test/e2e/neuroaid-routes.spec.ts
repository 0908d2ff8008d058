import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '../../src/core/kernel/id.js';
import { TestApp, type Answer, type CallOptions } from '../support/app.js';
import { aService, at, openClinic, type TestClinic } from '../support/clinic.js';
import { FakeModelServer } from '../support/fake-model-server.js';
import { png } from '../support/pictures.js';

/** The client's statuses; no other ever leaves these routes. */
const STATUSES = [200, 201, 400, 401, 403, 404, 500];

let app: TestApp;
let folder: string;
let clinic: TestClinic;
let serviceId: string;
let doctorId: string;
let picture: Buffer;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'careslot-neuroaid-'));
  app = await TestApp.start({ STORAGE_DIR: folder, PUBLIC_URL: 'https://api.example.org' });
  clinic = await openClinic(app, { timeZone: 'Africa/Cairo' });
  serviceId = await aService(app, clinic);
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
  if (answer.status >= 400) expect(answer.body).toEqual({ error: expect.stringMatching(/.{5}/) });
  return answer;
}

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

async function aPatient(): Promise<{ token: string; user: any }> {
  const { status, body } = await call('POST', '/api/auth/register', { body: newUser() });
  expect(status).toBe(201);
  return { token: body.accessToken, user: body.user };
}

/** A time of its own for each booking, on the hour in Cairo. */
let hours = 0;
const nextStart = (): string => new Date(Date.parse(at(4)) + (hours += 1) * 3_600_000).toISOString();

describe('the journey of a patient with the mobile client', () => {
  let token: string;
  let user: any;
  let start: string;
  let bookingId: string;
  let scanId: string;
  const account = newUser();

  it('registers as a patient, whatever the client says besides', async () => {
    const { status, body } = await call('POST', '/api/auth/register', { body: account });
    expect(status).toBe(201);
    expect(Object.keys(body).sort()).toEqual(['accessToken', 'user']);
    expect(body.user).toMatchObject({
      email: account.email,
      name: 'Mona Ali Hassan',
      firstName: 'Mona',
      lastName: 'Ali Hassan',
      role: 'CLIENT',
      isActive: true,
      clientId: expect.any(String),
    });
    expect(JSON.stringify(body)).not.toMatch(/assword|refresh/);
  });

  it('signs in, and sees itself', async () => {
    const { status, body } = await call('POST', '/api/auth/login', {
      body: { email: account.email.toUpperCase(), password: account.password },
    });
    expect([status, Object.keys(body).sort()]).toEqual([200, ['accessToken', 'user']]);
    token = body.accessToken;
    user = (await call('GET', '/api/users/me', { token })).body;
    expect(user).toEqual(body.user);
  });

  it('finds doctors as a bare list, and one of them', async () => {
    const { body: doctors } = await call('GET', '/api/doctors?specialty=General%20practice', { token });
    expect(doctors).toEqual(expect.arrayContaining([expect.objectContaining({ id: doctorId })]));
    const { body: doctor } = await call('GET', `/api/doctors/${doctorId}`);
    expect(doctor).toMatchObject({
      id: doctorId,
      name: 'Doc No 1',
      specialty: 'General practice',
      speciality: 'General practice',
      image: `https://api.example.org/api/v1/doctors/${doctorId}/photo`,
      available: true,
      serviceIds: [serviceId],
    });
  });

  it('marks one, and takes it back by what the list calls it', async () => {
    const added = await call('POST', '/api/favorites', { token, body: { userId: user.id, doctorId } });
    expect(added).toMatchObject({ status: 201, body: { doctorId, doctor: { name: 'Doc No 1' } } });
    const [favorite] = (await call('GET', `/api/favorites?userId=${user.id}`, { token })).body;
    expect(favorite).toMatchObject({ id: doctorId, doctorId, doctor: { id: doctorId, specialty: 'General practice' } });
    expect(await call('POST', '/api/favorites', { token, body: { doctorId } })).toMatchObject({ status: 400 });
    expect((await call('DELETE', `/api/favorites/${favorite.id}`, { token })).status).toBe(200);
    expect((await call('GET', '/api/favorites', { token })).body).toEqual([]);
  });

  it('books a free time, once', async () => {
    const day = at(3).slice(0, 10);
    const slots = await app.call('GET', `/api/v1/availability?serviceId=${serviceId}&from=${day}&to=${day}`);
    start = slots.data[10].startDateTime;
    const { status, body } = await call('POST', '/api/bookings', {
      token,
      body: { doctorId, serviceId, startDateTime: start },
    });
    expect(status).toBe(201);
    expect(body).toMatchObject({
      doctorId,
      serviceId,
      startDateTime: start,
      status: 'CONFIRMED',
      userId: user.id,
      clientId: user.clientId,
      date: day,
      time: '02:30',
      doctorName: 'Doc No 1',
      doctor: { name: 'Doc No 1', specialty: 'General practice' },
    });
    bookingId = body.id;
    const other = await aPatient();
    const taken = await call('POST', '/api/bookings', {
      token: other.token,
      body: { doctorId, serviceId, startDateTime: start },
    });
    expect(taken).toMatchObject({ status: 400, body: { error: 'The doctor is taken at this time.' } });
  });

  it('books in the words of the client: a day and a time on the clinic’s clocks', async () => {
    const day = at(3).slice(0, 10);
    const sent = {
      userId: user.id,
      doctorId,
      doctorName: 'Doc No 1',
      doctorSpecialty: 'General practice',
      date: `${day}T00:00:00.000`,
      time: '02:00 PM',
      status: 'upcoming',
      notes: 'First visit',
    };
    const { status, body } = await call('POST', '/api/bookings', { token, body: sent });
    expect([status, body]).toEqual([
      201,
      expect.objectContaining({ serviceId, date: day, time: '14:00', notes: 'First visit' }),
    ]);
    expect(new Date(body.startDateTime).getUTCHours()).toBe(12);
  });

  it('sees its bookings, the last booked first, page by page', async () => {
    const all = (await call('GET', `/api/bookings?userId=${user.id}`, { token })).body;
    expect(all.map(({ time }: any) => time)).toEqual(['14:00', '02:30']);
    const first = await call('GET', '/api/bookings?limit=1&withTotal=true', { token });
    expect([first.body.length, first.headers.get('x-total-count')]).toEqual([1, '2']);
    const next = /^<(.+)>; rel="next"$/.exec(first.headers.get('link') ?? '')?.[1] as string;
    const second = await call('GET', next, { token });
    expect([second.body[0].id, second.headers.get('link')]).toEqual([bookingId, null]);
  });

  it('cancels: the time is free, the row stays, and again is a 400', async () => {
    const cancelled = await call('DELETE', `/api/bookings/${bookingId}`, { token });
    expect(cancelled).toMatchObject({ status: 200, body: { id: bookingId, status: 'CANCELLED' } });
    const again = await call('DELETE', `/api/bookings/${bookingId}`, { token });
    expect(again).toMatchObject({
      status: 400,
      body: { error: 'An appointment that is CANCELLED can not be CANCELLED.' },
    });
    const listed = (await call('GET', '/api/bookings', { token })).body;
    expect(listed.find(({ id }: any) => id === bookingId).status).toBe('CANCELLED');
    const other = await aPatient();
    const body = { doctorId, serviceId, startDateTime: start };
    expect((await call('POST', '/api/bookings', { token: other.token, body })).status).toBe(201);
  });

  it('hands a picture in', async () => {
    const { status, body } = await call('POST', '/api/scans', { token, form: form({ kind: 'MRI' }) });
    expect(status).toBe(201);
    expect(body).toMatchObject({ clientId: user.clientId, kind: 'MRI', format: 'PNG' });
    expect(body.imageUrl).toBe(`https://api.example.org${body.fileUrl}`);
    scanId = body.id;
    const image = await call('POST', '/api/scans', { token, form: form({}, 'image') });
    expect(image.status).toBe(201);
    const scans = (await call('GET', '/api/scans', { token })).body;
    expect(scans.map(({ id }: any) => id)).toEqual([image.body.id, scanId]);
  });

  it('has it analysed: without a model there is no finding', async () => {
    const none = {
      source: 'FALLBACK',
      analysis: 'NOT_AVAILABLE',
      label: null,
      score: null,
      confidence: null,
      summary: null,
    };
    const known = await call('POST', '/api/ai/analyze-image', { token, body: { scanId } });
    expect(known).toMatchObject({ status: 200, body: { ...none, scanId } });
    const sent = await call('POST', '/api/ai/analyze-image', { token, form: form({}, 'image') });
    expect(sent).toMatchObject({ status: 200, body: { ...none, requiresClinicianReview: true } });
    expect((await call('GET', '/api/scans', { token })).body[0].id).toBe(sent.body.scanId);
  });

  it('asks how urgent its symptoms are', async () => {
    const urgent = await call('POST', '/api/ai/stroke-assessment', { token, body: { symptoms: { face: true } } });
    expect(urgent).toMatchObject({
      status: 201,
      body: { level: 'CALL_EMERGENCY', riskLevel: 'high', risk_level: 'high' },
    });
    expect(urgent.body.recommendations).toEqual(urgent.body.advice);
  });

  it('answers the questionnaire of risk factors, and is never told "low"', async () => {
    const questionnaire = {
      gender: 'Male',
      age: 65.0,
      hypertension: 1,
      heart_disease: 0,
      ever_married: 'Yes',
      work_type: 'Private',
      Residence_type: 'Urban',
      avg_glucose_level: 120.5,
      bmi: 28.3,
      smoking_status: 'formerly smoked',
    };
    const { status, body } = await call('POST', '/api/ai/stroke-assessment', { token, body: questionnaire });
    expect([status, body.level, body.risk_level]).toEqual([201, 'INCOMPLETE', 'unknown']);
    expect(body.scores[0]).toMatchObject({ instrument: expect.stringMatching(/PREVENT/), score: null });
    expect(JSON.stringify(body)).not.toMatch(/Private|Urban/);
    const young = await call('POST', '/api/ai/stroke-assessment', {
      token,
      body: { ...questionnaire, age: 19, bmi: 17 },
    });
    expect(young.status).toBe(201);
  });

  it('reads the questions of others, in one language', async () => {
    const { status, body: faqs } = await call('GET', '/api/faqs');
    expect(status).toBe(200);
    expect(faqs[0]).toMatchObject({ id: expect.any(String), question: expect.any(String), answer: expect.any(String) });
    expect(new Set(faqs.map(({ locale }: any) => locale))).toEqual(new Set(['en']));
    const arabic = (await call('GET', '/api/faqs', { headers: { 'accept-language': 'ar-EG,ar;q=0.9' } })).body;
    expect(arabic[0].locale).toMatch(/^ar/);
    expect((await call('GET', '/api/faqs?locale=ar')).body).toEqual(arabic);
  });

  it('asks the assistant: an answer of the FAQs without a model, and an emergency at once', async () => {
    const history = [{ role: 'user', content: 'Hello' }];
    const asked = { message: 'How do I book an appointment?', conversationHistory: history };
    const { status, body } = await call('POST', '/api/ai/chat', { token, body: asked });
    expect([status, body]).toEqual([
      200,
      expect.objectContaining({ source: 'FALLBACK', timestamp: expect.any(String) }),
    ]);
    expect(body.response).toBe(body.answer);
    const more = { message: 'How do I cancel?', conversationId: body.conversationId, history };
    const next = await call('POST', '/api/ai/chat', { token, body: more });
    expect([next.status, next.body.conversationId]).toEqual([200, body.conversationId]);
    const urgent = await call('POST', '/api/ai/chat', {
      token,
      body: { message: 'My face is drooping and my arm is weak' },
    });
    expect(urgent.body).toMatchObject({ source: 'RULES', disposition: 'EMERGENCY', bookingUrl: null });
    const other = await aPatient();
    expect((await call('POST', '/api/ai/chat', { token: other.token, body: more })).status).toBe(404);
    expect((await call('POST', '/api/ai/chat', { token, body: { message: ' ' } })).body.error).toMatch(
      /message must be/,
    );
    const headers = { accept: 'text/event-stream' };
    expect((await call('POST', '/api/ai/chat', { token, body: asked, headers })).body.response).toEqual(
      expect.stringMatching(/.{5}/),
    );
  });

  it('deletes its picture', async () => {
    expect(await call('DELETE', `/api/scans/${scanId}`, { token })).toMatchObject({
      status: 200,
      body: { message: 'Deleted.' },
    });
    expect((await call('DELETE', `/api/scans/${scanId}`, { token })).status).toBe(404);
  });
});

describe('an image with a model', () => {
  let model: FakeModelServer;
  let modelled: TestApp;
  let token: string;
  const analyse = () => modelled.call('POST', '/api/ai/analyze-image', { token, form: form() });

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

  it('is answered with its draft, in one call', async () => {
    const { status, body } = await analyse();
    expect([status, body]).toEqual([
      200,
      expect.objectContaining({ source: 'MODEL', status: 'DRAFT', confidence: 0.87, requiresClinicianReview: true }),
    ]);
  });

  it('is answered without a finding where the model fails, and nobody waits for many at once', async () => {
    model.mood = 'hangs';
    const { body: scan } = await modelled.call('POST', '/api/scans', { token, form: form() });
    const ask = () => modelled.call('POST', '/api/ai/analyze-image', { token, body: { scanId: scan.id } });
    const answers = await Promise.all(Array.from({ length: 6 }, ask));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 403, 403]);
    const done = answers.find(({ status }) => status === 200);
    expect(done?.body).toMatchObject({ source: 'FALLBACK', analysis: 'NOT_AVAILABLE', label: null, confidence: null });
    model.mood = 'well';
  });
});

describe('what is another’s', () => {
  it('is not there', async () => {
    const [owner, stranger] = [await aPatient(), await aPatient()];
    const body = { doctorId, serviceId, startDateTime: nextStart() };
    const booking = (await call('POST', '/api/bookings', { token: owner.token, body })).body;
    const scan = (await call('POST', '/api/scans', { token: owner.token, form: form() })).body;
    const { token } = stranger;
    for (const path of ['/api/bookings', '/api/scans', '/api/favorites']) {
      expect((await call('GET', path, { token })).body).toEqual([]);
    }
    expect((await call('DELETE', `/api/bookings/${booking.id}`, { token })).status).toBe(404);
    expect((await call('DELETE', `/api/scans/${scan.id}`, { token })).status).toBe(404);
    expect((await call('POST', '/api/ai/analyze-image', { token, body: { scanId: scan.id } })).status).toBe(404);
    for (const path of ['bookings', 'favorites'])
      expect((await call('GET', `/api/${path}?userId=${owner.user.id}`, { token })).status).toBe(404);
    const forOther = { ...body, startDateTime: nextStart() };
    expect((await call('POST', '/api/bookings', { token, body: { ...forOther, userId: owner.user.id } })).status).toBe(
      404,
    );
    expect(
      (await call('POST', '/api/bookings', { token, body: { ...forOther, clientId: owner.user.clientId } })).status,
    ).toBe(404);
    const assessed = { symptoms: { face: true }, clientId: owner.user.clientId };
    expect((await call('POST', '/api/ai/stroke-assessment', { token, body: assessed })).status).toBe(404);
    expect((await call('POST', '/api/scans', { token, form: form({ clientId: owner.user.clientId }) })).status).toBe(
      404,
    );
    expect((await call('POST', '/api/favorites', { token, body: { doctorId, userId: owner.user.id } })).status).toBe(
      404,
    );
    expect((await call('GET', '/api/bookings', { token: owner.token })).body[0].status).toBe('CONFIRMED');
  });

  it('is shown to those who may see it: the desk its clinic’s bookings, accounts to who manages them', async () => {
    const { token } = await aPatient();
    expect(await call('GET', '/api/users', { token })).toMatchObject({
      status: 403,
      body: { error: 'Your role may not do this.' },
    });
    const users = (await call('GET', '/api/users?role=CLIENT&limit=3', { token: clinic.admin })).body;
    expect(users).toHaveLength(3);
    expect(users[0]).toMatchObject({ name: expect.any(String), role: 'CLIENT' });
    const bookings = (await call('GET', '/api/bookings', { token: clinic.staff })).body;
    expect(new Set(bookings.map(({ clinicId }: any) => clinicId))).toEqual(new Set([clinic.id]));
    expect((await call('GET', '/api/scans', { token: clinic.staff })).status).toBe(403);
    expect((await call('GET', '/api/favorites', { token: clinic.staff })).status).toBe(403);
  });

  it('is audited as under /api/v1', async () => {
    const { token, user } = await aPatient();
    const body = { doctorId, serviceId, startDateTime: nextStart() };
    const { id } = (await call('POST', '/api/bookings', { token, body })).body;
    await call('DELETE', `/api/bookings/${id}?reason=Well%20again`, { token });
    const { rows } = await app.db.query(
      `SELECT action FROM audit_log WHERE object_id = $1 AND actor_user_id = $2 ORDER BY id`,
      [id, user.id],
    );
    expect(rows.map(({ action }) => action)).toEqual(['appointment.booked', 'appointment.cancelled']);
  });
});

describe('registration and sign-in', () => {
  const register = (change: object) => call('POST', '/api/auth/register', { body: { ...newUser(), ...change } });

  it('give no role but a patient’s', async () => {
    for (const role of ['admin', 'ADMIN', 'doctor', 'STAFF', 7, null])
      expect((await register({ role })).status).toBe(400);
    for (const isActive of [false, 'true', null]) expect((await register({ isActive })).status).toBe(400);
  });

  it('take one name, or two, or one word', async () => {
    const names = async (change: object) => {
      const { firstName, lastName, name } = (await register(change)).body.user;
      return [firstName, lastName, name];
    };
    expect(await names({ name: '  محمد   علي ' })).toEqual(['محمد', 'علي', 'محمد علي']);
    expect(await names({ name: 'Suharto' })).toEqual(['Suharto', '-', 'Suharto']);
    expect(await names({ name: undefined, firstName: 'Mona', lastName: 'Hassan' })).toEqual([
      'Mona',
      'Hassan',
      'Mona Hassan',
    ]);
    for (const wrong of [
      { name: undefined },
      { name: '   ' },
      { name: undefined, firstName: 'Mona' },
      { name: `x ${'y'.repeat(101)}` },
    ])
      expect((await register(wrong)).body.error).toMatch(/^Some fields are not valid: name /);
  });

  it('say what is wrong in a sentence, and never which half of the credentials', async () => {
    const { email } = newUser();
    const wrong = await call('POST', '/api/auth/login', { body: { email, password: 'not-the-password' } });
    expect([wrong.status, wrong.body]).toEqual([401, { error: 'Invalid credentials' }]);
    const patient = { email: 'patient@careslot.test', password: 'not-the-password' };
    expect((await call('POST', '/api/auth/login', { body: patient })).body).toEqual(wrong.body);
    const bad = await call('POST', '/api/auth/register', { body: { email: 'x', password: 'short', name: 'A B' } });
    expect(bad.body.error).toMatch(/^Some fields are not valid: email must be an email; password must be /);
    const taken = await register({ email: 'patient@careslot.test' });
    expect(taken.status).toBe(400);
  });

  it('are limited as under /api/v1, counted together', async () => {
    const { email } = newUser();
    const attempt = (path: string) => app.call('POST', path, { body: { email, password: 'guess-after-guess' } });
    for (let n = 0; n < 5; n += 1) {
      expect((await attempt('/api/auth/login')).status).toBe(401);
      expect((await attempt('/api/v1/auth/login')).status).toBe(401);
    }
    expect((await attempt('/api/v1/auth/login')).status).toBe(429);
    const limited = await call('POST', '/api/auth/login', { body: { email, password: 'guess-after-guess' } });
    expect([limited.status, limited.body]).toEqual([403, { error: 'Too many requests; wait a while.' }]);
    expect(Number(limited.headers.get('retry-after'))).toBeGreaterThan(0);
  });

  it('answer the same for the same Idempotency-Key, and refuse another body with it', async () => {
    const body = newUser();
    const headers = { 'idempotency-key': newId() };
    const [first, again] = [
      await call('POST', '/api/auth/register', { body, headers }),
      await call('POST', '/api/auth/register', { body, headers }),
    ];
    expect([again.status, again.body]).toEqual([201, first.body]);
    expect((await call('POST', '/api/auth/register', { body: newUser(), headers })).status).toBe(400);
  });
});

describe('a booking that can’t be', () => {
  let token: string;
  beforeAll(async () => {
    ({ token } = await aPatient());
  });
  const refused = async (body: object): Promise<string> => {
    const answer = await call('POST', '/api/bookings', { token, body });
    expect(answer.status).toBe(400);
    return answer.body.error;
  };

  it('says why', async () => {
    const day = at(5).slice(0, 10);
    expect(await refused({ doctorId, serviceId, startDateTime: at(3, '09:07') })).toMatch(
      /do not begin at this minute/,
    );
    expect(await refused({ doctorId, serviceId })).toMatch(/startDateTime must be given, or date and time/);
    expect(await refused({ doctorId, date: day })).toMatch(/time must be given/);
    expect(await refused({ doctorId, time: '10:00' })).toMatch(/date must be given/);
    expect(await refused({ doctorId, date: day, time: '10:00', startDateTime: at(5) })).toMatch(/not both/);
    expect(await refused({ doctorId, date: '2027-02-30', time: '10:00' })).toMatch(/date must be a day/);
    for (const time of ['25:00', '10:60', '13:00 PM', '0:10 AM'])
      expect(await refused({ doctorId, date: day, time })).toMatch(/time must be a time/);
    expect(await refused({ doctorId, date: day, time: '10:00', status: 'completed' })).toMatch(/status must be/);
    expect(
      (await call('POST', '/api/bookings', { token, body: { doctorId: newId(), date: day, time: '10:00' } })).status,
    ).toBe(404);
  });

  it('is for a time that the clocks skip', async () => {
    const { rows } = await app.db.query(`SELECT extract(year FROM now())::int + 1 AS year`);
    // Egypt's clocks go forward at midnight, on the last Friday of April.
    const last = new Date(Date.UTC(rows[0].year, 4, 0));
    while (last.getUTCDay() !== 5) last.setUTCDate(last.getUTCDate() - 1);
    const date = last.toISOString().slice(0, 10);
    expect(await refused({ doctorId, date, time: '00:30' })).toMatch(
      /time must be a time that the clocks show on that day/,
    );
  });

  it('must say which service, where the doctor gives several', async () => {
    const busy = await openClinic(app);
    await aService(app, busy);
    const second = await aService(app, busy);
    const body = { doctorId: busy.doctorIds[0], startDateTime: at(3) };
    expect(await refused(body)).toMatch(/serviceId must say which/);
    expect((await call('POST', '/api/bookings', { token, body: { ...body, serviceId: second } })).status).toBe(201);
  });
});

describe('every error', () => {
  it('is { error } with one of five statuses, whoever finds it', async () => {
    const { token } = await aPatient();
    const asked = async (method: string, path: string, options: CallOptions = {}) => {
      const { status, body } = await call(method, path, options);
      return [status, body.error];
    };
    expect(await asked('GET', '/api/users/me')).toEqual([401, 'Sign in first: this needs an access token.']);
    expect(await asked('GET', '/api/users/me', { token: 'a.b.c' })).toEqual([401, 'A valid access token is needed.']);
    for (const path of ['/api', '/api/', '/api/nope', '/api/main/users/me', '/api/v', '/api/v1x', '/api/%E0%A4%A/x'])
      expect([400, 404]).toContain((await asked('GET', path))[0]);
    expect(await asked('GET', '/api/nope')).toEqual([404, 'There is no such route.']);
    expect((await asked('PATCH', '/api/bookings/7', { token, body: {} }))[0]).toBe(404);
    expect(await asked('POST', '/api/auth/login', { body: '{"a":' })).toEqual([400, 'The body is not valid JSON.']);
    expect(await asked('POST', '/api/auth/login', { body: { email: 'x'.repeat(300_000) } })).toEqual([
      400,
      'The body is too large.',
    ]);
    const asForm = { headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'a=b' };
    expect(await asked('POST', '/api/auth/login', asForm)).toEqual([400, 'The body must be application/json.']);
    expect((await asked('POST', '/api/auth/login', { form: form() }))[0]).toBe(400);
    expect((await asked('GET', '/api/doctors?q=%00'))[0]).toBe(400);
    expect((await asked('GET', '/api/doctors/7'))[0]).toBe(400);
  });

  it('of an upload too', async () => {
    const { token } = await aPatient();
    for (const path of ['/api/scans', '/api/ai/analyze-image']) {
      expect((await call('POST', path, { form: form() })).status).toBe(401);
      expect((await call('POST', path, { token, form: form({}, 'file', Buffer.from('GIF89a')) })).status).toBe(400);
      expect((await call('POST', path, { token, form: form({ isAdmin: 'x' }) })).body.error).toMatch(
        /isAdmin is not a field/,
      );
      expect((await call('POST', path, { token, form: form({}, 'picture') })).status).toBe(400);
      expect((await call('POST', path, { token, form: new FormData() })).status).toBe(400);
      expect((await call('POST', path, { token })).status).toBe(400);
    }
    expect((await call('POST', '/api/scans', { token, body: {} })).status).toBe(400);
    expect((await call('POST', '/api/ai/analyze-image', { token, body: {} })).body.error).toMatch(
      /scanId must be given/,
    );
    expect((await app.call('POST', '/api/v1/scans', { token, form: form({}, 'image') })).status).toBe(400);
  });

  it('under a version stays in the envelope', async () => {
    for (const path of ['/api/v1/nope', '/api/v2/doctors', '/API/V1/nope', '/nope', '/apis']) {
      expect((await app.call('GET', path)).body).toMatchObject({ success: false, error: { code: 'NOT_FOUND' } });
    }
  });
});

describe('the flood limit', () => {
  it('is a 403 with the seconds to wait', async () => {
    const flooded = await TestApp.start({ RATE_LIMIT_PER_MINUTE: '3' }, undefined, { now: () => 1_800_000_000_000 });
    for (let n = 0; n < 3; n += 1) expect((await flooded.call('GET', '/api/doctors')).status).toBe(200);
    const { status, body, headers } = await flooded.call('GET', '/api/doctors');
    expect([status, body]).toEqual([403, { error: 'Too many requests; wait a while.' }]);
    expect([headers.get('retry-after'), headers.get('ratelimit-limit')]).toEqual(['60', '3']);
    await flooded.close();
  });
});

describe('a fault of ours', () => {
  it('is a 500 that says nothing of it', async () => {
    const broken = await TestApp.start();
    await broken.db.query(`ALTER TABLE doctor RENAME COLUMN speciality TO gone`);
    const { status, body } = await broken.call('GET', '/api/doctors');
    expect([status, body]).toEqual([500, { error: 'Something went wrong on our side.' }]);
    await broken.close();
  });
});
