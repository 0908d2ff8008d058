import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import pino from 'pino';
import { loadConfig } from '../../src/core/config/config.js';
import type { ProviderError } from '../../src/core/resilience/provider-error.js';
import { OpenAiChatModel } from '../../src/modules/ai/model/openai-chat-model.js';
import { eventually } from '../support/eventually.js';
import { FakeChatServer, type Behaviour } from '../support/fake-chat-server.js';

const MESSAGES = [{ role: 'user' as const, content: 'Hello?' }];
const KEY = 'sk-of-the-tests';
const models: OpenAiChatModel[] = [];
let server: FakeChatServer;

beforeAll(async () => void (server = await new FakeChatServer().start()));
afterAll(() => server.close());
beforeEach(() => server.reset());
afterEach(() => models.splice(0).forEach((model) => model.onModuleDestroy()));

function modelWith(env: Record<string, string> = {}): OpenAiChatModel {
  const config = loadConfig({
    NODE_ENV: 'test',
    DATABASE_URL: 'postgres://localhost/none',
    REDIS_URL: 'redis://localhost',
    JWT_SECRET: 'a-secret-of-the-tests-only-0123456789',
    AI_ENABLED: 'true',
    AI_BASE_URL: server.url,
    AI_API_KEY: KEY,
    AI_FIRST_TOKEN_MILLISECONDS: '400',
    AI_TOTAL_MILLISECONDS: '800',
    AI_BREAKER_RESET_MILLISECONDS: '100',
    ...env,
  });
  const model = new OpenAiChatModel(config, pino({ level: 'silent' }));
  models.push(model);
  return model;
}

async function ask(
  model: OpenAiChatModel,
  signal: AbortSignal = new AbortController().signal,
): Promise<{ text: string; model?: string | null; tokens?: number | null; fault?: string }> {
  let text = '';
  try {
    for await (const chunk of model.complete({ messages: MESSAGES, signal })) {
      text += chunk.text;
      if (chunk.completion) return { text, ...chunk.completion };
    }
    return { text };
  } catch (error) {
    return { text, fault: (error as ProviderError).reason };
  }
}

describe('a request', () => {
  it('has the format of OpenAI, and the key only in a header', async () => {
    server.next.push({ say: ['Hi', ' there'] });
    expect(await ask(modelWith())).toMatchObject({ text: 'Hi there', model: 'fake-1' });
    expect(server.last.headers.authorization).toBe(`Bearer ${KEY}`);
    expect(server.last.body).toMatchObject({ model: 'gpt-4o-mini', messages: MESSAGES, stream: true, max_tokens: 600 });
    expect(server.last.text).not.toContain(KEY);
  });

  it('may be answered in one piece by a server that does not stream', async () => {
    server.next.push({ json: { choices: [{ message: { content: 'Whole.' } }], usage: { total_tokens: 7 } } });
    expect(await ask(modelWith())).toMatchObject({ text: 'Whole.', model: null, tokens: 7 });
  });

  it('may be answered byte by byte, with any line ends', async () => {
    const line = (content: string): string => `data: ${JSON.stringify({ choices: [{ delta: { content } }] })}`;
    const text =
      `: hello\r\n\r\nevent: message\r\n${line('خذ ')}\r\n\r\n${line('सीने 😀')}\n\n` +
      `data: {"choices": []}\n\ndata: {"choices":\ndata: [{"delta":{"content":" ok"}}]}\n\ndata: [DONE]\n\n`;
    server.next.push({ bytewise: text });
    expect(await ask(modelWith())).toMatchObject({ text: 'خذ सीने 😀 ok' });
  });

  it('is not possible without AI_ENABLED and AI_BASE_URL', () => {
    expect(modelWith({ AI_ENABLED: 'false' }).name).toBeNull();
    expect(modelWith({ AI_BASE_URL: '' }).name).toBeNull();
  });
});

