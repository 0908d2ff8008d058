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
  /** Never try again. `addressIsDead`: prune the token or address. */
  | { kind: 'REJECTED'; reason: string; addressIsDead?: boolean };

/** An edge through which messages leave. */
export abstract class Channel {
  abstract readonly name: ChannelName;

  /** Never throws, and answers within 10 seconds. */
  abstract send(message: OutgoingMessage): Promise<SendOutcome>;

  /**
   * Where the provider can be asked: its id of this message if it took it since `since`, otherwise null.
   * To be asked before sending again after an answer that never came. Throws when the provider does not answer.
   */
  findSent?(message: OutgoingMessage, since: Date): Promise<string | null>;

  /** Lets go of connections when the process ends. */
  close(): void {}
}
