import { randomUUID } from 'node:crypto';
import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import type { Logger } from 'pino';
import { Config } from '../config/config.js';
import { newContext, runInContext } from '../context/request-context.js';
import { PgListener } from '../database/pg-listener.js';
import { observePublished } from './outbox-metrics.js';
import { Clock } from '../kernel/clock.js';
import { isUnavailable } from '../kernel/domain-error.js';
import { LOGGER } from '../logging/logger.js';
import { OutageLog } from '../logging/outage-log.js';
import { OutboxBatchService, type HandledBatch } from './outbox-batch.service.js';
import { OutboxConsumers } from './outbox-consumers.js';
import { OutboxSignal } from '../changes/outbox-signal.js';
import { RelayRepository } from './relay.repository.js';

const CHANNEL = 'careslot_outbox';
const USE_CASE = 'outbox relay';
const POLL_MILLISECONDS = 1_000;
/** Another process has the turn: it takes what is there, and we look again in case it does not. */
const BUSY_MILLISECONDS = 25;
/** Other processes are told of commits that this one did not get to publish for so long. */
const NOTIFY_MILLISECONDS = 50;

/**
 * Publishes committed outbox rows: one batch after the other, one process at a time. Woken by this process's commits, by
 * NOTIFY from others that do not get the turn, and each second; none of these is needed for a row to be found, only for it to
 * be found at once. A row that a process can not take because another has the turn is taken by that other one.
 * NOTIFY is sent after the commit and not in it: inside, it holds a lock over the commit (600 commits/s for 3,000).
 */
@Injectable()
export class OutboxRelay implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly holder = randomUUID();
  private readonly listener: PgListener;
  private poll: NodeJS.Timeout | undefined;
  private notifying: NodeJS.Timeout | undefined;
  private isRunning = false;
  private running: Promise<void> = Promise.resolve();
  private again = false;
  /** Rows that are with the sockets and not yet marked as published. */
  private delivered: string[] = [];
  private stopped = false;
  private readonly outage: OutageLog;

  constructor(
    config: Config,
    private readonly clock: Clock,
    private readonly batches: OutboxBatchService,
    private readonly outbox: RelayRepository,
    private readonly consumers: OutboxConsumers,
    private readonly signal: OutboxSignal,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.outage = new OutageLog(logger, 'the outbox', 'its events are published when the database is back');
    const wake = (): void => this.wake();
    this.listener = new PgListener(config.DATABASE_URL, CHANNEL, wake, () => Promise.resolve(wake()), logger);
  }

  async onApplicationBootstrap(): Promise<void> {
    this.signal.onCommit(() => this.committed());
    this.poll = setInterval(() => this.wake(), POLL_MILLISECONDS).unref();
    await this.listener.start();
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.stop();
  }

  /** Ends after the batch that is under way. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearInterval(this.poll);
    clearTimeout(this.notifying);
    await this.listener.stop();
    await this.running;
    if (this.delivered.length > 0) await this.markPublished().catch(() => undefined);
  }

  /** Looks for rows now; while it is looking already, once more after that. */
  wake(): void {
    this.start(false);
  }

  /** @param isDue whether there certainly is a row */
  private start(isDue: boolean): void {
    if (this.stopped) return;
    if (this.isRunning) {
      this.again = true;
      return;
    }
    this.isRunning = true;
    // Not in the context of the request that woke us: nobody asks for this, and its transaction is not ours.
    this.running = runInContext(newContext({ useCase: USE_CASE }), () => this.run(isDue));
  }

  private committed(): void {
    this.start(true);
    this.notifying ??= setTimeout(() => {
      this.notifying = undefined;
      runInContext(newContext({ useCase: USE_CASE }), () => this.notify());
    }, NOTIFY_MILLISECONDS).unref();
  }

  private notify(): void {
    if (!this.stopped) this.outbox.notify(CHANNEL).catch(() => undefined);
  }

  private async run(isDue: boolean): Promise<void> {
    try {
      let goesOn = isDue || (await this.outbox.hasDue());
      while (goesOn && !this.stopped) goesOn = (await this.publishBatch()) || this.again;
      this.outage.up();
    } catch (error) {
      if (isUnavailable(error)) this.outage.down(error);
      else this.logger.warn({ err: error }, 'the outbox could not be relayed; it is tried again in a second');
    } finally {
      this.isRunning = false;
    }
  }

  /** @returns whether there may be more to do at once */
  private async publishBatch(): Promise<boolean> {
    this.again = false;
    const hadTurn = this.delivered.length > 0;
    const batch = await this.batches.handle(this.holder, this.delivered);
    this.delivered = [];
    if (!batch) {
      setTimeout(() => this.wake(), BUSY_MILLISECONDS).unref();
      return false;
    }
    clearTimeout(this.notifying);
    this.notifying = undefined;
    if (batch.sequences.length > 0) this.deliver(batch);
    else if (!hadTurn) return false;
    // There is more: the transaction of the next batch marks these rows, and the turn stays here.
    if (this.again) return true;
    await this.markPublished();
    // After the turn is given back: another process that asked for it in vain counts on this look.
    return this.outbox.hasDue();
  }

  private deliver(batch: HandledBatch): void {
    this.consumers.deliver(batch);
    this.delivered = batch.sequences;
    const now = this.clock.now();
    for (const { occurredAt } of batch.messages) observePublished((now - occurredAt.getTime()) / 1000);
  }

  private async markPublished(): Promise<void> {
    await this.outbox.published(this.holder, this.delivered);
    this.delivered = [];
  }
}
