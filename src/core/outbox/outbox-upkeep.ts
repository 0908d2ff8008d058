import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { Logger } from 'pino';
import { onScrape } from '../health/metrics.js';
import { LOGGER } from '../logging/logger.js';
import { OutboxRepository } from './outbox.repository.js';

const SWEEP_MILLISECONDS = 600_000;
const SWEEP_ROWS = 5_000;

/** Deletes rows that no client will ask for any more, and tells the metrics how far behind the relay is. */
@Injectable()
export class OutboxUpkeep implements OnApplicationBootstrap, OnModuleDestroy {
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly outbox: OutboxRepository,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void this.sweep(), SWEEP_MILLISECONDS).unref();
    onScrape(() => this.outbox.backlog());
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
    onScrape(null);
  }

  /** @returns how many rows were deleted */
  async sweep(): Promise<number> {
    let total = 0;
    try {
      for (let count = SWEEP_ROWS; count === SWEEP_ROWS; total += count) count = await this.outbox.sweep(SWEEP_ROWS);
    } catch (error) {
      this.logger.warn({ err: error }, 'old outbox rows could not be deleted');
    }
    return total;
  }
}
