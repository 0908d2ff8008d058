import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { TestApp, type Answer } from '../support/app.js';
import { ChatStream } from '../support/chat.js';
import { eventually, within } from '../support/eventually.js';
import { FakeChatServer, type Behaviour } from '../support/fake-chat-server.js';

type Patient = Awaited<ReturnType<TestApp['patients']>>[number];

const QUESTION = 'How do I cancel my appointment?';
/** A real-time limit that the chat promises: 800 ms for the model (see `settings`), and our own work on a busy machine. */
const BUDGET_MILLISECONDS = 5_000;

let model: FakeChatServer;
let app: TestApp;
let cairo: string;
let patient: Patient;

const settings = (): Record<string, string> => ({
  AI_ENABLED: 'true',
  AI_BASE_URL: model.url,
  AI_RETRIES: '0',
  AI_FIRST_TOKEN_MILLISECONDS: '400',
  AI_TOTAL_MILLISECONDS: '800',
  AI_BREAKER_RESET_MILLISECONDS: '50',
});

beforeAll(async () => {
  model = await new FakeChatServer().start();
  app = await TestApp.start(settings());
  cairo = (await app.db.query(`SELECT id FROM clinic WHERE emergency_number = '123' LIMIT 1`)).rows[0].id;
});

afterAll(async () => {
  await app.close();
  await model.close();
});

beforeEach(async () => {
  model.reset();
  patient = (await app.patients(1))[0] as Patient;
});

const ask = (message: string, of: TestApp = app): Promise<Answer> =>
  of.call('POST', '/api/v1/ai/chat', { token: patient.token, body: { message, clinicId: cairo } });

/** The circuit closes again before the next test. Two calls succeed for each that fails, so that it stays closed. */
afterEach(async () => {
  model.next.length = 0;
  await eventually(async () => expect((await ask('Hello there')).data.source).toBe('MODEL'));
  await ask('Hello there');
});

const FAILURES: [string, Behaviour][] = [
  ['does not answer', 'HANG'],
  ['sends only comments', 'DRIP'],
  ['answers 500', { status: 500 }],
  ['answers 429', { status: 429, headers: { 'retry-after': '1' } }],
  ['answers 401', { status: 401 }],
  ['resets the connection', 'RESET'],
  ['sends an HTML page', { raw: '<h1>Bad gateway</h1>', type: 'text/html' }],
  ['sends invalid JSON', { raw: 'data: {{{\n\n', type: 'text/event-stream' }],
  ['sends only its tag', { say: ['[[INFO]]'] }],
  ['stops in the middle of its text', { sayThenHang: ['[[INFO]]\nTake 40 mg of '] }],
  ['resets the connection in the middle of its text', { sayThenReset: ['[[INFO]]\nTake 40 mg of '] }],
  ['ends without the end marker', { sayThenEnd: ['[[INFO]]\nTake 40 mg of '] }],
  ['sends 50 MB', { flood: 50 * 1024 * 1024 }],
];

describe('if the model', () => {
  it.each(FAILURES)('%s, the FAQs answer in time, with the contact of the clinic (S-02)', async (_, behaviour) => {
    model.next.push(behaviour);
    const { status, data } = await within('the answer', ask(QUESTION), BUDGET_MILLISECONDS);
    expect(status).toBe(200);
    expect(data).toMatchObject({
      source: 'FALLBACK',
      disposition: 'INFO',
      model: null,
      emergencyNumber: '123',
      safetyNet: false,
    });
    expect(data.sources).toHaveLength(1);
    expect(data.answer).toMatch(/choose "cancel"[^]*Call Nile Neurology and Heart: \+20[^]*\/book/);
    expect(data.answer).not.toMatch(/40 mg|word word/);
  });

  it.each(FAILURES)('%s, a stream ends with the answer from the FAQs alone', async (_, behaviour) => {
    model.next.push(behaviour);
    const stream = await ChatStream.open(app, patient.token, { message: QUESTION, clinicId: cairo });
    const done = await stream.until('done');
    await stream.end();
    expect(done).toMatchObject({ source: 'FALLBACK' });
    expect(stream.text).toBe(done.answer);
  });
});

it('without a model and a matching FAQ the answer is a fixed text', async () => {
  model.next.push('RESET');
  const { data } = await ask('Tell me about dragons');
  expect(data).toMatchObject({ source: 'FALLBACK', disposition: 'ROUTINE', sources: [] });
  expect(data.answer).toMatch(/^Emergency\? Call 123 now[^]*\n\nI do not know the answer to this/);
});

it('the answer from the FAQs is in the language of the question', async () => {
  model.next.push('RESET', 'RESET');
  expect((await ask('كيف يمكنني إلغاء الموعد')).data.answer).toContain('واختر "إلغاء"');
  expect((await ask('अपॉइंटमेंट बुक करना है')).data.answer).toContain('पुष्टि करें');
});

it('emergencies are answered while the model fails, without a call of it', async () => {
  for (let n = 0; n < 6; n += 1) {
    model.next.push({ status: 500 });
    await ask('Hello there');
  }
  const before = model.received.length;
  expect((await ask('my mother fainted')).data).toMatchObject({ source: 'RULES', disposition: 'EMERGENCY' });
  expect(model.received).toHaveLength(before);
});

it('emergencies are answered if the database cannot be read', async () => {
  const lost = await TestApp.start(settings());
  try {
    const [somebody] = await lost.patients(1);
    await lost.db.query(`ALTER TABLE user_account RENAME TO away`);
    await lost.db.query(`ALTER TABLE conversation RENAME TO away_too`);
    const answer = await lost.call('POST', '/api/v1/ai/chat', {
      token: (somebody as Patient).token,
      body: { message: 'he cannot breathe' },
    });
    expect(answer).toMatchObject({ status: 200, data: { source: 'RULES', disposition: 'EMERGENCY' } });
  } finally {
    await lost.close();
  }
});

it('a shutdown does not wait for the model: the FAQs answer open questions', async () => {
  const closing = await TestApp.start({
    ...settings(),
    AI_FIRST_TOKEN_MILLISECONDS: '60000',
    AI_TOTAL_MILLISECONDS: '60000',
  });
  const [somebody] = await closing.patients(1);
  model.next.push({ sayThenHang: ['[[INFO]]\nOne moment. '] });
  const stream = await ChatStream.open(closing, (somebody as Patient).token, { message: QUESTION });
  await stream.until('delta');
  const closed = closing.close();
  expect(await stream.until('done')).toMatchObject({ source: 'FALLBACK' });
  await closed;
});

it('without a configured model the FAQs answer, and no model is called', async () => {
  const alone = await TestApp.start();
  try {
    const [somebody] = await alone.patients(1);
    const { data } = await alone.call('POST', '/api/v1/ai/chat', {
      token: (somebody as Patient).token,
      body: { message: QUESTION, locale: 'hi-IN' },
    });
    expect(data).toMatchObject({ source: 'FALLBACK', disposition: 'INFO', bookingUrl: 'http://localhost:5173/book' });
    expect(model.received).toHaveLength(0);
  } finally {
    await alone.close();
  }
});
