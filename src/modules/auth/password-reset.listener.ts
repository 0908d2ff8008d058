import { Injectable, type OnModuleInit } from '@nestjs/common';
import { OutboxConsumers } from '../../core/outbox/outbox-consumers.js';
import { PasswordResetRequests, RESET_REQUESTED } from './password-reset-requests.js';
import { PasswordResetService } from './password-reset.service.js';

/** Sends the mails of requests to reset a password. */
@Injectable()
export class PasswordResetListener implements OnModuleInit {
  constructor(
    private readonly consumers: OutboxConsumers,
    private readonly requests: PasswordResetRequests,
    private readonly resets: PasswordResetService,
  ) {}

  onModuleInit(): void {
    this.consumers.onEvents([RESET_REQUESTED], async (events) => {
      for (const { payload } of events) {
        const request = this.requests.read(payload);
        // A request that cannot be decrypted is skipped, so that it does not hold up the requests of other people.
        if (request) await this.resets.sendMail(request);
      }
    });
  }
}
