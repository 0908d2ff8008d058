import { Injectable } from '@nestjs/common';
import { IsNull } from 'typeorm';
import { Database } from '../../core/database/database.js';
import { toIso } from '../../core/kernel/clock.js';
import type { ReferralUse } from '../appointments/index.js';
import { Referral } from './referral.entity.js';

/** What decides whether a referral can be used. */
export interface UsableReferral {
  id: string;
  clientId: string;
  serviceId: string;
  doctorId: string | null;
  validFrom: string;
  validTo: string;
  appointmentId: string | null;
  /** The zone of the clinic. */
  timeZone: string;
}

const USABLE = `
  SELECT r.id, r.client_id AS "clientId", r.service_id AS "serviceId", r.doctor_id AS "doctorId", r.valid_from::text AS "validFrom",
         r.valid_to::text AS "validTo", r.appointment_id AS "appointmentId", k.time_zone AS "timeZone"
  FROM referral r JOIN clinic k ON k.id = r.clinic_id`;

/** Reads and writes which booking or hold uses a referral. Hand-written SQL where it reads clinics and holds. */
@Injectable()
export class ReferralUsesRepository {
  constructor(private readonly db: Database) {}

  /** Locks the referral until the transaction ends: of concurrent bookings with it, one succeeds. */
  lock(id: string): Promise<UsableReferral | null> {
    return this.db.row<UsableReferral>(`${USABLE} WHERE r.id = $1 FOR UPDATE OF r`, [id]);
  }

  findByAppointment(appointmentId: string): Promise<UsableReferral | null> {
    return this.db.row<UsableReferral>(`${USABLE} WHERE r.appointment_id = $1`, [appointmentId]);
  }

  /** Takes the referral from other holds that have expired. Call it after `lock`: the statement then sees what was committed before. */
  async releaseExpiredHolds({ referralId, id }: ReferralUse, now: number): Promise<void> {
    await this.db.rows(
      'UPDATE hold SET referral_id = NULL WHERE referral_id = $1 AND id <> $2 AND expires_at <= $3::timestamptz',
      [referralId, id, toIso(now)],
    );
  }

  /** Whether a hold keeps the referral, other than the one that becomes the appointment. Call it after `releaseExpiredHolds`. */
  async isHeldByOther({ referralId, id }: ReferralUse): Promise<boolean> {
    const row = await this.db.row('SELECT 1 AS one FROM hold WHERE referral_id = $1 AND id <> $2', [referralId, id]);
    return row !== null;
  }

  async assignToHold(id: string, holdId: string): Promise<void> {
    await this.db.rows('UPDATE hold SET referral_id = $1 WHERE id = $2', [id, holdId]);
  }

  /** @returns false if it was used meanwhile */
  async assignToAppointment(id: string, appointmentId: string): Promise<boolean> {
    const unused = { id, appointmentId: IsNull() };
    const { affected } = await this.db.repository(Referral).update(unused, { appointmentId, givenBackId: null });
    return affected === 1;
  }

  /** A cancelled appointment gives its referral back. */
  async giveBack(appointmentId: string): Promise<void> {
    await this.db.repository(Referral).update({ appointmentId }, { appointmentId: null, givenBackId: appointmentId });
  }

  /** The referral that a cancelled appointment gave back, unless its days are over or a hold keeps it. */
  findGivenBack(appointmentId: string, now: number): Promise<UsableReferral | null> {
    return this.db.row<UsableReferral>(
      `${USABLE} WHERE r.given_back_id = $1 AND r.appointment_id IS NULL
         AND r.valid_to >= ($2::timestamptz AT TIME ZONE k.time_zone)::date
         AND NOT EXISTS (SELECT FROM hold h WHERE h.referral_id = r.id AND h.expires_at > $2::timestamptz)`,
      [appointmentId, toIso(now)],
    );
  }

  /** A reinstated appointment takes its referral again, unless it was used for another one, or a hold keeps it. */
  async takeAgain(appointmentId: string, now: number): Promise<void> {
    await this.db.rows(
      `UPDATE referral r SET appointment_id = $1, given_back_id = NULL
       WHERE r.given_back_id = $1 AND r.appointment_id IS NULL
         AND NOT EXISTS (SELECT FROM hold h WHERE h.referral_id = r.id AND h.expires_at > $2::timestamptz)`,
      [appointmentId, toIso(now)],
    );
  }
}
