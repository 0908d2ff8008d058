import { Controller, Get, Headers } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { ApiTags } from '@nestjs/swagger';
import { timingSafeEqual, createHash } from 'node:crypto';
import { Config } from '../config/config.js';
import { RawReply } from '../http/careslot-adapter.js';
import { Operation } from '../http/operation.js';
import { MaybeActor } from '../http/validation.js';
import { DomainError, forbidden } from '../kernel/domain-error.js';
import type { Actor } from '../security/actor.js';
import { DatabaseHealthView, DetailedHealthView, HealthView, ModuleHealthView } from './health.dto.js';
import { HealthService } from './health.service.js';
import { Indicators } from './indicators.js';
import { background, registry } from './metrics.js';

const VERSION = '0.1.0';
const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();

@ApiTags('Health')
@Controller()
export class HealthController {
  constructor(
    private readonly health: HealthService,
    private readonly indicators: Indicators,
    private readonly config: Config,
    private readonly modules: ModulesContainer,
  ) {}

  @Get(['health', 'api/v1/health'])
  @Operation({ summary: 'Can this process serve requests?', permission: 'public', answer: HealthView })
  check(): Promise<HealthView> {
    return this.ready();
  }

  @Get('health/live')
  @Operation({ summary: 'Is this process alive? Asks nothing else', permission: 'public', answer: HealthView })
  live(): HealthView {
    return { status: 'ok' };
  }

  @Get('health/ready')
  @Operation({
    summary: 'Database reachable, migrations current, not draining',
    permission: 'public',
    answer: HealthView,
  })
  async ready(): Promise<HealthView> {
    if (await this.health.isReady()) return { status: 'ok' };
    const reason = this.health.isDraining ? 'shutting down' : 'the database is not reachable or not migrated';
    throw new DomainError('SERVICE_UNAVAILABLE', `Not ready: ${reason}.`, undefined, 1);
  }

  @Get('health/database')
  @Operation({
    summary: 'The state of the database',
    description: 'For ADMIN, or with the metrics token as the bearer token.',
    permission: 'public',
    answer: DatabaseHealthView,
    errors: ['UNAUTHENTICATED', 'FORBIDDEN'],
  })
  async database(
    @MaybeActor() actor: Actor | null,
    @Headers('authorization') header?: string,
  ): Promise<DatabaseHealthView> {
    this.assertOperator(actor, header);
    return this.health.database();
  }

  @Get('health/modules')
  @Operation({
    summary: 'The feature modules of this process',
    description: 'For ADMIN, or with the metrics token as the bearer token.',
    permission: 'public',
    answer: ModuleHealthView,
    errors: ['UNAUTHENTICATED', 'FORBIDDEN'],
  })
  moduleList(@MaybeActor() actor: Actor | null, @Headers('authorization') header?: string): ModuleHealthView[] {
    this.assertOperator(actor, header);
    const names = [...this.modules.values()].map((module) => module.name).filter((name) => name.endsWith('Module'));
    return [...new Set(names)].sort().map((name) => ({ name, status: 'ok' }));
  }

  @Get(['health/detailed', 'api/v1/status'])
  @Operation({
    summary: 'Everything that this process stands on',
    description: 'For ADMIN, or with the metrics token as the bearer token.',
    permission: 'public',
    answer: DetailedHealthView,
    errors: ['UNAUTHENTICATED', 'FORBIDDEN'],
  })
  async detailed(
    @MaybeActor() actor: Actor | null,
    @Headers('authorization') header?: string,
  ): Promise<DetailedHealthView> {
    this.assertOperator(actor, header);
    const [database, redisReachable, indicators] = await Promise.all([
      this.health.database(),
      this.health.redis(),
      this.indicators.readAll(),
    ]);
    const isUp = database.reachable && database.migrated;
    const isWell = redisReachable && indicators.every(({ healthy }) => healthy);
    return {
      status: !isUp ? 'down' : isWell ? 'ok' : 'degraded',
      version: VERSION,
      uptimeSeconds: Math.round(process.uptime()),
      database,
      redisReachable,
      indicators,
      rssBytes: process.memoryUsage.rss(),
    };
  }

  @Get('metrics')
  @Operation({
    summary: 'Metrics for Prometheus',
    description: 'For ADMIN, or with the metrics token as the bearer token.',
    permission: 'public',
    rawContentType: 'text/plain',
    errors: ['UNAUTHENTICATED', 'FORBIDDEN'],
  })
  async metrics(@MaybeActor() actor: Actor | null, @Headers('authorization') header?: string): Promise<RawReply> {
    this.assertOperator(actor, header);
    for (const { name, figures } of await this.indicators.readAll()) {
      for (const [figure, value] of Object.entries(figures)) background.set({ indicator: name, figure }, value);
    }
    return new RawReply(await registry.metrics(), registry.contentType);
  }

  private assertOperator(actor: Actor | null, header: string | undefined): void {
    if (actor?.role === 'ADMIN') return;
    const token = this.config.METRICS_TOKEN;
    if (token && header && timingSafeEqual(sha256(header), sha256(`Bearer ${token}`))) return;
    if (actor) throw forbidden();
    throw new DomainError('UNAUTHENTICATED', 'Only for ADMIN, or with the metrics token.');
  }
}
