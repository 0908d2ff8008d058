import { Injectable } from '@nestjs/common';
import { lockKey } from '../../core/database/advisory-locks.js';
import { Database } from '../../core/database/database.js';
import { CHANNELS, type ChannelName } from './channels/channel.js';
import type { Preferences } from './notification-preference.entity.js';
import { NotificationTexts, type InboxText } from './notification-texts.js';
import { RecipientContacts, type EncryptedRecipient } from './recipient-contacts.js';
import { recipientsOf } from './recipients.sql.js';
import { LIVE_DEVICES } from './preferences.repository.js';
import { isConsentWithdrawn } from '../consents/index.js';
import { hasTrustedAddress } from '../users/index.js';
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

/** SQL: the patient of the referral, offer or refund that a delivery `n` is about. */
const PATIENT = `coalesce(f.client_id, (SELECT p.client_id FROM payment_refund r JOIN payment p ON p.id = r.payment_id WHERE r.id = n.refund_id), (SELECT e.client_id FROM waitlist_offer o JOIN waitlist_entry e ON e.id = o.entry_id WHERE o.id = n.offer_id))`;

/** SQL: `sent` has told the recipient of `n` by the same channel. */
const IS_TOLD = `sent.channel = n.channel AND sent.user_id = n.user_id AND sent.state = 'SENT'`;

/** SQL: the newest earlier version of the appointment `noticed` of which a message about only this one has told. */
const TOLD_ALONE = `
  SELECT max(sent.version) FROM notification sent
  WHERE sent.appointment_id = noticed.id AND sent.appointment_ids = '{}' AND ${IS_TOLD}
    AND (noticed.version IS NULL OR sent.version < noticed.version)`;

/**
 * SQL: the same of messages about several. They are stored with another appointment of the same patient. One that was moved again before
 * such a message was sent is not in it.
 */
const TOLD_TOGETHER = `
  SELECT max(told.version) FROM appointment own JOIN appointment other ON other.client_id = own.client_id
  JOIN notification sent ON sent.appointment_id = other.id AND noticed.id = ANY (sent.appointment_ids) AND ${IS_TOLD}
  CROSS JOIN LATERAL (SELECT sent.appointment_versions[array_position(sent.appointment_ids, noticed.id)] AS version) told
  WHERE own.id = noticed.id AND (noticed.version IS NULL OR told.version < noticed.version)
    AND NOT EXISTS (
      SELECT FROM audit_log l WHERE l.object_type = 'appointment' AND l.object_id = noticed.id AND l.action = 'appointment.rescheduled'
        AND (l.changes -> 'version' ->> 1)::int > told.version AND l.occurred_at < sent.sent_at)`;

// While a delivery is claimed, next_attempt_at is the end of its lease.
const CLAIM = `
  WITH due AS (
    SELECT id, next_attempt_at FROM notification
    WHERE channel = $1::text AND state IN ('PENDING', 'SENDING') AND next_attempt_at <= now()
    ORDER BY next_attempt_at LIMIT $2::int FOR UPDATE SKIP LOCKED
  ), claimed AS (
    UPDATE notification SET state = 'SENDING', attempts = attempts + 1, next_attempt_at = now() + make_interval(secs => $3::int)
    FROM due WHERE notification.id = due.id
    RETURNING notification.*, due.next_attempt_at AS was_due_at
  )
  SELECT n.id, n.user_id AS "userId", n.clinic_id AS "clinicId", n.appointment_id AS "appointmentId",
         n.appointment_ids AS "appointmentIds", n.appointment_versions AS "appointmentVersions", n.offer_id AS "offerId",
         (SELECT o.expires_at FROM waitlist_offer o WHERE o.id = n.offer_id AND o.state = 'OPEN' AND o.expires_at > now()) AS "offerExpiresAt",
         n.kind, n.channel, n.version, n.note, n.attempts, n.created_at AS "createdAt", now() AS now, n.reason,
         n.kind = 'APPOINTMENT_REMINDER' AND EXISTS (
           SELECT FROM notification nearer
           WHERE nearer.appointment_id = n.appointment_id AND nearer.kind = n.kind AND nearer.channel = n.channel
             AND nearer.offset_minutes < n.offset_minutes AND nearer.version = n.version AND nearer.user_id = n.user_id
             AND nearer.due_at <= now()) AS "isOvertaken",
         CASE WHEN n.kind = 'APPOINTMENT_MOVED' THEN ARRAY(
           SELECT coalesce(greatest((${TOLD_ALONE}), (${TOLD_TOGETHER})), 1)
           FROM unnest(CASE n.appointment_ids WHEN '{}' THEN ARRAY[n.appointment_id] ELSE n.appointment_ids END,
                       CASE n.appointment_ids WHEN '{}' THEN ARRAY[n.version] ELSE n.appointment_versions END)
                WITH ORDINALITY AS noticed (id, version, place) ORDER BY place) END AS "notifiedVersions",
         u.deleted_at IS NOT NULL AS "isRecipientDeleted", ${hasTrustedAddress('u')} AS "hasTrustedAddress",
         ${isConsentWithdrawn('u.id', 'n.channel')} OR (n.kind = 'MESSAGE_FROM_CLINIC' AND n.channel <> 'IN_APP'
           AND ${isConsentWithdrawn('u.id', `'CLINIC_MESSAGES'`)}) AS "isConsentWithdrawn",
         coalesce(l.used_at IS NULL AND l.revoked_at IS NULL AND l.expires_at > now()
           AND (l.email_index = u.email_index OR l.purpose NOT IN ('EMAIL_VERIFICATION', 'PASSWORD_RESET')), false) AS "isLinkUsable",
         f.valid_to::text AS "referralUntil",
         (SELECT json_build_object('amountMinor', r.amount_minor, 'currency', p.currency, 'isTooLate', r.reason = 'TOO_LATE')
          FROM payment_refund r JOIN payment p ON p.id = r.payment_id WHERE r.id = n.refund_id) AS refund,
         n.report_id AS "reportId",
         u.role = 'MANAGER' AND EXISTS (
           SELECT FROM user_clinic m WHERE m.user_id = u.id AND m.clinic_id = n.clinic_id) AS "isReportReader",
         ${PATIENT} AS "patientId",
         (SELECT c.user_id FROM client c WHERE c.id = ${PATIENT}) AS "patientUserId",
         coalesce(f.appointment_id IS NULL AND f.valid_to >= (now() AT TIME ZONE k.time_zone)::date
           AND n.user_id IN (${recipientsOf('f.client_id')}), false) AS "isReferralOpen",
         u.email, u.phone, l.email AS "linkEmail", l.phone AS "linkPhone",
         (SELECT c.country FROM clinic c WHERE c.id = n.clinic_id) AS "clinicCountry",
         u.first_name AS "recipientName", u.locale, u.time_zone AS "timeZone",
         ARRAY(SELECT d.token FROM ${LIVE_DEVICES} AND d.user_id = u.id AND n.channel = 'PUSH') AS "deviceTokens",
         p.channels, p.quiet_start AS "quietStart", p.quiet_end AS "quietEnd"
  FROM claimed n
  JOIN user_account u ON u.id = n.user_id
  LEFT JOIN account_link l ON l.id = n.id
  LEFT JOIN referral f ON f.id = n.referral_id
  LEFT JOIN clinic k ON k.id = f.clinic_id
  LEFT JOIN notification_preference p ON p.user_id = u.id
  ORDER BY n.was_due_at, n.id`;

