import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { newId } from '../../src/core/kernel/id.js';
import { ConversationsService } from '../../src/modules/ai/conversations/conversations.service.js';
import { TestApp, type Answer } from '../support/app.js';
import { ChatStream } from '../support/chat.js';
import { eventually } from '../support/eventually.js';
import { FakeChatServer } from '../support/fake-chat-server.js';

const CHAT = '/api/v1/ai/chat';
const CONVERSATIONS = '/api/v1/ai/conversations';

type Patient = Awaited<ReturnType<TestApp['patients']>>[number];

let model: FakeChatServer;
let app: TestApp;
let cairo: string;
let patient: Patient;
let other: Patient;

beforeAll(async () => {
  model = await new FakeChatServer().start();
  app = await TestApp.start({
    AI_ENABLED: 'true',
    AI_BASE_URL: model.url,
    AI_HEARTBEAT_MILLISECONDS: '20',
    AI_TOKENS_PER_DAY: '4000',
    EMERGENCY_NUMBERS: 'EG:123,IN:112',
    BOOKING_URL: 'https://clinic.example/book',
  });
  const { rows } = await app.db.query(`SELECT id FROM clinic WHERE emergency_number = '123' LIMIT 1`);
  cairo = rows[0].id;
});

afterAll(async () => {
  await app.close();
  await model.close();
});

beforeEach(async () => {
  model.reset();
  [patient, other] = (await app.patients(2)) as [Patient, Patient];
});

const ask = (body: object, headers: Record<string, string> = {}, token = patient.token): Promise<Answer> =>
  app.call('POST', CHAT, { token, body, headers });
const messages = (id: string, token = patient.token): Promise<Answer> =>
  app.call('GET', `${CONVERSATIONS}/${id}/messages`, { token });
const say = (text: string): void => void model.next.push({ say: [text] });

describe('an answer', () => {
  it('is the text of the model with its disposition, and is stored', async () => {
    model.next.push({ say: ['[[URG', 'ENT]]\nSee a doc', 'tor today.'] });
    const { status, data } = await ask({ message: 'My ear hurts since yesterday, what can I do?', clinicId: cairo });
    expect(status).toBe(200);
    expect(data).toMatchObject({
      answer: expect.stringMatching(/^Emergency\? Call 123 now\.[^]*\n\nSee a doctor today\.$/),
      disposition: 'URGENT',
      safetyNet: true,
      source: 'MODEL',
      model: 'fake-1',
      bookingUrl: `https://clinic.example/book?clinicId=${cairo}`,
      emergencyNumber: '123',
      disclaimer: expect.stringContaining('today'),
    });
    const kept = await messages(data.conversationId);
    expect(kept.data).toMatchObject([
      { role: 'USER', text: 'My ear hurts since yesterday, what can I do?', disposition: null },
      { id: data.messageId, role: 'ASSISTANT', text: data.answer, disposition: 'URGENT', source: 'MODEL' },
    ]);
  });

  it('is based on the earlier messages of the same conversation only', async () => {
    say('[[INFO]]\nOne.');
    const { conversationId } = (await ask({ message: 'First question?' })).data;
    await ask({ message: 'Second question?', conversationId });
    expect(model.last.body.messages.map(({ role, content }) => [role, content]).slice(1)).toEqual([
      ['user', 'First question?'],
      ['assistant', 'One.'],
      ['user', 'Second question?'],
    ]);
    await ask({ message: 'Third question?' });
    expect(model.last.body.messages).toHaveLength(2);
  });

  it('has the disposition ROUTINE without a tag, and contains no angle brackets', async () => {
    say('Go <b>there</b> at nine.');
    const { data } = await ask({ message: 'Where do I go?' });
    expect(data).toMatchObject({ disposition: 'ROUTINE', source: 'MODEL' });
    expect(data.answer).toContain('Go ‹b›there‹/b› at nine.');
  });

  it('is the fixed emergency text if the model sends the emergency tag, and the call of the model ends', async () => {
    model.next.push({ sayThenHang: ['[[EMERGENCY]]\n', 'Book an appointment for next week. '] });
    const { data } = await ask({ message: 'I feel odd today', clinicId: cairo });
    expect(data).toMatchObject({ disposition: 'EMERGENCY', source: 'MODEL', bookingUrl: null, emergencyNumber: '123' });
    expect(data.answer).toMatch(/^Call 123 now/);
    expect(data.answer).not.toContain('next week');
    await eventually(() => Promise.resolve(expect(model.aborted).toBe(1)));
  });

  it('is refused for an empty or too long message, an unknown clinic, and an unknown or another patient’s conversation', async () => {
    const getCode = async (body: object): Promise<unknown> => (await ask(body)).code;
    expect(await getCode({ message: '' })).toBe('VALIDATION_ERROR');
    expect(await getCode({ message: 'x'.repeat(4_001) })).toBe('VALIDATION_ERROR');
    expect(await getCode({ message: 'Hello there', conversationId: newId() })).toBe('NOT_FOUND');
    expect(await getCode({ message: 'Hello there', clinicId: newId() })).toBe('NOT_FOUND');
    const theirs = (await ask({ message: 'Hello there' }, {}, other.token)).data.conversationId;
    expect(await getCode({ message: 'Hello there', conversationId: theirs })).toBe('NOT_FOUND');
    expect(model.received).toHaveLength(1);
  });
});

