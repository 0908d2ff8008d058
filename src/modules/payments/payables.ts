import { Injectable } from '@nestjs/common';
import type { Actor } from '../../core/kernel/actor.js';
import type { RefundReason } from './payment-refund.entity.js';

/** What a payment is for: a held time, or an appointment. */
export type PayableRequest = { holdId: string } | { appointmentId: string };

/** A visit that can be paid for. */
export interface Payable {
  clinicId: string;
  clientId: string;
  holdId: string | null;
  appointmentId: string | null;
  serviceId: string;
  doctorId: string;
  startAt: Date;
  price: { amount: number; currency: string; taxBasisPoints: number };
  /** The deposit as a percentage of the price; 100 for a hold that needs no deposit. */
  depositPercent: number;
}

/** A payment that has arrived. */
export interface PaidVisit {
  paymentId: string;
  /** Who paid: the patient or a guardian. */
  payerId: string;
  clinicId: string;
  clientId: string;
  holdId: string | null;
  appointmentId: string | null;
  serviceId: string;
  doctorId: string;
  startAt: Date;
  price: { amount: number; currency: string; taxBasisPoints: number };
}

/** The appointment that was paid for; or why the payment is refunded in full. */
export type Settlement = { appointmentId: string } | { refund: RefundReason };

/** What this feature needs of appointments, which import it. */
export interface PayableSource {
  /** @throws DomainError NOT_FOUND for a visit of somebody else, HOLD_EXPIRED, INVALID_TRANSITION for a cancelled one */
  find(actor: Actor, request: PayableRequest): Promise<Payable>;
  /** Books the visit of a payment, in the current transaction. */
  settle(paid: PaidVisit): Promise<Settlement>;
}

/** Holds the source of what can be paid for. Appointments import this feature, so they register themselves in onModuleInit. */
@Injectable()
export class Payables {
  private source: PayableSource | null = null;

  register(source: PayableSource): void {
    this.source = source;
  }

  get(): PayableSource {
    if (!this.source) throw new Error('No feature has registered what can be paid for');
    return this.source;
  }
}
