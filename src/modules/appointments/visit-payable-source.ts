import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import { DomainError, type ErrorCode } from '../../core/kernel/domain-error.js';
import type { Actor } from '../../core/kernel/actor.js';
import {
  Payables,
  type PaidVisit,
  type Payable,
  type PayableRequest,
  type PayableSource,
  type Settlement,
} from '../payments/index.js';
import { Appointment } from './appointment.entity.js';
import { countBooking } from './booking-metrics.js';
import { HoldsRepository } from './holds.repository.js';
import { PaidBookingService } from './paid-booking.service.js';
import { PayableVisits } from './payable-visits.js';

/** The time cannot be booked any more. */
const REFUSALS: readonly ErrorCode[] = [
  'APPOINTMENT_CONFLICT',
  'SLOT_NOT_OFFERED',
  'HOLD_EXPIRED',
  'NOT_FOUND',
  'VALIDATION_ERROR',
];

/** What patients pay for: held times, which a payment books, and appointments. */
@Injectable()
export class VisitPayableSource implements PayableSource, OnModuleInit {
  constructor(
    private readonly db: Database,
    private readonly payables: Payables,
    private readonly visits: PayableVisits,
    private readonly holds: HoldsRepository,
    private readonly booking: PaidBookingService,
  ) {}

  onModuleInit(): void {
    this.payables.register(this);
  }

  find(actor: Actor, request: PayableRequest): Promise<Payable> {
    return 'holdId' in request
      ? this.visits.findHeld(actor, request.holdId)
      : this.visits.findBooked(actor, request.appointmentId);
  }

  async settle(paid: PaidVisit): Promise<Settlement> {
    const { appointmentId, holdId } = paid;
    // Before the visit is read: the front desk may be booking the hold now.
    if (holdId) await this.holds.lock(holdId);
    // A hold may have been booked in another way, such as by the front desk: the appointment has its id.
    const booked = await this.db.repository(Appointment).findOneBy({ id: appointmentId ?? holdId ?? '' });
    if (booked) return booked.status === 'CANCELLED' ? { refund: 'CANCELLED' } : { appointmentId: booked.id };
    return (await this.book(paid)) ?? { refund: 'TOO_LATE' };
  }

  /** @returns null if the time is taken */
  private async book(paid: PaidVisit): Promise<Settlement | null> {
    const hold = paid.holdId ? await this.holds.lock(paid.holdId) : null;
    const held = hold && (await this.attempt(() => this.booking.convert(paid, hold)));
    const appointmentId = held ?? (await this.attempt(() => this.booking.bookAgain(paid, hold)));
    return appointmentId === null ? null : { appointmentId };
  }

  /** A refused booking does not end the transaction of the payment. @returns null if it was refused */
  private async attempt(book: () => Promise<string>): Promise<string | null> {
    const result = await this.db.attempt(() => countBooking('payment', book));
    if ('value' in result) return result.value;
    const { error } = result;
    if (error instanceof DomainError && REFUSALS.includes(error.code)) return null;
    throw error;
  }
}