describe('a red flag', () => {
  const RED_FLAGS = [
    ['my father’s face is drooping and he cannot speak', 'Call 123 now'],
    ['عندي ألم شديد في الصدر', 'اتصل بالرقم 123 الآن'],
    ['मुझे सांस नहीं आ रही', 'अभी 123 पर कॉल करें'],
  ] as const;

  it.each(RED_FLAGS)('is answered with the emergency text, without a call of the model: %s', async (message, text) => {
    const { status, data } = await ask({ message, clinicId: cairo });
    expect(status).toBe(200);
    expect(data).toMatchObject({
      disposition: 'EMERGENCY',
      source: 'RULES',
      model: null,
      bookingUrl: null,
      emergencyNumber: '123',
      safetyNet: true,
      answer: expect.stringMatching(new RegExp(`^${text}`)),
    });
    expect(model.received).toHaveLength(0);
    expect((await messages(data.conversationId)).data).toMatchObject([{ text: message }, { source: 'RULES' }]);
  });

  it('gets the same answer in a stream', async () => {
    const stream = await ChatStream.open(app, patient.token, { message: 'I want to kill myself' });
    const done = await stream.until('done');
    expect(done).toMatchObject({ disposition: 'EMERGENCY', source: 'RULES' });
    expect(stream.text).toBe(done.answer);
    expect(model.received).toHaveLength(0);
  });

  it('is answered with the number and the name of the locale’s country, or without a number if none is configured', async () => {
    const message = 'chest pain since an hour';
    const known = (await ask({ message, locale: 'en-IN' })).data;
    expect(known).toMatchObject({ emergencyNumber: '112', answer: expect.stringContaining('(IN: 112)') });
    const unknown = (await ask({ message, locale: 'en-US' })).data;
    expect(unknown).toMatchObject({ emergencyNumber: null, answer: expect.stringContaining('your local emergency') });
  });

  it('is answered in a new conversation if the requested one belongs to another patient', async () => {
    const theirs = (await ask({ message: 'Hello there' }, {}, other.token)).data.conversationId;
    const { status, data } = await ask({ message: 'he is having a seizure', conversationId: theirs });
    expect({ status, source: data.source }).toEqual({ status: 200, source: 'RULES' });
    expect(data.conversationId).not.toBe(theirs);
    expect((await messages(theirs, other.token)).data).toHaveLength(2);
  });
});

