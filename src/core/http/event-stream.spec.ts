import { PassThrough } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { expect, test } from '@jest/globals';
import { eventually } from '../../../test/support/eventually.js';
import { eventStream, type ServerEvent } from './event-stream.js';

const HEARTBEAT_MILLISECONDS = 60_000;

test('aborts the signal of the source when a slow client disconnects, and lets the source end by itself', async () => {
  const steps: string[] = [];
  async function* source(disconnected: AbortSignal): AsyncGenerator<ServerEvent, void> {
    try {
      while (!disconnected.aborted) yield { event: 'delta', data: { text: 'x'.repeat(10_000) } };
      steps.push('aborted');
    } finally {
      steps.push('ended');
    }
  }
  const { body } = eventStream(source, HEARTBEAT_MILLISECONDS);
  const client = new PassThrough();
  const sent = pipeline(body, client);
  // The client reads nothing, so all buffers fill up.
  await eventually(async () => expect(body.readableLength).toBeGreaterThanOrEqual(body.readableHighWaterMark));
  client.destroy();
  await expect(sent).rejects.toThrow();
  await eventually(async () => expect(steps).toEqual(['aborted', 'ended']));
});
