import { io, type Socket } from 'socket.io-client';

const WITHIN_MILLISECONDS = 10_000;

interface Meta {
  eventId: string;
  occurredAt: string;
  sequence: number;
}

export interface Seen {
  event: string;
  data: any;
  /** From the start of the transaction that did it, by this machine's clock: a little more than from its commit. */
  milliseconds: number;
}

/** Somebody's app with an open socket: keeps what it saw, and when. */
export class Watcher {
  readonly seen: Seen[] = [];
  private wake: () => void = () => undefined;

  private constructor(
    readonly name: string,
    private readonly socket: Socket,
  ) {
    socket.onAny((event: string, data: unknown, meta?: Meta) => {
      const milliseconds = meta ? Date.now() - Date.parse(meta.occurredAt) : 0;
      this.seen.push({ event, data, milliseconds });
      this.wake();
    });
  }

  static async open(name: string, url: string, token: string): Promise<Watcher> {
    const watcher = new Watcher(name, io(url, { auth: { token }, transports: ['websocket'], forceNew: true }));
    await new Promise<void>((resolve, reject) => {
      watcher.socket.once('connect', resolve);
      watcher.socket.once('connect_error', reject);
    });
    return watcher;
  }

  /** The first event that fits, from before or to come. @throws Error when none came in time */
  async saw(event: string, fits: (data: any) => boolean, withinMs = WITHIN_MILLISECONDS): Promise<Seen> {
    const deadline = Date.now() + withinMs;
    for (;;) {
      const found = this.seen.find((one) => one.event === event && fits(one.data));
      if (found) return found;
      const left = deadline - Date.now();
      if (left <= 0) throw new Error(`${this.name} saw no ${event} in ${withinMs / 1000} s`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  close(): void {
    this.socket.disconnect();
  }
}

/** What all of them saw, and after how long: `the desk 12 ms, the doctor 12 ms`. */
export async function allSaw(watchers: Watcher[], event: string, fits: (data: any) => boolean): Promise<string> {
  const seen = await Promise.all(watchers.map((watcher) => watcher.saw(event, fits)));
  return seen.map(({ milliseconds }, n) => `${watchers[n]?.name} after ${milliseconds} ms`).join(', ');
}