const FAILURES: [name: string, behaviour: Behaviour, fault: string, requests: number][] = [
  ['hangs', 'HANG', 'TIMEOUT', 1],
  ['sends only comments', 'DRIP', 'TIMEOUT', 1],
  ['stops in the middle of a text', { sayThenHang: ['Take '] }, 'TIMEOUT', 1],
  ['is down (500)', { status: 500 }, 'FAILED', 2],
  ['is behind a broken proxy (502)', { status: 502 }, 'FAILED', 2],
  ['is busy (503)', { status: 503 }, 'BUSY', 2],
  ['is busy for a minute (429)', { status: 429, headers: { 'retry-after': '60' } }, 'BUSY', 1],
  ['refuses the key (401)', { status: 401 }, 'REFUSED', 1],
  ['does not know the model (404)', { status: 404 }, 'REFUSED', 1],
  ['redirects (302)', { status: 302, headers: { location: 'http://169.254.169.254/' } }, 'REDIRECTED', 1],
  ['resets the connection', 'RESET', 'UNREACHABLE', 2],
  ['answers with HTML', { raw: '<h1>Hello</h1>', type: 'text/html' }, 'UNREADABLE_RESPONSE', 1],
  ['answers with invalid JSON', { raw: '{"choices": [', type: 'application/json' }, 'UNREADABLE_RESPONSE', 1],
  ['answers with other JSON', { json: { error: 'no' } }, 'UNREADABLE_RESPONSE', 1],
  ['streams invalid JSON', { raw: 'data: {"oh no\n\n', type: 'text/event-stream' }, 'UNREADABLE_RESPONSE', 1],
  ['sends no text', { say: [] }, 'DECLINED', 1],
  ['rejects the question (400)', { status: 400 }, 'DECLINED', 1],
  ['rejects a long question (413)', { status: 413 }, 'DECLINED', 1],
  ['reaches the token limit', { finishReason: 'length', say: 'Take two ' }, 'DECLINED', 1],
  ['filters its own answer', { finishReason: 'content_filter', say: 'Take two ' }, 'DECLINED', 1],
  [
    'calls an unknown tool',
    { json: { choices: [{ message: { content: null, tool_calls: [{ id: 'x' }] }, finish_reason: 'tool_calls' }] } },
    'DECLINED',
    1,
  ],
  ['sends no choice', { json: { choices: [] } }, 'DECLINED', 1],
  ['breaks the connection in the middle of a text', { sayThenReset: ['Take two '] }, 'INCOMPLETE', 1],
  ['ends the stream without the end marker', { sayThenEnd: ['Take two '] }, 'INCOMPLETE', 1],
  ['sends 50 MB', { flood: 50 * 1024 * 1024 }, 'TOO_LARGE', 1],
];

const EMERGENCY = `data: ${JSON.stringify({ choices: [{ delta: { content: '[[EMERGENCY]]' } }] })}\n\n`;
const FILTERED = `data: ${JSON.stringify({ choices: [{ delta: {}, finish_reason: 'content_filter' }] })}\n\n`;

describe('a server that', () => {
  it.each(FAILURES)('%s makes the request fail with its reason (S-02)', async (_, behaviour, fault, requests) => {
    server.next.push(behaviour, behaviour);
    expect(await ask(modelWith())).toMatchObject({ fault });
    expect(server.received).toHaveLength(requests);
    await eventually(() => Promise.resolve(expect(server.bytesSent).toBeLessThan(12 * 1024 * 1024)));
  });

  it.each<[string, Behaviour, string]>([
    ['invalid JSON', { raw: `${EMERGENCY}data: {{{\n\n`, type: 'text/event-stream' }, 'UNREADABLE_RESPONSE'],
    ['a filter', { raw: `${EMERGENCY}${FILTERED}`, type: 'text/event-stream' }, 'DECLINED'],
    [
      'a limit, in one piece',
      { json: { choices: [{ message: { content: '[[EMERGENCY]]' }, finish_reason: 'length' }] } },
      'DECLINED',
    ],
  ])('sends %s after some text: the text is returned before the error', async (_, behaviour, fault) => {
    server.next.push(behaviour);
    expect(await ask(modelWith())).toEqual({ text: '[[EMERGENCY]]', fault });
    expect(server.received).toHaveLength(1);
  });

  it('is down is UNREACHABLE', async () => {
    expect(await ask(modelWith({ AI_BASE_URL: 'http://127.0.0.1:1/v1' }))).toMatchObject({ fault: 'UNREACHABLE' });
  });

  it('fails once is called again', async () => {
    server.next.push({ status: 500 }, { say: ['Now.'] });
    expect(await ask(modelWith())).toMatchObject({ text: 'Now.' });
    expect(server.received).toHaveLength(2);
  });

  it('hangs in a retry is given up at the total deadline', async () => {
    server.next.push({ status: 500 }, 'HANG');
    expect(await ask(modelWith({ AI_RETRIES: '3' }))).toMatchObject({ fault: 'TIMEOUT' });
  });
});

