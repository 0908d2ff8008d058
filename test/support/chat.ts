import { createParser } from 'eventsource-parser';
import type { TestApp } from './app.js';
import { within } from './eventually.js';

export interface ChatEvent {
  id: string;
  event: string;
  data: any;
}

/** A streamed chat response: its events as they arrive. */
export class ChatStream {
  readonly events: ChatEvent[] = [];
  comments = 0;
  private waiting: (() => void)[] = [];
  private over = false;

  private constructor(
    readonly status: number,
    readonly headers: Headers,
    private readonly response: Response,
    private readonly controller: AbortController,
  ) {}

  static async open(
    { url }: Pick<TestApp, 'url'>,
    token: string,
    body: object,
    headers: Record<string, string> = {},
  ): Promise<ChatStream> {
    const controller = new AbortController();
    const response = await fetch(`${url}/api/v1/ai/chat`, {
      method: 'POST',
      signal: controller.signal,
      headers: {
        'content-type': 'application/json',
        accept: 'text/event-stream',
        authorization: `Bearer ${token}`,
        ...headers,
      },
      body: JSON.stringify(body),
    });
    const stream = new ChatStream(response.status, response.headers, response, controller);
    void stream.read();
    return stream;
  }

  disconnect(): void {
    this.controller.abort();
  }

  /** Waits for the first event of this kind. */
  async until(event: string): Promise<any> {
    for (;;) {
      const found = this.events.find((each) => each.event === event);
      if (found) return found.data;
      if (this.over) throw new Error(`the stream ended without ${event}: ${JSON.stringify(this.events)}`);
      await this.next(event);
    }
  }

  async end(): Promise<void> {
    while (!this.over) await this.next('the end of the stream');
  }

  private next(awaited: string): Promise<void> {
    return within(awaited, new Promise<void>((resolve) => this.waiting.push(resolve)));
  }

  /** The text that a client shows after joining the deltas. */
  get text(): string {
    return this.events.reduce(
      (text, { event, data }) => (event === 'reset' ? '' : event === 'delta' ? text + data.text : text),
      '',
    );
  }

  private async read(): Promise<void> {
    const parser = createParser({
      onEvent: ({ id, event, data }) =>
        this.events.push({ id: id ?? '', event: event ?? '', data: JSON.parse(data) as unknown }),
      onComment: () => (this.comments += 1),
    });
    const decoder = new TextDecoder();
    try {
      for await (const bytes of this.response.body as unknown as AsyncIterable<Uint8Array>) {
        parser.feed(decoder.decode(bytes, { stream: true }));
        this.wake();
      }
    } catch {
      // The connection broke, or this client disconnected.
    }
    this.over = true;
    this.wake();
  }

  private wake(): void {
    const { waiting } = this;
    this.waiting = [];
    for (const resolve of waiting) resolve();
  }
}
