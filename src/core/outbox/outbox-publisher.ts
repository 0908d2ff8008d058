import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Clock } from '../kernel/clock.js';
import { OutboxBatchService, type HandledBatch } from './outbox-batch.service.js';
import { OutboxConsumers } from './outbox-consumers.js';
import { observePublished } from './outbox-metrics.js';
import { RelayRepository } from './relay.repository.js';

/**
 * PUBLISHED: rows were published now or by the call before. NONE_PUBLISHED: no row was published, because none was due or all failed.
 * LEASED: another process has the lease.
 */
export type PublishResult = 'PUBLISHED' | 'NONE_PUBLISHED' | 'LEASED';

/** Publishes due outbox rows, batch by batch, in one process at a time: the one that has the lease. */
@Injectable()
export class OutboxPublisher {
  private readonly holder = randomUUID();
  /** Rows that were emitted to sockets and are not yet marked as published. */
  private delivered: string[] = [];

  constructor(
    private readonly batches: OutboxBatchService,
    private readonly outbox: RelayRepository,
    private readonly consumers: OutboxConsumers,
    private readonly clock: Clock,
  ) {}

  /** Publishes the next batch, and marks the rows of the one before as published in the same transaction. */
  async publishBatch(): Promise<PublishResult> {
    const hadLease = this.delivered.length > 0;
    const batch = await this.batches.handle(this.holder, this.delivered);
    this.delivered = [];
    if (!batch) return 'LEASED';
    if (batch.sequences.length > 0) this.deliver(batch);
    return hadLease || batch.sequences.length > 0 ? 'PUBLISHED' : 'NONE_PUBLISHED';
  }

  /** Marks the rows of the last batch as published and releases the lease. */
  async release(): Promise<void> {
    await this.outbox.markPublished(this.holder, this.delivered);
    this.delivered = [];
  }

  /** Marks remaining rows as published. Never throws: after an error, the next holder of the lease emits them again. */
  async stop(): Promise<void> {
    if (this.delivered.length > 0) await this.release().catch(() => undefined);
  }

  private deliver(batch: HandledBatch): void {
    this.consumers.deliver(batch);
    this.delivered = batch.sequences;
    const now = this.clock.now();
    for (const { occurredAt } of batch.messages) observePublished((now - occurredAt.getTime()) / 1000);
  }
}
