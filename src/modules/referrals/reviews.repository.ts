import { Injectable } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import { ReferralsRepository } from './referrals.repository.js';
import type { ReferralView } from './referrals.dto.js';

/** The review that a completed visit needs. */
export interface NeededReview {
  clinicId: string;
  clientId: string;
  serviceId: string;
  startAt: Date;
  afterMonths: number;
  timeZone: string;
}

/** Finds which visits need a review. Hand-written SQL: appointments, services and patients belong to other features. */
@Injectable()
export class ReviewsRepository {
  constructor(
    private readonly db: Database,
    private readonly referrals: ReferralsRepository,
  ) {}

  /** The review that a visit needs; null if its service has no reviews, the visit has its referral already, or the patient was erased. */
  findNeeded(appointmentId: string): Promise<NeededReview | null> {
    return this.db.row<NeededReview>(NEEDED_REVIEW, [appointmentId]);
  }

  /** Locks the referral of a visit until the transaction ends, if no booking and no hold uses it. */
  async lockUnused(appointmentId: string, now: number): Promise<ReferralView | null> {
    const referral = await this.referrals.lockReview(appointmentId);
    return !referral || referral.appointmentId || (await this.referrals.isHeld(referral.id, now)) ? null : referral;
  }
}

// The appointment is locked, so nobody else creates the referral at the same time; the unique index is for certainty.
const NEEDED_REVIEW = `
  SELECT a.clinic_id AS "clinicId", a.client_id AS "clientId", r.id AS "serviceId", a.start_at AS "startAt",
         s.review_after_months AS "afterMonths", k.time_zone AS "timeZone"
  FROM appointment a
  JOIN service s ON s.id = a.service_id AND s.review_after_months IS NOT NULL
  JOIN service r ON r.id = coalesce(s.review_service_id, s.id) AND r.is_active AND r.deleted_at IS NULL
  JOIN clinic k ON k.id = a.clinic_id
  JOIN client c ON c.id = a.client_id
  JOIN user_account u ON u.id = c.user_id AND u.deleted_at IS NULL
  WHERE a.id = $1::uuid AND NOT EXISTS (SELECT FROM referral f WHERE f.reviewed_id = a.id)`;
