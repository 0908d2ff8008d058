import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ReceivedSpan {
  name: string;
  kind: number;
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  links?: { traceId: string; spanId: string }[];
  attributes: { key: string; value: Record<string, unknown> }[];
}

interface TraceRequest {
  resourceSpans: { scopeSpans: { spans: ReceivedSpan[] }[] }[];
}

/** A server that stores what is posted to it: an OTLP/HTTP collector, or one of Sentry's envelopes. */
export class PostReceiver {
  readonly requests: { url: string; headers: IncomingMessage['headers']; body: string }[] = [];
  private readonly server: Server;

  private constructor() {
    this.server = createServer((request, response) => void this.store(request).then(() => response.end('{}')));
  }

  static async start(): Promise<PostReceiver> {
    const receiver = new PostReceiver();
    await new Promise<void>((resolve) => receiver.server.listen(0, '127.0.0.1', resolve));
    return receiver;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** Everything that arrived, as one text. */
  get text(): string {
    return JSON.stringify(this.requests);
  }

  get spans(): ReceivedSpan[] {
    return this.requests
      .filter(({ url }) => url === '/v1/traces')
      .flatMap(({ body }) => (JSON.parse(body) as TraceRequest).resourceSpans)
      .flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans));
  }

  /** The events in the envelopes: an envelope has lines of JSON, and an item follows its header. */
  get events(): Record<string, any>[] {
    return this.requests
      .filter(({ url }) => url.includes('/envelope/'))
      .flatMap(({ body }) => body.split('\n').filter(Boolean))
      .map((line) => JSON.parse(line) as Record<string, any>)
      .filter((item) => 'exception' in item);
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async store(request: IncomingMessage): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
    const body = Buffer.concat(parts).toString('utf8');
    this.requests.push({ url: request.url ?? '', headers: request.headers, body });
  }
}
