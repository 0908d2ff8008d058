import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

/** How the next request is answered. */
export type Behaviour =
  | { say: string[] }
  /** Sends this text, then waits until the client disconnects. */
  | { sayThenHang: string[] }
  /** Sends this text, then breaks the connection. */
  | { sayThenReset: string[] }
  /** Sends this text, then ends the answer without the end marker. */
  | { sayThenEnd: string[] }
  | { status: number; headers?: Record<string, string> }
  | { raw: string; type: string }
  | { json: object }
  /** Sends events, each byte in a separate packet. */
  | { bytewise: string }
  /** Sends a complete answer with this finish reason. */
  | { finishReason: string; say: string }
  /** Sends this number of bytes of text. */
  | { flood: number }
  | 'HANG'
  | 'RESET'
  /** Sends only comments, never text. */
  | 'DRIP';

export interface Received {
  headers: IncomingMessage['headers'];
  text: string;
  body: { model: string; messages: { role: string; content: string }[]; stream: boolean; max_tokens: number };
  /** Whether the answer has ended, completely or because the client disconnected. */
  isClosed: boolean;
}

const MODEL = 'fake-1';

/** A server with OpenAI's chat completions that can fail in several ways. */
export class FakeChatServer {
  /** The replies to the next requests, in order. Without one the server answers "[[INFO]] Hello." */
  readonly next: Behaviour[] = [];
  readonly received: Received[] = [];
  /** The number of answers that ended early because the client disconnected. */
  aborted = 0;
  bytesSent = 0;
  url = '';
  private held: Promise<void> = Promise.resolve();
  private readonly server: Server = createServer((request, response) => void this.handle(request, response));

  async start(): Promise<this> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    this.url = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/v1`;
    return this;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  /** Forgets the received requests and the replies to the next ones. */
  reset(): void {
    this.next.length = 0;
    this.received.length = 0;
    this.aborted = 0;
    this.bytesSent = 0;
  }

  /** Delays all answers. @returns lets them go on */
  hold(): () => void {
    let release: () => void = () => undefined;
    this.held = new Promise((resolve) => (release = resolve));
    return release;
  }

  get last(): Received {
    const last = this.received.at(-1);
    if (!last) throw new Error('the model was not called');
    return last;
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = '';
    for await (const chunk of request) text += String(chunk);
    if (request.url !== '/v1/chat/completions') return void response.writeHead(404).end();
    const body = JSON.parse(text) as Received['body'];
    const received: Received = { headers: request.headers, text, body, isClosed: false };
    this.received.push(received);
    response.once('close', () => {
      received.isClosed = true;
      if (!response.writableFinished) this.aborted += 1;
    });
    await this.held;
    await this.behave(this.next.shift() ?? { say: ['[[INFO]]\n', 'Hello', '.'] }, response);
  }

  private async behave(behaviour: Behaviour, response: ServerResponse): Promise<void> {
    if (behaviour === 'HANG') return;
    if (behaviour === 'RESET') return void response.destroy();
    if (behaviour === 'DRIP') return drip(response);
    if ('status' in behaviour) return void response.writeHead(behaviour.status, behaviour.headers).end('{"error":{}}');
    if ('raw' in behaviour) return void response.writeHead(200, { 'content-type': behaviour.type }).end(behaviour.raw);
    if ('json' in behaviour) {
      return void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(behaviour.json));
    }
    if ('bytewise' in behaviour) return bytewise(behaviour.bytewise, response);
    if ('finishReason' in behaviour) {
      events(response);
      response.write(chunk({ content: behaviour.say }));
      return void response.end(`${chunk({}, behaviour.finishReason)}data: [DONE]\n\n`);
    }
    if ('flood' in behaviour) return this.flood(behaviour.flood, response);
    const [how, pieces] = Object.entries(behaviour)[0] as [string, string[]];
    events(response);
    for (const piece of pieces) response.write(chunk({ content: piece }));
    if (how === 'sayThenHang') return;
    if (how === 'sayThenReset') return void setImmediate(() => response.destroy());
    if (how === 'sayThenEnd') return void response.end();
    response.write(chunk({}, 'stop'));
    response.end('data: [DONE]\n\n');
  }

  private async flood(bytes: number, response: ServerResponse): Promise<void> {
    events(response);
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const piece = chunk({ content: 'word '.repeat(2_000) });
    for (let sent = 0; sent < bytes && !response.destroyed; sent += piece.length) {
      this.bytesSent += piece.length;
      if (!response.write(piece)) await once(response, 'drain', { signal: gone.signal }).catch(() => undefined);
    }
    response.end();
  }
}

const events = (response: ServerResponse): void =>
  void response.writeHead(200, { 'content-type': 'text/event-stream' });

const chunk = (delta: object, reason: string | null = null): string =>
  `data: ${JSON.stringify({ object: 'chat.completion.chunk', model: MODEL, choices: [{ index: 0, delta, finish_reason: reason }] })}\n\n`;

async function bytewise(text: string, response: ServerResponse): Promise<void> {
  events(response);
  response.socket?.setNoDelay(true);
  for (const byte of Buffer.from(text)) {
    response.write(Buffer.of(byte));
    await new Promise((resolve) => setImmediate(resolve));
  }
  response.end();
}

function drip(response: ServerResponse): void {
  events(response);
  const timer = setInterval(() => response.write(': \n\n'), 20);
  response.once('close', () => clearInterval(timer));
}
