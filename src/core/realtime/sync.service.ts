import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { Semaphore } from '../concurrency/semaphore.js';
import { SingleFlight } from '../concurrency/single-flight.js';
import { DomainError, type ErrorCode } from '../kernel/domain-error.js';
import { LOGGER } from '../logging/logger.js';
import { placedMessages } from '../outbox/outbox-batch.service.js';
import { OutboxConsumers } from '../outbox/outbox-consumers.js';
import { OutboxRepository, type OutboxRow } from '../outbox/outbox.repository.js';
import type { PlacedMessage, SocketMessage } from '../outbox/outbox-event.js';
import { LiveFeed } from './live-feed.js';
import { roomsOf } from './rooms.js';
import { SocketServer } from './socket-server.js';
import type { CareSlotSocket } from './socket-types.js';

/** Rows that are looked through, and rows that are sent again; beyond, reading everything by REST costs less. */
const MAX_SCANNED = 20_000;
const MAX_SENT = 1_000;
/** After a crash everybody comes back at once: requests need connections to the database, too. */
const MAX_CONCURRENT_READS = 3;
/** A client emits `sync` as soon as it is connected. One that never does is live after this. */
const WAIT_FOR_SYNC_MILLISECONDS = 1_000;
/** Some clients drop a polling response of more packets than 16 (python-engineio), and the ack is one, too. */
const POLLING_PACKETS = 10;

export type SyncAnswer = { sequence: number; count: number } | { code: ErrorCode | 'RESYNC'; sequence?: number };

/** The client has to read everything by REST. */
class TooMuch extends Error {}

/**
 * Sends a client what it missed, in order, as the caller may read it now, and makes its socket live after that: a client that
 * keeps the highest sequence it saw would lose what it missed if a newer event came first.
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

  /** A client may want live events only, and never emit `sync`. */
  waitForSync(socket: CareSlotSocket): void {
    socket.data.resumesFrom = this.feed.position;
    this.goLiveLater(socket);
  }

  /** @param last the sequence of the last event that the client saw; nothing from one that only asks where it stands */
  async sync(socket: CareSlotSocket, last: unknown): Promise<SyncAnswer> {
    if (last === undefined || last === null) return this.goLive(socket);
    if (!isSequence(last)) return { code: 'VALIDATION_ERROR' };
    socket.data.resumesFrom = Math.min(socket.data.resumesFrom, last);
    return this.answer(() => this.resume(socket, last));
  }

  private goLiveLater(socket: CareSlotSocket): void {
    const goLive = async (): Promise<void> => {
      if (!socket.connected || socket.data.isLive) return;
      await this.answer(() => this.resume(socket, socket.data.resumesFrom));
      if (!socket.data.isLive) this.goLiveLater(socket);
    };
    setTimeout(() => {
      socket.data.syncing = socket.data.syncing.then(goLive);
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
    const isKnown = last >= sweptPosition && last <= position && position - last <= MAX_SCANNED;
    if (!isKnown) return { code: 'RESYNC', sequence: this.goLive(socket).sequence };
    try {
      return await this.reads.run(() => this.catchUp(socket, last));
    } catch (error) {
      if (!(error instanceof TooMuch)) throw error;
      return { code: 'RESYNC', sequence: this.goLive(socket).sequence };
    }
  }

  /** From here on the socket gets what is emitted in this process, beyond the position that is returned. */
  private goLive(socket: CareSlotSocket): { sequence: number; count: number } {
    if (!socket.data.isLive && socket.connected) {
      socket.data.isLive = true;
      void socket.join(roomsOf(socket.data.actor));
    }
    return { sequence: this.feed.position, count: 0 };
  }

  /**
   * Sends everything up to the position of this process's feed. That moves on meanwhile, so it goes on until nothing is left,
   * and makes the socket live before anything else can be emitted.
   */
  private async catchUp(socket: CareSlotSocket, last: number): Promise<SyncAnswer> {
    let count = 0;
    let reached = last;
    do {
      const upTo = Math.max(this.feed.position, reached);
      const missed = this.feed.emittedAfter(reached) ?? (await this.missed(socket, reached, upTo));
      // The rooms are looked at again: they may have changed while we read.
      const rooms = new Set(roomsOf(socket.data.actor));
      const own = missed.filter((message) => message.rooms.some((room) => rooms.has(room)));
      if (own.length > MAX_SENT) throw new TooMuch();
      await this.send(socket, own);
      count += own.length;
      reached = upTo;
    } while (socket.connected && this.feed.position > reached);
    this.goLive(socket);
    return { sequence: reached, count };
  }

  private async send(socket: CareSlotSocket, messages: PlacedMessage[]): Promise<void> {
    const inParts = socket.conn.transport.name === 'polling';
    for (const [index, message] of messages.entries()) {
      this.server.emitTo(socket, message);
      if (inParts && (index + 1) % POLLING_PACKETS === 0) await flushed(socket);
    }
  }

  /** @throws TooMuch */
  private async missed(socket: CareSlotSocket, last: number, upTo: number): Promise<PlacedMessage[]> {
    const found = await this.outbox.after(last, roomsOf(socket.data.actor), MAX_SCANNED, MAX_SENT + 1);
    if (found.length > MAX_SENT) throw new TooMuch();
    const rows = found.filter(({ position }) => (position ?? 0) <= upTo);
    const byRow = await this.consumers.messagesOf(rows);
    return rows.flatMap((row) => missedOf(row, byRow.get(row.id) ?? [], last));
  }
}

const isSequence = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

/**
 * A client may have seen the first messages of a row and not the last. Where the row gives other messages today than it
 * did, all are sent: too many do no harm, for their ids are known.
 */
function missedOf(row: OutboxRow, messages: SocketMessage[], last: number): PlacedMessage[] {
  const placed = placedMessages(row, messages);
  return messages.length === row.messageCount ? placed.filter(({ sequence }) => sequence > last) : placed;
}

/** Resolves once the client has taken what was written to it, or is gone. */
const flushed = ({ conn, connected }: CareSlotSocket): Promise<void> =>
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
