import {
  Agent,
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';

const CHECK_EVERY_MILLISECONDS = 200;
const COOKIE = 'balancer_target';

interface Target {
  port: number;
  healthy: boolean;
  agent: Agent;
}

/**
 * A load balancer like nginx or Traefik: takes the healthy targets in turn by `/health/ready`, keeps connections to them open, and repeats
 * no request. With `sticky`, a cookie keeps a Socket.io client at its target.
 */
export class Balancer {
  /** Requests that got no complete answer from a target. */
  readonly failures: string[] = [];
  private readonly server: Server;
  private readonly open = new Set<Duplex>();
  private next = 0;
  private readonly timer: NodeJS.Timeout;

  private constructor(
    private readonly targets: Target[],
    private readonly sticky: boolean,
  ) {
    this.server = createServer((request, response) => this.pass(request, response));
    this.server.on('upgrade', (request, socket, head) => this.passUpgrade(request, socket, head));
    this.server.on('connection', (socket) => this.track(socket));
    this.timer = setInterval(() => void this.check(), CHECK_EVERY_MILLISECONDS);
  }

  static async start(ports: number[], { sticky = true } = {}): Promise<Balancer> {
    const targets = ports.map((port) => ({ port, healthy: true, agent: new Agent({ keepAlive: true }) }));
    const balancer = new Balancer(targets, sticky);
    await new Promise<void>((resolve) => balancer.server.listen(0, '127.0.0.1', resolve));
    return balancer;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  isHealthy(port: number): boolean {
    return this.targets.some((target) => target.port === port && target.healthy);
  }

  async close(): Promise<void> {
    clearInterval(this.timer);
    for (const socket of this.open) socket.destroy();
    for (const { agent } of this.targets) agent.destroy();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }

  private async check(): Promise<void> {
    await Promise.all(
      this.targets.map(async (target) => {
        const signal = AbortSignal.timeout(5_000);
        const answer = await fetch(`http://127.0.0.1:${target.port}/health/ready`, { signal }).catch(() => null);
        target.healthy = answer?.ok ?? false;
        await answer?.arrayBuffer();
      }),
    );
  }

  private choose(request: IncomingMessage): Target | undefined {
    const healthy = this.targets.filter((target) => target.healthy);
    const [, port] = new RegExp(`${COOKIE}=(\\d+)`).exec(request.headers.cookie ?? '') ?? [];
    const kept = this.sticky && isSocketRequest(request) ? healthy.find((one) => String(one.port) === port) : undefined;
    return kept ?? healthy[(this.next += 1) % healthy.length];
  }

  private pass(request: IncomingMessage, response: ServerResponse): void {
    const target = this.choose(request);
    const what = `${request.method} ${request.url}`;
    const fail = (reason: string): void => {
      this.failures.push(`${what}: ${reason}`);
      if (response.headersSent) response.destroy();
      else response.writeHead(502).end();
    };
    if (!target) return fail('no healthy target');
    const { method, url: path, headers } = request;
    const upstream = httpRequest({ host: '127.0.0.1', port: target.port, method, path, headers, agent: target.agent });
    upstream.on('response', (answer) => {
      const { connection: _connection, 'keep-alive': _keepAlive, ...kept } = answer.headers;
      const cookie = this.sticky && isSocketRequest(request) && { 'set-cookie': `${COOKIE}=${target.port}; Path=/` };
      response.writeHead(answer.statusCode ?? 502, { ...kept, ...cookie });
      answer.pipe(response);
      answer.on('error', (error: NodeJS.ErrnoException) => fail(`answer: ${error.code}`));
    });
    upstream.on('error', (error: NodeJS.ErrnoException) => {
      if (!response.destroyed) fail(`${target.port} ${error.code ?? error.message}`);
    });
    response.on('close', () => upstream.destroy());
    request.pipe(upstream);
  }

  private passUpgrade(request: IncomingMessage, client: Duplex, head: Buffer): void {
    const target = this.choose(request);
    if (!target) return void client.destroy();
    const upstream = connect(target.port, '127.0.0.1');
    const lines = [`${request.method} ${request.url} HTTP/1.1`];
    for (let index = 0; index < request.rawHeaders.length; index += 2) {
      lines.push(`${request.rawHeaders[index]}: ${request.rawHeaders[index + 1]}`);
    }
    upstream.write([...lines, '', ''].join('\r\n'));
    upstream.write(head);
    client.pipe(upstream).pipe(client);
    this.track(upstream);
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      one.on('error', () => other.destroy());
      one.on('close', () => other.destroy());
    }
  }

  private track(socket: Duplex): void {
    this.open.add(socket);
    socket.on('close', () => this.open.delete(socket));
  }
}

const isSocketRequest = ({ url }: IncomingMessage): boolean => url?.startsWith('/socket.io/') ?? false;
