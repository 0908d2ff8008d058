import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Gauge } from 'prom-client';
import { DataSource } from 'typeorm';
import { Database } from '../database/database.js';
import { schemaFault } from '../database/schema-state.js';
import { Clock } from '../kernel/clock.js';
import { MetricSources } from '../metrics/metric-sources.js';
import { registry } from '../metrics/registry.js';
import { RedisHealth } from '../redis/redis-health.js';
import type { DatabaseHealthView } from './health.dto.js';

const MAX_AGE_MILLISECONDS = 1_000;

const databaseUp = new Gauge({
  name: 'careslot_database_up',
  help: 'Whether PostgreSQL answers this process within a second (1) or not (0)',
  aggregator: 'min',
  registers: [registry],
});
const schemaCurrent = new Gauge({
  name: 'careslot_database_schema_current',
  help: "Whether the schema is that of this process's build (1) or not (0)",
  aggregator: 'min',
  registers: [registry],
});
const redisUp = new Gauge({
  name: 'careslot_redis_up',
  help: 'Whether Redis answers this process (1) or not (0)',
  aggregator: 'min',
  registers: [registry],
});

/** A process is ready if the database is reachable and has this build's schema, and the process is not shutting down. */
@Injectable()
export class HealthService implements OnModuleInit {
  private draining = false;
  private lastCheck: { at: number; result: Promise<DatabaseHealthView> } | null = null;

  constructor(
    private readonly db: Database,
    private readonly dataSource: DataSource,
    private readonly redisHealth: RedisHealth,
    private readonly clock: Clock,
    private readonly sources: MetricSources,
  ) {}

  onModuleInit(): void {
    this.sources.register({
      name: 'database',
      read: async () => {
        const { reachable, migrated } = await this.database();
        databaseUp.set(reachable ? 1 : 0);
        // Without a connection, the schema is unknown.
        if (reachable) schemaCurrent.set(migrated ? 1 : 0);
        else schemaCurrent.remove();
      },
      clear: () => databaseUp.set(0),
    });
    this.sources.register({
      name: 'redis',
      read: async () => redisUp.set((await this.redis()) ? 1 : 0),
      clear: () => redisUp.set(0),
    });
  }

  drain(): void {
    this.draining = true;
  }

  get isDraining(): boolean {
    return this.draining;
  }

  /** Queries the database at most once a second. */
  database(): Promise<DatabaseHealthView> {
    const now = this.clock.now();
    if (!this.lastCheck || now - this.lastCheck.at > MAX_AGE_MILLISECONDS) {
      this.lastCheck = { at: now, result: this.checkDatabase() };
    }
    return this.lastCheck.result;
  }

  async isReady(): Promise<boolean> {
    if (this.draining) return false;
    const { reachable, migrated } = await this.database();
    return reachable && migrated;
  }

  redis(): Promise<boolean> {
    return this.redisHealth.probe();
  }

  private async checkDatabase(): Promise<DatabaseHealthView> {
    const start = performance.now();
    try {
      await this.db.rows('SELECT 1 AS one');
      const latencyMs = Math.round((performance.now() - start) * 10) / 10;
      return { reachable: true, migrated: (await schemaFault(this.dataSource)) === null, latencyMs };
    } catch {
      return { reachable: false, migrated: false, latencyMs: null };
    }
  }
}
