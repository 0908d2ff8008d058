import { Injectable } from '@nestjs/common';
import { ChangeLog } from '../../core/changes/change-log.js';
import { assignDefined } from '../../core/changes/versioned-update.js';
import type { Actor } from '../../core/kernel/actor.js';
import { Clock } from '../../core/kernel/clock.js';
import { WebhookDeliveriesService } from './webhook-deliveries.service.js';
import type { PauseReason, WebhookEndpoint } from './webhook-endpoint.entity.js';
import type { ChangeWebhook, WebhookView } from './webhooks.dto.js';
import { WebhooksRepository } from './webhooks.repository.js';
import { WebhooksService } from './webhooks.service.js';

/** Changes, pauses and resumes endpoints. */
@Injectable()
export class WebhookChangesService {
  constructor(
    private readonly repository: WebhooksRepository,
    private readonly webhooks: WebhooksService,
    private readonly deliveries: WebhookDeliveriesService,
    private readonly changes: ChangeLog,
    private readonly clock: Clock,
  ) {}

  /**
   * Changes an endpoint, whose new URL the caller has checked. A resumed endpoint gets the deliveries that waited.
   * @throws DomainError NOT_FOUND, VERSION_MISMATCH, ALREADY_EXISTS
   */
  async change(actor: Actor, id: string, request: ChangeWebhook, version: number | null): Promise<WebhookView> {
    return this.changes.versionedUpdate({
      objectType: 'webhook',
      id,
      version,
      lock: async () => ({ row: await this.webhooks.lock(actor, id), before: await this.webhooks.get(actor, id) }),
      change: async (webhook) => {
        const { url, events, active } = request;
        assignDefined(webhook, { url: url && new URL(url).href, events });
        if (active !== undefined) this.setActive(webhook, active);
        webhook.version += 1;
        webhook.updatedAt = new Date(this.clock.now());
        await this.repository.save(webhook);
        if (active === true) this.deliveries.enqueue([id]);
      },
      read: () => this.webhooks.get(actor, id),
      details: (before, after) => ({
        clinicId: after.clinicId,
        changes: { events: after.events, active: after.active },
        event: null,
      }),
    });
  }

  private setActive(webhook: WebhookEndpoint, active: boolean): void {
    const isActive = webhook.pausedAt === null;
    if (active === isActive) return;
    const reason: PauseReason | null = active ? null : 'REQUESTED';
    Object.assign(webhook, { pausedAt: active ? null : new Date(this.clock.now()), pausedReason: reason });
  }
}
