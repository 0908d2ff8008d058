import { expect, test } from '@jest/globals';
import type { ChatEvent } from './chat-reply.js';
import { DeltaBuffer } from './delta-buffer.js';

const delta = (text: string): ChatEvent => ({ type: 'delta', text });
const RESET: ChatEvent = { type: 'reset' };
/** The source is always faster, also on a busy machine. */
const LONG_MILLISECONDS = 60_000;
const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Yields events. A function is awaited before the next event. */
async function* source(...steps: (ChatEvent | (() => Promise<void>))[]): AsyncGenerator<ChatEvent, void> {
  for (const step of steps) {
    if (typeof step === 'function') await step();
    else yield step;
  }
}

async function read(events: AsyncIterable<ChatEvent>): Promise<ChatEvent[]> {
  const received: ChatEvent[] = [];
  for await (const event of events) received.push(event);
  return received;
}

test('the first delta is sent at once, and the deltas that follow soon after it are joined', async () => {
  const events = source(delta('Bring '), tick, delta('your '), tick, delta('card.'));
  expect(await read(new DeltaBuffer(events, LONG_MILLISECONDS))).toEqual([delta('Bring '), delta('your card.')]);
});

test('text is sent while the source is silent', async () => {
  let resume: () => void = () => undefined;
  const pause = (): Promise<void> => new Promise((resolve) => (resume = resolve));
  const reading = new DeltaBuffer(source(delta('a'), tick, delta('b'), pause, delta('c')))[Symbol.asyncIterator]();
  expect((await reading.next()).value).toEqual(delta('a'));
  expect((await reading.next()).value).toEqual(delta('b'));
  resume();
  expect((await reading.next()).value).toEqual(delta('c'));
  expect((await reading.next()).done).toBe(true);
});

test('text that is withdrawn before it was sent is never sent', async () => {
  const events = source(delta('a'), tick, delta('wrong'), RESET, delta('right'));
  expect(await read(new DeltaBuffer(events, LONG_MILLISECONDS))).toEqual([delta('a'), RESET, delta('right')]);
});

test('text that was not sent yet is dropped when the source fails', async () => {
  const fail = (): Promise<void> => Promise.reject(new Error('as planned'));
  const received: ChatEvent[] = [];
  const reading = async (): Promise<void> => {
    const events = source(delta('a'), tick, delta('half a sen'), fail);
    for await (const event of new DeltaBuffer(events, LONG_MILLISECONDS)) received.push(event);
  };
  await expect(reading()).rejects.toThrow('as planned');
  expect(received).toEqual([delta('a')]);
});

test('the source ends when the reader stops', async () => {
  let isOver = false;
  async function* events(): AsyncGenerator<ChatEvent, void> {
    try {
      yield delta('a');
      yield RESET;
      yield delta('b');
    } finally {
      isOver = true;
    }
  }
  for await (const event of new DeltaBuffer(events())) if (event.type === 'reset') break;
  expect(isOver).toBe(true);
});

test('text that replaces withdrawn text is sent even if the source fails right after it', async () => {
  const fail = (): Promise<void> => Promise.reject(new Error('as planned'));
  const received: ChatEvent[] = [];
  const reading = async (): Promise<void> => {
    const events = source(delta('wrong'), tick, RESET, delta('Emergency? Call 123.'), tick, fail);
    for await (const event of new DeltaBuffer(events)) received.push(event);
  };
  await expect(reading()).rejects.toThrow('as planned');
  expect(received).toEqual([delta('wrong'), RESET, delta('Emergency? Call 123.')]);
});
