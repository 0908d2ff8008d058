import { Injectable, type OnModuleInit } from '@nestjs/common';
import { MaintenanceScheduler } from '../../core/jobs/maintenance-scheduler.js';
import { OutboxConsumers } from '../../core/outbox/outbox-consumers.js';
import { EmailVerificationService } from './email-verification.service.js';
import { EmailVerificationsRepository } from './email-verifications.repository.js';

/** Links end after three days; the rows say for a while who was written to. */
const KEEP_DAYS = 30;
const SWEEP_SECONDS = 3_600;

/** Sends the verification mail to a patient who registered or signed in with an address that is not verified. */
@Injectable()
export class EmailVerificationListener implements OnModuleInit {
  constructor(
    private readonly consumers: OutboxConsumers,
    private readonly verification: EmailVerificationService,
    private readonly verifications: EmailVerificationsRepository,
    private readonly maintenance: MaintenanceScheduler,
  ) {}

  onModuleInit(): void {
    const run = (): Promise<void> => this.verifications.sweep(KEEP_DAYS);
    this.maintenance.register({ name: 'delete-old-verifications', everySeconds: SWEEP_SECONDS, run });
    this.consumers.onEvents(['session:opened-unverified'], async (events) => {
      for (const { payload } of events) await this.verification.request(String(payload.userId));
    });
  }
}
