import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { isUnavailable } from '../kernel/domain-error.js';
import { LOGGER } from '../logging/logger.js';
import { placedMessages } from '../outbox/outbox-batch.service.js';
import { OutboxConsumers } from '../outbox/outbox-consumers.js';
import type { PlacedBatch, PlacedMessage } from '../outbox/outbox-event.js';
import { OutboxRepository, type OutboxRow } from '../outbox/outbox.repository.js';
import { RecentMessages } from './recent-messages.js';
import { SocketServer } from './socket-server.js';

const LOOK_EACH_MILLISECONDS = 400;
const ROWS_AT_ONCE = 500;
const RECENT_MESSAGES = 1_000;

/**
 * Gives the sockets of this process every message of the installation, in the order of positions and without holes. Batches
 * come from this process's relay or, by Redis, from another's. Positions are contiguous, so a batch that begins beyond the
 * last position shows that something is missing: then the outbox is read up to the batch before anything of it is emitted.
 * A look at the last position each 400 ms finds what was lost at the end, such as all of it while Redis is away.
 */
@Injectable()
export class LiveFeed {
  /** Everything up to this position was emitted here. */
  position = 0;
  private readonly recent = new RecentMessages(RECENT_MESSAGES);
  /** A position that is known to exist. */
  private target = 0;
  private seenAtLastLook = 0;
  private filling: Promise<void> | null = null;
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;

  constructor(
    private readonly outbox: OutboxRepository,
    private readonly consumers: OutboxConsumers,
    private readonly server: SocketServer,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  async start(): Promise<void> {
    const { position } = await this.outbox.positions();
    this.position = this.target = this.seenAtLastLook = position;
    this.recent.restartAt(position);
    this.server.bus.listen((batch) => this.accept(batch));
    this.timer = setInterval(() => void this.look(), LOOK_EACH_MILLISECONDS).unref();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearInterval(this.timer);
    await this.filling;
  }

  accept(batch: PlacedBatch): void {
    if (batch.isRepeated) this.emitLate(batch.messages);
    if (batch.upTo <= this.position) return;
    if (!this.filling && batch.after <= this.position) {
      this.emit(batch.messages, batch.upTo);
      return;
    }
    this.fillUpTo(batch.upTo);
  }

  /** What was emitted after a position, in order. Null where that is too long ago for this process to know. */
  emittedAfter(position: number): PlacedMessage[] | null {
    return this.recent.after(position);
  }

  private async look(): Promise<void> {
    try {
      const { position } = await this.outbox.positions();
      // With Redis there, a batch may be on its way: it gets until the next look.
      const overdue = this.server.bus.isUp ? this.seenAtLastLook : position;
      this.seenAtLastLook = position;
      if (overdue > this.position) this.fillUpTo(position);
    } catch {
      // PostgreSQL is away: nothing can be committed, and the next look finds what was.
    }
  }

  private fillUpTo(position: number): void {
    this.target = Math.max(this.target, position);
    this.filling ??= this.fill()
      .catch((error: unknown) => {
        // Without the database there are no new events, and its outage is in the log.
        if (isUnavailable(error)) return;
        this.logger.warn({ err: error }, 'missing live events could not be read; the next look tries again');
      })
      .finally(() => (this.filling = null));
  }

  private async fill(): Promise<void> {
    while (this.position < this.target && !this.stopped) {
      const rows = await this.outbox.placedAfter(this.position, ROWS_AT_ONCE);
      // No rows: they were swept, two days ago.
      const upTo = rows.at(-1)?.position ?? this.target;
      const messages = this.hasSockets ? await this.messagesOf(rows) : [];
      this.emit(messages, upTo);
    }
  }

  private async messagesOf(rows: OutboxRow[]): Promise<PlacedMessage[]> {
    const byRow = await this.consumers.messagesOf(rows).catch(() => this.oneByOne(rows));
    return rows.flatMap((row) => placedMessages(row, byRow.get(row.id) ?? []));
  }

  /**
   * A row whose messages can't be made holds up no other; the relay tries it again and marks it as repeated.
   * @throws where that is so of all of them: then it is the database
   */
  private async oneByOne(rows: OutboxRow[]): ReturnType<OutboxConsumers['messagesOf']> {
    const results = await Promise.allSettled(rows.map((row) => this.consumers.messagesOf([row])));
    const made = results.flatMap((result) => (result.status === 'fulfilled' ? [...result.value] : []));
    const [failure] = results.flatMap((result) => (result.status === 'rejected' ? [result] : []));
    if (failure && results.every(({ status }) => status === 'rejected')) throw failure.reason;
    return new Map(made);
  }

  private emit(messages: PlacedMessage[], upTo: number): void {
    if (this.hasSockets) {
      for (const message of messages) if (message.sequence > this.position) this.emitOne(message);
    } else this.recent.restartAt(upTo);
    this.position = upTo;
  }

  private emitLate(messages: PlacedMessage[]): void {
    for (const message of messages) {
      if (message.sequence <= this.position && !this.recent.has(message.sequence)) this.emitOne(message);
    }
  }

  private emitOne(message: PlacedMessage): void {
    this.recent.add(message);
    this.server.emitLocally(message);
  }

  private get hasSockets(): boolean {
    return this.server.io.sockets.sockets.size > 0;
  }
}
