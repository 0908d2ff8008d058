import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { TestApp, type Answer, type TestPatient } from '../support/app.js';
import { ChatStream } from '../support/chat.js';
import { eventually } from '../support/eventually.js';
import { FakeChatServer, type Behaviour } from '../support/fake-chat-server.js';

const CHAT = '/api/v1/ai/chat';
const LINES = {
  en: /^Emergency\? Call 123 now\.[^]*chest pain[^]*\n\n/,
  ar: /^هل هي حالة طارئة؟ اتصل بالرقم 123 الآن\.[^]*ألم في الصدر[^]*\n\n/,
  hi: /^आपात स्थिति है\? अभी 123 पर कॉल करें।[^]*सीने में दर्द[^]*\n\n/,
};
/** A question about health that matches no rule, in each language. */
const HEALTH = [
  ['en', 'My ear itches since yesterday'],
  ['ar', 'أذني تحكني من أمس'],
  ['hi', 'कल से मेरे कान में खुजली है'],
] as const;

let model: FakeChatServer;
let app: TestApp;
let cairo: string;
let token: string;

beforeAll(async () => {
  model = await new FakeChatServer().start();
  app = await TestApp.start({
    AI_ENABLED: 'true',
    AI_BASE_URL: model.url,
    AI_RETRIES: '0',
    EMERGENCY_NUMBERS: 'EG:123',
  });
  cairo = (await app.db.query(`SELECT id FROM clinic WHERE emergency_number = '123' LIMIT 1`)).rows[0].id;
});

afterAll(async () => {
  await app.close();
  await model.close();
});

beforeEach(async () => {
  model.reset();
  token = (await app.patients(1))[0]?.token as string;
});

const ask = (message: string, more: object = {}): Promise<Answer> =>
  app.call('POST', CHAT, { token, body: { message, clinicId: cairo, ...more } });
const stream = (message: string): Promise<ChatStream> => ChatStream.open(app, token, { message, clinicId: cairo });

describe('the emergency lines', () => {
  it.each(HEALTH)('begin an answer of the model: %s', async (language, message) => {
    model.next.push({ say: ['[[INFO]]\nOne. Two.'] });
    const { data } = await ask(message);
    expect(data).toMatchObject({ source: 'MODEL', disposition: 'INFO', safetyNet: true, emergencyNumber: '123' });
    expect(data.answer).toMatch(LINES[language]);
    expect(data.answer).toMatch(/\n\nOne\. Two\.$/);
  });

  it.each(HEALTH)('begin an answer from the FAQs: %s', async (language, message) => {
    model.next.push({ status: 500 });
    const { data } = await ask(message);
    expect(data).toMatchObject({ source: 'FALLBACK', safetyNet: true });
    expect(data.answer).toMatch(LINES[language]);
  });

  it('are sent in a stream before the model answers', async () => {
    model.next.push('HANG');
    const streaming = await stream('My ear itches');
    expect((await streaming.until('delta')).text).toMatch(LINES.en);
    streaming.disconnect();
  });

  it('are at the start of a stream in which an FAQ replaces the text of the model', async () => {
    model.next.push({ sayThenReset: ['[[INFO]]\nSome words. And half a'] });
    const streaming = await stream('My ear itches');
    const done = await streaming.until('done');
    await streaming.end();
    expect(done).toMatchObject({ source: 'FALLBACK', safetyNet: true });
    expect(streaming.text).toBe(done.answer);
    expect(streaming.text).toMatch(LINES.en);
    expect(streaming.text).not.toContain('half');
  });

  it.each([
    'How do I cancel my appointment?',
    'Hello there',
    'هل تقبلون التأمين؟',
    'क्लिनिक कब खुलता है?',
    'bkam el kashf',
  ])('are left out of the answer to an administrative message: %s', async (message) => {
    const { data } = await ask(message);
    expect(data).toMatchObject({ safetyNet: false, disposition: 'INFO', answer: 'Hello.' });
  });

  it.each([
    'cancel my appointment, I feel odd',
    'Can I book? My mother is acting strange',
    'ممكن احجز؟ حاسس بحاجة غريبة',
    'appointment book karna hai, ajeeb lag raha hai',
  ])('begin the answer to an administrative message with any other words in it: %s', async (message) => {
    expect((await ask(message)).data).toMatchObject({ safetyNet: true });
  });

  it('begin the answer to an administrative message if the model sends the tag URGENT', async () => {
    model.next.push({ say: ['[[INFO]]\nYou can book. ', '[[URGENT]] Come today.'] });
    const streaming = await stream('How do I book?');
    const done = await streaming.until('done');
    await streaming.end();
    expect(done).toMatchObject({ disposition: 'URGENT', safetyNet: true });
    expect(done.answer).toMatch(LINES.en);
    expect(streaming.text.trim()).toBe(done.answer);
  });

  it('contain no number if none is configured', async () => {
    const { data } = await app.call('POST', CHAT, { token, body: { message: 'My ear itches' } });
    expect(data.emergencyNumber).toBeNull();
    expect(data.answer).toMatch(/^Emergency\? Call your local emergency number now\./);
  });

  it('never contain the number of another country than the clinic’s', async () => {
    const ids = await app.db.query(`SELECT id FROM clinic WHERE id <> $1 LIMIT 1`, [cairo]);
    const [{ id: clinicId }] = ids.rows as [{ id: string }];
    await app.db.query(`UPDATE clinic SET emergency_number = NULL, country = 'NZ' WHERE id = $1`, [clinicId]);
    const { data } = await ask('My ear itches', { clinicId, locale: 'en-EG' });
    expect(data.emergencyNumber).toBeNull();
    expect(data.answer).toMatch(/^Emergency\? Call your local emergency number now\. /);
  });

  it('are not in the earlier answers that the model gets', async () => {
    model.next.push({ say: ['[[INFO]]\nOne.'] });
    const { conversationId } = (await ask('My ear itches')).data;
    await ask('And now?', { conversationId });
    expect(model.last.body.messages.map(({ content }) => content).slice(1)).toEqual([
      'My ear itches',
      'One.',
      'And now?',
    ]);
  });

  it('begin the message of an error, except for an administrative message', async () => {
    const { status, body } = await ask('My ear itches', { conversationId: '019abe4c-7a52-7c61-9d1e-3f1f6b7f8a10' });
    expect(status).toBe(404);
    expect(body.error.message).toMatch(LINES.en);
    const administrative = await ask('Hello there', { conversationId: '019abe4c-7a52-7c61-9d1e-3f1f6b7f8a10' });
    expect(administrative.body.error.message).not.toMatch(/emergency/i);
  });
});

