export const CHANNELS = ['IN_APP', 'EMAIL', 'SMS', 'PUSH'] as const;
export type ChannelName = (typeof CHANNELS)[number];

/** One message as it leaves the house. */
export interface OutgoingMessage {
  /** Id of the delivery; the idempotency key where the provider takes one. */
  id: string;
  /** E-mail address, E.164 number or device token. */
  to: string;
  subject: string;
  text: string;
  html?: string;
  attachments?: { filename: string; contentType: string; content: string }[];
  calendarMethod?: 'REQUEST' | 'CANCEL';
  unsubscribeUrl?: string;
  data?: Record<string, string>;
  locale: string;
}

export type SendOutcome =
  | { kind: 'SENT'; providerId: string | null }
  | { kind: 'RETRY'; reason: string; retryAfterSeconds?: number }
  | { kind: 'REJECTED'; reason: string; addressIsDead?: boolean };

/** An edge to a provider. */
export abstract class Channel {
  abstract readonly name: ChannelName;

  /** Never throws, and always answers within its timeout (10 s). */
  abstract send(message: OutgoingMessage): Promise<SendOutcome>;

  /** Asks the provider whether the message was taken already; only where a provider can be asked. */
  findSent?(message: OutgoingMessage, since: Date): Promise<string | null>;
}
