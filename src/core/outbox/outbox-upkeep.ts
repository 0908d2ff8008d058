import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { Indicators } from '../health/indicators.js';
import { onScrape } from '../health/metrics.js';
import { Upkeep } from '../jobs/upkeep.js';
import { OutboxRepository } from './outbox.repository.js';

const SWEEP_SECONDS = 600;
const SWEEP_ROWS = 5_000;
/** Events that wait for longer are not live any more. */
const TOLERABLE_LAG_SECONDS = 30;

/** Deletes rows that no client will ask for any more, and reports how far behind the relay is. */
@Injectable()
export class OutboxUpkeep implements OnModuleInit, OnModuleDestroy {
  constructor(
    private readonly outbox: OutboxRepository,
    private readonly upkeep: Upkeep,
    private readonly indicators: Indicators,
  ) {}

  onModuleInit(): void {
    this.upkeep.register({ what: 'old outbox rows', everySeconds: SWEEP_SECONDS, run: () => this.sweep() });
    onScrape(() => this.outbox.backlog());
    this.indicators.register({
      name: 'outbox',
      read: async () => {
        const { lagSeconds, unpublished, parked } = await this.outbox.backlog();
        const healthy = lagSeconds <= TOLERABLE_LAG_SECONDS && parked === 0;
        return { healthy, figures: { lagSeconds, unpublished, parked } };
      },
    });
  }

  onModuleDestroy(): void {
    onScrape(null);
  }

  /** @returns how many rows were deleted */
  async sweep(): Promise<number> {
    let total = 0;
    for (let count = SWEEP_ROWS; count === SWEEP_ROWS; total += count) count = await this.outbox.sweep(SWEEP_ROWS);
    return total;
  }
}
