import { Injectable, type OnModuleInit } from '@nestjs/common';
import { MaintenanceScheduler } from '../../core/jobs/maintenance-scheduler.js';
import { SessionsRepository } from './sessions.repository.js';

/** Ended sessions are kept so long, for questions about where an account was signed in. */
const KEEP_DAYS = 90;
const EVERY_SECONDS = 3_600;

/** Deletes sessions that ended long ago. */
@Injectable()
export class SessionCleanup implements OnModuleInit {
  constructor(
    private readonly sessions: SessionsRepository,
    private readonly maintenance: MaintenanceScheduler,
  ) {}

  onModuleInit(): void {
    const run = (): Promise<void> => this.sessions.sweep(KEEP_DAYS);
    this.maintenance.register({ name: 'delete-old-sessions', everySeconds: EVERY_SECONDS, run });
  }
}
