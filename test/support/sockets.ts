import { io, type ManagerOptions, type Socket, type SocketOptions } from 'socket.io-client';
import { within } from './eventually.js';

const WITHIN_MILLISECONDS = 50_000;

export interface Meta {
  eventId: string;
  occurredAt: string;
  sequence: number;
}

/** A received event. */
export interface Seen {
  event: string;
  data: any;
  meta: Meta;
}

type Options = Partial<ManagerOptions & SocketOptions>;

/** A client's socket that stores the received events. It waits for events, never for a fixed time. */
export class SocketClient {
  readonly seen: Seen[] = [];
  private readonly waiting: (() => void)[] = [];
  private isClosed = false;
  endedBecause: { code: string } | null = null;
  disconnectedBecause: string | null = null;

  private constructor(readonly socket: Socket) {
    socket.onAny((event: string, data: unknown, meta: Meta) => {
      if (event === 'session:ended') this.endedBecause = data as { code: string };
      this.seen.push({ event, data, meta });
      this.wake();
    });
    socket.on('disconnect', (reason) => {
      this.disconnectedBecause = reason;
      this.wake();
    });
    socket.on('connect', () => this.wake());
  }

  static open(url: string, token: string | undefined, options: Options = {}): SocketClient {
    return new SocketClient(io(url, { forceNew: true, auth: { token }, ...options }));
  }

  static async connected(url: string, token: string, options: Options = {}): Promise<SocketClient> {
    const client = SocketClient.open(url, token, options);
    const error = await client.outcome();
    if (error) throw error;
    return client;
  }

  /** Returns the connect_error, or null after the connection. */
  outcome(): Promise<(Error & { data?: { code: string } }) | null> {
    const outcome = new Promise<Error | null>((resolve) => {
      if (this.socket.connected) return resolve(null);
      this.socket.once('connect', () => resolve(null));
      this.socket.once('connect_error', resolve);
    });
    return within('a connection or its refusal', outcome);
  }

  /** @throws Error if it does not become true in time, or before the socket is closed */
  async waitUntil(what: string, isTrue: () => boolean): Promise<void> {
    const wait = async (): Promise<void> => {
      while (!isTrue()) {
        if (this.isClosed) throw new Error(`the socket was closed before ${what}`);
        await new Promise<void>((resume) => this.waiting.push(resume));
      }
    };
    try {
      await within(what, wait(), WITHIN_MILLISECONDS);
    } catch (error) {
      const names = this.seen.map(({ event, meta }) => `${event} ${meta?.sequence ?? ''}`).join(', ');
      throw new Error(`${(error as Error).message}; received: ${names}`, { cause: error });
    }
  }

  /** Waits for an event, or returns it if it was received before. */
  async waitFor(event: string, matches: (data: any) => boolean = () => true): Promise<Seen> {
    const find = (): Seen | undefined => this.seen.find((one) => one.event === event && matches(one.data));
    await this.waitUntil(event, () => find() !== undefined);
    return find() as Seen;
  }

  async disconnected(): Promise<string> {
    await this.waitUntil('a disconnect', () => this.disconnectedBecause !== null);
    return this.disconnectedBecause as string;
  }

  sync(last: unknown): Promise<any> {
    return this.socket.timeout(WITHIN_MILLISECONDS).emitWithAck('sync', last);
  }

  /** The sequence of the last received event, or 0. */
  get last(): number {
    return Math.max(0, ...this.seen.map(({ meta }) => meta?.sequence ?? 0));
  }

  /** Also ends the waits that nobody awaits. */
  close(): void {
    this.isClosed = true;
    this.socket.disconnect();
    this.wake();
  }

  private wake(): void {
    for (const resume of this.waiting.splice(0)) resume();
  }
}
