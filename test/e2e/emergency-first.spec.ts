import { randomUUID } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { brotliCompressSync, deflateRawSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it, test } from '@jest/globals';
import type { Actor } from '../../src/core/kernel/actor.js';
import { StrokeService } from '../../src/modules/stroke/index.js';
import { TestApp, type Answer, type TestPatient } from '../support/app.js';
import { within } from '../support/eventually.js';

/** A sign of an emergency is answered first, even if the request is invalid. */

const STROKE = '/api/v1/ai/stroke-assessment';
const CHAT = '/api/v1/ai/chat';
/** With the prefixes of the mobile client. */
const ALL_STROKE = [STROKE, '/api/ai/stroke-assessment'];
const ALL_CHAT = [CHAT, '/api/ai/chat'];
const NUMBERS = { EMERGENCY_NUMBERS: 'EG:123,IN:112' };
const CALL = /^Call your local emergency number now/;
const SIGN = { symptoms: { face: true } };
const WORDS = { message: 'My mother’s face is drooping and she cannot speak' };

let app: TestApp;
let cairo: string;
let patient: { token: string; clientId: string };

beforeAll(async () => {
  app = await TestApp.start(NUMBERS);
  const { rows } = await app.db.query(
    `UPDATE clinic SET emergency_number = '123' WHERE time_zone = 'Africa/Cairo' RETURNING id`,
  );
  cairo = rows[0].id;
  patient = (await app.patients(1))[0] as typeof patient;
});

/** Applications of single tests, which are closed even if the test fails. */
const others: TestApp[] = [];

afterAll(async () => {
  for (const each of [app, ...others]) await each.close();
});

const post = (path: string, body: unknown, headers: Record<string, string> = {}, token?: string): Promise<Answer> =>
  app.call('POST', path, { body, headers, ...(token && { token }) });

/** The message of an error, with or without the envelope. */
const getMessage = ({ body }: Answer): string => body.error.message ?? body.error;

/** Sends the body unchanged, so that it may be compressed, chunked or of any type. */
function send(
  path: string,
  body: Buffer | string,
  headers: Record<string, string>,
): Promise<{ status: number; message: string }> {
  const response = new Promise<{ status: number; message: string }>((resolve, reject) => {
    const { hostname, port } = new URL(app.url);
    const request = httpRequest({ hostname, port, path, method: 'POST', headers }, (response) => {
      let text = '';
      response.on('data', (data: Buffer) => (text += data.toString()));
      response.on('end', () => {
        const { error } = JSON.parse(text);
        resolve({ status: response.statusCode ?? 0, message: error.message ?? error });
      });
    });
    request.on('error', reject);
    request.end(body);
  });
  return within('a response', response);
}

