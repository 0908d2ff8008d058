import { io, type Socket } from 'socket.io-client';

const WITHIN_MILLISECONDS = 10_000;

interface Meta {
  eventId: string;
  occurredAt: string;
  sequence: number;
}

interface ReceivedEvent {
  event: string;
  data: any;
  /** Time from the start of the transaction that made the change (by this machine's clock), so a little more than from its commit. */
  milliseconds: number;
}

/** A client with an open socket. Keeps the events that it received. */
export class Watcher {
  readonly received: ReceivedEvent[] = [];
  private wake: () => void = () => undefined;

  private constructor(
    readonly name: string,
    private readonly socket: Socket,
  ) {
    socket.onAny((event: string, data: unknown, meta?: Meta) => {
      const milliseconds = meta ? Date.now() - Date.parse(meta.occurredAt) : 0;
      this.received.push({ event, data, milliseconds });
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

  /** Returns the first event that matches; waits for it if necessary. @throws Error if none arrives in time */
  async waitFor(
    event: string,
    matches: (data: any) => boolean,
    withinMs = WITHIN_MILLISECONDS,
  ): Promise<ReceivedEvent> {
    const deadline = Date.now() + withinMs;
    for (;;) {
      const found = this.received.find((one) => one.event === event && matches(one.data));
      if (found) return found;
      const left = deadline - Date.now();
      if (left <= 0) throw new Error(`${this.name} received no ${event} within ${withinMs / 1000} s`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }
}

/** Waits until every watcher has the event; returns the delays: `the desk's dashboard after 12 ms, the doctor's after 12 ms`. */
export async function waitForAll(watchers: Watcher[], event: string, matches: (data: any) => boolean): Promise<string> {
  const events = await Promise.all(watchers.map((watcher) => watcher.waitFor(event, matches)));
  return events.map(({ milliseconds }, n) => `${watchers[n]?.name} after ${milliseconds} ms`).join(', ');
}