// SKIP LOCKED: a result may be saved at the same time, and two statements that lock several rows could wait for each other.
const RENEW = `
  WITH held AS (
    SELECT n.id FROM notification n JOIN unnest($1::uuid[], $2::int[]) AS own (id, attempts)
      ON n.id = own.id AND n.attempts = own.attempts AND n.state = 'SENDING'
    FOR NO KEY UPDATE OF n SKIP LOCKED
  )
  UPDATE notification n SET next_attempt_at = now() + make_interval(secs => $3::int)
  FROM held WHERE n.id = held.id
  RETURNING n.id`;

// A postponed delivery that need not wait returns to its place in the order (due_at). A delivery that waits for the end of quiet
// hours is due at that time. The reason of a failed attempt is kept until the delivery is sent.
const SAVE_RESULTS = `
  UPDATE notification n SET
    state = CASE r.state WHEN 'POSTPONED' THEN 'PENDING' ELSE r.state END,
    reason = CASE r.state WHEN 'POSTPONED' THEN n.reason ELSE r.reason END,
    provider_id = coalesce(r.provider_id, n.provider_id),
    sent_at = CASE r.state WHEN 'SENT' THEN now() END,
    attempts = n.attempts - (r.state = 'POSTPONED')::int,
    due_at = coalesce(r.until, n.due_at),
    next_attempt_at = CASE WHEN r.state IN ('POSTPONED', 'PENDING')
      THEN coalesce(r.until, now() + make_interval(secs => r.seconds), n.due_at) ELSE n.next_attempt_at END
  FROM unnest($1::uuid[], $2::int[], $3::text[], $4::text[], $5::text[], $6::float8[], $7::timestamptz[])
    AS r (id, attempts, state, reason, provider_id, seconds, until)
  WHERE n.id = r.id AND n.attempts = r.attempts AND n.state = 'SENDING'`;

/** A delivery that was assigned a message before a process ended gets the same one. */
const ASSIGN_SENT_MESSAGE = `
  UPDATE notification n SET provider_id = s.provider_id
  FROM (SELECT sid AS provider_id FROM unnest($2::text[]) WITH ORDINALITY AS sent (sid, position)
        WHERE NOT EXISTS (SELECT FROM notification o WHERE o.channel = 'SMS' AND o.provider_id = sid AND o.id <> $1)
        ORDER BY position LIMIT 1) s
  WHERE n.id = $1
  RETURNING n.provider_id AS "providerId"`;

const SAVE_INBOX_TEXTS = `
  UPDATE notification n SET state = 'SENT', reason = NULL, sent_at = now(), title = t.title, body = t.body
  FROM unnest($1::uuid[], $2::int[], $3::bytea[], $4::bytea[]) AS t (id, attempts, title, body)
  WHERE n.id = t.id AND n.attempts = t.attempts AND n.state = 'SENDING'
  RETURNING n.id, n.user_id AS "userId", n.clinic_id AS "clinicId"`;