describe('a positive sign', () => {
  it.each([
    ['a clock some seconds ahead', { assessedAt: new Date(Date.now() + 11_000).toISOString() }, []],
    ['a time in the future', { lastKnownWell: '2099-01-01T00:00:00Z' }, ['lastKnownWell']],
    ['a local time', { lastKnownWell: '2026-11-01T01:30:00' }, ['lastKnownWell']],
    ['an impossible glucose', { glucose: 40_000 }, ['glucose']],
    ['a glucose in words', { glucose: 'high' }, ['glucose']],
    ['an unknown unit', { glucose: 110, glucoseUnit: 'oz' }, ['glucoseUnit']],
    ['an unknown zone', { timeZone: 'Mars/Phobos' }, ['timeZone']],
    ['a phone’s offset', { timeZone: 'GMT+02:00' }, []],
    ['a phone’s locale', { locale: 'en-US-u-fw-mon-mu-celsius' }, []],
    ['an unknown clinic', { clinicId: randomUUID() }, ['clinicId']],
    ['a clinic that is no id', { clinicId: 'cairo' }, ['clinicId']],
    ['another patient', { clientId: randomUUID() }, ['clientId']],
    [
      'an age outside of the equations',
      { prevent: { age: 25 }, framingham: { age: 90 } },
      ['prevent.age', 'framingham.age'],
    ],
    ['unknown fields', { mood: 'bad', symptoms: { face: true, nose: true } }, ['mood', 'symptoms.nose']],
    ['wrong types', { cpss: 'x', nihss: [], rater: 7, mrs: null }, ['cpss', 'nihss', 'rater', 'mrs']],
    ['a role that the account has not', { rater: { role: 'CLINICIAN' } }, ['rater.role']],
    ['both sides rated in RACE', { race: { aphasia: 0, agnosia: 0 } }, ['race', 'race.agnosia']],
  ])('results in CALL_EMERGENCY together with %s', async (_, beside, fields) => {
    const { status, data } = await post(STROKE, { ...SIGN, ...beside }, {}, patient.token);
    expect([status, data?.level, Object.keys(data ?? {}).slice(0, 2)]).toEqual([
      201,
      'CALL_EMERGENCY',
      ['level', 'emergency'],
    ]);
    expect(data.emergency).toMatchObject({ callNow: true, text: expect.stringMatching(CALL) });
    expect(data.notComputed.map(({ field }: { field: string }) => field).sort()).toEqual([...fields].sort());
    for (const { part, field, error } of data.notComputed) {
      expect(field.startsWith(part)).toBe(true);
      expect(error).toEqual(expect.any(String));
    }
    expect(data.scores.some(({ instrument }: { instrument: string }) => instrument === 'BE_FAST')).toBe(true);
  });

  it.each(['yes', 'TRUE', 1, '1', 'نعم', 'हाँ', 'haan', 'aywa'])('may be given as %j', async (value) => {
    const { status, data } = await post(STROKE, { symptoms: { speech: value } }, {}, patient.token);
    expect([status, data.level, data.notComputed]).toEqual([201, 'CALL_EMERGENCY', []]);
    expect(data.scores[0].items).toContainEqual({ name: 'speech', value: true, points: 1 });
  });

  it.each([
    ['at the top', { face: true }],
    ['in a list', [SIGN]],
    ['one level too deep', { data: SIGN }],
    ['as names', { symptoms: ['face', 'arm'] }],
  ])('may be %s', async (_, body) => {
    const { status, data } = await post(STROKE, body, {}, patient.token);
    expect([status, data.level, data.reasons[0]]).toEqual([201, 'CALL_EMERGENCY', expect.stringMatching(/^SIGN_/)]);
    expect(data.notComputed.length).toBeGreaterThan(0);
  });

  it.each([
    ['{"symptoms":{"face":true,"face":false}}', 'symptoms.face'],
    ['{"symptoms":{"arm":true},"symptoms":{"face":false}}', 'symptoms'],
  ])('counts if a field is repeated: %s', async (text, field) => {
    const { status, data } = await post(STROKE, text, {}, patient.token);
    expect([status, data.level]).toEqual([201, 'CALL_EMERGENCY']);
    expect(data.notComputed.map(({ field: named }: { field: string }) => named)).toContain(field);
    const words = `{"message":${JSON.stringify(WORDS.message)},"message":"hello"}`;
    const chat = await post(CHAT, words, {}, patient.token);
    expect([chat.status, getMessage(chat)]).toEqual([400, expect.stringMatching(CALL)]);
  });

  it('that is only possible is refused with the number of the requested clinic, if it exists', async () => {
    const { userId, clientId } = (await app.patients(1))[0] as TestPatient;
    const actor: Actor = { userId, sessionId: randomUUID(), role: 'CLIENT', clientId, doctorId: null, clinicIds: [] };
    const refuse = async (clinicId: string) => {
      const body = { nihss: { item5a: 9 }, clinicId };
      const { assessment, emergency } = await app.app.get(StrokeService).tryAssess(actor, body);
      return [assessment, emergency.callNow, emergency.number, emergency.numberFrom];
    };
    expect(await refuse(cairo)).toEqual([null, true, '123', 'CLINIC']);
    expect(await refuse(randomUUID())).toEqual([null, true, null, null]);
  });

  it('is stored and listed with the same answer, including what was not computed', async () => {
    const [owner] = await app.patients(1);
    const { data } = await post(STROKE, { ...SIGN, glucose: -1 }, {}, owner?.token);
    const list = await app.call('GET', '/api/v1/ai/stroke-assessments', { token: owner?.token });
    expect(list.data).toEqual([data]);
  });

  it('is an emergency also with the id of another patient, and is not added to either record', async () => {
    const [one, other] = await app.patients(2);
    const { status, data } = await post(STROKE, { ...SIGN, clientId: other?.clientId }, {}, one?.token);
    expect([status, data.clientId, data.level]).toEqual([201, null, 'CALL_EMERGENCY']);
    for (const token of [one?.token, other?.token])
      expect((await app.call('GET', '/api/v1/ai/stroke-assessments', { token })).data).toEqual([]);
  });
});

