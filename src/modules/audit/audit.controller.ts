import { Controller, Get, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Operation } from '../../core/http/operation.js';
import type { Page } from '../../core/http/page.js';
import { CurrentActor } from '../../core/http/validation.js';
import type { Actor } from '../../core/kernel/actor.js';
import { AuditLogsQuery, AuditLogView, AuditVerificationView, VerifyQuery } from './audit.dto.js';
import { AuditService } from './audit.service.js';

@ApiTags('Audit')
@Controller('api/v1/audit-logs')
export class AuditController {
  constructor(private readonly audit: AuditService) {}

  @Get()
  @Operation({
    summary: 'List audit rows, newest first',
    description: 'An ADMIN sees all rows, a MANAGER those of their own clinics and none without a clinic. Audited.',
    permission: 'audit:read',
    answer: [AuditLogView],
    errors: ['BAD_CURSOR', 'RATE_LIMITED'],
  })
  list(@CurrentActor() actor: Actor, @Query() query: AuditLogsQuery): Promise<Page<AuditLogView>> {
    return this.audit.list(actor, query);
  }

  @Get('verify')
  @Operation({
    summary: 'Verify the hash chains of the audit log',
    description: 'Returns the first broken link of each chain, and how many rows are not linked yet.',
    permission: 'audit:verify',
    answer: AuditVerificationView,
    errors: ['RATE_LIMITED', 'SERVICE_UNAVAILABLE'],
  })
  verify(@CurrentActor() actor: Actor, @Query() query: VerifyQuery): Promise<AuditVerificationView> {
    return this.audit.verify(actor, query);
  }
}
