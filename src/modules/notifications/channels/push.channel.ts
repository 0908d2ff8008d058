import type { Clock } from '../../../core/kernel/clock.js';
import type { ProviderClient } from '../../../core/resilience/provider-client.js';
import { ProviderError, retryAfterSeconds } from '../../../core/resilience/provider-error.js';
import { BAD_TOKEN_REASON, DEAD_TOKEN_CODES } from './address-reasons.js';
import { ProviderChannel, type OutgoingMessage, type SendOutcome } from './channel.js';
import { GoogleToken, type ServiceAccount } from './google-token.js';

interface PushOptions {
  account: ServiceAccount & { project_id: string };
  apiUrl: string;
}

/**
 * Push by FCM HTTP v1, without firebase-admin: that library makes up to five requests by itself after a 503, a reset or a
 * timeout, ignores our deadline, and does not return Retry-After (docs/adr/0008-push-without-firebase-admin.md).
 */
export class PushChannel extends ProviderChannel {
  readonly name = 'PUSH';
  private readonly token: GoogleToken;
  private readonly url: string;

  constructor(
    { account, apiUrl }: PushOptions,
    provider: ProviderClient,
    private readonly clock: Clock,
  ) {
    super(provider);
    this.token = new GoogleToken(account, clock);
    this.url = `${new URL(apiUrl).origin}/v1/projects/${encodeURIComponent(account.project_id)}/messages:send`;
  }

  protected async deliver(message: OutgoingMessage, signal: AbortSignal): Promise<SendOutcome> {
    const response = await fetch(this.url, {
      method: 'POST',
      headers: { authorization: `Bearer ${await this.token.get(signal)}`, 'content-type': 'application/json' },
      body: JSON.stringify({ message: toPayload(message) }),
      redirect: 'error',
      signal,
    });
    const body = (await response.json().catch(() => ({}))) as { name?: string } & FcmFailure;
    if (response.ok) return { kind: 'SENT', providerId: body.name ?? null };
    if (response.status === 401) this.token.discard();
    const wait = retryAfterSeconds(response.headers.get('retry-after'), this.clock.now());
    return toFcmOutcome(response.status, body, wait);
  }
}

/** Tag and collapse id are the delivery's id, so that a copy replaces the first message on the device. */
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

/** The body of FCM's response if the status is not 200. */
interface FcmFailure {
  error?: { status?: string; details?: FcmDetail[] };
}

interface FcmDetail {
  '@type'?: string;
  errorCode?: string;
  fieldViolations?: { field?: string }[];
}

/**
 * Error codes: https://firebase.google.com/docs/reference/fcm/rest/v1/ErrorCode
 * @throws ProviderError if FCM, the account or the load is the cause
 */
function toFcmOutcome(status: number, { error }: FcmFailure, retryAfterSeconds?: number): SendOutcome {
  const details = error?.details ?? [];
  const code = details.find(({ errorCode }) => errorCode)?.errorCode ?? error?.status ?? String(status);
  const reason = `FCM_${code}`;
  if (DEAD_TOKEN_CODES.has(code)) return { kind: 'REJECTED', reason, addressIsDead: true };
  if (status !== 400) throw new ProviderError(reason, { retryAfterSeconds });
  const fields = details.flatMap(({ fieldViolations = [] }) => fieldViolations.map(({ field }) => field));
  if (fields.includes('message.token')) return { kind: 'REJECTED', reason: BAD_TOKEN_REASON, addressIsDead: true };
  return { kind: 'REJECTED', reason };
}
