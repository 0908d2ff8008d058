import type { ProviderClient } from '../../../core/resilience/provider-client.js';
import { ProviderUnavailable, toProviderError } from '../../../core/resilience/provider-error.js';

/** The ways to deliver a message to a person. */
export const CHANNELS = ['IN_APP', 'EMAIL', 'SMS', 'PUSH'] as const;
export type ChannelName = (typeof CHANNELS)[number];

export interface Attachment {
  filename: string;
  contentType: string;
  content: string | Buffer;
}

/** One rendered message to one address. */
export interface OutgoingMessage {
  /** The delivery's id; the idempotency key if the provider accepts one. */
  id: string;
  /** An e-mail address, an E.164 number or a device token. */
  to: string;
  subject: string;
  text: string;
  html?: string;
  attachments?: Attachment[];
  /** The iTIP method of the attached calendar file, by which mail programs know what to do with it. */
  calendarMethod?: 'REQUEST' | 'CANCEL';
  unsubscribeUrl?: string;
  /** Push only: what the app needs to open the right page. Ids, never health data. */
  data?: Record<string, string>;
  locale: string;
}

export type SendOutcome =
  | { kind: 'SENT'; providerId: string | null }
  | { kind: 'RETRY'; reason: string; retryAfterSeconds?: number }
  /** The provider was not called, because its circuit is open or it asked for a pause. Uses no attempt. */
  | { kind: 'UNAVAILABLE'; reason: string; retryAfterSeconds: number }
  /** A retry cannot succeed. `addressIsDead`: the address or token will never accept a message. */
  | { kind: 'REJECTED'; reason: string; addressIsDead?: boolean };

/** The outcome of a call to a provider that failed or was not made. */
export function toFailedOutcome(error: unknown): SendOutcome {
  const { reason, retryAfterSeconds } = toProviderError(error);
  if (error instanceof ProviderUnavailable)
    return { kind: 'UNAVAILABLE', reason, retryAfterSeconds: error.retryAfterSeconds };
  return { kind: 'RETRY', reason, ...(retryAfterSeconds !== undefined && { retryAfterSeconds }) };
}

/** No retries here: the table `notification` schedules the next attempt, so that every attempt is counted. */
export const CHANNEL_LIMITS = {
  timeoutMilliseconds: 9_000,
  maxConcurrent: 5,
  maxWaitMilliseconds: 4_500,
  maxPauseMilliseconds: 3_600_000,
  circuit: { volume: 5, windowMilliseconds: 30_000, resetMilliseconds: 3_000 },
} as const;

/** Sends messages by one way of delivery. */
export abstract class Channel {
  abstract readonly name: ChannelName;
  /** How many messages one process sends at the same time. */
  readonly concurrency: number = CHANNEL_LIMITS.maxConcurrent;

  /** Never throws. Returns within 14 seconds, including up to 5 seconds of waiting for a free place. */
  abstract send(message: OutgoingMessage): Promise<SendOutcome>;

  /**
   * Asks the provider which messages with this text it has accepted for this address since `since`. Called before another
   * attempt, because the response to an earlier attempt may have been lost. Only for providers that have such a query. The
   * messages may belong to other deliveries with the same text.
   * @returns the provider's ids, newest first
   * @throws ProviderError if the provider does not respond
   */
  findSent?(message: OutgoingMessage, since: Date): Promise<string[]>;

  /** Returns the number of seconds until the provider may be called again; 0 if it may be called now. */
  pausedSeconds(): number {
    return 0;
  }

  /** Closes connections when the process ends. */
  close(): void {}
}

/** A channel that calls an external provider. */
export abstract class ProviderChannel extends Channel {
  constructor(protected readonly provider: ProviderClient) {
    super();
  }

  send(message: OutgoingMessage): Promise<SendOutcome> {
    return this.provider.call((signal) => this.deliver(message, signal)).catch(toFailedOutcome);
  }

  override pausedSeconds(): number {
    return this.provider.pausedSeconds();
  }

  override close(): void {
    this.provider.close();
  }

  /** Makes one request. @throws ProviderError if the provider, and not the message, is the cause of a failure */
  protected abstract deliver(message: OutgoingMessage, signal: AbortSignal): Promise<SendOutcome>;
}
