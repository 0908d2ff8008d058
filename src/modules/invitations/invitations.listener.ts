import { Injectable, type OnModuleInit } from '@nestjs/common';
import { OutboxConsumers } from '../../core/outbox/outbox-consumers.js';
import { InvitationsService } from './invitations.service.js';

/** Invites people for whom an account was created without a password, and people who are to join another clinic. */
@Injectable()
export class InvitationsListener implements OnModuleInit {
  constructor(
    private readonly consumers: OutboxConsumers,
    private readonly invitations: InvitationsService,
  ) {}

  onModuleInit(): void {
    this.consumers.onEvents(['user.created'], async (events) => {
      await this.invitations.inviteNew(events.map(({ aggregateId }) => aggregateId));
    });
    this.consumers.onEvents(['user.join-requested'], async (events) => {
      for (const { aggregateId, clinicId } of events) await this.invitations.inviteToJoin(aggregateId, clinicId);
    });
  }
}
