import type { ChatEvent } from './chat-reply.js';

/** At most 40 writes a second. Readers see no difference, and each write costs server and network time. */
const INTERVAL_MILLISECONDS = 25;

/**
 * Sends the first delta at once and joins the deltas that follow within the interval. Withdrawn text that was not sent yet
 * is dropped. If the reader stops, the source ends.
 */
export class DeltaBuffer implements AsyncIterable<ChatEvent> {
  private text = '';
  private dueAt = -Infinity;

  constructor(
    private readonly events: AsyncIterable<ChatEvent>,
    private readonly intervalMilliseconds = INTERVAL_MILLISECONDS,
  ) {}

  async *[Symbol.asyncIterator](): AsyncGenerator<ChatEvent, void> {
    const source: AsyncIterator<ChatEvent, unknown> = this.events[Symbol.asyncIterator]();
    try {
      yield* this.joined(source);
    } finally {
      await source.return?.();
    }
  }

  private async *joined(source: AsyncIterator<ChatEvent, unknown>): AsyncGenerator<ChatEvent, void> {
    let next = source.next();
    for (;;) {
      if (this.text !== '' && !(await this.arrivesInTime(next))) {
        yield this.take();
        continue;
      }
      const result = await next;
      if (result.done) break;
      const event = result.value;
      if (event.type === 'delta') this.text += event.text;
      else {
        if (event.type === 'reset') this.withdraw();
        if (this.text !== '') yield this.take();
        yield event;
      }
      next = source.next();
    }
    if (this.text !== '') yield this.take();
  }

  /** The next delta is sent at once, because it contains the emergency lines that were withdrawn. */
  private withdraw(): void {
    this.text = '';
    this.dueAt = -Infinity;
  }

  private take(): ChatEvent {
    const { text } = this;
    this.text = '';
    this.dueAt = performance.now() + this.intervalMilliseconds;
    return { type: 'delta', text };
  }

  /** Whether the source yields an event, ends or fails before the text must be sent. */
  private async arrivesInTime(next: Promise<unknown>): Promise<boolean> {
    const wait = this.dueAt - performance.now();
    if (wait <= 0) {
      next.catch(() => undefined);
      return false;
    }
    let timer: NodeJS.Timeout | undefined;
    const due = new Promise<boolean>((resolve) => (timer = setTimeout(resolve, wait, false)));
    const arrived = next.then(
      () => true,
      () => true,
    );
    return Promise.race([arrived, due]).finally(() => clearTimeout(timer));
  }
}
