import { Injectable } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import { ADDRESS_REASONS } from './channels/address-reasons.js';
import { CHANNELS, type ChannelName } from './channels/channel.js';
import { LIVE_DEVICES } from './live-devices.js';
import type { Preferences } from './notifications.rules.js';
import { hasTrustedAddress } from '../users/index.js';
import type { MessageKind } from './templates/templates.js';

/** A message that this process has claimed, with its recipient as it is now. */
export interface Delivery {
  id: string;
  userId: string;
  clinicId: string | null;
  appointmentId: string | null;
  kind: MessageKind;
  channel: ChannelName;
  version: number;
  note: string | null;
  /** Of a move: the newest version of the appointment that this channel has told the recipient of. */
  toldVersion: number | null;
  attempts: number;
  createdAt: Date;
  /** The database's clock: it decides what is due, and what is past. */
  now: Date;
  /** Deleted since the message was made. */
  recipientGone: boolean;
  /** A reminder nearer to the visit is due as well. */
  overtaken: boolean;
  /** Why an earlier attempt failed; stays when a dead letter is replayed. */
  reason: string | null;
  /** Whether mail and SMS may go to the recipient: not to an address that somebody registered with and nobody has proven. */
  isTrusted: boolean;
  /** EMAIL_VERIFICATION: whether its links can be used. */
  isLinkOpen: boolean;
  email: string | null;
  phone: string | null;
  /** ISO 3166-1: of the clinic that writes, for numbers that were stored without a country code. */
  clinicCountry: string | null;
  deviceTokens: string[];
  recipientName: string;
  locale: string;
  timeZone: string;
  preferences: Preferences;
}

export type Ending =
  | { state: 'SENT'; providerId: string | null }
  | { state: 'SKIPPED' | 'FAILED'; reason: string }
  | { state: 'PENDING'; reason: string; retryAfterSeconds: number }
  /** Goes back without an attempt: until an instant, for some seconds, or to its place in the order. */
  | { state: 'UNTRIED'; until?: number; retryAfterSeconds?: number };

/** What an inbox shows. */
export interface InboxText {
  title: string;
  body: string;
}

interface InboxRow {
  id: string;
  userId: string;
  clinicId: string | null;
}

interface ClaimedRow extends Omit<Delivery, 'preferences'> {
  channels: Preferences['channels'] | null;
  quietStart: number | null;
  quietEnd: number | null;
}

/** A sender that died gives its messages up after this. One that lives renews the lease (see BatchLease). */
export const LEASE_SECONDS = 3;

@Injectable()
export class DeliveriesRepository {
  constructor(private readonly db: Database) {}

  /** Takes messages that are due; those of a sender whose lease ran out too. Nobody else gets them until the lease ends. */
  async claim(channel: ChannelName, limit: number): Promise<Delivery[]> {
    const rows = await this.db.rows<ClaimedRow>(CLAIM, [channel, limit, LEASE_SECONDS]);
    return rows.map(({ channels, quietStart, quietEnd, ...row }) => ({
      ...row,
      preferences: {
        channels: channels ?? {},
        quietHours: quietStart === null || quietEnd === null ? null : { start: quietStart, end: quietEnd },
      },
    }));
  }

  /** @returns the ids of those that were still ours */
  async renew(deliveries: readonly Delivery[]): Promise<string[]> {
    const rows = await this.db.rows<{ id: string }>(RENEW, [
      deliveries.map(({ id }) => id),
      deliveries.map(({ attempts }) => attempts),
      LEASE_SECONDS,
    ]);
    return rows.map(({ id }) => id);
  }

  /** Where a lease ran out meanwhile and another sender has the message, nothing is marked. */
  async endAll(endings: readonly (readonly [Delivery, Ending])[]): Promise<void> {
    const of = <T>(pick: (ending: Ending) => T): T[] => endings.map(([, ending]) => pick(ending));
    await this.db.rows(END, [
      endings.map(([{ id }]) => id),
      endings.map(([{ attempts }]) => attempts),
      of(({ state }) => state),
      of((ending) => ('reason' in ending ? ending.reason : null)),
      of((ending) => ('providerId' in ending ? ending.providerId : null)),
      of((ending) => ('retryAfterSeconds' in ending ? (ending.retryAfterSeconds ?? null) : null)),
      of((ending) => ('until' in ending && ending.until ? new Date(ending.until).toISOString() : null)),
    ]);
  }

  /** @returns those that were still ours to put there */
  putInInboxes(texts: readonly (readonly [Delivery, InboxText])[]): Promise<InboxRow[]> {
    return this.db.rows<InboxRow>(PUT_IN_INBOXES, [
      texts.map(([{ id }]) => id),
      texts.map(([{ attempts }]) => attempts),
      texts.map(([, { title }]) => title),
      texts.map(([, { body }]) => body),
    ]);
  }

  async dropDevice(token: string): Promise<void> {
    await this.db.rows(`DELETE FROM notification_device WHERE token = $1`, [token]);
  }

  /** Which of Twilio's ids no message has. */
  async ofNobody(providerIds: string[]): Promise<string[]> {
    const rows = await this.db.rows<{ id: string }>(
      `SELECT asked AS id FROM unnest($1::text[]) AS asked
       WHERE NOT EXISTS (SELECT FROM notification n WHERE n.channel = 'SMS' AND n.provider_id = asked)`,
      [providerIds],
    );
    return rows.map(({ id }) => id);
  }