describe('the circuit', () => {
  it('opens after failures, later allows one request, and closes if it succeeds (S-02)', async () => {
    const model = modelWith({ AI_RETRIES: '0', AI_BREAKER_RESET_MILLISECONDS: '300' });
    for (let n = 0; n < 5; n += 1) {
      server.next.push({ status: 500 });
      await ask(model);
    }
    expect(server.received).toHaveLength(5);
    expect(await ask(model)).toMatchObject({ fault: 'CIRCUIT_OPEN' });
    expect(server.received).toHaveLength(5);
    await eventually(async () => expect(await ask(model)).toMatchObject({ text: '[[INFO]]\nHello.' }));
    expect(server.received).toHaveLength(6);
    expect(await ask(model)).toMatchObject({ text: '[[INFO]]\nHello.' });
  });

  it('does not count clients that disconnect', async () => {
    const model = modelWith({ AI_RETRIES: '0' });
    for (let n = 0; n < 8; n += 1) {
      server.next.push({ sayThenHang: ['So'] });
      const leaving = new AbortController();
      const asked = ask(model, leaving.signal);
      await eventually(() => Promise.resolve(expect(server.received).toHaveLength(n + 1)));
      leaving.abort();
      expect(await asked).toMatchObject({ fault: 'CLIENT_DISCONNECTED' });
    }
    await eventually(() => Promise.resolve(expect(server.aborted).toBe(8)));
    expect(await ask(model)).toMatchObject({ text: '[[INFO]]\nHello.' });
  });

  it('does not count declined questions, so that one person cannot make the model unavailable for others', async () => {
    const model = modelWith({ AI_RETRIES: '0', AI_BREAKER_RESET_MILLISECONDS: '60000' });
    for (let n = 0; n < 12; n += 1) {
      server.next.push(n % 2 ? { status: 400 } : { say: [] });
      expect(await ask(model)).toMatchObject({ fault: 'DECLINED' });
    }
    expect(await ask(model)).toMatchObject({ text: '[[INFO]]\nHello.' });
  });

  it('sends no request for the time of Retry-After', async () => {
    const model = modelWith({ AI_BREAKER_RESET_MILLISECONDS: '60000' });
    server.next.push({ status: 429, headers: { 'retry-after': '30' } });
    expect(await ask(model)).toMatchObject({ fault: 'BUSY' });
    expect(await ask(model)).toMatchObject({ fault: 'PROVIDER_ASKED_TO_WAIT' });
    expect(server.received).toHaveLength(1);
  });
});

it('an abort closes the connection to the server at once', async () => {
  server.next.push({ sayThenHang: ['A word. '] });
  const leaving = new AbortController();
  const asked = ask(modelWith({ AI_TOTAL_MILLISECONDS: '60000' }), leaving.signal);
  await eventually(() => Promise.resolve(expect(server.received).toHaveLength(1)));
  leaving.abort();
  await eventually(() => Promise.resolve(expect(server.aborted).toBe(1)));
  expect(await asked).toMatchObject({ fault: 'CLIENT_DISCONNECTED' });
});

it('an abort after the complete answer has arrived does not affect later requests', async () => {
  const model = modelWith({ AI_TOTAL_MILLISECONDS: '60000' });
  const raw = `data: ${JSON.stringify({ choices: [{ delta: { content: 'A word. ' } }] })}\n\ndata: [DONE]\n\n`;
  for (let n = 0; n < 20; n += 1) {
    server.next.push({ raw, type: 'text/event-stream' });
    const leaving = new AbortController();
    const read = async (): Promise<void> => {
      for await (const { text } of model.complete({ messages: MESSAGES, signal: leaving.signal }))
        if (text) leaving.abort();
    };
    await read().catch(() => undefined);
  }
  expect(await ask(model)).toMatchObject({ text: '[[INFO]]\nHello.' });
});
