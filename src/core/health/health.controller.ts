import { Controller, Get, Headers } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { ApiTags } from '@nestjs/swagger';
import { RawReply } from '../http/careslot-adapter.js';
import { BEARER, Operation } from '../http/operation.js';
import { MaybeActor } from '../http/validation.js';
import { DomainError, forbidden } from '../kernel/domain-error.js';
import type { Actor } from '../kernel/actor.js';
import { DatabaseHealthView, DetailedHealthView, HealthView, ModuleHealthView } from './health.dto.js';
import { HealthReport } from './health-report.js';
import { HealthService } from './health.service.js';

@ApiTags('Health')
@Controller()
export class HealthController {
  constructor(
    private readonly health: HealthService,
    private readonly report: HealthReport,
    private readonly modules: ModulesContainer,
  ) {}

  @Get(['health', 'api/v1/health'])
  @Operation({ summary: 'Check whether this process can serve requests', permission: 'public', answer: HealthView })
  check(): Promise<HealthView> {
    return this.ready();
  }

  @Get('health/live')
  @Operation({ summary: 'Check whether this process is alive', permission: 'public', answer: HealthView })
  live(): HealthView {
    return { status: 'ok' };
  }

  @Get('health/ready')
  @Operation({
    summary: 'Check readiness: database reachable, migrations current, not draining',
    permission: 'public',
    answer: HealthView,
  })
  ready(): Promise<HealthView> {
    return this.report.ready();
  }

  @Get('health/database')
  @Operation({
    summary: 'Get the state of the database',
    description: 'For an ADMIN, or with the metrics token as the bearer token.',
    permission: 'public',
    security: [BEARER],
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
    summary: 'List the modules of this process',
    description:
      'For an ADMIN, or with the metrics token as the bearer token. Includes modules of the framework. `status` is always `ok`: nothing is checked.',
    permission: 'public',
    security: [BEARER],
    answer: [ModuleHealthView],
    plainList: true,
    errors: ['UNAUTHENTICATED', 'FORBIDDEN'],
  })
  moduleList(@MaybeActor() actor: Actor | null, @Headers('authorization') header?: string): ModuleHealthView[] {
    this.assertOperator(actor, header);
    const names = [...this.modules.values()].map((module) => module.name).filter((name) => name.endsWith('Module'));
    return [...new Set(names)].sort().map((name) => ({ name, status: 'ok' }));
  }

  @Get(['health/detailed', 'api/v1/status'])
  @Operation({
    summary: 'Get the state of the database, Redis and the background work',
    description:
      'For ADMIN, or with the metrics token as the bearer token. 503 if the database or Redis is down; the same report is in `details` then.',
    permission: 'public',
    security: [BEARER],
    answer: DetailedHealthView,
    errors: ['UNAUTHENTICATED', 'FORBIDDEN'],
  })
  detailed(@MaybeActor() actor: Actor | null, @Headers('authorization') header?: string): Promise<DetailedHealthView> {
    this.assertOperator(actor, header);
    return this.report.detailed();
  }

  @Get('metrics')
  @Operation({
    summary: 'Get metrics for Prometheus',
    description: 'For an ADMIN, or with the metrics token as the bearer token.',
    permission: 'public',
    security: [BEARER],
    rawContentType: 'text/plain',
    errors: ['UNAUTHENTICATED', 'FORBIDDEN'],
  })
  async metrics(@MaybeActor() actor: Actor | null, @Headers('authorization') header?: string): Promise<RawReply> {
    this.assertOperator(actor, header);
    const { body, contentType } = await this.report.metrics();
    return new RawReply(body, contentType);
  }

  private assertOperator(actor: Actor | null, header: string | undefined): void {
    if (actor?.role === 'ADMIN') return;
    if (this.report.isMetricsToken(header)) return;
    if (actor) throw forbidden();
    throw new DomainError('UNAUTHENTICATED', 'Only for ADMIN, or with the metrics token.');
  }
}
