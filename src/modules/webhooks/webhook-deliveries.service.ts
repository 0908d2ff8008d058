import { Injectable } from '@nestjs/common';
import { ChangeLog } from '../../core/changes/change-log.js';
import { Database } from '../../core/database/database.js';
import type { Page } from '../../core/http/page.js';
import { JobScheduler } from '../../core/jobs/job-scheduler.js';
import type { Actor } from '../../core/kernel/actor.js';
import { DomainError, notFound } from '../../core/kernel/domain-error.js';
import { WebhookDeliveriesRepository } from './webhook-deliveries.repository.js';
import { WEBHOOKS_QUEUE } from './webhooks-queue.js';
import type { WebhookDeliveriesQuery, WebhookDeliveryView } from './webhooks.dto.js';
import { WebhooksService } from './webhooks.service.js';

/** Lists the deliveries of an endpoint, and sends them again. */
@Injectable()
export class WebhookDeliveriesService {
  constructor(
    private readonly db: Database,
    private readonly webhooks: WebhooksService,
    private readonly deliveries: WebhookDeliveriesRepository,
    private readonly changes: ChangeLog,
    private readonly jobs: JobScheduler,
  ) {}

  async list(actor: Actor, endpointId: string, query: WebhookDeliveriesQuery): Promise<Page<WebhookDeliveryView>> {
    await this.webhooks.get(actor, endpointId);
    return this.deliveries.list(endpointId, query);
  }

  /** Sends a delivery again, with the same id. @throws DomainError NOT_FOUND; INVALID_TRANSITION if the endpoint is paused */
  async redeliver(actor: Actor, endpointId: string, id: string): Promise<WebhookDeliveryView> {
    return this.db.transaction(async () => {
      const { clinicId, active } = await this.webhooks.get(actor, endpointId);
      const delivery = await this.deliveries.find(endpointId, id);
      if (!delivery) throw notFound();
      if (!active)
        throw new DomainError('INVALID_TRANSITION', 'The endpoint is paused. Resume it first.', { reason: 'PAUSED' });
      await this.deliveries.makeDue(endpointId, id);
      const about = { objectType: 'webhook', objectId: endpointId, clinicId, changes: { deliveryId: id } };
      await this.changes.record({ action: 'webhook.redelivered', ...about, event: null });
      this.enqueue([endpointId]);
      return (await this.deliveries.find(endpointId, id)) ?? delivery;
    });
  }

  /** Makes a process send what is due, after the commit. */
  enqueue(endpointIds: readonly string[]): void {
    this.db.afterCommit(() => this.jobs.enqueue(WEBHOOKS_QUEUE, ...endpointIds.map((id) => ({ id }))));
  }
}
