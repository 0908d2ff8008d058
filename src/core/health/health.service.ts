import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Database } from '../database/database.js';
import { schemaFault } from '../database/schema-state.js';
import { Clock } from '../kernel/clock.js';
import { RedisHealth } from '../redis/redis-health.js';
import type { DatabaseHealthView } from './health.dto.js';

const MAX_AGE_MILLISECONDS = 1_000;

/** A process is ready if the database is reachable and has this build's schema, and the process is not shutting down. */
@Injectable()
export class HealthService {
  private draining = false;
  private lastCheck: { at: number; result: Promise<DatabaseHealthView> } | null = null;

  constructor(
    private readonly db: Database,
    private readonly dataSource: DataSource,
    private readonly redisHealth: RedisHealth,
    private readonly clock: Clock,
  ) {}

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