  /** The channels that have something due. */
  async dueChannels(): Promise<ChannelName[]> {
    const rows = await this.db.rows<{ channel: ChannelName }>(
      `SELECT channel FROM unnest($1::text[]) AS channel
       WHERE EXISTS (SELECT FROM notification n
                     WHERE n.channel = channel.channel AND n.state IN ('PENDING', 'SENDING') AND n.next_attempt_at <= now())`,
      [CHANNELS],
    );
    return rows.map(({ channel }) => channel);
  }

  /**
   * Seconds by which the message that is late the most is late, and how many are dead letters: all, and those of the last
   * hour that did not fail because of their address. One that waits for its next try counts too while that is near, so a
   * provider in trouble is seen; one that waits longer has been seen.
   */
  async lag(): Promise<{ seconds: number; failed: number; failedLastHour: number }> {
    const row = await this.db.row<{ seconds: number; failed: number; failedLastHour: number }>(
      `SELECT greatest(0, extract(epoch FROM now() - least(
                (SELECT min(due_at) FROM notification
                 WHERE state IN ('PENDING', 'SENDING') AND next_attempt_at <= now() + interval '45 seconds'),
                (SELECT min(due_at) FROM planned_notification))))::float8 AS seconds,
              dead.failed, dead.last_hour AS "failedLastHour"
       FROM (SELECT count(*)::int AS failed,
                    -- A dead letter keeps the end of its last lease: within a minute of when it failed.
                    count(*) FILTER (WHERE next_attempt_at > now() - interval '1 hour' AND reason !~ $1)::int AS last_hour
             FROM notification WHERE state = 'FAILED') dead`,
      [ADDRESS_REASONS],
    );
    return row ?? { seconds: 0, failed: 0, failedLastHour: 0 };
  }
}

// next_attempt_at is the end of the lease while a sender has the message.
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
  SELECT n.id, n.user_id AS "userId", n.clinic_id AS "clinicId", n.appointment_id AS "appointmentId", n.kind, n.channel,
         n.version, n.note, n.attempts, n.created_at AS "createdAt", now() AS now, n.reason,
         n.kind = 'APPOINTMENT_REMINDER' AND EXISTS (
           SELECT FROM notification nearer
           WHERE nearer.appointment_id = n.appointment_id AND nearer.kind = n.kind AND nearer.channel = n.channel
             AND nearer.offset_minutes < n.offset_minutes AND nearer.version = n.version AND nearer.user_id = n.user_id
             AND nearer.due_at <= now()) AS overtaken,
         CASE WHEN n.kind = 'APPOINTMENT_MOVED' THEN coalesce((
           SELECT max(told.version) FROM notification told
           WHERE told.appointment_id = n.appointment_id AND told.channel = n.channel AND told.user_id = n.user_id
             AND told.version < n.version AND told.state = 'SENT'), 1) END AS "toldVersion",
         u.deleted_at IS NOT NULL AS "recipientGone", ${hasTrustedAddress('u')} AS "isTrusted",
         coalesce(v.used_at IS NULL AND v.expires_at > now() AND v.email = u.email, false) AS "isLinkOpen", u.email, u.phone,
         (SELECT k.country FROM clinic k WHERE k.id = n.clinic_id) AS "clinicCountry",
         u.first_name AS "recipientName", u.locale, u.time_zone AS "timeZone",
         ARRAY(SELECT d.token FROM ${LIVE_DEVICES} AND d.user_id = u.id AND n.channel = 'PUSH') AS "deviceTokens",
         p.channels, p.quiet_start AS "quietStart", p.quiet_end AS "quietEnd"
  FROM claimed n
  JOIN user_account u ON u.id = n.user_id
  LEFT JOIN email_verification v ON v.id = n.id
  LEFT JOIN notification_preference p ON p.user_id = u.id
  ORDER BY n.was_due_at, n.id`;

const RENEW = `
  UPDATE notification n SET next_attempt_at = now() + make_interval(secs => $3::int)
  FROM unnest($1::uuid[], $2::int[]) AS own (id, attempts)
  WHERE n.id = own.id AND n.attempts = own.attempts AND n.state = 'SENDING'
  RETURNING n.id`;

// An untried message goes back to its place in the order (due_at), unless it is to wait; what waits for the end of quiet
// hours is due then. A reason that says why an
// attempt failed stays until the message has gone.
const END = `
  UPDATE notification n SET
    state = CASE e.state WHEN 'UNTRIED' THEN 'PENDING' ELSE e.state END,
    reason = CASE e.state WHEN 'UNTRIED' THEN n.reason ELSE e.reason END,
    provider_id = coalesce(e.provider_id, n.provider_id),
    sent_at = CASE e.state WHEN 'SENT' THEN now() END,
    attempts = n.attempts - (e.state = 'UNTRIED')::int,
    due_at = coalesce(e.until, n.due_at),
    next_attempt_at = CASE WHEN e.state IN ('UNTRIED', 'PENDING')
      THEN coalesce(e.until, now() + make_interval(secs => e.seconds), n.due_at) ELSE n.next_attempt_at END
  FROM unnest($1::uuid[], $2::int[], $3::text[], $4::text[], $5::text[], $6::float8[], $7::timestamptz[])
    AS e (id, attempts, state, reason, provider_id, seconds, until)
  WHERE n.id = e.id AND n.attempts = e.attempts AND n.state = 'SENDING'`;

const PUT_IN_INBOXES = `
  UPDATE notification n SET state = 'SENT', reason = NULL, sent_at = now(), title = e.title, body = e.body
  FROM unnest($1::uuid[], $2::int[], $3::text[], $4::text[]) AS e (id, attempts, title, body)
  WHERE n.id = e.id AND n.attempts = e.attempts AND n.state = 'SENDING'
  RETURNING n.id, n.user_id AS "userId", n.clinic_id AS "clinicId"`;
