import { Readable } from 'node:stream';
import type { CareSlotRequest } from './careslot-request.js';
import { StreamReply } from './careslot-adapter.js';

export interface ServerEvent {
  event: string;
  data: object;
}

/** A client that reads nothing for this time counts as disconnected. */
const MAX_STALL_MILLISECONDS = 30_000;

const HEADERS = {
  'Content-Type': 'text/event-stream; charset=utf-8',
  // no-transform prevents compressors from buffering events; X-Accel-Buffering does the same in nginx.
  'Cache-Control': 'no-store, no-transform',
  'X-Accel-Buffering': 'no',
};

/** A stream of pushed text with backpressure. Costs half as much as a Transform. */
class PushStream extends Readable {
  /** Resumes `send` when the buffer has room again. */
  private resumeSend: (() => void) | null = null;

  constructor() {
    super();
    this.once('close', () => this.resumeSend?.());
  }

  override _read(): void {
    this.resumeSend?.();
    this.resumeSend = null;
  }

  /** Resolves when the buffer has room for more text, or the stream is closed. Closes the stream if the client reads nothing for too long. */
  async send(text: string): Promise<void> {
    if (this.destroyed || this.push(text)) return;
    const stalled = setTimeout(() => this.destroy(), MAX_STALL_MILLISECONDS);
    await new Promise<void>((resolve) => (this.resumeSend = resolve));
    clearTimeout(stalled);
  }

  /** Sends a comment if the buffer is empty. */
  sendHeartbeat(): void {
    if (this.readableLength === 0 && !this.destroyed && !this.readableEnded) this.push(': \n\n');
  }
}

/**
 * A reply of numbered server-sent events. Comments at intervals prevent proxies from closing an idle connection. A slow client
 * slows down the source.
 * @param source its signal aborts when the client disconnects
 */
export function eventStream(
  source: (disconnected: AbortSignal) => AsyncIterable<ServerEvent>,
  heartbeatMilliseconds: number,
): StreamReply {
  const body = new PushStream();
  const disconnected = new AbortController();
  const heartbeat = setInterval(() => body.sendHeartbeat(), heartbeatMilliseconds);
  body.once('close', () => {
    clearInterval(heartbeat);
    disconnected.abort();
  });
  const write = async (): Promise<void> => {
    let id = 0;
    for await (const event of source(disconnected.signal)) await body.send(format(event, (id += 1)));
  };
  write().then(
    () => {
      clearInterval(heartbeat);
      body.push(null);
    },
    () => body.destroy(),
  );
  return new StreamReply(body, 200, HEADERS);
}

const format = ({ event, data }: ServerEvent, id: number): string =>
  `id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`;

/** Aborts if the client disconnects before the answer is sent. */
export function disconnectSignal({ res }: CareSlotRequest): AbortSignal {
  const disconnected = new AbortController();
  res?.once('close', () => {
    if (!res.writableFinished) disconnected.abort();
  });
  // It may have disconnected before this call, during authentication.
  if (res?.destroyed) disconnected.abort();
  return disconnected.signal;
}

export const wantsEventStream = ({ headers }: CareSlotRequest): boolean =>
  /\btext\/event-stream\b/i.test(headers.accept ?? '');