describe('a message that is too long', () => {
  it.each([
    ['English', 'my chest hurts', /^Call 123 now/],
    ['Arabic', 'صدري واجعني', /^اتصل بالرقم 123/],
    ['Hindi', 'सीने में दर्द है', /^अभी 123 पर कॉल/],
  ])('is refused with the emergency text if it contains a red flag: %s', async (_, redFlag, text) => {
    for (const message of [`${redFlag} ${'x '.repeat(3_000)}`, `${'x '.repeat(3_000)} ${redFlag}`]) {
      const { status, code, body } = await ask(message);
      expect({ status, code }).toEqual({ status: 400, code: 'VALIDATION_ERROR' });
      expect(body.error.message).toMatch(text);
    }
    expect(model.received).toHaveLength(0);
  });

  it('is refused with one emergency text, which has the number of the clinic of the next appointment', async () => {
    const { clientId, token: booked } = (await app.patients(1))[0] as TestPatient;
    await app.db.query(
      `INSERT INTO appointment (id, clinic_id, client_id, doctor_id, service_id, start_at, end_at, status, price_minor, currency)
       SELECT gen_random_uuid(), d.clinic_id, $2, d.id, s.id, now() + interval '400 days', now() + interval '401 days', 'CONFIRMED', 0, 'EGP'
       FROM doctor d JOIN service s ON s.clinic_id = d.clinic_id WHERE d.clinic_id = $1 LIMIT 1`,
      [cairo, clientId],
    );
    const message = `my chest hurts ${'x '.repeat(3_000)}`;
    const { status, body } = await app.call('POST', CHAT, { token: booked, body: { message } });
    expect(status).toBe(400);
    expect(body.error.message).toMatch(/^Call 123 now\./);
    expect(body.error.message.match(/can be an emergency/g)).toHaveLength(1);
  });
});

describe('a red flag in several messages', () => {
  it.each([[['My left arm', 'is numb']], [['ذراعي', 'مخدر']], [['मेरे सीने में', 'दर्द है']]])(
    'is an emergency when it is complete: %j',
    async (messages) => {
      let conversationId: string | undefined;
      const dispositions: string[] = [];
      for (const message of messages) {
        const { data } = await ask(message, conversationId ? { conversationId } : {});
        conversationId = data.conversationId;
        dispositions.push(data.disposition);
      }
      expect(dispositions.at(-1)).toBe('EMERGENCY');
      expect(dispositions.slice(0, -1)).not.toContain('EMERGENCY');
      expect(model.received).toHaveLength(messages.length - 1);
    },
  );

  it('stays an emergency if the person then writes that it is nothing, and an administrative answer has the emergency lines', async () => {
    const { conversationId } = (await ask('his face is drooping')).data;
    expect((await ask('he says it is nothing', { conversationId })).data).toMatchObject({ disposition: 'EMERGENCY' });
    const booking = (await ask('How do I book?', { conversationId })).data;
    expect(booking).toMatchObject({ safetyNet: true, source: 'MODEL' });
  });

  it('is not searched across conversations', async () => {
    await ask('My left arm');
    expect((await ask('is numb')).data).toMatchObject({ disposition: 'INFO', safetyNet: true });
  });
});

