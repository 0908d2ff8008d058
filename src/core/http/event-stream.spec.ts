import { PassThrough } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { expect, test } from '@jest/globals';
import { eventStream, type ServerEvent } from './event-stream.js';

const HEARTBEAT_MILLISECONDS = 60_000;

test('a source whose slow client hangs up is told so, and runs to its own end', async () => {
  const said: string[] = [];
  async function* source(gone: AbortSignal): AsyncGenerator<ServerEvent, void> {
    try {
      for (let n = 0; !gone.aborted; n += 1) yield { event: 'delta', data: { text: 'x'.repeat(10_000) } };
      said.push('gone');
    } finally {
      said.push('over');
    }
  }
  const { body } = eventStream(source, HEARTBEAT_MILLISECONDS);
  const client = new PassThrough();
  const sent = pipeline(body, client);
  // The client reads nothing: everything that can be held on the way is full.
  while (body.readableLength < body.readableHighWaterMark) await new Promise((resolve) => setImmediate(resolve));
  client.destroy();
  await expect(sent).rejects.toThrow();
  await new Promise((resolve) => setImmediate(resolve));
  expect(said).toEqual(['gone', 'over']);
});
