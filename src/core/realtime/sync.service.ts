import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { Semaphore } from '../concurrency/semaphore.js';
import { SingleFlight } from '../concurrency/single-flight.js';
import { DomainError, type ErrorCode } from '../kernel/domain-error.js';
import { LOGGER } from '../logging/logger.js';
import { OutboxConsumers } from '../outbox/outbox-consumers.js';
import { OutboxRepository, type OutboxRow } from '../outbox/outbox.repository.js';
import { toPositionedMessages, type PositionedMessage, type SocketMessage } from '../outbox/outbox-event.js';
import { LiveFeed } from './live-feed.js';
import { getRooms } from './rooms.js';
import { SocketServer } from './socket-server.js';
import type { CareSlotSocket } from './socket-types.js';

/** The maximum numbers of rows to read and to send. Above these limits, reading everything by REST costs less. */
const MAX_READ = 20_000;
const MAX_SENT = 1_000;
/** After a crash, all clients reconnect at once; requests also need database connections. */
const MAX_CONCURRENT_READS = 3;
/** Clients send `sync` directly after connecting. A socket without `sync` becomes live after this time. */
const WAIT_FOR_SYNC_MILLISECONDS = 1_000;
/** Some clients reject a polling response of more than 16 packets, including the ack (python-engineio). */
const POLLING_PACKETS = 10;

export type SyncAnswer = { sequence: number; count: number } | { code: ErrorCode | 'RESYNC'; sequence?: number };

/** Thrown if the client must read everything by REST. */
class TooManyMissed extends Error {}

/**
 * Sends a client the missed messages that it may read now, in order, and then makes its socket live. The order matters: a client
 * stores the highest position (in the API: `sequence`), so a newer event before the missed ones would hide them.
 */
@Injectable()
export class SyncService {
  private readonly positions = new SingleFlight<{ position: number; sweptPosition: number }>();
  private readonly reads = new Semaphore({ total: MAX_CONCURRENT_READS });

  constructor(
    private readonly outbox: OutboxRepository,
    private readonly consumers: OutboxConsumers,
    private readonly feed: LiveFeed,
    private readonly server: SocketServer,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Makes the socket live later if the client never sends `sync`. */
  waitForSync(socket: CareSlotSocket): void {
    socket.data.resumesFrom = this.feed.position;
    this.goLiveLater(socket);
  }

  /** @param last the position of the client's last event; null or undefined to only get the current position */
  async sync(socket: CareSlotSocket, last: unknown): Promise<SyncAnswer> {
    if (last === undefined || last === null) return this.goLive(socket);
    if (!isPosition(last)) return { code: 'VALIDATION_ERROR' };
    socket.data.resumesFrom = Math.min(socket.data.resumesFrom, last);
    return this.answer(() => this.resume(socket, last));
  }

  private goLiveLater(socket: CareSlotSocket): void {
    const resumeUnlessLive = async (): Promise<void> => {
      if (!socket.connected || socket.data.isLive) return;
      await this.answer(() => this.resume(socket, socket.data.resumesFrom));
      if (!socket.data.isLive) this.goLiveLater(socket);
    };
    setTimeout(() => {
      socket.data.syncing = socket.data.syncing.then(resumeUnlessLive);
    }, WAIT_FOR_SYNC_MILLISECONDS).unref();
  }

  private async answer(work: () => Promise<SyncAnswer>): Promise<SyncAnswer> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof DomainError) return { code: error.code };
      this.logger.error({ err: error }, 'sync failed');
      return { code: 'INTERNAL_ERROR' };
    }
  }

  private async resume(socket: CareSlotSocket, last: number): Promise<SyncAnswer> {
    const { position, sweptPosition } = await this.positions.shareNext('', () => this.outbox.positions());
    const isKnown = last >= sweptPosition && last <= position && position - last <= MAX_READ;
    if (!isKnown) return { code: 'RESYNC', sequence: this.goLive(socket).sequence };
    try {
      return await this.reads.run(() => this.catchUp(socket, last));
    } catch (error) {
      if (!(error instanceof TooManyMissed)) throw error;
      return { code: 'RESYNC', sequence: this.goLive(socket).sequence };
    }
  }

  /** Adds the socket to its rooms: it gets all messages after the returned position. */
  private goLive(socket: CareSlotSocket): { sequence: number; count: number } {
    if (!socket.data.isLive && socket.connected) {
      socket.data.isLive = true;
      void socket.join(getRooms(socket.data.actor));
    }
    return { sequence: this.feed.position, count: 0 };
  }

  /**
   * Sends all messages up to the position of this process's feed, repeatedly until the feed has no newer ones, and makes the socket
   * live in the same tick, before anything else can be emitted.
   */
  private async catchUp(socket: CareSlotSocket, last: number): Promise<SyncAnswer> {
    let count = 0;
    let reached = last;
    do {
      const upTo = Math.max(this.feed.position, reached);
      const missed = this.feed.emittedAfter(reached) ?? (await this.readMissed(socket, reached, upTo));
      // The rooms may have changed during the read.
      const rooms = new Set(getRooms(socket.data.actor));
      const own = missed.filter((message) => message.rooms.some((room) => rooms.has(room)));
      if (own.length > MAX_SENT) throw new TooManyMissed();
      await this.send(socket, own);
      count += own.length;
      reached = upTo;
    } while (socket.connected && this.feed.position > reached);
    this.goLive(socket);
    return { sequence: reached, count };
  }

  private async send(socket: CareSlotSocket, messages: PositionedMessage[]): Promise<void> {
    const isPolling = socket.conn.transport.name === 'polling';
    for (const [index, message] of messages.entries()) {
      this.server.emitTo(socket, message);
      if (isPolling && (index + 1) % POLLING_PACKETS === 0) await waitForDrain(socket);
    }
  }

  /** @throws TooManyMissed */
  private async readMissed(socket: CareSlotSocket, last: number, upTo: number): Promise<PositionedMessage[]> {
    const found = await this.outbox.findForRooms(last, getRooms(socket.data.actor), MAX_READ, MAX_SENT + 1);
    if (found.length > MAX_SENT) throw new TooManyMissed();
    const rows = found.filter(({ position }) => (position ?? 0) <= upTo);
    const byRow = await this.consumers.toMessages(rows);
    return rows.flatMap((row) => selectMissed(row, byRow.get(row.id) ?? [], last));
  }
}

const isPosition = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

/**
 * The messages of a row after a position: a client may have got only the first messages of a row. If the row's number of messages
 * changed, all are sent: clients ignore duplicates by their ids.
 */
function selectMissed(row: OutboxRow, messages: SocketMessage[], last: number): PositionedMessage[] {
  const positioned = toPositionedMessages(row, messages);
  return messages.length === row.messageCount ? positioned.filter(({ position }) => position > last) : positioned;
}

/** Resolves when the client has received all written packets, or is disconnected. */
const waitForDrain = ({ conn, connected }: CareSlotSocket): Promise<void> =>
  new Promise((resolve) => {
    if (!connected) return resolve();
    const done = (): void => {
      conn.off('drain', done);
      conn.off('close', done);
      resolve();
    };
    conn.on('drain', done);
    conn.on('close', done);
  });
