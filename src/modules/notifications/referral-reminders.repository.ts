import { Injectable } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import { DEFAULT_CHANNELS } from './deliverability.js';
import { isFirstMessage } from './message-keys.js';
import { joinRecipients } from './recipients.sql.js';

const MAX_CREATED_AT_ONCE = 500;

/** Creates the reminders of referrals. Hand-written SQL: one statement marks the referrals and creates the deliveries of all of them. */
@Injectable()
export class ReferralRemindersRepository {
  constructor(private readonly db: Database) {}

  /** Reminds of referrals that are due and not used, each once. @returns how many were due, up to a limit */
  async createDue(): Promise<number> {
    const values = [JSON.stringify(DEFAULT_CHANNELS), MAX_CREATED_AT_ONCE];
    const row = await this.db.row<{ count: number }>(CREATE_DUE_REMINDERS, values);
    return row?.count ?? 0;
  }
}

// Due at nine in the morning at the clinic. A referral whose window ended in an outage is marked, and nobody is reminded.
const CREATE_DUE_REMINDERS = `
  WITH due AS MATERIALIZED (
    SELECT f.id FROM referral f JOIN clinic k ON k.id = f.clinic_id
    WHERE f.reminded_at IS NULL AND f.appointment_id IS NULL AND f.remind_on IS NOT NULL
      AND (f.remind_on + time '09:00') AT TIME ZONE k.time_zone <= now()
      AND NOT EXISTS (SELECT FROM hold h WHERE h.referral_id = f.id AND h.expires_at > now())
    ORDER BY f.remind_on, f.id LIMIT $2::int FOR UPDATE OF f SKIP LOCKED
  ), reminded AS (
    UPDATE referral f SET reminded_at = now() FROM due WHERE f.id = due.id
    RETURNING f.id, f.clinic_id, f.client_id, f.valid_to
  ), created AS (
    INSERT INTO notification (user_id, clinic_id, referral_id, kind, channel, due_at, next_attempt_at)
    SELECT u.id, f.clinic_id, f.id, 'REFERRAL_REMINDER', channel, now(), now()
    FROM reminded f JOIN clinic k ON k.id = f.clinic_id AND f.valid_to >= (now() AT TIME ZONE k.time_zone)::date
    ${joinRecipients('f.client_id', `'REFERRAL_REMINDER'`, '$1')} AND ${isFirstMessage('referral_id', 'f.id')}
    ON CONFLICT DO NOTHING
  )
  SELECT count(*)::int AS count FROM reminded`;
