import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { RateLimits } from '../../core/security/rate-limits.js';
import { AuditController } from './audit.controller.js';
import { AuditLink } from './audit-link.entity.js';
import { AuditLinkerService } from './audit-linker.service.js';
import { AuditLinkingTask } from './audit-linking.task.js';
import { AuditLinksRepository } from './audit-links.repository.js';
import { AuditLogsRepository } from './audit-logs.repository.js';
import { AuditService } from './audit.service.js';
import { AuditVerifierService } from './audit-verifier.service.js';

@Module({
  imports: [TypeOrmModule.forFeature([AuditLink])],
  controllers: [AuditController],
  providers: [AuditService, AuditLogsRepository, AuditLinksRepository, AuditLinkerService, AuditVerifierService],
  exports: [AuditLinkerService, AuditService],
})
export class AuditModule {
  constructor(limits: RateLimits) {
    limits.define({ auditRead: { points: 300, seconds: 60 }, auditVerify: { points: 20, seconds: 600 } });
  }
}

/** For processes with background jobs. */
@Module({ imports: [AuditModule], providers: [AuditLinkingTask] })
export class AuditLinkingModule {}
