import { Injectable } from '@nestjs/common';
import { ChangeLog } from '../../core/changes/change-log.js';
import type { Page } from '../../core/http/page.js';
import type { Actor } from '../../core/kernel/actor.js';
import { Clock } from '../../core/kernel/clock.js';
import { DomainError, invalid } from '../../core/kernel/domain-error.js';
import { NIL_ID } from '../../core/kernel/id.js';
import { Zone } from '../../core/kernel/zone.js';
import { RateLimits } from '../../core/security/rate-limits.js';
import type { AuditLogsQuery, AuditLogView, AuditVerificationView, VerifyQuery } from './audit.dto.js';
import { AuditLogsRepository } from './audit-logs.repository.js';
import { AuditVerifierService } from './audit-verifier.service.js';

/** The days that are verified by default. All days of a large log take minutes; one verification runs at a time. */
const VERIFIED_DAYS = 31;

/** Reads and verifies the audit log. Both are audited. */
@Injectable()
export class AuditService {
  private isVerifying = false;

  constructor(
    private readonly logs: AuditLogsRepository,
    private readonly verifier: AuditVerifierService,
    private readonly changes: ChangeLog,
    private readonly limits: RateLimits,
    private readonly clock: Clock,
  ) {}

  /** An ADMIN reads all rows, a MANAGER only rows of their own clinics, and none without a clinic. */
  async list(actor: Actor, query: AuditLogsQuery): Promise<Page<AuditLogView>> {
    await this.limits.consume('auditRead', actor.userId);
    const page = await this.find(actor, query);
    const { cursor: _cursor, limit: _limit, withTotal: _total, sort: _sort, ...filters } = query;
    await this.record('audit.read', { filters, count: page.items.length });
    return page;
  }

  /** Like `list`, without its limit and its audit row, for a caller that has its own. */
  async find(actor: Actor, query: AuditLogsQuery): Promise<Page<AuditLogView>> {
    const { from, to } = query;
    if (from && to && Date.parse(from) > Date.parse(to))
      throw invalid({ field: 'to', error: 'must not be before from' });
    return this.logs.list(actor, query);
  }

  /** @throws DomainError RATE_LIMITED; SERVICE_UNAVAILABLE while another verification runs in this process */
  async verify(actor: Actor, query: VerifyQuery): Promise<AuditVerificationView> {
    const utc = Zone.of('UTC');
    const to = query.to ?? utc.toDay(this.clock.now());
    const from = query.from ?? utc.addDays(to, 1 - VERIFIED_DAYS);
    if (from > to) throw invalid({ field: 'to', error: 'must not be before from' });
    await this.limits.consume('auditVerify', actor.userId);
    if (this.isVerifying)
      throw new DomainError('SERVICE_UNAVAILABLE', 'Another verification is running. Try again later.');
    this.isVerifying = true;
    try {
      const result = await this.verifier.verify({ days: { from, to } });
      await this.record('audit.verification-read', {
        brokenChains: result.brokenChains,
        unlinkedRows: result.unlinkedRows,
      });
      const broken = result.broken.map((link) => ({
        ...link,
        clinicId: link.clinicId === NIL_ID ? null : link.clinicId,
      }));
      return { ...result, broken, intact: result.brokenChains === 0 };
    } finally {
      this.isVerifying = false;
    }
  }

  private record(action: string, changes: Record<string, unknown>): Promise<void> {
    return this.changes.recordAccess({ action, objectType: 'audit_log', objectId: NIL_ID, changes });
  }
}
