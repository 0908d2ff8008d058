import { expect, test } from '@jest/globals';
import type { ChatEvent } from './chat-reply.js';
import { DeltaBuffer } from './delta-buffer.js';

const delta = (text: string): ChatEvent => ({ type: 'delta', text });
const RESET: ChatEvent = { type: 'reset' };
const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Events of a test. A function is awaited before the events that follow it. */
async function* source(...steps: (ChatEvent | (() => Promise<void>))[]): AsyncGenerator<ChatEvent, void> {
  for (const step of steps) {
    if (typeof step === 'function') await step();
    else yield step;
  }
}

async function read(events: AsyncIterable<ChatEvent>): Promise<ChatEvent[]> {
  const passed: ChatEvent[] = [];
  for await (const event of events) passed.push(event);
  return passed;
}

test('the first delta passes at once, and those that follow soon after it come as one', async () => {
  const events = source(delta('Bring '), tick, delta('your '), tick, delta('card.'));
  expect(await read(new DeltaBuffer(events))).toEqual([delta('Bring '), delta('your card.')]);
});

test('text goes out while the source says nothing more', async () => {
  let goOn: () => void = () => undefined;
  const pause = (): Promise<void> => new Promise((resolve) => (goOn = resolve));
  const reading = new DeltaBuffer(source(delta('a'), tick, delta('b'), pause, delta('c')))[Symbol.asyncIterator]();
  expect((await reading.next()).value).toEqual(delta('a'));
  expect((await reading.next()).value).toEqual(delta('b'));
  goOn();
  expect((await reading.next()).value).toEqual(delta('c'));
  expect((await reading.next()).done).toBe(true);
});

test('text that is withdrawn before it went out is never sent', async () => {
  const events = source(delta('a'), tick, delta('wrong'), RESET, delta('right'));
  expect(await read(new DeltaBuffer(events))).toEqual([delta('a'), RESET, delta('right')]);
});

test('text that waits is dropped when the source fails', async () => {
  const fail = (): Promise<void> => Promise.reject(new Error('as planned'));
  const passed: ChatEvent[] = [];
  const reading = async (): Promise<void> => {
    for await (const event of new DeltaBuffer(source(delta('a'), tick, delta('half a sen'), fail))) passed.push(event);
  };
  await expect(reading()).rejects.toThrow('as planned');
  expect(passed).toEqual([delta('a')]);
});

test('a reader that leaves ends the source', async () => {
  let isOver = false;
  async function* held(): AsyncGenerator<ChatEvent, void> {
    try {
      yield delta('a');
      yield RESET;
      yield delta('b');
    } finally {
      isOver = true;
    }
  }
  for await (const event of new DeltaBuffer(held())) if (event.type === 'reset') break;
  expect(isOver).toBe(true);
});

test('text that replaces withdrawn text is sent, also if the source fails directly after it', async () => {
  const fail = (): Promise<void> => Promise.reject(new Error('as planned'));
  const passed: ChatEvent[] = [];
  const reading = async (): Promise<void> => {
    const events = source(delta('wrong'), tick, RESET, delta('Emergency? Call 123.'), tick, fail);
    for await (const event of new DeltaBuffer(events)) passed.push(event);
  };
  await expect(reading()).rejects.toThrow('as planned');
  expect(passed).toEqual([delta('wrong'), RESET, delta('Emergency? Call 123.')]);
});
