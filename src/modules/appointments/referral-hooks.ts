import { Injectable } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import { invalid } from '../../core/kernel/domain-error.js';
import { referralRequired } from './appointment.errors.js';
import type { Range } from '../scheduling/index.js';
import type { RequestedSlot } from './requested-slot.js';

/** A referral that is used for an appointment or a hold. */
export interface ReferralUse {
  referralId: string;
  kind: 'APPOINTMENT' | 'HOLD';
  /** The id of the appointment or hold; of a hold's appointment, that of the hold. */
  id: string;
  clientId: string | null;
}

/** The referral that is given with a request. */
export interface ReferralRequest {
  referralId?: string | null;
  /** Of a hold: the referral is given only when the held time is booked. */
  isForLater?: boolean;
}

/** What the feature of referrals does in the transaction of a booking. */
export interface ReferralHandler {
  /**
   * Locks the referral until the transaction ends, and checks patient, service and day.
   * @returns the doctor for whom it is; null for any
   * @throws DomainError VALIDATION_ERROR with the wrong field, SLOT_NOT_OFFERED if it was used
   */
  lock(use: ReferralUse, slot: RequestedSlot): Promise<{ doctorId: string | null }>;
  /** Called after the appointment or hold was written. */
  assign(use: ReferralUse, slot: RequestedSlot): Promise<void>;
  /** The referral that a cancelled appointment gave back, if it can still be used. */
  findGivenBack(appointmentId: string): Promise<{ id: string } | null>;
  /** What the referral of an appointment allows, also that of a cancelled one that can still be used. */
  findTerms(appointmentId: string): Promise<ReferralTerms | null>;
}

/** When and with whom the visit of a referral may be. */
export interface ReferralTerms {
  during: Range;
  /** Null: any doctor of the service. */
  doctorId: string | null;
}

/**
 * Uses referrals for bookings. The hot booking statement does not know them: only a booking with a referral runs in a transaction, which
 * locks the referral first. Referrals depend on appointments, so their feature registers itself in onModuleInit.
 */
@Injectable()
export class ReferralHooks {
  private handler: ReferralHandler | null = null;

  constructor(private readonly db: Database) {}

  register(handler: ReferralHandler): void {
    this.handler = handler;
  }

  /** The id of the referral that a cancelled appointment gave back; null if it had none, or it can no longer be used. */
  async findGivenBack(appointmentId: string): Promise<string | null> {
    return (await this.handler?.findGivenBack(appointmentId))?.id ?? null;
  }

  /** What the referral allows with which an appointment was booked; null if there is none. */
  async findTerms(appointmentId: string): Promise<ReferralTerms | null> {
    return (await this.handler?.findTerms(appointmentId)) ?? null;
  }

  /**
   * Runs `work` with the slots that the referral allows.
   * @throws DomainError SLOT_NOT_OFFERED for a patient without the referral that the service requires, and those of ReferralHandler
   */
  async use<T>(
    { referralId, isForLater, ...owner }: Omit<ReferralUse, 'referralId'> & ReferralRequest,
    slots: RequestedSlot[],
    work: (slots: RequestedSlot[]) => Promise<T>,
  ): Promise<T> {
    const { handler } = this;
    const [first] = slots;
    if (!referralId || !first || !handler) {
      if (first?.rules.row.requiresReferral && !first.isForDesk && !isForLater) throw referralRequired();
      return work(slots);
    }
    const use = { ...owner, referralId: referralId.toLowerCase() };
    return this.db.transaction(async () => {
      const { doctorId } = await handler.lock(use, first);
      const allowed = doctorId ? slots.filter((slot) => slot.doctorId === doctorId) : slots;
      if (allowed.length === 0) throw invalid({ field: 'doctorId', error: 'is not the doctor of the referral' });
      const result = await work(allowed);
      await handler.assign(use, first);
      return result;
    });
  }
}
