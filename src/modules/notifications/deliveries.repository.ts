import { Injectable } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import { CHANNELS, type ChannelName } from './channels/channel.js';
import type { Preferences } from './notifications.rules.js';
import type { NotificationKind } from './templates/templates.js';

/** A message that this process has claimed, with its recipient as it is now. */
export interface Delivery {
  id: string;
  userId: string;
  clinicId: string | null;
  appointmentId: string | null;
  kind: NotificationKind;
  channel: ChannelName;
  version: number;
  note: string | null;
  attempts: number;
  createdAt: Date;
  /** The database's clock: it decides what is due, and what is past. */
  now: Date;
  email: string | null;
  phone: string | null;
  deviceTokens: string[];
  recipientName: string;
  locale: string;
  timeZone: string;
  preferences: Preferences;
}

export type Ending =
  | { state: 'SENT'; providerId: string | null }
  | { state: 'SKIPPED' | 'FAILED'; reason: string }
  | { state: 'PENDING'; reason: string; retryAfterSeconds: number };

interface ClaimedRow extends Omit<Delivery, 'preferences'> {
  channels: Preferences['channels'] | null;
  quietStart: number | null;
  quietEnd: number | null;
}

/**
 * Longer than a batch can take: every send has its own timeout. A sender that died gives its messages up after this,
 * and they go out within a minute of their time.
 */
const LEASE_SECONDS = 45;

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

  /** @returns false where the lease ran out meanwhile and another sender has it */
  async end({ id, attempts }: Delivery, ending: Ending): Promise<boolean> {
    const row = await this.db.row(END, [
      id,
      attempts,
      ending.state,
      'reason' in ending ? ending.reason : null,
      'providerId' in ending ? ending.providerId : null,
      'retryAfterSeconds' in ending ? ending.retryAfterSeconds : 0,
    ]);
    return row !== null;
  }

  /** Not an attempt: the message waits for its recipient's morning. */
  async postpone({ id, attempts }: Delivery, until: number): Promise<void> {
    await this.db.rows(
      `UPDATE notification SET state = 'PENDING', attempts = attempts - 1, next_attempt_at = $3::timestamptz
       WHERE id = $1::uuid AND attempts = $2::int AND state = 'SENDING'`,
      [id, attempts, new Date(until).toISOString()],
    );
  }

  async putInInbox({ id, attempts }: Delivery, title: string, body: string): Promise<boolean> {
    const row = await this.db.row(
      `UPDATE notification SET state = 'SENT', sent_at = now(), title = $3::text, body = $4::text
       WHERE id = $1::uuid AND attempts = $2::int AND state = 'SENDING' RETURNING id`,
      [id, attempts, title, body],
    );
    return row !== null;
  }

  async dropDevice(token: string): Promise<void> {
    await this.db.rows(`DELETE FROM notification_device WHERE token = $1`, [token]);
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

  /** Seconds that the oldest message which could go out has waited, and how many are dead letters. */
  async lag(): Promise<{ seconds: number; failed: number }> {
    const row = await this.db.row<{ seconds: number; failed: number }>(
      `SELECT greatest(0, extract(epoch FROM now() - least(
                (SELECT min(next_attempt_at) FROM notification WHERE state IN ('PENDING', 'SENDING')),
                (SELECT min(due_at) FROM planned_notification))))::float8 AS seconds,
              (SELECT count(*)::int FROM notification WHERE state = 'FAILED') AS failed`,
    );
    return { seconds: row?.seconds ?? 0, failed: row?.failed ?? 0 };
  }
}

// next_attempt_at is the end of the lease while a sender has the message.
const CLAIM = `
  WITH claimed AS (
    UPDATE notification SET state = 'SENDING', attempts = attempts + 1, next_attempt_at = now() + make_interval(secs => $3::int)
    WHERE id IN (
      SELECT id FROM notification
      WHERE channel = $1::text AND state IN ('PENDING', 'SENDING') AND next_attempt_at <= now()
      ORDER BY next_attempt_at LIMIT $2::int FOR UPDATE SKIP LOCKED)
    RETURNING *
  )
  SELECT n.id, n.user_id AS "userId", n.clinic_id AS "clinicId", n.appointment_id AS "appointmentId", n.kind, n.channel,
         n.version, n.note, n.attempts, n.created_at AS "createdAt", now() AS now, u.email, u.phone,
         u.first_name AS "recipientName", u.locale, u.time_zone AS "timeZone",
         ARRAY(SELECT d.token FROM notification_device d WHERE d.user_id = u.id AND n.channel = 'PUSH') AS "deviceTokens",
         p.channels, p.quiet_start AS "quietStart", p.quiet_end AS "quietEnd"
  FROM claimed n
  JOIN user_account u ON u.id = n.user_id
  LEFT JOIN notification_preference p ON p.user_id = u.id`;

const END = `
  UPDATE notification SET state = $3::text, reason = $4::text, provider_id = coalesce($5::text, provider_id),
    sent_at = CASE WHEN $3::text = 'SENT' THEN now() END,
    next_attempt_at = now() + make_interval(secs => $6::float8)
  WHERE id = $1::uuid AND attempts = $2::int AND state = 'SENDING' RETURNING id`;
