import type { Clock } from '../../../core/kernel/clock.js';
import type { ProviderClient } from '../../../core/resilience/provider-client.js';
import { retryAfterSeconds } from '../../../core/resilience/provider-error.js';
import { Channel, outcomeOfError, type OutgoingMessage, type SendOutcome } from './channel.js';
import { outcomeOfFcm, type FcmFailure } from './fcm-outcome.js';
import { GoogleToken, type ServiceAccount } from './google-token.js';

export interface PushOptions {
  account: ServiceAccount & { project_id: string };
  apiUrl: string;
}

/**
 * Push by FCM HTTP v1, spoken directly: firebase-admin sends up to five times by itself on a 503, a reset or a timeout,
 * beyond our deadline and unseen by the delivery table, and keeps Retry-After to itself.
 */
export class PushChannel extends Channel {
  readonly name = 'PUSH';
  private readonly token: GoogleToken;
  private readonly url: string;

  constructor(
    { account, apiUrl }: PushOptions,
    private readonly provider: ProviderClient,
    private readonly clock: Clock,
  ) {
    super();
    this.token = new GoogleToken(account, clock);
    this.url = `${new URL(apiUrl).origin}/v1/projects/${encodeURIComponent(account.project_id)}/messages:send`;
  }

  send(message: OutgoingMessage): Promise<SendOutcome> {
    return this.provider.call((signal) => this.post(message, signal)).catch(outcomeOfError);
  }

  override pausedSeconds(): number {
    return this.provider.pausedSeconds();
  }

  override close(): void {
    this.provider.close();
  }

  private async post(message: OutgoingMessage, signal: AbortSignal): Promise<SendOutcome> {
    const response = await fetch(this.url, {
      method: 'POST',
      headers: { authorization: `Bearer ${await this.token.get(signal)}`, 'content-type': 'application/json' },
      body: JSON.stringify({ message: toPayload(message) }),
      redirect: 'error',
      signal,
    });
    const body = (await response.json().catch(() => ({}))) as { name?: string } & FcmFailure;
    if (response.ok) return { kind: 'SENT', providerId: body.name ?? null };
    if (response.status === 401) this.token.forget();
    const wait = retryAfterSeconds(response.headers.get('retry-after'), this.clock.now());
    return outcomeOfFcm(response.status, body, wait);
  }
}

/** A second copy takes the place of the first on the device: tag and collapse id are the delivery's. */
function toPayload({ id, to, subject, text, data }: OutgoingMessage): object {
  return {
    token: to,
    notification: { title: subject, body: text },
    ...(data && { data }),
    android: { priority: 'HIGH', notification: { tag: id } },
    apns: { headers: { 'apns-priority': '10', 'apns-collapse-id': id } },
    webpush: { notification: { tag: id } },
  };
}
