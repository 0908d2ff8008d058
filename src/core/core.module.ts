import { Global, Inject, Module, type DynamicModule, type OnApplicationBootstrap, type Provider } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, DiscoveryModule } from '@nestjs/core';
import { TypeOrmModule } from '@nestjs/typeorm';
import type { Logger } from 'pino';
import { AnswerCache } from './cache/answer-cache.js';
import { CacheRevision } from './cache/cache-revision.entity.js';
import { CacheRevisions } from './cache/cache-revisions.js';
import { AuditEntry } from './changes/audit-entry.entity.js';
import { ChangeLog } from './changes/change-log.js';
import { DenialLog } from './changes/denial-log.js';
import { PatientClinics } from './changes/patient-clinics.js';
import { RecordHash } from './changes/record-hash.js';
import { Config } from './config/config.js';
import { EncryptionModule } from './encryption/encryption.module.js';
import { ErrorReportsService } from './observability/error-reports.service.js';
import { HealthModule } from './health/health.module.js';
import { AccessGuard } from './http/access.guard.js';
import { EmergencyTexts } from './http/emergency-texts.js';
import { ErrorFilter } from './http/error.filter.js';
import { IdempotencyKey } from './http/idempotency-key.entity.js';
import { BodyRoutes } from './http/body-routes.js';
import { IdempotencyClaims } from './http/idempotency-claims.js';
import { IdempotencyKeys } from './http/idempotency-keys.js';
import { RouteCheck } from './http/route-check.js';
import { Clock, SystemClock } from './kernel/clock.js';
import { JobsModule } from './jobs/jobs.module.js';
import { createLogger, LOGGER } from './logging/logger.js';
import { OutboxModule } from './outbox/outbox.module.js';
import { RedisHealth } from './redis/redis-health.js';
import { PartitionMaintenance } from './partitions/partition-maintenance.js';
import { PartitionsRepository } from './partitions/partitions.repository.js';
import { RealtimeModule } from './realtime/realtime.module.js';
import { SecurityModule } from './security/security.module.js';
import { StorageModule } from './storage/storage.module.js';
import { TracingService } from './observability/tracing.service.js';

const PROVIDERS: Provider[] = [
  AnswerCache,
  CacheRevisions,
  ChangeLog,
  DenialLog,
  EmergencyTexts,
  ErrorFilter,
  ErrorReportsService,
  BodyRoutes,
  IdempotencyClaims,
  IdempotencyKeys,
  PartitionMaintenance,
  PartitionsRepository,
  PatientClinics,
  RecordHash,
  RedisHealth,
  RouteCheck,
  TracingService,
  { provide: APP_FILTER, useExisting: ErrorFilter },
  { provide: APP_GUARD, useClass: AccessGuard },
];

/** The technical parts of the application, which know no feature. */
@Global()
@Module({})
export class CoreModule implements OnApplicationBootstrap {
  constructor(
    private readonly config: Config,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    const { unusedVariables } = this.config;
    if (Object.keys(unusedVariables).length > 0) {
      this.logger.warn({ variables: unusedVariables }, 'these variables are set but have no function');
    }
  }

  static forRoot(config: Config, clock: Clock = new SystemClock()): DynamicModule {
    return {
      module: CoreModule,
      imports: [
        TypeOrmModule.forFeature([AuditEntry, CacheRevision, IdempotencyKey]),
        DiscoveryModule,
        SecurityModule,
        HealthModule,
        EncryptionModule,
        JobsModule.forRoot(config),
        OutboxModule,
        RealtimeModule,
        StorageModule,
      ],
      providers: [
        { provide: Config, useValue: config },
        { provide: Clock, useValue: clock },
        { provide: LOGGER, useFactory: () => createLogger(config.LOG_LEVEL) },
        ...PROVIDERS,
      ],
      exports: [
        AnswerCache,
        ChangeLog,
        Clock,
        Config,
        EmergencyTexts,
        ErrorFilter,
        IdempotencyClaims,
        IdempotencyKeys,
        LOGGER,
        PatientClinics,
        RecordHash,
        RedisHealth,
      ],
    };
  }
}