describe('the text of the model', () => {
  const WITHHELD: [string, Behaviour][] = [
    ['a dose', { say: ['[[INFO]]\nThat is common. Take 500', ' mg of paracetamol. Rest.'] }],
    ['a dose in Arabic', { say: ['[[INFO]]\nتناول ٥٠٠ ملغ من الباراسيتامول.'] }],
    ['a dose in Hindi', { say: ['[[INFO]]\nदो गोली लें।'] }],
    ['a diagnosis', { say: ['[[ROUTINE]]\nYou have a migr', 'aine.'] }],
    ['advice to wait', { say: ['[[ROUTINE]]\nWait until tomorrow.'] }],
    ['advice against help', { say: ['[[ROUTINE]]\nNo need to call an ambulance.'] }],
    ['a promise', { say: ['[[INFO]]\nI have booked your appointment.'] }],
    ['a tool call as text', { say: ['[[INFO]]\n{"name": "book", "arguments": {}}'] }],
    [
      'a tool call',
      {
        json: {
          choices: [
            {
              message: { content: null, tool_calls: [{ id: '1', function: { name: 'book' } }] },
              finish_reason: 'tool_calls',
            },
          ],
        },
      },
    ],
    ['a telephone number', { say: ['[[INFO]]\nReach us on 0100 555 1234.'] }],
    ['a link', { say: ['[[INFO]]\nSee https://evil.example/x for more.'] }],
  ];

  it.each(WITHHELD)('is replaced by an FAQ if it contains %s', async (_, behaviour) => {
    model.next.push(behaviour);
    const streaming = await stream('How do I cancel my appointment?');
    const done = await streaming.until('done');
    await streaming.end();
    expect(done).toMatchObject({ source: 'FALLBACK', model: null });
    expect(done.answer).toContain('choose "cancel"');
    expect(streaming.text).toBe(done.answer);
    const deltas = streaming.events.filter(({ event }) => event === 'delta');
    const shown = deltas.map(({ data }) => data.text as string).join('');
    expect(shown).not.toMatch(/500|mg|ملغ|गोली|migraine|tomorrow|No need|have booked|arguments|0100|evil/);
  });

  it.each([
    ['withheld', { say: ['[[INFO]]\nTake 500 mg of paracetamol.'] }],
    ['empty', { say: ['[[INFO]]\n'] }],
  ] satisfies [string, Behaviour][])('is audited with its model and tokens if it is %s', async (_, behaviour) => {
    model.next.push(behaviour);
    const { data } = await ask('How do I cancel my appointment?');
    expect(data).toMatchObject({ source: 'FALLBACK', model: null });
    const { rows } = await app.db.query(
      `SELECT a.changes, m.tokens FROM audit_log a JOIN conversation_message m ON m.id = $2
       WHERE a.object_id = $1 AND a.action = 'chat.answered'`,
      [data.conversationId, data.messageId],
    );
    expect(rows).toEqual([
      {
        changes: expect.objectContaining({ model: 'gpt-4o-mini', tokens: rows[0].tokens }),
        tokens: expect.any(Number),
      },
    ]);
    expect(rows[0].tokens).toBeGreaterThan(0);
  });

  it.each([
    ['English', '[[INFO]]\nThat is odd. Please call 911 now. Or wait.'],
    ['Arabic', '[[INFO]]\nاتصل بالإسعاف فورا.'],
    ['Hindi', '[[ROUTINE]]\nतुरंत अस्पताल जाएं।'],
  ])('makes the answer an emergency if it advises to call for help, also without the tag: %s', async (_, said) => {
    model.next.push({ say: said.split(/(?= )/) });
    const streaming = await stream('My ear itches');
    const done = await streaming.until('done');
    await streaming.end();
    expect(done).toMatchObject({ disposition: 'EMERGENCY', safetyNet: true, source: 'MODEL', bookingUrl: null });
    expect(done.answer).toMatch(/^Call 123 now/);
    expect(streaming.text).toBe(done.answer);
    expect(streaming.text).not.toMatch(/911|odd|wait\./);
  });

  it.each<Behaviour>([
    { sayThenHang: ['[[EMERGENCY]]'] },
    { sayThenEnd: ['[[EMERGENCY]]'] },
    { finishReason: 'length', say: '[[EMERGENCY]]' },
    { json: { choices: [{ message: { content: '[[EMERGENCY]] Go' }, finish_reason: 'content_filter' }] } },
    { sayThenEnd: ['[[INFO]]\nThat is odd. ', 'Please call an ambulance'] },
  ])('makes the answer an emergency if it ends or breaks off after the tag or the advice: %j', async (behaviour) => {
    model.next.push(behaviour);
    const streaming = await stream('How do I book?');
    const done = await streaming.until('done');
    await streaming.end();
    expect(done).toMatchObject({ disposition: 'EMERGENCY', safetyNet: true, source: 'MODEL', bookingUrl: null });
    expect(done.answer).toMatch(/^Call 123 now/);
    expect(streaming.text).toBe(done.answer);
  });

  it('is not read further after a part that must not be shown', async () => {
    model.next.push({ sayThenHang: ['[[INFO]]\nTake two tablets. ', 'And more.'] });
    expect((await ask('My ear itches')).data).toMatchObject({ source: 'FALLBACK', safetyNet: true });
    await eventually(() => Promise.resolve(expect(model.aborted).toBe(1)));
  });
});
