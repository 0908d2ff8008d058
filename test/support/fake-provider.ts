import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** How the next request fails. …_AFTER_ACCEPT: the request is executed, but its response never arrives. */
export type Fault =
  | { status: number; body?: object; headers?: Record<string, string> }
  | 'HANG'
  | 'RESET'
  | 'HANG_AFTER_ACCEPT'
  | 'RESET_AFTER_ACCEPT'
  | 'DRIP'
  | 'NOT_JSON';

export interface Reply {
  status: number;
  body: object;
}

/** A provider's HTTP API on its own port, with faults that a test queues. */
export abstract class FakeProvider {
  /** The faults of the next requests for which `mayFail` is true, in order. */
  readonly faults: Fault[] = [];
  /** The number of requests for which `mayFail` is true. */
  requests = 0;
  url = '';
  private server?: Server;

  async start(): Promise<this> {
    this.server = createServer((request, response) => void this.handle(request, response));
    await new Promise<void>((resolve) => this.server?.listen(0, '127.0.0.1', resolve));
    this.url = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
    return this;
  }

  async close(): Promise<void> {
    this.server?.closeAllConnections();
    await new Promise((resolve) => this.server?.close(resolve));
  }

  protected abstract answer(request: IncomingMessage, url: URL, body: string): Reply;

  protected mayFail(_request: IncomingMessage, _url: URL): boolean {
    return true;
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.url);
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const mayFail = this.mayFail(request, url);
    if (mayFail) this.requests += 1;
    const fault = mayFail ? this.faults.shift() : undefined;
    if (fault === undefined) return send(response, this.answer(request, url, body));
    if (fault === 'HANG') return;
    if (fault === 'RESET_AFTER_ACCEPT' || fault === 'HANG_AFTER_ACCEPT') this.answer(request, url, body);
    if (fault === 'HANG_AFTER_ACCEPT') return;
    if (fault === 'RESET' || fault === 'RESET_AFTER_ACCEPT') return void request.socket.destroy();
    if (fault === 'DRIP') return drip(response);
    if (fault === 'NOT_JSON') return void response.writeHead(502, { 'content-type': 'text/html' }).end('<h1>502</h1>');
    send(response, { status: fault.status, body: fault.body ?? {} }, fault.headers);
  }
}

function send(response: ServerResponse, { status, body }: Reply, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

/** Sends one byte at a time, forever. */
function drip(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/json' });
  const timer = setInterval(() => response.write(' '), 20);
  response.once('close', () => clearInterval(timer));
}
