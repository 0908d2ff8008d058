import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { LOGGER } from '../logging/logger.js';
import { placedMessages } from '../outbox/outbox-batch.service.js';
import { OutboxConsumers } from '../outbox/outbox-consumers.js';
import { OutboxRepository, type OutboxRow } from '../outbox/outbox.repository.js';
import { SocketServer } from './socket-server.js';

const LOOK_EACH_MILLISECONDS = 1_000;
/** With Redis there, a look at the database only makes sure. */
const LOOKS_SKIPPED_WITH_REDIS = 5;
/** So long a message may take through Redis before it counts as lost, seconds. */
const GRACE_SECONDS = 2;
const ROWS = 500;

/**
 * Makes up for messages of other processes that did not come through Redis, because it was away, was emptied, or trimmed
 * its stream: reads from the outbox what was published and not delivered here, and gives it to this process's sockets.
 */
@Injectable()
export class MissedDeliveries {
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> | null = null;
  private looks = 0;

  constructor(
    private readonly outbox: OutboxRepository,
    private readonly consumers: OutboxConsumers,
    private readonly server: SocketServer,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  async start(): Promise<void> {
    const { position } = await this.outbox.positions();
    this.server.delivered.settle(position);
    this.server.bus.onUp(() => this.look());
    this.timer = setInterval(() => this.tick(), LOOK_EACH_MILLISECONDS).unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.looking;
  }

  private tick(): void {
    this.looks += 1;
    if (!this.server.bus.isUp || this.looks % LOOKS_SKIPPED_WITH_REDIS === 0) this.look();
  }

  private look(): void {
    this.looking ??= this.catchUp()
      .catch((error: unknown) => this.logger.warn({ err: error }, 'could not look for events that were missed'))
      .finally(() => (this.looking = null));
  }

  private async catchUp(): Promise<void> {
    const { delivered, bus } = this.server;
    for (;;) {
      const rows = await this.outbox.publishedAfter(delivered.floor, bus.isUp ? GRACE_SECONDS : 0, ROWS);
      const last = rows.at(-1)?.position;
      if (last === undefined || last === null) return;
      await this.deliver(rows.filter((row) => !this.wasDelivered(row)));
      delivered.settle(last);
      if (rows.length < ROWS) return;
    }
  }

  private wasDelivered({ position, messageCount }: OutboxRow): boolean {
    for (let back = 0; back < messageCount; back += 1) {
      if (!this.server.delivered.has((position ?? 0) - back)) return false;
    }
    return true;
  }

  private async deliver(rows: OutboxRow[]): Promise<void> {
    if (rows.length === 0 || this.server.io.sockets.sockets.size === 0) return;
    const byRow = await this.consumers.messagesOf(rows);
    this.server.emitLocally(rows.flatMap((row) => placedMessages(row, byRow.get(row.id) ?? [])));
  }
}