describe('a stream', () => {
  it('has numbered events: the start, the text in parts, and the whole answer at the end', async () => {
    model.next.push({ say: ['[[INFO]]\n', 'Bring ', 'your ', 'card.'] });
    const stream = await ChatStream.open(app, patient.token, { message: 'What should I bring?' });
    const done = await stream.until('done');
    await stream.end();
    expect(stream.headers.get('content-type')).toMatch(/^text\/event-stream/);
    expect(stream.headers.get('cache-control')).toBe('no-store, no-transform');
    expect(stream.events[0]).toMatchObject({ event: 'start', data: { conversationId: done.conversationId } });
    expect(stream.events.map(({ id }) => id)).toEqual(stream.events.map((_, index) => String(index + 1)));
    expect(done).toMatchObject({ answer: 'Bring your card.', disposition: 'INFO', safetyNet: false });
    expect(stream.text.trim()).toBe(done.answer);
  });

  it('has the first sentence before the answer is complete, and comments while the model is silent', async () => {
    model.next.push({ sayThenHang: ['[[INFO]]\nOne moment. '] });
    const stream = await ChatStream.open(app, patient.token, { message: 'What should I bring?' });
    expect(await stream.until('delta')).toEqual({ text: 'One moment. ' });
    await eventually(() => Promise.resolve(expect(stream.comments).toBeGreaterThan(2)));
    stream.disconnect();
  });

  it('ends the call of the model if the client disconnects, and its Idempotency-Key can be used again', async () => {
    model.next.push({ sayThenHang: ['[[INFO]]\nOne moment. '] });
    const stream = await ChatStream.open(
      app,
      patient.token,
      { message: 'What should I bring?' },
      { 'idempotency-key': 'left' },
    );
    const { conversationId } = await stream.until('start');
    await stream.until('delta');
    stream.disconnect();
    await eventually(() => Promise.resolve(expect(model.aborted).toBe(1)));
    const { rows } = await eventually(async () => {
      const found = await app.db.query(`SELECT action FROM audit_log WHERE object_id = $1`, [conversationId]);
      expect(found.rows).toHaveLength(1);
      return found;
    });
    expect(rows[0].action).toBe('chat.abandoned');
    const again = await ask({ message: 'What should I bring?' }, { 'idempotency-key': 'left' });
    expect(again).toMatchObject({ status: 200, data: { answer: 'Hello.' } });
  });

  it('is not started for a request that is refused: the error is JSON', async () => {
    const headers = { accept: 'text/event-stream' };
    expect(await ask({ message: '' }, headers)).toMatchObject({ status: 400, code: 'VALIDATION_ERROR' });
    expect(await ask({ message: 'Hello there', conversationId: newId() }, headers)).toMatchObject({ status: 404 });
  });
});

it('the call of the model ends if a client without a stream disconnects', async () => {
  model.next.push('HANG');
  const disconnect = new AbortController();
  const asked = fetch(app.url + CHAT, {
    method: 'POST',
    signal: disconnect.signal,
    headers: { 'content-type': 'application/json', authorization: `Bearer ${patient.token}` },
    body: JSON.stringify({ message: 'Hello there' }),
  }).catch(() => null);
  await eventually(() => Promise.resolve(expect(model.received).toHaveLength(1)));
  disconnect.abort();
  await asked;
  await eventually(() => Promise.resolve(expect(model.aborted).toBe(1)));
});

describe('the limit', () => {
  it('of questions per minute counts each user separately, and does not apply to emergencies', async () => {
    const statuses: number[] = [];
    for (let n = 0; n < 31; n += 1) statuses.push((await ask({ message: 'Hello there' })).status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(30);
    const refused = await ask({ message: 'Hello there' });
    expect(refused).toMatchObject({ status: 429, code: 'RATE_LIMITED' });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await ask({ message: 'chest pain' })).data).toMatchObject({ source: 'RULES' });
    expect((await ask({ message: 'Hello there' }, {}, other.token)).status).toBe(200);
  });

  it('of concurrent answers of a user is two', async () => {
    model.next.push('HANG', 'HANG');
    const open = () => ChatStream.open(app, patient.token, { message: 'Hello there' });
    const streams = [await open(), await open()];
    expect(await ask({ message: 'Hello there' })).toMatchObject({ status: 429, code: 'RATE_LIMITED' });
    for (const stream of streams) stream.disconnect();
    await eventually(async () => expect((await ask({ message: 'Hello there' })).status).toBe(200));
  });

  it('of tokens per day makes the FAQs answer instead of the model', async () => {
    model.next.push({
      json: { choices: [{ message: { content: '[[INFO]]\nYes.' } }], usage: { total_tokens: 4_000 } },
    });
    expect((await ask({ message: 'Hello there' })).data.source).toBe('MODEL');
    const { data } = await eventually(async () => {
      const answer = await ask({ message: 'How do I cancel my appointment?' });
      expect(answer.data.source).toBe('FALLBACK');
      return answer;
    });
    expect(data.answer).toContain('choose "cancel"');
  });
});

