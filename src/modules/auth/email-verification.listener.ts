import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Upkeep } from '../../core/jobs/upkeep.js';
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
    private readonly upkeep: Upkeep,
  ) {}

  onModuleInit(): void {
    const run = (): Promise<void> => this.verifications.sweep(KEEP_DAYS);
    this.upkeep.register({ what: 'old verification mails', everySeconds: SWEEP_SECONDS, run });
    this.consumers.onEvents(['session:opened-unverified'], async (events) => {
      for (const { payload } of events) await this.verification.request(String(payload.userId));
    });
  }
}
