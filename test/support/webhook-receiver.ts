import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { Webhook } from 'standardwebhooks';

/** A self-signed certificate of `hooks.test` with its key, only for tests. */
export const CERTIFICATE = readFileSync('test/fixtures/tls/hooks.test.pem', 'utf8');

export interface ReceivedHook {
  path: string;
  headers: Record<string, string>;
  body: string;
}

/** A status, or a function that answers. */
export type HookReply = number | ((response: ServerResponse, request: IncomingMessage) => void);

/** A real HTTP or HTTPS server that stores the requests it gets, and fails as a test says. */
export class WebhookReceiver {
  readonly hooks: ReceivedHook[] = [];
  /** The replies to the next requests, in order; after them, `reply`. */
  readonly replies: HookReply[] = [];
  reply: HookReply = 200;
  connections = 0;
  port = 0;
  private readonly sockets = new Set<Socket>();

  private constructor(private readonly server: ReturnType<typeof createServer>) {
    server.on('request', (request: IncomingMessage, response: ServerResponse) => void this.handle(request, response));
    server.on('connection', (socket: Socket) => {
      this.connections += 1;
      this.sockets.add(socket);
      socket.on('error', () => undefined);
      socket.once('close', () => this.sockets.delete(socket));
    });
  }

  static async start({ tls = false } = {}): Promise<WebhookReceiver> {
    const server = tls ? createTlsServer({ key: CERTIFICATE, cert: CERTIFICATE }) : createServer();
    const receiver = new WebhookReceiver(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    receiver.port = (server.address() as AddressInfo).port;
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** The requests to a path. */
  to(path: string): ReceivedHook[] {
    return this.hooks.filter((hook) => hook.path === path);
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const headers = request.headers as Record<string, string>;
    this.hooks.push({ path: request.url ?? '', headers, body });
    const reply = this.replies.shift() ?? this.reply;
    if (typeof reply === 'number') response.writeHead(reply).end('{}');
    else reply(response, request);
  }
}

/** Verifies a request with the library of Standard Webhooks. @returns its body @throws WebhookVerificationError */
export const verifyHook = (secret: string, { body, headers }: ReceivedHook): any =>
  new Webhook(secret).verify(body, headers);