describe('an Idempotency-Key', () => {
  it('returns the first answer for the same request of the same user, and the model is called once', async () => {
    const headers = { 'idempotency-key': 'same' };
    const first = await ask({ message: 'Hello there' }, headers);
    const second = await ask({ message: 'Hello there' }, headers);
    expect(second.data).toEqual(first.data);
    expect(second.headers.get('idempotency-replayed')).toBe('true');
    expect(model.received).toHaveLength(1);
    expect(await ask({ message: 'Another thing' }, headers)).toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' });
    expect((await ask({ message: 'Hello there' }, headers, other.token)).data.conversationId).not.toBe(
      first.data.conversationId,
    );
    expect(await ask({ message: 'Hello there' }, { 'idempotency-key': 'a b' })).toMatchObject({ status: 400 });
  });

  it('of a request that is still running results in 409', async () => {
    model.next.push('HANG');
    const headers = { 'idempotency-key': 'slow' };
    const stream = await ChatStream.open(app, patient.token, { message: 'Hello there' }, headers);
    expect(await ask({ message: 'Hello there' }, headers)).toMatchObject({
      status: 409,
      code: 'IDEMPOTENCY_IN_PROGRESS',
    });
    stream.disconnect();
  });

  it('returns the first answer also on another route of the chat', async () => {
    const headers = { 'idempotency-key': 'both-routes' };
    const first = await ask({ message: 'Hello there' }, headers);
    const again = await app.call('POST', '/api/ai/chat', {
      token: patient.token,
      body: { message: 'Hello there' },
      headers,
    });
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(again.body).toMatchObject({ messageId: first.data.messageId, response: first.data.answer });
  });

  it('of a process that died can be used again, only by the same request and only after the time limit', async () => {
    model.next.push('HANG');
    const headers = { 'idempotency-key': 'died' };
    const stream = await ChatStream.open(app, patient.token, { message: 'Hello there' }, headers);
    await stream.until('start');
    const age = (interval: string): Promise<unknown> =>
      app.db.query(`UPDATE idempotency_key SET created_at = now() - $1::interval WHERE caller = $2 AND key = 'died'`, [
        interval,
        patient.userId,
      ]);
    await age('20 seconds');
    expect(await ask({ message: 'Hello there' }, headers)).toMatchObject({ code: 'IDEMPOTENCY_IN_PROGRESS' });
    await age('1 hour');
    expect(await ask({ message: 'Another thing' }, headers)).toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' });
    const second = await ask({ message: 'Hello there' }, headers);
    expect(second.status).toBe(200);
    // The first request ends after all, and the key still belongs to the second one.
    stream.disconnect();
    await stream.end();
    await eventually(async () => {
      const { rows } = await app.db.query(
        `SELECT FROM audit_log WHERE action = 'chat.abandoned' AND actor_user_id = $1`,
        [patient.userId],
      );
      expect(rows).toHaveLength(1);
    });
    const third = await ask({ message: 'Hello there' }, headers);
    expect(third.headers.get('idempotency-replayed')).toBe('true');
    expect(third.data).toEqual(second.data);
  });

  it('can be used again at once if the answer could not be stored', async () => {
    const headers = { 'idempotency-key': 'not-stored' };
    await app.db.query(
      `ALTER TABLE conversation_message ADD CONSTRAINT no_answers CHECK (role <> 'ASSISTANT') NOT VALID`,
    );
    try {
      expect((await ask({ message: 'Hello there' }, headers)).status).toBe(500);
    } finally {
      await app.db.query(`ALTER TABLE conversation_message DROP CONSTRAINT no_answers`);
    }
    expect(await ask({ message: 'Hello there' }, headers)).toMatchObject({ status: 200, data: { answer: 'Hello.' } });
  });

  it('of a deleted conversation gets a new answer', async () => {
    const headers = { 'idempotency-key': 'deleted' };
    const first = await ask({ message: 'Hello there' }, headers);
    await app.call('DELETE', `${CONVERSATIONS}/${first.data.conversationId}`, { token: patient.token });
    const second = await ask({ message: 'Hello there' }, headers);
    expect(second.headers.get('idempotency-replayed')).toBeNull();
    expect(second.data.messageId).not.toBe(first.data.messageId);
    expect(model.received).toHaveLength(2);
    expect((await ask({ message: 'Hello there' }, headers)).data).toEqual(second.data);
  });

  it('returns the answer to an emergency again, also if the first answer could not be stored', async () => {
    const headers = { 'idempotency-key': 'emergency-not-stored' };
    await app.db.query(
      `ALTER TABLE conversation_message ADD CONSTRAINT no_answers CHECK (role <> 'ASSISTANT') NOT VALID`,
    );
    try {
      expect((await ask({ message: 'he fainted' }, headers)).data).toMatchObject({ source: 'RULES' });
    } finally {
      await app.db.query(`ALTER TABLE conversation_message DROP CONSTRAINT no_answers`);
    }
    const second = await ask({ message: 'he fainted' }, headers);
    expect(second.data).toMatchObject({ source: 'RULES' });
    expect((await ask({ message: 'he fainted' }, headers)).data).toEqual(second.data);
  });

  it('returns the first answer to an emergency, and does not prevent the answer to another emergency', async () => {
    const headers = { 'idempotency-key': 'now' };
    const first = await ask({ message: 'he fainted' }, headers);
    expect((await ask({ message: 'he fainted' }, headers)).data).toEqual(first.data);
    expect((await ask({ message: 'she cannot breathe' }, headers)).data).toMatchObject({ source: 'RULES' });
  });
});

