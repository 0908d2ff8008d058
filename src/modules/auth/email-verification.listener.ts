import { Injectable, type OnModuleInit } from '@nestjs/common';
import { OutboxConsumers } from '../../core/outbox/outbox-consumers.js';
import { EmailVerificationService } from './email-verification.service.js';

/** Sends the verification mail to a patient who registered or signed in with an unverified address. */
@Injectable()
export class EmailVerificationListener implements OnModuleInit {
  constructor(
    private readonly consumers: OutboxConsumers,
    private readonly verification: EmailVerificationService,
  ) {}

  onModuleInit(): void {
    this.consumers.onEvents(['session:opened-unverified'], async (events) => {
      for (const { payload } of events) await this.verification.request(String(payload.userId));
    });
  }
}
