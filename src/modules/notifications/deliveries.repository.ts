import { Injectable } from '@nestjs/common';
import { lockKey } from '../../core/database/advisory-locks.js';
import { Database } from '../../core/database/database.js';
import { CHANNELS, type ChannelName } from './channels/channel.js';
import { ASSIGN_SENT_MESSAGE, CLAIM, RENEW, SAVE_INBOX_TEXTS, SAVE_RESULTS } from './deliveries.sql.js';
import type { Preferences } from './notification-preference.entity.js';
import { NotificationTexts, type InboxText } from './notification-texts.js';
import { RecipientContacts, type EncryptedRecipient } from './recipient-contacts.js';
import type { MessageKind } from './templates/message-kinds.js';

/**
 * A delivery that this process has claimed, with the current data of its recipient. Encrypted values are decrypted when they are
 * used, so that a value that cannot be decrypted fails only this delivery.
 */
export interface Delivery {
  id: string;
  userId: string;
  clinicId: string | null;
  appointmentId: string | null;
  /** The offer of the waitlist that the message is about. */
  offerId: string | null;
  /** The patient of an offer, referral or refund, and their account; null in other messages. */
  patientId: string | null;
  patientUserId: string | null;
  /** When that offer ends; null if it cannot be accepted any more. */
  offerExpiresAt: Date | null;
  /** All appointments that the notice is about, if they are several; otherwise empty. */
  appointmentIds: string[];
  /** The versions of these appointments at which the notice is about them. */
  appointmentVersions: number[];
  kind: MessageKind;
  channel: ChannelName;
  /** For a notice: the version of the appointment after the change. For a reminder: its schedule version. Otherwise 0. */
  version: number;
  /** The text that the front desk wrote. */
  readNote: () => string | null;
  /**
   * For a move: of the appointment, or of each of `appointmentIds`, the newest earlier version of which this channel has notified the
   * recipient. Null for other kinds.
   */
  notifiedVersions: number[] | null;
  attempts: number;
  createdAt: Date;
  /** The database's clock, which decides what is due and what is past. */
  now: Date;
  /** The account was deleted after the delivery was created. */
  isRecipientDeleted: boolean;
  /** A reminder closer to the appointment is due as well. */
  isOvertaken: boolean;
  /** Why an earlier attempt failed. It is kept when a dead letter is replayed. */
  reason: string | null;
  /** Whether e-mail and SMS may be sent: false for an account with an unverified address. */
  hasTrustedAddress: boolean;
  /** The recipient has withdrawn the consent to the channel, or to messages from clinics outside of the inbox. */
  isConsentWithdrawn: boolean;
  /** The last day of the referral, for its reminder. YYYY-MM-DD. */
  referralUntil: string | null;
  /** For the message about a refund. */
  refund: { amountMinor: number; currency: string; isTooLate: boolean } | null;
  /** The daily report that the message is about. */
  reportId: string | null;
  /** Whether the recipient still manages the clinic of the report. */
  isReportReader: boolean;
  /** Whether the referral can still be used, and the recipient is its patient or a guardian. */
  isReferralOpen: boolean;
  /** For a message about an account: whether its link can still be used. */
  isLinkUsable: boolean;
  readEmail: () => string | null;
  readPhone: () => string | null;
  /** ISO 3166-1 code of the sending clinic's country, for numbers that were stored without a country code. */
  clinicCountry: string | null;
  deviceTokens: string[];
  recipientName: string;
  locale: string;
  timeZone: string;
  preferences: Preferences;
}

export type DeliveryResult =
  | { state: 'SENT'; providerId: string | null; /** For IN_APP. */ inboxText?: InboxText }
  | { state: 'SKIPPED' | 'FAILED'; reason: string }
  | { state: 'PENDING'; reason: string; retryAfterSeconds: number }
  /** Uses no attempt. Due again at `until`, after `retryAfterSeconds`, or else at once, in the order of `dueAt`. */
  | { state: 'POSTPONED'; until?: number; retryAfterSeconds?: number };

interface InboxRow {
  id: string;
  userId: string;
  clinicId: string | null;
}

interface ClaimedRow
  extends Omit<Delivery, 'preferences' | 'readNote' | 'readEmail' | 'readPhone'>, EncryptedRecipient {
  note: Buffer | null;
  channels: Preferences['channels'] | null;
  quietStart: number | null;
  quietEnd: number | null;
}