describe('the other rules', () => {
  const low = { age: 30, systolic: 110, diastolic: 70, clinical: 'OTHER', durationMinutes: 1, diabetes: false };

  it('call for both arms immobile, an unresolved deficit, and a very low glucose with a symptom', async () => {
    const doctor = await app.login('doctor@careslot.test');
    const cpss = { facialDroop: 0, armDrift: 0, abnormalSpeech: 0, bothArmsImmobile: true };
    const arms = (await post(STROKE, { cpss }, {}, doctor)).data;
    expect([arms.level, arms.scores[0].score]).toEqual(['CALL_EMERGENCY', 0]);
    const unresolved = (await post(STROKE, { abcd2: low, symptomsResolved: false }, {}, patient.token)).data;
    expect([unresolved.level, unresolved.scores[0].score]).toEqual(['CALL_EMERGENCY', 0]);
    const sugar = { abcd2: low, symptomsResolved: true, glucose: 2.9, glucoseUnit: 'MMOL_L' };
    expect((await post(STROKE, sugar, {}, patient.token)).data).toMatchObject({
      level: 'CALL_EMERGENCY',
      advice: [
        expect.stringMatching(CALL),
        expect.stringMatching(/blood sugar is low/),
        expect.any(String),
        expect.any(String),
      ],
    });
    expect((await post(STROKE, { ...sugar, glucose: 3.5 }, {}, patient.token)).data.level).toBe('URGENT');
  });

  it('make BE-FAST’s advice at least as urgent as the level', async () => {
    const symptoms = { balance: false, eyes: false, face: false, arm: false, speech: false };
    for (const [body, advice] of [
      [{ symptoms: { ...symptoms, seizure: true } }, 'CALL_EMERGENCY'],
      [{ symptoms, symptomsResolved: true }, null],
    ] as const) {
      const { data } = await post(STROKE, body, {}, patient.token);
      expect(data.scores[0].details).toEqual({ positive: false, advice });
    }
  });

  it('compute no risk for people who had a stroke', async () => {
    const body = { cha2ds2: { strokeOrTia: true }, prevent: { age: 50 }, framingham: { age: 50 } };
    const { status, data } = await post(STROKE, body, {}, patient.token);
    expect(status).toBe(201);
    expect(data.notComputed).toEqual([
      { part: 'prevent', field: 'cha2ds2.strokeOrTia', error: expect.any(String) },
      { part: 'framingham', field: 'cha2ds2.strokeOrTia', error: expect.any(String) },
    ]);
    expect(data.scores.map(({ instrument }: { instrument: string }) => instrument)).toEqual([
      'CHA2DS2_VASC',
      'CHA2DS2_VA',
    ]);
  });

  it('reject aphasia and agnosia together, only in that instrument', async () => {
    const race = { facialPalsy: 0, arm: 0, leg: 0, gaze: 0, hemiparesis: 'LEFT', aphasia: 0, agnosia: 0 };
    const doctor = await app.login('doctor@careslot.test');
    const answer = await post(STROKE, { race }, {}, doctor);
    expect([answer.status, answer.body.error.details.map(({ field }: any) => field)]).toEqual([400, ['race.aphasia']]);
    const withSign = await post(STROKE, { race, ...SIGN }, {}, doctor);
    expect([withSign.status, withSign.data.level]).toEqual([201, 'CALL_EMERGENCY']);
  });
});

