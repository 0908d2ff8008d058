import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Database } from '../database/database.js';
import { schemaFault } from '../database/schema-state.js';
import { Clock } from '../kernel/clock.js';
import { RedisHealth } from '../redis/redis-health.js';

const REMEMBER_MILLISECONDS = 1_000;

export interface DatabaseHealth {
  reachable: boolean;
  migrated: boolean;
  latencyMs: number | null;
}

/** Ready means: the database answers, it stands at this build's newest migration, and we are not draining. */
@Injectable()
export class HealthService {
  private draining = false;
  private last: { at: number; health: Promise<DatabaseHealth> } | null = null;

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

  /** Asked at most once a second, however many probes there are. */
  database(): Promise<DatabaseHealth> {
    const now = this.clock.now();
    if (!this.last || now - this.last.at > REMEMBER_MILLISECONDS) this.last = { at: now, health: this.ask() };
    return this.last.health;
  }

  async isReady(): Promise<boolean> {
    if (this.draining) return false;
    const { reachable, migrated } = await this.database();
    return reachable && migrated;
  }

  redis(): Promise<boolean> {
    return this.redisHealth.probe();
  }

  private async ask(): Promise<DatabaseHealth> {
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
