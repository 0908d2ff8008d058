import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Gauge } from 'prom-client';
import { Indicators } from '../health/indicators.js';
import { MaintenanceScheduler } from '../jobs/maintenance-scheduler.js';
import { Clock } from '../kernel/clock.js';
import { registry } from '../metrics/registry.js';
import { PartitionsRepository } from './partitions.repository.js';

const INTERVAL_SECONDS = 86_400;
const DAY_MILLISECONDS = 86_400_000;
/** Partitions are created three months ahead, so this is after two months of failures. */
const MIN_DAYS_AHEAD = 30;

const gauges = {
  daysAhead: new Gauge({
    name: 'careslot_partition_days_ahead',
    help: 'Days for which all tables that are partitioned by month have partitions',
    aggregator: 'min',
    registers: [registry],
  }),
  defaultRows: new Gauge({
    name: 'careslot_partition_default_rows',
    help: 'Rows in default partitions, because their month has no partition or their id is not of a usual time; at most 1,000 of each table',
    aggregator: 'max',
    registers: [registry],
  }),
};

/** Creates partitions of the coming months, and reports if they are missing. Detaching old ones is a command of the owner (src/partitions.ts). */
@Injectable()
export class PartitionMaintenance implements OnModuleInit {
  constructor(
    private readonly partitions: PartitionsRepository,
    private readonly maintenance: MaintenanceScheduler,
    private readonly indicators: Indicators,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.maintenance.register({
      name: 'create-partitions',
      everySeconds: INTERVAL_SECONDS,
      run: () => this.partitions.createComing(),
    });
    this.indicators.register({ name: 'partitions', read: () => this.read(), gauges });
  }

  private async read(): Promise<{ healthy: boolean; figures: Record<string, number> }> {
    const states = await this.partitions.states();
    const until = Math.min(...states.map((state) => state.until.getTime()));
    const daysAhead = Math.floor((until - this.clock.now()) / DAY_MILLISECONDS);
    const defaultRows = states.reduce((sum, state) => sum + state.defaultRows, 0);
    return { healthy: daysAhead >= MIN_DAYS_AHEAD && defaultRows === 0, figures: { daysAhead, defaultRows } };
  }
}
