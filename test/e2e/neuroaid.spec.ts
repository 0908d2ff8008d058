import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import { newId } from '../../src/core/kernel/id.js';
import { TestApp, type Answer } from '../support/app.js';
import { aService, at, openClinic, type TestClinic } from '../support/clinic.js';
import * as client from '../support/neuroaid-client.js';
import { jpeg } from '../support/pictures.js';

/**
 * Every call of the published NeuroAid client, with its own bodies and read by its own decoders, below both prefixes: most paths
 * begin with the prefix, the others (/health, /config and most AI routes) are the same with both.
 * A decoder throws where the app would.
 */

const CALLS = [
  'GET /health',
  'GET /config',
  'GET health',
  'POST auth/register, a number in national digits',
  'POST auth/register, a number with brackets and a dash',
  'POST auth/login',
  'POST auth/login, wrong password',
  'GET users/me',
  'GET users',
  'PATCH users/:id',
  'GET doctors',
  'GET doctors/:id',
  'GET the picture of a doctor',
  'POST favorites',
  'GET favorites',
  'DELETE favorites/:doctorId',
  'POST bookings, the booking object',
  'POST bookings, the four fields of the documents',
  'GET bookings',
  'PATCH bookings/:id',
  'DELETE bookings/:id',
  'GET faqs',
  'GET faqs/:id',
  'POST scans, field image',
  'POST scans, field scan',
  'POST scans, field file',
  'GET scans',
  'GET scans/:id',
  'DELETE scans/:id',
  'POST ai/chat, conversationHistory',
  'POST ai/chat, history',
  'POST ai/scan-image',
  'POST ai/stroke-image/predict',
  'POST ai/analyze-image',
  'POST ai/assessment, the form',
  'POST ai/assessment, the nine questions',
  'POST ai/stroke-assessment, camel case',
] as const;
type Call = (typeof CALLS)[number];

let app: TestApp;
let folder: string;
let clinic: TestClinic;
let picture: Buffer;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'careslot-neuroaid-'));
  app = await TestApp.start({ STORAGE_DIR: folder, EMERGENCY_NUMBERS: 'EG:123' });
  clinic = await openClinic(app, { timeZone: 'Africa/Cairo', policy: { horizonDays: 30 } });
  await aService(app, clinic, { name: 'Long visit', durationMinutes: 60 });
  await aService(app, clinic, { name: 'First visit', durationMinutes: 30 });
  picture = await jpeg();
});

afterAll(async () => {
  await app.close();
  await rm(folder, { recursive: true, force: true });
});

it('makes 37 calls', () => expect(CALLS).toHaveLength(37));

