import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { connect } from 'node:net';
import { once } from 'node:events';
import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import type { Server as SocketIoServer } from 'socket.io';

/** A session id of Engine.io: the process that has the session, and a random part that cannot be guessed. */
const SESSION = /^w(\d{1,10})-/;
const HOP_BY_HOP = new Set(['connection', 'keep-alive', 'transfer-encoding']);

type Next = (error?: Error) => void;
type Engine = Pick<SocketIoServer['engine'], 'use' | 'generateId'>;

/**
 * Sends each Socket.io request of a cluster to the process that has its session. The kernel and the primary distribute connections,
 * and a proxy may send requests of many clients through one connection. So the process that receives a request decides by its `sid`, and passes it
 * to its sibling through a Unix socket in `folder`, which only this user can open.
 */
export class SiblingRouter {
  private readonly forwarded = new Set<{ destroy: () => void }>();
  private isClosed = false;

  constructor(
    private readonly folder: string,
    private readonly ownId: number,
  ) {}

  /** Marks the sessions of this process, and passes on the requests of others. Call before the first session. */
  attach(engine: Engine): void {
    const generateId = engine.generateId.bind(engine);
    engine.generateId = async (request: IncomingMessage) => `w${this.ownId}-${await generateId(request)}`;
    engine.use((request: IncomingMessage, response: unknown, next: Next) => {
      const owner = findOwner(request.url);
      if (owner === null || owner === this.ownId) return next();
      if (this.isClosed) return request.destroy();
      const path = this.socketPath(owner);
      // An unreachable owner has died with its session. Engine.io then answers that it does not know the session, and the client starts a new one.
      if (request.headers.upgrade) this.forwardUpgrade(request, path, next);
      else this.forwardRequest(request, response as ServerResponse, path, next);
    });
  }

  /** Accepts what siblings pass on. The returned server closes with the process. */
  async listen(server: Server): Promise<Server> {
    const inner = createServer((request, response) => void server.emit('request', request, response));
    inner.on('upgrade', (request, socket, head) => void server.emit('upgrade', request, socket, head));
    const path = this.socketPath(this.ownId);
    // Exclusive: a cluster would otherwise share the listener among all processes.
    inner.listen({ path, exclusive: true });
    await once(inner, 'listening');
    await chmod(path, 0o600);
    return inner.unref();
  }

  /** Ends what this process passes on: a server does not close before its connections. */
  close(): void {
    this.isClosed = true;
    for (const exchange of this.forwarded) exchange.destroy();
  }

  private socketPath(id: number): string {
    return join(this.folder, `${id}.sock`);
  }

  private forwardRequest(request: IncomingMessage, response: ServerResponse, socketPath: string, next: Next): void {
    const { method, url: path, headers } = request;
    const upstream = httpRequest({ socketPath, method, path, headers, agent: false });
    upstream.on('response', (answer) => {
      response.writeHead(answer.statusCode ?? 502, endToEnd(answer));
      answer.pipe(response);
      answer.on('error', () => response.destroy());
    });
    upstream.on('error', () => (response.headersSent || this.isClosed ? response.destroy() : next()));
    this.track(upstream, response);
    request.pipe(upstream);
  }

  private forwardUpgrade(request: IncomingMessage, path: string, next: Next): void {
    const client: Duplex = request.socket;
    const upstream = connect(path);
    let isConnected = false;
    upstream.on('connect', () => {
      isConnected = true;
      upstream.write(toHead(request), 'latin1');
      client.pipe(upstream).pipe(client);
    });
    upstream.on('error', () => (isConnected || this.isClosed ? client.destroy() : next()));
    upstream.on('close', () => isConnected && client.destroy());
    client.on('error', () => upstream.destroy());
    this.track(upstream, client);
  }

  private track(upstream: { destroy: () => void }, client: ServerResponse | Duplex): void {
    const exchange = { destroy: () => void (upstream.destroy(), client.destroy()) };
    this.forwarded.add(exchange);
    client.on('close', () => {
      this.forwarded.delete(exchange);
      upstream.destroy();
    });
  }
}

/** The process that has the session of a request; null without a session. */
function findOwner(url = ''): number | null {
  const sid = new URLSearchParams(url.slice(url.indexOf('?') + 1)).get('sid');
  const [, owner] = SESSION.exec(sid ?? '') ?? [];
  return owner === undefined ? null : Number(owner);
}

const endToEnd = ({ headers }: IncomingMessage): Record<string, string | string[] | undefined> =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !HOP_BY_HOP.has(name)));

function toHead({ method, url, rawHeaders }: IncomingMessage): string {
  const lines = [`${method} ${url} HTTP/1.1`];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    lines.push(`${rawHeaders[index]}: ${rawHeaders[index + 1]}`);
  }
  return [...lines, '', ''].join('\r\n');
}
