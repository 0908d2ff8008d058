import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** A proxy between the application and a server that can drop all data without closing a connection. */
export class TcpProxy {
  private readonly sockets = new Set<Socket>();
  /** Those of `sockets` to the server. */
  private readonly upstreams = new Set<Socket>();
  private readonly server: Server;
  private stalled = false;
  private refuses = false;
  private heldText: string | null = null;
  private readonly held: Socket[] = [];
  private delay = 0;

  private constructor(private target: URL) {
    this.server = createServer((client) => this.join(client));
  }

  static async start(target: string): Promise<TcpProxy> {
    const proxy = new TcpProxy(new URL(target));
    await new Promise<void>((resolve) => proxy.server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  /** The target's URL through this proxy. */
  get url(): string {
    const url = new URL(this.target);
    url.hostname = '127.0.0.1';
    url.port = String((this.server.address() as AddressInfo).port);
    return url.href;
  }

  stall(): void {
    this.stalled = true;
    this.stallOpenConnections();
  }

  /** Drops all data of the open connections. New connections are not affected. */
  stallOpenConnections(): void {
    for (const socket of this.sockets) socket.pause();
  }

  /** Passes requests on, and keeps the answers of the open connections. */
  stallAnswers(): void {
    for (const socket of this.upstreams) socket.pause();
  }

  resume(): void {
    this.stalled = false;
    for (const socket of this.sockets) socket.resume();
  }

  /** Passes everything on so many milliseconds later. 0: at once. */
  delayBy(milliseconds: number): void {
    this.delay = milliseconds;
  }

  /** Passes requests that contain the text on, and keeps their answers until the returned function is called. */
  holdAnswersTo(text: string): () => void {
    this.heldText = text;
    return () => {
      this.heldText = null;
      for (const socket of this.held.splice(0)) socket.resume();
    };
  }

  /** Behaves like a server that is down: closes open connections, and every new one at once. */
  refuse(): void {
    this.refuses = true;
    for (const socket of this.sockets) socket.destroy();
  }

  accept(): void {
    this.refuses = false;
  }

  /** Leads new connections to another server, like an address that moves to another machine. */
  switchTo(target: string): void {
    this.target = new URL(target);
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }

  private join(client: Socket): void {
    if (this.refuses) {
      client.destroy();
      return;
    }
    const upstream = connect(Number(this.target.port), this.target.hostname);
    this.upstreams.add(upstream);
    upstream.on('close', () => this.upstreams.delete(upstream));
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      this.sockets.add(from);
      from.on('data', (data) => {
        if (from === client && this.heldText !== null && data.includes(this.heldText)) this.held.push(upstream.pause());
        if (this.delay > 0) setTimeout(() => to.write(data), this.delay);
        else to.write(data);
      });
      from.on('error', () => undefined);
      from.on('close', () => {
        this.sockets.delete(from);
        to.destroy();
      });
      if (this.stalled) from.pause();
    }
  }
}
