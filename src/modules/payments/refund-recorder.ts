import { Injectable } from '@nestjs/common';
import { ChangeLog } from '../../core/changes/change-log.js';
import { Clock } from '../../core/kernel/clock.js';
import { newId } from '../../core/kernel/id.js';
import { refunded, refundDue } from './ledger.js';
import { ignored, PaymentLog, type Recorded } from './payment-log.js';
import { PaymentsRepository, type PaymentRow } from './payments.repository.js';
import type { ProviderRefund } from './provider/payment-provider.js';
import { RefundsRepository, type RefundRow } from './refunds.repository.js';

/** How a refund ended. */
interface RefundEnd {
  state: 'PROCESSED' | 'FAILED';
  /** Null if the provider has refused it. */
  providerRefundId: string | null;
}

/** Records refunds that the provider reports, in the current transaction. The order of the reports does not matter. */
@Injectable()
export class RefundRecorder {
  constructor(
    private readonly clock: Clock,
    private readonly payments: PaymentsRepository,
    private readonly refunds: RefundsRepository,
    private readonly changes: ChangeLog,
    private readonly log: PaymentLog,
  ) {}

  /** @returns IGNORED for a payment that is not recorded: record it first */
  async record(provider: string, report: ProviderRefund): Promise<Recorded> {
    const payment = await this.payments.lockByProviderPayment(provider, report.paymentId);
    if (!payment) return ignored('UNKNOWN_PAYMENT');
    if (report.currency !== payment.currency) return this.log.quarantine('REFUND_CURRENCY', payment);
    const ids = { refundId: report.refundId, providerRefundId: report.id };
    const known = await this.refunds.findOfPayment(payment.id, ids);
    const refund = known ?? (await this.addForeign(payment, report));
    if (!refund || refund.amountMinor !== report.amountMinor) return this.log.quarantine('REFUND_AMOUNT', payment);
    if (refund.state === 'PROCESSED' || refund.state === 'FAILED') return ignored('KNOWN', payment.id);
    if (report.status === 'PENDING') await this.refunds.markSent(refund.id, report.id);
    else await this.end(payment, refund, { state: report.status, providerRefundId: report.id });
    return { outcome: 'APPLIED', reason: null, paymentId: payment.id };
  }

  /** Ends a refund of a locked payment. */
  async end(payment: PaymentRow, refund: RefundRow, { state, providerRefundId }: RefundEnd): Promise<void> {
    const { id, amountMinor } = refund;
    const at = new Date(this.clock.now());
    const booking = { sourceId: id, clinicId: payment.clinicId, paymentId: payment.id, currency: payment.currency, at };
    await this.refunds.end(id, { state, providerRefundId, at });
    if (state === 'PROCESSED') await this.refunds.book({ ...booking, event: 'REFUNDED' }, refunded(amountMinor));
    else {
      await this.refunds.bookFailure({ ...booking, event: 'REFUND_FAILED' });
      await this.payments.addRefunded(payment.id, -amountMinor);
      this.log.quarantine('REFUND_FAILED', payment);
    }
    await this.changes.record({
      action: state === 'PROCESSED' ? 'payment.refunded' : 'payment.refund-failed',
      objectType: 'payment',
      objectId: payment.id,
      clinicId: payment.clinicId,
      changes: { refundId: id, amount: amountMinor, currency: payment.currency },
    });
  }

  /** A refund that was made at the provider. @returns null if it is more than what is left of the payment */
  private async addForeign(payment: PaymentRow, { id, amountMinor }: ProviderRefund): Promise<RefundRow | null> {
    const { clinicId, currency, refundedMinor, taxBasisPoints } = payment;
    if (refundedMinor + amountMinor > payment.amountMinor) return null;
    const refund = { id: newId(), paymentId: payment.id, clinicId, amountMinor, reason: 'PROVIDER' } as const;
    const at = new Date(this.clock.now());
    await this.refunds.insert({ ...refund, state: 'SENT', providerRefundId: id, createdBy: null, createdAt: at });
    await this.payments.addRefunded(payment.id, amountMinor);
    const booking = {
      sourceId: refund.id,
      event: 'REFUND_DUE',
      clinicId,
      paymentId: payment.id,
      currency,
      at,
    } as const;
    await this.refunds.book(booking, refundDue(amountMinor, refundedMinor, taxBasisPoints));
    return { ...refund, state: 'SENT', providerRefundId: id, attempts: 0 };
  }
}
