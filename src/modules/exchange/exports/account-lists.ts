import { Injectable } from '@nestjs/common';
import { ApiKeysService, type ApiKeysQuery } from '../../api-keys/index.js';
import { AuditService, type AuditLogsQuery } from '../../audit/index.js';
import { BreakGlassService, type BreakGlassQuery } from '../../break-glass/index.js';
import { NotificationsService, type LogQuery } from '../../notifications/index.js';
import { UsersService, type UsersQuery } from '../../users/index.js';
import { instants, LOCAL_ZONE, values } from './columns.js';
import type { ExportedList } from './exported-list.js';

/** The lists of accounts, and of what happened. */
@Injectable()
export class AccountLists {
  constructor(
    private readonly usersService: UsersService,
    private readonly apiKeysService: ApiKeysService,
    private readonly auditService: AuditService,
    private readonly breakGlassService: BreakGlassService,
    private readonly notificationsService: NotificationsService,
  ) {}

  readonly users: ExportedList<UsersQuery> = {
    name: 'users',
    objectType: 'user',
    byClinic: false,
    columns: [
      ...values('id', 'email', 'emailVerified', 'firstName', 'lastName', 'phone', 'role', 'clientId', 'doctorId'),
      ...values('clinicIds', 'timeZone', 'locale'),
      ...instants('createdAt', 'updatedAt'),
      LOCAL_ZONE,
      ...values('version'),
    ],
    read: (actor, query) => this.usersService.list(actor, query),
  };

  readonly apiKeys: ExportedList<ApiKeysQuery> = {
    name: 'api-keys',
    objectType: 'api_key',
    byClinic: false,
    columns: [
      ...values('id', 'name', 'permissions', 'clinicIds', 'makerId', 'status'),
      ...instants('createdAt', 'expiresAt', 'lastUsedAt'),
      ...values('lastUsedIp'),
      LOCAL_ZONE,
    ],
    read: (actor, query) => this.apiKeysService.list(actor, query),
  };

  readonly auditLogs: ExportedList<AuditLogsQuery> = {
    name: 'audit-logs',
    objectType: 'audit_log',
    byClinic: false,
    columns: [
      ...values('id'),
      ...instants('occurredAt'),
      LOCAL_ZONE,
      ...values('action', 'object.type', 'object.id', 'actor.id', 'actor.role', 'actor.name', 'actor.apiKeyId'),
      ...values('clinicId', 'changes', 'ip', 'device', 'requestId', 'chain.day', 'chain.position'),
    ],
    read: (actor, query) => this.auditService.find(actor, query),
  };

  readonly breakGlass: ExportedList<BreakGlassQuery> = {
    name: 'break-glass',
    objectType: 'break_glass',
    byClinic: false,
    columns: [
      ...values('id', 'clientId', 'user.id', 'user.role', 'user.name', 'clinicIds', 'reason'),
      ...instants('openedAt', 'expiresAt'),
      LOCAL_ZONE,
    ],
    read: (actor, query) => this.breakGlassService.list(actor, query),
  };

  readonly notifications: ExportedList<LogQuery> = {
    name: 'notifications',
    objectType: 'notification',
    byClinic: false,
    columns: [
      ...values('id', 'userId', 'clinicId', 'appointmentId', 'kind', 'channel', 'status', 'reason', 'offsetMinutes'),
      ...values('attempts', 'providerId'),
      ...instants('dueAt', 'sentAt', 'createdAt'),
      LOCAL_ZONE,
    ],
    read: (actor, query) => this.notificationsService.log(actor, query),
  };
}
