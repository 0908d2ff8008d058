import { Injectable } from '@nestjs/common';
import { Clock } from '../../core/kernel/clock.js';
import { WebhookClient, type WebhookMessage } from './webhook-client.js';
import { webhookAttempts } from './webhook-metrics.js';
import { WebhookDeliveriesRepository, type ClaimedDelivery, type Receiver } from './webhook-deliveries.repository.js';
import { WebhookResults } from './webhook-results.js';
import { WebhookSecrets } from './webhook-secrets.js';
import { signedHeaders } from './webhook-signature.js';

const DELIVERIES_AT_ONCE = 5;

/** Sends the deliveries of one endpoint that are due. Concurrent runs, also in other processes, get different deliveries. */
@Injectable()
export class WebhookSender {
  constructor(
    private readonly deliveries: WebhookDeliveriesRepository,
    private readonly secrets: WebhookSecrets,
    private readonly client: WebhookClient,
    private readonly results: WebhookResults,
    private readonly clock: Clock,
  ) {}

  /** Sends until nothing is due, or the endpoint is paused. */
  async run(endpointId: string, stopping?: AbortSignal): Promise<void> {
    while (!stopping?.aborted) {
      // Read again for each batch, so that a change of the endpoint takes effect at once.
      const receiver = await this.deliveries.findReceiver(endpointId);
      if (!receiver) return;
      const claimed = await this.deliveries.claim(endpointId, DELIVERIES_AT_ONCE);
      if (claimed.length === 0) return;
      await Promise.all(claimed.map((delivery) => this.deliver(receiver, delivery, stopping)));
    }
  }

  private async deliver(receiver: Receiver, delivery: ClaimedDelivery, stopping?: AbortSignal): Promise<void> {
    const outcome = await this.client.post(this.toMessage(receiver, delivery), stopping);
    // An attempt that was cut off is no failure of the endpoint: when the lease has run out, another process sends the delivery.
    if (stopping?.aborted && outcome.status === null) return;
    webhookAttempts.inc({ result: outcome.error ?? 'ACCEPTED' });
    await this.results.save(receiver, delivery, outcome);
  }

  /** The body is the same in every attempt; its time is that of the event, and the time of the headers that of the attempt. */
  private toMessage(receiver: Receiver, { id, event, payload, occurredAt }: ClaimedDelivery): WebhookMessage {
    const body = JSON.stringify({ type: event, timestamp: occurredAt, data: payload });
    const timestamp = Math.floor(this.clock.now() / 1_000);
    const headers = {
      'content-type': 'application/json',
      'user-agent': 'CareSlot-Webhooks',
      ...signedHeaders({ id, timestamp, body }, this.secrets.read(receiver)),
    };
    return { url: receiver.url, body, headers };
  }
}
