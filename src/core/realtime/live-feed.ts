import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import type { Logger } from 'pino';
import { isUnavailable } from '../kernel/domain-error.js';
import { LOGGER } from '../logging/logger.js';
import { OutboxConsumers } from '../outbox/outbox-consumers.js';
import { toPositionedMessages, type MessageBatch, type PositionedMessage } from '../outbox/outbox-event.js';
import { OutboxRepository, type OutboxRow } from '../outbox/outbox.repository.js';
import { RecentMessages } from './recent-messages.js';
import { SocketServer } from './socket-server.js';

const POLL_MILLISECONDS = 400;
const MAX_ROWS = 500;
const RECENT_MESSAGES = 1_000;

/**
 * Emits every message to the sockets of this process, in the order of positions and without gaps. Batches come from the relay of
 * this process or, through Redis, of another one. Positions are contiguous: if a batch starts after the expected position, the
 * missing messages are first read from the outbox. A poll of the last position every 400 ms finds missing messages at the end,
 * such as during an outage of Redis.
 */
@Injectable()
export class LiveFeed implements OnModuleInit {
  /** All messages up to this position were emitted in this process. */
  position = 0;
  private readonly recent = new RecentMessages(RECENT_MESSAGES);
  /** The position up to which missing messages are read. */
  private target = 0;
  private lastPolledPosition = 0;
  private filling: Promise<void> | null = null;
  private timer: NodeJS.Timeout | undefined;
  private isStarted = false;
  private stopped = false;

  constructor(
    private readonly outbox: OutboxRepository,
    private readonly consumers: OutboxConsumers,
    private readonly server: SocketServer,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Gets the batches that this process publishes, and passes them on to the other processes. */
  onModuleInit(): void {
    this.consumers.onDelivery((batch) => {
      this.server.bus.publish(batch);
      if (this.isStarted) this.accept(batch);
    });
  }

  /** Starts emitting to the sockets of this process. A worker has none and does not call it. */
  async start(): Promise<void> {
    const { position } = await this.outbox.positions();
    this.position = this.target = this.lastPolledPosition = position;
    // Not before the position is known: with a batch that arrives earlier, the outbox would be read from its beginning. The poll
    // finds such a batch if it comes after the position.
    this.isStarted = true;
    this.recent.restartAt(position);
    this.server.bus.listen((batch) => this.accept(batch));
    this.timer = setInterval(() => void this.poll(), POLL_MILLISECONDS).unref();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearInterval(this.timer);
    await this.filling;
  }

  accept(batch: MessageBatch): void {
    if (batch.isRepeated) this.emitLate(batch.messages);
    if (batch.upTo <= this.position) return;
    if (!this.filling && batch.after <= this.position) {
      this.emit(batch.messages, batch.upTo);
      return;
    }
    this.fillUpTo(batch.upTo);
  }

  /** The messages that were emitted with a later position, in the order of emission. Null if this process no longer has them. */
  emittedAfter(position: number): PositionedMessage[] | null {
    return this.recent.after(position);
  }

  private async poll(): Promise<void> {
    try {
      const { position } = await this.outbox.positions();
      // With Redis, a batch may still arrive: wait until the next poll.
      const overdue = this.server.bus.isUp ? this.lastPolledPosition : position;
      this.lastPolledPosition = position;
      if (overdue > this.position) this.fillUpTo(position);
    } catch {
      // PostgreSQL is unavailable; the next poll finds what is missing.
    }
  }

  private fillUpTo(position: number): void {
    this.target = Math.max(this.target, position);
    this.filling ??= this.fill()
      .catch((error: unknown) => {
        // The outage of the database is already logged.
        if (isUnavailable(error)) return;
        this.logger.warn({ err: error }, 'missing live events could not be read; the next poll tries again');
      })
      .finally(() => (this.filling = null));
  }

  private async fill(): Promise<void> {
    while (this.position < this.target && !this.stopped) {
      const rows = await this.outbox.findAfter(this.position, MAX_ROWS);
      // No rows: they were deleted after two days.
      const upTo = rows.at(-1)?.position ?? this.target;
      const messages = this.hasSockets ? await this.toMessages(rows) : [];
      this.emit(messages, upTo);
    }
  }

  private async toMessages(rows: OutboxRow[]): Promise<PositionedMessage[]> {
    const byRow = await this.consumers.toMessages(rows).catch(() => this.toMessagesOneByOne(rows));
    return rows.flatMap((row) => toPositionedMessages(row, byRow.get(row.id) ?? []));
  }

  /**
   * Creates the messages of each row separately, so that a failing row does not block others; the relay retries it.
   * @throws the error if all rows fail, as then the database is the cause
   */
  private async toMessagesOneByOne(rows: OutboxRow[]): ReturnType<OutboxConsumers['toMessages']> {
    const results = await Promise.allSettled(rows.map((row) => this.consumers.toMessages([row])));
    const messages = results.flatMap((result) => (result.status === 'fulfilled' ? [...result.value] : []));
    const [failure] = results.flatMap((result) => (result.status === 'rejected' ? [result] : []));
    if (failure && results.every(({ status }) => status === 'rejected')) throw failure.reason;
    return new Map(messages);
  }

  private emit(messages: PositionedMessage[], upTo: number): void {
    if (this.hasSockets) {
      for (const message of messages) if (message.position > this.position) this.emitOne(message);
    } else this.recent.restartAt(upTo);
    this.position = upTo;
  }

  private emitLate(messages: PositionedMessage[]): void {
    for (const message of messages) {
      if (message.position <= this.position && !this.recent.has(message.position)) this.emitOne(message);
    }
  }

  private emitOne(message: PositionedMessage): void {
    this.recent.add(message);
    this.server.emitLocally(message);
  }

  private get hasSockets(): boolean {
    return this.server.io.sockets.sockets.size > 0;
  }
}
