import { Injectable } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import { Payables, type Settlement } from './payables.js';
import { PaymentsRepository, type PaymentRow } from './payments.repository.js';
import { RefundMaker } from './refund-maker.js';

/** Does what a payment was made for: books the held time, or refunds it. */
@Injectable()
export class SettlementService {
  constructor(
    private readonly db: Database,
    private readonly payments: PaymentsRepository,
    private readonly payables: Payables,
    private readonly refunds: RefundMaker,
  ) {}

  /** Settles a payment once, however often it is called: the booking and the payment are one transaction. */
  settle(id: string): Promise<void> {
    return this.db.transaction(async () => {
      const found = await this.payments.find(id);
      // A cancellation locks the appointment before its payments.
      // The visit that the desk has booked from a hold has its id.
      const visitId = found?.appointmentId ?? found?.holdId;
      if (visitId) await this.payments.lockVisitStatus(visitId);
      if (found?.holdId) await this.payments.lockPaymentsOfHold(found.holdId);
      const payment = await this.payments.lock(id);
      if (payment?.status !== 'PAID' || payment.isSettled) return;
      // Refunded at the provider before it was settled.
      if (payment.refundedMinor === payment.amountMinor) return this.payments.settle(id, null);
      const isPaidTwice = payment.holdId !== null && (await this.payments.hasBooked(payment.holdId));
      const settlement: Settlement = isPaidTwice
        ? { refund: 'PAID_TWICE' }
        : await this.payables.get().settle(toPaidVisit(payment));
      if ('refund' in settlement) await this.refunds.refundRest(payment, settlement.refund);
      else await this.refundExcess(payment, settlement.appointmentId);
      await this.payments.settle(id, 'appointmentId' in settlement ? settlement.appointmentId : null);
    });
  }

  /** A deposit and the whole price have orders of their own, and both can be paid. */
  private async refundExcess(payment: PaymentRow, appointmentId: string): Promise<void> {
    const kept = payment.amountMinor - payment.refundedMinor;
    // Payments that are not settled yet do not count: their own settlement will count this one.
    const excess = (await this.payments.sumSettled(appointmentId)) + kept - payment.priceMinor;
    const amountMinor = Math.min(excess, kept);
    if (amountMinor > 0) await this.refunds.refund(payment, { amountMinor, reason: 'PAID_TWICE', createdBy: null });
  }
}

const toPaidVisit = (payment: PaymentRow) => ({
  paymentId: payment.id,
  payerId: payment.createdBy,
  clinicId: payment.clinicId,
  clientId: payment.clientId,
  holdId: payment.holdId,
  appointmentId: payment.appointmentId,
  serviceId: payment.serviceId,
  doctorId: payment.doctorId,
  startAt: payment.startAt,
  price: { amount: payment.priceMinor, currency: payment.currency, taxBasisPoints: payment.taxBasisPoints },
});
