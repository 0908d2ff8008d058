import { Readable } from 'node:stream';
import type { CareSlotRequest } from './access.guard.js';
import { StreamReply } from './careslot-adapter.js';

export interface ServerEvent {
  event: string;
  data: object;
}

/** A reader that takes nothing for so long is gone, whatever its connection says. */
const STALL_MILLISECONDS = 30_000;

const HEADERS = {
  'Content-Type': 'text/event-stream; charset=utf-8',
  // no-transform keeps the compressor (ours and a proxy's) from holding events back; the last is nginx's own.
  'Cache-Control': 'no-store, no-transform',
  'X-Accel-Buffering': 'no',
};

/** Text that is pushed out; a Transform would do the same at twice the cost. */
class Outlet extends Readable {
  private hasRoom: (() => void) | null = null;

  constructor() {
    super();
    this.once('close', () => this.hasRoom?.());
  }

  override _read(): void {
    this.hasRoom?.();
    this.hasRoom = null;
  }

  /** Resolves when there is room for more, or nobody reads any more. A reader that takes nothing for too long is cut off. */
  async say(text: string): Promise<void> {
    if (this.destroyed || this.push(text)) return;
    const stalled = setTimeout(() => this.destroy(), STALL_MILLISECONDS);
    await new Promise<void>((resolve) => (this.hasRoom = resolve));
    clearTimeout(stalled);
  }

  /** Only while nothing waits to be read. */
  beat(): void {
    if (this.readableLength === 0 && !this.destroyed && !this.readableEnded) this.push(': \n\n');
  }
}

/**
 * Server-sent events, numbered, with a comment at intervals so that no proxy takes the connection for dead. A slow client
 * slows down the source.
 * @param source its signal aborts when the client has disconnected
 */
export function eventStream(
  source: (gone: AbortSignal) => AsyncIterable<ServerEvent>,
  heartbeatMilliseconds: number,
): StreamReply {
  const body = new Outlet();
  const gone = new AbortController();
  const heartbeat = setInterval(() => body.beat(), heartbeatMilliseconds);
  body.once('close', () => {
    clearInterval(heartbeat);
    gone.abort();
  });
  const write = async (): Promise<void> => {
    let id = 0;
    for await (const event of source(gone.signal)) await body.say(line(event, (id += 1)));
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

const line = ({ event, data }: ServerEvent, id: number): string =>
  `id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`;

/** Aborts when the client hangs up before it has its answer. */
export function whenGone({ res }: CareSlotRequest): AbortSignal {
  const gone = new AbortController();
  res?.once('close', () => {
    if (!res.writableFinished) gone.abort();
  });
  // It may have hung up while we looked who it is.
  if (res?.destroyed) gone.abort();
  return gone.signal;
}

export const wantsEventStream = ({ headers }: CareSlotRequest): boolean =>
  /\btext\/event-stream\b/i.test(headers.accept ?? '');
