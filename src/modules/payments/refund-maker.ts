import { Injectable } from '@nestjs/common';
import { ChangeLog } from '../../core/changes/change-log.js';
import { Clock } from '../../core/kernel/clock.js';
import { newId } from '../../core/kernel/id.js';
import { percentOf, refundDue } from './ledger.js';
import type { RefundReason } from './payment-refund.entity.js';
import { PaymentsRepository, type PaymentRow } from './payments.repository.js';
import { RefundQueue } from './refund-queue.js';
import { RefundsRepository } from './refunds.repository.js';

/** The event that tells the patient of a refund. */
export const REFUND_EVENT = 'payment.refund-due';

interface NewRefund {
  amountMinor: number;
  reason: RefundReason;
  /** The manager; null for a refund by a rule. */
  createdBy: string | null;
}

/** Makes refunds in the current transaction. A worker sends them to the provider after the commit. */
@Injectable()
export class RefundMaker {
  constructor(
    private readonly clock: Clock,
    private readonly payments: PaymentsRepository,
    private readonly refunds: RefundsRepository,
    private readonly changes: ChangeLog,
    private readonly queue: RefundQueue,
  ) {}

  /** Refunds a part of a payment that the caller has locked. @returns the id of the refund */
  async refund(payment: PaymentRow, { amountMinor, reason, createdBy }: NewRefund): Promise<string> {
    const { clinicId, currency, taxBasisPoints, refundedMinor } = payment;
    const [id, at] = [newId(), new Date(this.clock.now())];
    await this.refunds.insert({
      ...{ id, paymentId: payment.id, clinicId, amountMinor, reason, createdBy },
      ...{ state: 'DUE', createdAt: at, nextAttemptAt: at },
    });
    await this.payments.addRefunded(payment.id, amountMinor);
    const booking = { sourceId: id, event: 'REFUND_DUE', clinicId, paymentId: payment.id, currency, at } as const;
    await this.refunds.book(booking, refundDue(amountMinor, refundedMinor, taxBasisPoints));
    await this.changes.record({
      action: REFUND_EVENT,
      objectType: 'payment',
      objectId: payment.id,
      clinicId,
      changes: { refundId: id, amount: amountMinor, currency, reason },
      event: { name: REFUND_EVENT, payload: { id: payment.id, refundId: id } },
    });
    this.queue.add(id);
    return id;
  }

  /** Refunds what is left of a locked payment. */
  async refundRest(payment: PaymentRow, reason: RefundReason): Promise<void> {
    const amountMinor = payment.amountMinor - payment.refundedMinor;
    if (amountMinor > 0) await this.refund(payment, { amountMinor, reason, createdBy: null });
  }

  /**
   * Refunds a part of each payment of a cancelled appointment; earlier refunds count. The caller has locked the appointment.
   * @param percent by the policy of the clinic or service
   */
  async refundVisit(appointmentId: string, percent: number): Promise<void> {
    for (const payment of await this.payments.lockPaid(appointmentId)) {
      const amountMinor = percentOf(payment.amountMinor, percent) - payment.refundedMinor;
      if (amountMinor > 0) await this.refund(payment, { amountMinor, reason: 'CANCELLED', createdBy: null });
      await this.payments.settle(payment.id, appointmentId);
    }
  }
}
