import { ApiProperty } from '@nestjs/swagger';
import { IsIn, IsOptional, IsUUID, Matches, MaxLength } from 'class-validator';
import { IsInstant, IsLocalDay } from '../../core/http/instants.js';
import { PageQuery } from '../../core/http/page.js';
import type { BreakReason } from './audit-verifier.service.js';

const AUDIT_SORTS = ['occurredAt', '-occurredAt'] as const;

export class AuditLogsQuery extends PageQuery {
  @IsOptional()
  @IsUUID()
  actorId?: string;

  /** Rows that this API key caused. */
  @IsOptional()
  @IsUUID()
  apiKeyId?: string;

  /** @example appointment */
  @IsOptional()
  @MaxLength(60)
  @Matches(/^[a-z_-]+$/, { message: 'must be a type of object, such as appointment' })
  objectType?: string;

  @IsOptional()
  @IsUUID()
  objectId?: string;

  /** Rows about this patient: the record, its appointments, scans and assessments, and lists that contained the patient. */
  @IsOptional()
  @IsUUID()
  clientId?: string;

  /** An action, or the start of actions with a star. @example appointment.* */
  @IsOptional()
  @MaxLength(100)
  @Matches(/^[a-z_.-]+\*?$/, {
    message: 'must be an action such as client.read, or the start of actions such as client.*',
  })
  action?: string;

  @IsOptional()
  @IsUUID()
  clinicId?: string;

  /** Included. */
  @IsOptional()
  @IsInstant()
  from?: string;

  /** Not included. */
  @IsOptional()
  @IsInstant()
  to?: string;

  @IsOptional()
  @IsIn(AUDIT_SORTS)
  sort: (typeof AUDIT_SORTS)[number] = '-occurredAt';
}

/** Who caused an audit row. */
export class AuditActorView {
  id: string;
  /** API_KEY if an API key acted for this account, which made it. */
  role: string | null;
  apiKeyId: string | null;
  /** Null if the reader may not know it: a manager knows the people who work at the manager's clinics. */
  name: string | null;
}

/** What an audit row is about. */
export class AuditObjectView {
  type: string;
  /** The nil UUID for a list. */
  id: string;
}

/** The place of a row in the chain of its clinic and UTC day. */
export class AuditChainView {
  day: string;
  position: number;
}

export class AuditLogView {
  id: string;
  occurredAt: Date;
  /** Null for background tasks and callers without a token. */
  actor: AuditActorView | null;
  /** @example appointment.booked */
  action: string;
  object: AuditObjectView;
  clinicId: string | null;
  /** What changed: ids, statuses and times; never health data. */
  changes: object | null;
  ip: string | null;
  device: string | null;
  /** A UUID, or the caller's own X-Request-Id. */
  @ApiProperty({ format: 'text' })
  requestId: string | null;
  /** Null until the row is linked, seconds after it was written. */
  chain: AuditChainView | null;
}

export class VerifyQuery {
  /** The first UTC day. Default: 30 days before `to`. */
  @IsOptional()
  @IsLocalDay()
  from?: string;

  /** The last UTC day. Default: today. */
  @IsOptional()
  @IsLocalDay()
  to?: string;
}

/** The first broken link of a chain. */
export class BrokenLinkView {
  /** Null for the chain of rows without a clinic. */
  clinicId: string | null;
  day: string;
  position: number;
  auditId: string | null;
  reason: BreakReason;
}

export class AuditVerificationView {
  intact: boolean;
  chains: number;
  linkedRows: number;
  /** Of these, rows of archived months: only their links were verified. */
  archivedRows: number;
  unlinkedRows: number;
  brokenChains: number;
  /** At most 100. */
  broken: BrokenLinkView[];
}
