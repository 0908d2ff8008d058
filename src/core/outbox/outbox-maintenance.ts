import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Indicators } from '../health/indicators.js';
import { outboxGauges } from './outbox-metrics.js';
import { MaintenanceScheduler } from '../jobs/maintenance-scheduler.js';
import { OutboxRepository } from './outbox.repository.js';

const SWEEP_SECONDS = 600;
const SWEEP_ROWS = 5_000;
/** The maximum lag of a healthy relay. */
const MAX_LAG_SECONDS = 30;

/** Deletes old published rows, and reports the relay's backlog to metrics and health checks. */
@Injectable()
export class OutboxMaintenance implements OnModuleInit {
  constructor(
    private readonly outbox: OutboxRepository,
    private readonly maintenance: MaintenanceScheduler,
    private readonly indicators: Indicators,
  ) {}

  onModuleInit(): void {
    this.maintenance.register({
      name: 'delete-old-outbox-rows',
      everySeconds: SWEEP_SECONDS,
      run: () => this.sweep(),
    });
    this.indicators.register({
      name: 'outbox',
      read: async () => {
        const { lagSeconds, unpublished, parked } = await this.outbox.backlog();
        const healthy = lagSeconds <= MAX_LAG_SECONDS && parked === 0;
        return { healthy, figures: { lagSeconds, unpublished, parked } };
      },
      gauges: outboxGauges,
    });
  }

  /** @returns the number of deleted rows */
  async sweep(): Promise<number> {
    let total = 0;
    let count: number;
    do {
      count = await this.outbox.sweep(SWEEP_ROWS);
      total += count;
    } while (count === SWEEP_ROWS);
    return total;
  }
}
