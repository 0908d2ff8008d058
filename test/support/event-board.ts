import { eventually } from './eventually.js';
import { SocketClient, type Meta } from './sockets.js';

/** A dashboard that follows docs/realtime.md: it reconnects by itself, sends `sync` with the highest sequence, and counts each event once. */
export class EventBoard {
  readonly created = new Set<string>();
  readonly cancelled = new Set<string>();
  connections = 0;
  private readonly known = new Set<string>();
  private isSynced = false;

  private constructor(
    private readonly client: SocketClient,
    private highest: number | null,
  ) {}

  /** @param from the sequence after which it wants events; null: only future events */
  static async open(url: string, token: string, transports: string[], from: number | null = 0): Promise<EventBoard> {
    // `withCredentials`: the client keeps the balancer's cookie, like a browser.
    const options = { transports, withCredentials: true, reconnectionDelay: 100, reconnectionDelayMax: 500 };
    const client = SocketClient.open(url, token, options);
    const board = new EventBoard(client, from);
    client.socket.onAny((event: string, data: unknown, meta?: Meta) => board.receive(event, data, meta));
    client.socket.on('connect', () => {
      board.connections += 1;
      void board.sync();
    });
    client.socket.on('disconnect', () => (board.isSynced = false));
    // A refusal by a process that is shutting down has an error code, after which the client does not try again by itself.
    client.socket.on('connect_error', () => !client.socket.active && setTimeout(() => client.socket.connect(), 200));
    await client.waitUntil('a connection', () => client.socket.connected);
    // Before that, future events are not known to be future.
    if (from === null)
      await eventually(() => (board.isSynced ? Promise.resolve() : Promise.reject(new Error('no answer to sync'))));
    return board;
  }

  close(): void {
    this.client.close();
  }

  /** @throws Error if the board had to read everything over REST, which it cannot: so many events are never missed here */
  private async sync(): Promise<void> {
    const { id } = this.client.socket;
    const answer = await this.client.sync(this.highest ?? undefined).catch(() => ({}));
    if (this.client.socket.id !== id) return;
    if (answer.code === 'RESYNC') throw new Error('a dashboard missed too many events');
    if (answer.sequence === undefined) return void setTimeout(() => void this.sync(), 200);
    this.highest = Math.max(this.highest ?? 0, answer.sequence as number);
    this.isSynced = true;
  }

  private receive(event: string, data: unknown, meta?: Meta): void {
    if (!meta) return;
    // Before the answer to `sync`, a newer event says nothing about the missed ones.
    if (this.isSynced) this.highest = Math.max(this.highest ?? 0, meta.sequence);
    if (this.known.has(meta.eventId)) return;
    this.known.add(meta.eventId);
    if (event === 'appointment:created') this.created.add((data as { id: string }).id);
    if (event === 'appointment:cancelled') this.cancelled.add(data as string);
  }
}