/** How long a claim lasts. A running process renews it (DeliveryLease); the claims of a dead process run out. */
export const LEASE_SECONDS = 3;

/** Hand-written SQL: every statement claims or saves a whole batch, and together they run for every delivery. */
@Injectable()
export class DeliveriesRepository {
  constructor(
    private readonly db: Database,
    private readonly texts: NotificationTexts,
    private readonly recipients: RecipientContacts,
  ) {}

  /** Claims deliveries that are due or whose lease ran out. No other process gets them before this lease ends. */
  async claim(channel: ChannelName, limit: number): Promise<Delivery[]> {
    const rows = await this.db.rows<ClaimedRow>(CLAIM, [channel, limit, LEASE_SECONDS]);
    return rows.map(({ channels, quietStart, quietEnd, note, email, phone, linkEmail, linkPhone, ...row }) => {
      const recipient = { id: row.id, userId: row.userId, email, phone, linkEmail, linkPhone };
      return {
        ...row,
        readNote: () => this.texts.decryptNote(row.id, note),
        readEmail: () => this.recipients.email(recipient),
        readPhone: () => this.recipients.phone(recipient),
        preferences: {
          channels: channels ?? {},
          quietHours: quietStart === null || quietEnd === null ? null : { start: quietStart, end: quietEnd },
        },
      };
    });
  }

  /** @returns the ids of those that this process still held, without those whose result is being saved */
  async renew(deliveries: readonly Delivery[]): Promise<string[]> {
    const rows = await this.db.rows<{ id: string }>(RENEW, [
      deliveries.map(({ id }) => id),
      deliveries.map(({ attempts }) => attempts),
      LEASE_SECONDS,
    ]);
    return rows.map(({ id }) => id);
  }

  /** Changes nothing if the lease ran out and another process has claimed the delivery. */
  async saveResults(results: readonly (readonly [Delivery, DeliveryResult])[]): Promise<void> {
    const column = <T>(pick: (result: DeliveryResult) => T): T[] => results.map(([, result]) => pick(result));
    await this.db.rows(SAVE_RESULTS, [
      results.map(([{ id }]) => id),
      results.map(([{ attempts }]) => attempts),
      column(({ state }) => state),
      column((result) => ('reason' in result ? result.reason : null)),
      column((result) => ('providerId' in result ? result.providerId : null)),
      column((result) => ('retryAfterSeconds' in result ? (result.retryAfterSeconds ?? null) : null)),
      column((result) => ('until' in result && result.until ? new Date(result.until).toISOString() : null)),
    ]);
  }

  /** @returns those that this process still held */
  saveInboxTexts(texts: readonly (readonly [Delivery, InboxText])[]): Promise<InboxRow[]> {
    const encrypted = texts.map(([{ id }, text]) => this.texts.encryptInboxText(id, text));
    return this.db.rows<InboxRow>(SAVE_INBOX_TEXTS, [
      texts.map(([{ id }]) => id),
      texts.map(([{ attempts }]) => attempts),
      encrypted.map(({ title }) => title),
      encrypted.map(({ body }) => body),
    ]);
  }

  /**
   * Assigns to a delivery the first of a provider's messages that belongs to no other one. Deliveries to one address wait for each other: two with
   * the same text would otherwise both take the message of one.
   * @returns null if each of the messages belongs to another delivery
   */
  assignSentMessage({ id }: Pick<Delivery, 'id'>, to: string, providerIds: readonly string[]): Promise<string | null> {
    return this.db.transaction(async () => {
      await this.db.rows(`SELECT pg_advisory_xact_lock(${lockKey('sent-messages', '$1::text')})`, [to]);
      const assigned = await this.db.row<{ providerId: string }>(ASSIGN_SENT_MESSAGE, [id, providerIds]);
      return assigned?.providerId ?? null;
    });
  }

  /** Returns the channels that have deliveries due. */
  async findDueChannels(): Promise<ChannelName[]> {
    const rows = await this.db.rows<{ channel: ChannelName }>(
      `SELECT channel FROM unnest($1::text[]) AS channel
       WHERE EXISTS (SELECT FROM notification n
                     WHERE n.channel = channel.channel AND n.state IN ('PENDING', 'SENDING') AND n.next_attempt_at <= now())`,
      [CHANNELS],
    );
    return rows.map(({ channel }) => channel);
  }
}
