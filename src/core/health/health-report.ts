import { Injectable } from '@nestjs/common';
import { Gauge } from 'prom-client';
import { Config } from '../config/config.js';
import { DomainError } from '../kernel/domain-error.js';
import { VERSION } from '../kernel/version.js';
import { isBearerToken } from './bearer-token.js';
import type { DetailedHealthView, HealthView } from './health.dto.js';
import { HealthService } from './health.service.js';
import { Indicators } from './indicators.js';
import { MetricSources } from '../metrics/metric-sources.js';
import { registry } from '../metrics/registry.js';

const buildInfo = new Gauge({
  name: 'careslot_build_info',
  help: 'Always 1: the version of this process, and whether it runs background jobs',
  labelNames: ['version', 'runs_jobs'] as const,
  aggregator: 'max',
  registers: [registry],
});

/** The reports of a process (API or worker) for probes, operators and Prometheus. */
@Injectable()
export class HealthReport {
  constructor(
    private readonly config: Config,
    private readonly health: HealthService,
    private readonly indicators: Indicators,
    private readonly sources: MetricSources,
  ) {
    buildInfo.set({ version: VERSION, runs_jobs: String(config.JOBS_IN_PROCESS) }, 1);
  }

  /** @throws DomainError SERVICE_UNAVAILABLE with the reason */
  async ready(): Promise<HealthView> {
    if (await this.health.isReady()) return { status: 'ok' };
    const reason = this.health.isDraining ? 'shutting down' : 'the database is not reachable or not migrated';
    throw new DomainError('SERVICE_UNAVAILABLE', `Not ready: ${reason}.`, undefined, 1);
  }

  /** @throws DomainError SERVICE_UNAVAILABLE, with the report as its details, if the database or Redis is down */
  async detailed(): Promise<DetailedHealthView> {
    const [database, redisReachable, indicators] = await Promise.all([
      this.health.database(),
      this.health.redis(),
      this.indicators.readAll(),
    ]);
    const { reachable, migrated } = database;
    const canServe = reachable && migrated;
    const isHealthy = redisReachable && indicators.every(({ healthy }) => healthy);
    const report: DetailedHealthView = {
      status: !canServe ? 'down' : isHealthy ? 'ok' : 'degraded',
      version: VERSION,
      uptimeSeconds: Math.round(process.uptime()),
      database,
      redisReachable,
      indicators,
      rssBytes: process.memoryUsage.rss(),
    };
    const down = [!reachable && 'database', reachable && !migrated && 'schema', !redisReachable && 'Redis'].filter(
      Boolean,
    );
    if (down.length === 0) return report;
    throw new DomainError('SERVICE_UNAVAILABLE', `Down: ${down.join(', ')}.`, report, 1);
  }

  /** All metrics in Prometheus's text format, including the current figures of all sources that answer within a second. */
  async metrics(): Promise<{ body: string; contentType: string }> {
    await this.sources.readAll();
    return { body: await registry.metrics(), contentType: registry.contentType };
  }

  /** All metrics, for the primary of a cluster. */
  async metricsAsJson(): Promise<object[]> {
    await this.sources.readAll();
    return registry.getMetricsAsJSON();
  }

  isMetricsToken(authorization: string | undefined): boolean {
    return isBearerToken(this.config.METRICS_TOKEN, authorization);
  }
}
