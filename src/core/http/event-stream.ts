import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import type { CareSlotRequest } from '../security/access.guard.js';
import { StreamReply } from './careslot-adapter.js';

export interface ServerEvent {
  event: string;
  id: string;
  data: object;
}

/** Resolves when there is room for more, so that a slow reader slows down what it reads from. */
export type Send = (event: ServerEvent) => Promise<void>;

/** A reader that takes nothing for so long is gone, whatever its connection says. */
const STALL_MILLISECONDS = 30_000;

const HEADERS = {
  'Content-Type': 'text/event-stream; charset=utf-8',
  // no-transform keeps the compressor (ours and a proxy's) from holding events back; the last is nginx's own.
  'Cache-Control': 'no-store, no-transform',
  'X-Accel-Buffering': 'no',
};

/**
 * Server-sent events: what `work` sends, and a comment now and then so that nobody on the way thinks the connection
 * dead. The signal aborts when the client has gone.
 */
export function eventStream(
  work: (send: Send, gone: AbortSignal) => Promise<void>,
  heartbeatMilliseconds: number,
  headers: Record<string, string> = {},
): StreamReply {
  const body = new PassThrough();
  const gone = new AbortController();
  const heartbeat = setInterval(() => body.writableNeedDrain || body.write(': \n\n'), heartbeatMilliseconds);
  body.once('close', () => {
    clearInterval(heartbeat);
    gone.abort();
  });
  const send: Send = async (event) => {
    if (gone.signal.aborted || body.write(line(event))) return;
    const patience = AbortSignal.any([gone.signal, AbortSignal.timeout(STALL_MILLISECONDS)]);
    await once(body, 'drain', { signal: patience }).catch(() => body.destroy());
  };
  work(send, gone.signal).then(
    () => body.end(),
    () => body.destroy(),
  );
  return new StreamReply(body, 200, { ...HEADERS, ...headers });
}

const line = ({ event, id, data }: ServerEvent): string =>
  `id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`;

/** Aborts when the client hangs up before it has its answer. */
export function whenGone({ res }: CareSlotRequest): AbortSignal {
  const gone = new AbortController();
  res?.once('close', () => {
    if (!res.writableFinished) gone.abort();
  });
  return gone.signal;
}

export const wantsEventStream = ({ headers }: CareSlotRequest): boolean =>
  /\btext\/event-stream\b/i.test(headers.accept ?? '');
