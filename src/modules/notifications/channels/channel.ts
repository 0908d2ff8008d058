import { ProviderUnavailable, toProviderError } from '../../../core/resilience/provider-error.js';

/** Every way by which a message can reach a person. */
export const CHANNELS = ['IN_APP', 'EMAIL', 'SMS', 'PUSH'] as const;
export type ChannelName = (typeof CHANNELS)[number];

export interface Attachment {
  filename: string;
  contentType: string;
  content: string;
}

/** One message to one address, rendered and ready to leave. */
export interface OutgoingMessage {
  /** The delivery's id; the idempotency key where the provider takes one. */
  id: string;
  /** An e-mail address, an E.164 number or a device token. */
  to: string;
  subject: string;
  text: string;
  html?: string;
  attachments?: Attachment[];
  /** The iTIP method of the attached calendar file, so that mail programs offer to take it. */
  calendarMethod?: 'REQUEST' | 'CANCEL';
  unsubscribeUrl?: string;
  /** Push only: what the app needs to open the right page. Ids, never health data. */
  data?: Record<string, string>;
  locale: string;
}

export type SendOutcome =
  | { kind: 'SENT'; providerId: string | null }
  | { kind: 'RETRY'; reason: string; retryAfterSeconds?: number }
  /** The provider was not called: it is in trouble, or asked for a pause. Costs the message no attempt. */
  | { kind: 'UNAVAILABLE'; reason: string; retryAfterSeconds: number }
  /** Never try again. `addressIsDead`: prune the token or address. */
  | { kind: 'REJECTED'; reason: string; addressIsDead?: boolean };

/** The outcome of a message whose provider could not be called, or failed. */
export function outcomeOfError(error: unknown): SendOutcome {
  const { reason, retryAfterSeconds } = toProviderError(error);
  if (error instanceof ProviderUnavailable)
    return { kind: 'UNAVAILABLE', reason, retryAfterSeconds: error.retryAfterSeconds };
  return { kind: 'RETRY', reason, ...(retryAfterSeconds !== undefined && { retryAfterSeconds }) };
}

/**
 * Each request is made once: sending again is the work of the delivery table, which counts the attempts. So nothing is sent
 * that it does not know of.
 */
export const CHANNEL_LIMITS = {
  timeoutMilliseconds: 9_000,
  maxConcurrent: 5,
  maxWaitMilliseconds: 4_500,
  maxPauseMilliseconds: 3_600_000,
  circuit: { volume: 5, windowMilliseconds: 30_000, resetMilliseconds: 3_000 },
} as const;

/** An edge through which messages leave. */
export abstract class Channel {
  abstract readonly name: ChannelName;
  /** Messages that one process hands over at once; more would only wait in line. */
  readonly concurrency: number = CHANNEL_LIMITS.maxConcurrent;

  /** Never throws, and answers within 14 seconds, of which up to 5 in line. */
  abstract send(message: OutgoingMessage): Promise<SendOutcome>;

  /**
   * Where the provider can be asked: its ids of what it took with these words for this address since `since`, newest first.
   * To be asked before sending again after an answer that never came. Another message may have had the same words.
   * Throws when the provider does not answer.
   */
  findSent?(message: OutgoingMessage, since: Date): Promise<string[]>;

  /** Seconds for which the provider would not be asked anyway; 0: it would be. */
  pausedSeconds(): number {
    return 0;
  }

  /** Lets go of connections when the process ends. */
  close(): void {}
}