describe('an unreadable body', () => {
  const bearer = (): Record<string, string> => ({ authorization: `Bearer ${patient.token}` });

  it.each([
    ['broken JSON', '{"symptoms":{"face":true}', 'application/json', 400],
    ['JSON with a comma too many', '{"symptoms":{"arm":"yes",},}', 'application/json', 400],
    ['names that are no fields', '{"__proto__":{"a":1},"symptoms":{"face":true}}', 'application/json', 400],
    ['a NUL character', '{"note":"\\u0000","symptoms":{"face":true}}', 'application/json', 400],
    ['another charset', JSON.stringify(SIGN), 'application/json; charset=iso-8859-1', 415],
    ['a form', 'symptoms[face]=true', 'application/x-www-form-urlencoded', 415],
    [
      'a form with parts',
      '--x\r\nContent-Disposition: form-data; name="speech"\r\n\r\ntrue\r\n--x--',
      'multipart/form-data; boundary=x',
      415,
    ],
    ['plain text', 'face: yes', 'text/plain', 415],
    ['plain words', 'her face is drooping and she cannot speak', 'text/plain', 415],
    ['JSON under another name', JSON.stringify(SIGN), 'application/vnd.api+json', 415],
  ])('%s: the error starts with the emergency text', async (_, body, type, status) => {
    for (const path of ALL_STROKE) {
      const answer = await send(path, body, { ...bearer(), 'content-type': type });
      expect(answer).toEqual({ status: path === STROKE ? status : 400, message: expect.stringMatching(CALL) });
    }
  });

  it.each([
    ['plain although called gzip', 'gzip', 400, (text: string) => Buffer.from(text)],
    ['gzip although not called so', 'identity', 400, (text: string) => gzipSync(text)],
    ['deflate without its wrapper', 'deflate', 400, (text: string) => deflateRawSync(text)],
    ['zipped twice', 'gzip, gzip', 415, (text: string) => gzipSync(gzipSync(text))],
    ['gzip that breaks off', 'gzip', 400, (text: string) => gzipSync(text).subarray(0, -6)],
    ['Brotli within gzip', 'br, gzip', 415, (text: string) => gzipSync(brotliCompressSync(text))],
  ])('compressed as %s: the error starts with the emergency text', async (_, encoding, status, encode) => {
    const headers = { ...bearer(), 'content-type': 'application/json', 'content-encoding': encoding };
    const answer = await send(STROKE, encode(JSON.stringify(SIGN)), headers);
    expect(answer).toEqual({ status, message: expect.stringMatching(CALL) });
    const plain = await send(STROKE, encode('{"symptoms":{"face":false}}'), headers);
    expect(plain.message).not.toMatch(/emergency/);
  });

  it('with too many or too deep values of a repeated field gets the emergency text', async () => {
    const many = Array.from({ length: 20_000 }, (_, n) => `"glucose":${n}`).join();
    const headers = { ...bearer(), 'content-type': 'application/json' };
    expect(await send(STROKE, `{"symptoms":{"face":true},${many}}`, headers)).toEqual({
      status: 413,
      message: expect.stringMatching(CALL),
    });
    for (const depth of [30, 10_000]) {
      const deep = `${'['.repeat(depth)}${']'.repeat(depth)}`;
      const body = `{"symptoms":{"face":true},"symptoms":{},"glucose":${deep},"glucose":90}`;
      expect({ depth, ...(await send(STROKE, body, headers)) }).toEqual({
        depth,
        status: 400,
        message: expect.stringMatching(CALL),
      });
    }
  });

  it('that is empty and chunked gets the usual error', async () => {
    const headers = { ...bearer(), 'content-type': 'application/json', 'transfer-encoding': 'chunked' };
    expect(await send(STROKE, '', headers)).toEqual({ status: 400, message: 'Some fields are not valid.' });
  });

  it('with the sign after 200,000 characters gets the emergency text', async () => {
    const padding = 'x'.repeat(200_000);
    const answer = await send(STROKE, `{"padding":"${padding}","symptoms":{"face":true},}`, {
      ...bearer(),
      'content-type': 'application/json',
    });
    expect(answer).toEqual({ status: 400, message: expect.stringMatching(CALL) });
  });

  it('with too deep nesting, or with points outside a scale, gets the emergency text', async () => {
    const deep = `${'{"a":'.repeat(30)}${JSON.stringify(SIGN)}${'}'.repeat(30)}`;
    expect(getMessage(await post(STROKE, deep, {}, patient.token))).toMatch(CALL);
    const doctor = await app.login('doctor@careslot.test');
    const answer = await post(STROKE, { nihss: { item1a: 4 } }, {}, doctor);
    expect([answer.status, getMessage(answer)]).toEqual([400, expect.stringMatching(CALL)]);
  });

  it.each([
    ['{"symptoms":{"face":false}', 'application/json', 400],
    ['face: no', 'text/plain', 415],
    ['{"symptoms":{"face":"ji nahi","seizure":false},}', 'application/json', 400],
    ['{"face":false,"seizure":false,"symptomsResolved":true,}', 'application/json', 400],
    ['', 'text/plain', 400],
    ['{"glucose":"x"}', 'application/json', 400],
  ])('without a sign gets the usual error: %s', async (body, type, status) => {
    const answer = await send(STROKE, body, { ...bearer(), 'content-type': type });
    expect(answer).toEqual({ status, message: expect.not.stringMatching(/emergency|Call/) });
  });
});

it('an error of another route has no emergency text', async () => {
  const answer = await post('/api/v1/auth/login', { ...SIGN, ...WORDS });
  expect([answer.status, getMessage(answer)]).toEqual([400, expect.not.stringMatching(/emergency/)]);
});