describe('conversations', () => {
  it('are listed, read and deleted with their messages, only by their owner', async () => {
    const ids: string[] = [];
    for (const message of ['First thing', 'Second thing', 'Third thing']) {
      ids.unshift((await ask({ message })).data.conversationId);
    }
    const page = await app.call('GET', `${CONVERSATIONS}?limit=2&withTotal=true`, { token: patient.token });
    expect(page.data.map(({ id }: { id: string }) => id)).toEqual(ids.slice(0, 2));
    expect(page.body.meta.total).toBe(3);
    const rest = await app.call('GET', `${CONVERSATIONS}?cursor=${page.body.meta.nextCursor}`, {
      token: patient.token,
    });
    expect(rest.data).toMatchObject([{ id: ids[2], messageCount: 2 }]);
    const path = `${CONVERSATIONS}/${ids[0]}`;
    for (const method of ['GET', 'DELETE']) {
      expect(await app.call(method, path, { token: other.token })).toMatchObject({ status: 404, code: 'NOT_FOUND' });
    }
    expect(await messages(ids[0] as string, other.token)).toMatchObject({ status: 404 });
    expect((await app.call('DELETE', path, { token: patient.token })).status).toBe(200);
    expect((await app.call('GET', path, { token: patient.token })).status).toBe(404);
    const { rows } = await app.db.query(`SELECT FROM conversation_message WHERE conversation_id = $1`, [ids[0]]);
    expect(rows).toHaveLength(0);
  });

  it('are encrypted: neither question nor answer is readable in the database', async () => {
    say('[[SELF_CARE]]\nDrink zanzibar tea.');
    await ask({ message: 'I have a quixotic cough' });
    const { rows } = await app.db.query(
      `SELECT (SELECT json_agg(c)::text FROM conversation c) || (SELECT json_agg(m)::text FROM conversation_message m) ||
              (SELECT json_agg(a)::text FROM audit_log a) AS text,
              (SELECT bool_or(position('quixotic'::bytea IN sealed) + position('zanzibar'::bytea IN sealed) > 0) FROM conversation_message) AS found`,
    );
    expect(rows[0].text).not.toMatch(/quixotic|zanzibar/);
    expect(rows[0].found).toBe(false);
  });

  it('expire after 90 days: their owner gets 404 from then on, and they are deleted', async () => {
    const { conversationId } = (await ask({ message: 'Hello there' })).data;
    const kept = (await ask({ message: 'Hello there' })).data.conversationId;
    const view = (await app.call('GET', `${CONVERSATIONS}/${conversationId}`, { token: patient.token })).data;
    const days = (Date.parse(view.expiresAt) - Date.parse(view.updatedAt)) / 86_400_000;
    expect(Math.round(days)).toBe(90);
    await app.db.query(`UPDATE conversation SET expires_at = now() WHERE id = $1`, [conversationId]);
    expect(await messages(conversationId)).toMatchObject({ status: 404 });
    await app.app.get(ConversationsService).removeExpired();
    const { rows } = await app.db.query(`SELECT id FROM conversation WHERE user_id = $1`, [patient.userId]);
    expect(rows).toEqual([{ id: kept }]);
  });
});
