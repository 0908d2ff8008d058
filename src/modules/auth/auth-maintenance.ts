import { Injectable, type OnModuleInit } from '@nestjs/common';
import { MaintenanceScheduler } from '../../core/jobs/maintenance-scheduler.js';
import { PendingSignInsRepository } from './mfa/pending-sign-ins.repository.js';
import { ProviderSignInsRepository } from './oidc/provider-sign-ins.repository.js';
import { SessionsRepository } from './sessions.repository.js';

/** Ended sessions are kept for this long, to show from where an account was used; the newest one of a patient stays. */
const KEEP_SESSIONS_DAYS = 90;
const INTERVAL_SECONDS = 3_600;

/** Deletes old sessions, expired pending sign-ins and expired callbacks of identity providers. */
@Injectable()
export class AuthMaintenance implements OnModuleInit {
  constructor(
    private readonly sessions: SessionsRepository,
    private readonly pending: PendingSignInsRepository,
    private readonly providerSignIns: ProviderSignInsRepository,
    private readonly maintenance: MaintenanceScheduler,
  ) {}

  onModuleInit(): void {
    this.maintenance.register({
      name: 'delete-old-sessions',
      everySeconds: INTERVAL_SECONDS,
      run: () => this.sessions.deleteEnded(KEEP_SESSIONS_DAYS),
    });
    this.maintenance.register({
      name: 'delete-old-pending-sign-ins',
      everySeconds: INTERVAL_SECONDS,
      run: () => this.pending.deleteExpired(),
    });
    this.maintenance.register({
      name: 'delete-old-provider-sign-ins',
      everySeconds: INTERVAL_SECONDS,
      run: () => this.providerSignIns.deleteExpired(),
    });
  }
}