describe('a refused caller', () => {
  it('without a token gets the emergency text, for a sign and for words', async () => {
    for (const [paths, body] of [
      [ALL_STROKE, SIGN],
      [ALL_STROKE, { nihss: { item5a: 2 } }],
      [ALL_STROKE, { previous_stroke_symptoms: 'yes' }],
      [ALL_STROKE, { glucose: 50, abcd2: { clinical: 'OTHER' } }],
      [ALL_CHAT, WORDS],
      [ALL_CHAT, { message: 'hello', history: [{ role: 'user', content: WORDS.message }] }],
      [ALL_CHAT, { ...SIGN, message: 'x' }],
      [ALL_CHAT, { message: `${'hello '.repeat(3_000)}${WORDS.message}` }],
    ] as const) {
      for (const path of paths) {
        const answer = await post(path, body);
        expect({ path, status: answer.status, message: getMessage(answer) }).toEqual({
          path,
          status: 401,
          message: expect.stringMatching(CALL),
        });
      }
    }
  });

  it('without a sign gets the usual error', async () => {
    for (const [path, body] of [
      [STROKE, { symptoms: { face: false } }],
      [CHAT, { message: 'When do you open on Friday?' }],
    ] as const) {
      const answer = await post(path, body);
      expect([answer.status, getMessage(answer)]).toEqual([401, expect.not.stringMatching(/emergency/)]);
    }
  });

  it('gets the text in their language, with the number of the clinic, the country or the locale', async () => {
    const clinic = await post(STROKE, { ...SIGN, clinicId: cairo });
    expect(getMessage(clinic)).toMatch(/^Call 123 now/);
    const country = await post(STROKE, { ...SIGN, country: 'IN', locale: 'hi' });
    expect(getMessage(country)).toMatch(/^अभी 112 पर/);
    const header = await post(STROKE, SIGN, { 'accept-language': 'ar-EG,en;q=0.5' });
    expect(getMessage(header)).toMatch(/^اتصل برقم الطوارئ المحلي الآن \(EG: 123\)/);
    const unknown = await post(STROKE, { ...SIGN, country: 'FR' });
    expect(getMessage(unknown)).toMatch(/^Call your local emergency number now\. /);
    const words = await post(CHAT, { message: 'أمي وجهها مائل ولا تستطيع الكلام', clinicId: cairo });
    expect(getMessage(words)).toMatch(/^اتصل بالرقم 123 الآن/);
  });

  it('with a too large body gets the text if the sign is in its first part', async () => {
    const padding = 'x'.repeat(300_000);
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${patient.token}` };
    for (const [path, text] of [
      [STROKE, JSON.stringify({ ...SIGN, padding })],
      [CHAT, JSON.stringify({ ...WORDS, padding })],
    ] as const) {
      const framings: Record<string, string>[] = [{}, { 'transfer-encoding': 'chunked' }];
      for (const framing of framings) {
        const answer = await send(path, text, { ...headers, ...framing });
        expect(answer).toEqual({ status: 413, message: expect.stringMatching(CALL) });
      }
      const zipped = await send(path, gzipSync(text), { ...headers, 'content-encoding': 'gzip' });
      expect(zipped).toEqual({ status: 413, message: expect.stringMatching(CALL) });
    }
  });

  it('with an invalid Idempotency-Key gets the text', async () => {
    const answer = await post(STROKE, SIGN, { 'idempotency-key': 'x'.repeat(201) }, patient.token);
    expect([answer.status, getMessage(answer)]).toEqual([400, expect.stringMatching(CALL)]);
  });
});

test('an address above the rate limit gets the emergency text', async () => {
  const limited = await TestApp.start({ ...NUMBERS, RATE_LIMIT_PER_MINUTE: '3' });
  others.push(limited);
  const answers: Answer[] = [];
  for (let n = 0; n < 10; n += 1) {
    answers.push(await limited.call('POST', n % 2 ? STROKE : CHAT, { body: n % 2 ? SIGN : WORDS }));
  }
  const refused = answers.filter(({ status }) => status === 429);
  expect(refused.length).toBeGreaterThanOrEqual(4);
  for (const answer of refused) expect(getMessage(answer)).toMatch(CALL);
  const plain = await limited.call('POST', STROKE, { body: { symptoms: { face: false } } });
  expect(getMessage(plain)).not.toMatch(/emergency/);
});

test('without the database the error starts with the emergency text', async () => {
  const away = await TestApp.start(NUMBERS);
  others.push(away);
  const [owner] = await away.patients(1);
  const name = new URL(away.environment.DATABASE_URL as string).pathname.slice(1);
  await app.db.query(`ALTER DATABASE ${name} WITH ALLOW_CONNECTIONS false`);
  await app.db.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1`, [name]);
  const answer = await away.call('POST', STROKE, {
    token: owner?.token,
    body: { ...SIGN, locale: 'ar-EG' },
  });
  expect([answer.status, getMessage(answer)]).toEqual([503, expect.stringMatching(/^اتصل برقم الطوارئ/)]);
});
