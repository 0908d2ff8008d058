import { Injectable } from '@nestjs/common';
import { ChangeLog } from '../../core/changes/change-log.js';
import { Database } from '../../core/database/database.js';
import { AccountAccess } from '../users/index.js';
import type { WebhookOutcome } from './webhook-client.js';
import { WebhookDeliveriesRepository, type ClaimedDelivery, type Receiver } from './webhook-deliveries.repository.js';
import { nextStep, otherDeliveriesDelaySeconds } from './webhook-schedule.js';
import { WebhooksRepository } from './webhooks.repository.js';

/** Saves the results of attempts, and pauses endpoints that fail for about a day, or are gone. */
@Injectable()
export class WebhookResults {
  constructor(
    private readonly db: Database,
    private readonly deliveries: WebhookDeliveriesRepository,
    private readonly webhooks: WebhooksRepository,
    private readonly changes: ChangeLog,
    private readonly access: AccountAccess,
  ) {}

  async save(receiver: Receiver, delivery: ClaimedDelivery, outcome: WebhookOutcome): Promise<void> {
    const next = nextStep(outcome, delivery.attempts - delivery.earlierAttempts);
    await this.db.transaction(async () => {
      if (!(await this.deliveries.lockEndpoint(receiver.id))) return;
      if (!(await this.deliveries.saveResult(delivery, outcome, next))) return;
      if (next.kind === 'DELIVERED') await this.deliveries.recordSuccess(receiver.id);
      if (next.kind === 'FAILED') await this.pauseIfNeeded(receiver, delivery, outcome);
      const delaySeconds = otherDeliveriesDelaySeconds(outcome);
      if (delaySeconds > 0) await this.deliveries.postpone(receiver.id, delaySeconds);
    });
  }

  /** Pauses the endpoint if it is gone, or if no other delivery succeeded since the failed one was created. Its managers get a mail. */
  private async pauseIfNeeded(
    { id, clinicId }: Receiver,
    { createdAt }: ClaimedDelivery,
    outcome: WebhookOutcome,
  ): Promise<void> {
    const isGone = outcome.status === 410;
    const reason = isGone ? 'GONE' : 'FAILING';
    if (!(await this.deliveries.pause(id, reason, isGone ? null : createdAt))) return;
    const about = { objectType: 'webhook', objectId: id, clinicId, changes: { reason }, event: null };
    await this.changes.record({ action: 'webhook.paused', ...about });
    for (const userId of await this.webhooks.findManagers(id)) await this.access.notifyOwner(userId, 'WEBHOOK_PAUSED');
  }
}