describe.each(['/api/main', '/api'])('the NeuroAid client with the prefix %s', (prefix) => {
  const played = new Set<Call>();
  const account = { email: `${newId()}@mobile.test`, password: 'a-long-and-quiet-river' };
  const [day, time] = [at(prefix === '/api' ? 4 : 3).slice(0, 10), '09:30 AM'];
  let token: string;
  let user: client.User;
  let doctor: client.Doctor;
  let bookings: client.Booking[];
  let scans: client.Scan[];

  /** As dio sends it: every request carries the type of JSON, a GET too. */
  async function send(name: Call, method: string, path: string, body?: object | FormData): Promise<Answer> {
    played.add(name);
    const isForm = body instanceof FormData;
    return app.call(method, path.startsWith('/') ? path : `${prefix}/${path}`, {
      token,
      ...(body && (isForm ? { form: body } : { body })),
      headers: { accept: 'application/json', ...(!isForm && { 'content-type': 'application/json' }) },
    });
  }

  /** Any 2xx passes; anything else throws what the app would show. */
  async function ok(name: Call, method: string, path: string, body?: object | FormData): Promise<unknown> {
    const answer = await send(name, method, path, body);
    if (answer.status >= 200 && answer.status < 300) return answer.body;
    throw new Error(`${name}: ${answer.status} ${client.decodeFailure(answer.status, answer.body)}`);
  }

  async function refused(name: Call, method: string, path: string, body?: object): Promise<[number, string]> {
    const answer = await send(name, method, path, body);
    if (answer.status < 300) throw new Error(`${name}: ${answer.status} was not expected`);
    return [answer.status, client.decodeFailure(answer.status, answer.body)];
  }

  const form = (field: string): FormData => {
    const made = new FormData();
    made.append(field, new Blob([picture], { type: 'image/jpeg' }), 'scaled_1000.jpg');
    return made;
  };

  it('finds the server', async () => {
    for (const [name, path] of [
      ['GET /health', '/health'],
      ['GET /config', '/config'],
      ['GET health', 'health'],
    ] as const)
      expect((await send(name, 'GET', path)).status).toBe(200);
  });

  it('registers with a telephone number in a local format', async () => {
    const person = { name: 'Mona Ali Hassan', role: 'client', isActive: true };
    const spellings = [
      ['POST auth/register, a number in national digits', account.email, '01001234567'],
      ['POST auth/register, a number with brackets and a dash', `${newId()}@mobile.test`, '(010) 0123-4567'],
    ] as const;
    for (const [name, email, phone] of spellings) {
      const session = client.decodeSession(
        await ok(name, 'POST', 'auth/register', { ...person, ...account, email, phone }),
      );
      expect(session.user).toMatchObject({ email, name: 'Mona Ali Hassan', role: 'client', isActive: true });
      expect(session.user.phone).toBe('+201001234567');
      expect(session.token).toBe(session.accessToken);
    }
  });

  it('signs in, and gets errors in its own format', async () => {
    const wrong = { ...account, password: 'not-the-password' };
    expect(await refused('POST auth/login, wrong password', 'POST', 'auth/login', wrong)).toEqual([
      401,
      'Unauthorized. Please login again.',
    ]);
    const session = client.decodeSession(await ok('POST auth/login', 'POST', 'auth/login', account));
    token = session.accessToken;
    user = session.user;
    expect(client.decodeUser(await ok('GET users/me', 'GET', 'users/me'))).toEqual(user);
  });

  it('lists accounts as an administrator', async () => {
    const own = token;
    token = clinic.admin;
    const users = client.asList(await ok('GET users', 'GET', 'users?limit=5')).map(client.decodeUser);
    token = own;
    expect(users).toHaveLength(5);
    expect(new Set(users.map(({ id }) => id)).size).toBe(5);
  });

  it('changes the profile by the whole user object', async () => {
    const changed = { ...user, name: 'Mona El Sayed', phone: '' };
    const answer = client.decodeUser(await ok('PATCH users/:id', 'PATCH', `users/${user.id}`, changed));
    expect(answer).toEqual(changed);
    user = answer;
  });

  it('finds doctors as a plain list, with their next free time and no invented data', async () => {
    const doctors = client.asList(await ok('GET doctors', 'GET', 'doctors')).map(client.decodeDoctor);
    doctor = doctors.find(({ name }) => name === 'Doc No 1') as client.Doctor;
    expect(doctor).toMatchObject({
      specialty: 'General practice',
      available: true,
      nextAvailable: expect.stringMatching(/^\d{4}-\d{2}-\d{2} (0[1-9]|1[0-2]):[0-5]\d [AP]M$/),
      rating: null,
      reviews: null,
      experience: null,
      distance: null,
    });
    expect(client.decodeDoctor(await ok('GET doctors/:id', 'GET', `doctors/${doctor.id}`))).toEqual(doctor);
  });

  it('shows images from the requested host, in a format that Flutter decodes', async () => {
    expect(doctor.image.startsWith(`${app.url}/`)).toBe(true);
    played.add('GET the picture of a doctor');
    const response = await fetch(doctor.image);
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'image/png']);
    const { format, width } = await sharp(Buffer.from(await response.arrayBuffer())).metadata();
    expect([format, width]).toEqual(['png', 256]);
  });

  it('keeps favorites by the numbers of doctors', async () => {
    await ok('POST favorites', 'POST', 'favorites', { userId: user.id, doctorId: doctor.id });
    const favorites = client.decodeFavorites(await ok('GET favorites', 'GET', `favorites?userId=${user.id}`));
    expect(favorites).toEqual([doctor]);
    await ok('DELETE favorites/:doctorId', 'DELETE', `favorites/${doctor.id}`);
    expect(client.decodeFavorites(await ok('GET favorites', 'GET', `favorites?userId=${user.id}`))).toEqual([]);
  });

  it('books by a day and a time of day, without a choice of service', async () => {
    const booked = client.decodeBooked(
      await ok('POST bookings, the booking object', 'POST', 'bookings', {
        userId: user.id,
        doctorId: doctor.id,
        doctorName: doctor.name,
        doctorSpecialty: doctor.specialty,
        date: `${day}T00:00:00.000Z`,
        time,
        status: 'upcoming',
      }),
    );
    expect(booked).toMatchObject({
      userId: user.id,
      doctorId: doctor.id,
      doctorName: 'Doc No 1',
      doctorSpecialty: 'General practice',
      date: new Date(day),
      time,
      status: 'upcoming',
      notes: null,
    });
    const second = client.decodeBooked(
      await ok('POST bookings, the four fields of the documents', 'POST', 'bookings', {
        doctorId: doctor.id,
        date: day,
        time: '10:00 AM',
        notes: 'First visit',
      }),
    );
    expect(second).toMatchObject({ time: '10:00 AM', notes: 'First visit' });
    bookings = client.decodeBookings(await ok('GET bookings', 'GET', `bookings?userId=${user.id}`));
    expect(bookings).toEqual([second, booked]);
  });

  it('cancels in both of its ways, and gets its own name of the status', async () => {
    const [first, second] = bookings as [client.Booking, client.Booking];
    await ok('PATCH bookings/:id', 'PATCH', `bookings/${first.id}`, { status: 'canceled' });
    await ok('DELETE bookings/:id', 'DELETE', `bookings/${second.id}`);
    const after = client.decodeBookings(await ok('GET bookings', 'GET', `bookings?userId=${user.id}`));
    expect(after).toEqual(bookings.map((booking) => ({ ...booking, status: 'canceled' })));
  });

  it('reads FAQs', async () => {
    const faqs = client.decodeFaqs(await ok('GET faqs', 'GET', 'faqs'));
    expect(faqs.length).toBeGreaterThan(3);
    const [first] = faqs as [client.Faq];
    expect(client.decodeFaq(await ok('GET faqs/:id', 'GET', `faqs/${first.id}`))).toEqual(first);
  });

  it('uploads images with each of its field names, and gets the text that no analysis is available', async () => {
    for (const field of ['image', 'scan', 'file'] as const) {
      const scan = client.decodeScan(await ok(`POST scans, field ${field}`, 'POST', 'scans', form(field)));
      expect(scan).toMatchObject({ result: 'No analysis is available', confidence: 0, findings: [] });
      expect(scan.imageUrl.startsWith(`${app.url}/`)).toBe(true);
      expect((await fetch(scan.imageUrl)).headers.get('content-type')).toBe('image/jpeg');
    }
    scans = client.asList(await ok('GET scans', 'GET', 'scans')).map(client.decodeScan);
    expect(scans).toHaveLength(3);
    const [newest] = scans as [client.Scan];
    expect(client.decodeScan(await ok('GET scans/:id', 'GET', `scans/${newest.id}`))).toMatchObject({ id: newest.id });
    await ok('DELETE scans/:id', 'DELETE', `scans/${newest.id}`);
    expect(client.asList(await ok('GET scans', 'GET', 'scans'))).toHaveLength(2);
  });

  it('chats, with the history in both of its formats', async () => {
    const asked = { message: 'How do I book an appointment?' };
    const first = client.decodeChat(
      await ok('POST ai/chat, conversationHistory', 'POST', '/api/ai/chat', {
        ...asked,
        conversationHistory: [
          { role: 'user', content: 'Hello' },
          { role: 'assistant', content: 'Hello. How can I help?' },
        ],
      }),
    );
    const second = client.decodeChat(
      await ok('POST ai/chat, history', 'POST', '/api/ai/chat', {
        ...asked,
        history: [{ text: 'Hello', isSender: true, timestamp: '2026-12-02T10:00:00.000' }],
      }),
    );
    expect(first.response).toBe(second.response);
    expect(first.response.length).toBeGreaterThan(20);
  });

  it('analyzes an image, and gets no invented finding', async () => {
    const none = { result: 'No analysis is available', confidence: 0, findings: [] };
    for (const [name, path] of [
      ['POST ai/scan-image', 'ai/scan-image'],
      ['POST ai/analyze-image', 'ai/analyze-image'],
    ] as const)
      expect(client.decodeImageResult(await ok(name, 'POST', path, form('image')))).toMatchObject(none);
    const path = '/api/ai/stroke-image/predict';
    expect(client.decodePrediction(await ok('POST ai/stroke-image/predict', 'POST', path, form('file')))).toEqual({
      prediction: 'No analysis is available',
      confidence: '0.0%',
    });
  });

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

  it('gets no percentage if the form lacks inputs of the equation', async () => {
    const [status, message] = await refused(
      'POST ai/assessment, the form',
      'POST',
      '/api/ai/assessment',
      questionnaire,
    );
    expect(status).toBe(400);
    expect(message).toMatch(/cannot be computed.*does not rule out a high risk/);
    expect(message).toMatch(/Missing: total cholesterol, HDL cholesterol, systolic blood pressure/);
    expect(message).toMatch(/face, arm or speech.*call the emergency number/);
  });

  it('gets the emergency text if there were symptoms, with any other answers', async () => {
    const answers = {
      ...questionnaire,
      age: 60,
      physical_inactivity: 0,
      previous_stroke_symptoms: 1,
      family_history: 0,
    };
    const [status, message] = await refused(
      'POST ai/assessment, the nine questions',
      'POST',
      '/api/ai/assessment',
      answers,
    );
    expect([status, message]).toEqual([400, expect.stringMatching(/^Call your local emergency number now/)]);
  });

  it('gets the percentage of the published equation, and never the word low', async () => {
    const body = {
      age: 50,
      gender: 'Female',
      bmi: 35,
      smokingStatus: 'never smoked',
      heartDisease: 0,
      everMarried: 'Yes',
      workType: 'Private',
      prevent: {
        totalCholesterolMgDl: 200,
        hdlMgDl: 45,
        systolic: 160,
        diabetes: true,
        bpTreated: true,
        statin: false,
        egfr: 90,
      },
    };
    const assessment = client.decodeAssessment(
      await ok('POST ai/stroke-assessment, camel case', 'POST', '/api/ai/stroke-assessment', body),
    );
    // Published with the equations: a woman of 50 years with these values has 5.4 % within 10 years.
    expect(assessment).toMatchObject({ riskLevel: 'unknown', riskPercentage: 5.4 });
    expect(assessment.recommendations[0]).toMatch(/PREVENT.*5\.4 %/);
  });

  it('has made every one of its calls', () => {
    expect([...CALLS].filter((name) => !played.has(name))).toEqual([]);
  });
});
