import { Injectable } from '@nestjs/common';
import { Clock } from '../../core/kernel/clock.js';
import { newId } from '../../core/kernel/id.js';
import { ignored, PaymentLog, type Recorded } from './payment-log.js';
import { captured } from './ledger.js';
import { PaymentsRepository, type PaymentRow } from './payments.repository.js';
import type { ProviderPayment } from './provider/payment-provider.js';
import { RefundMaker } from './refund-maker.js';
import { RefundsRepository } from './refunds.repository.js';

/**
 * Records payments that the provider reports, by a webhook, after a checkout, or in its lists, in the current transaction. The order of the
 * reports does not matter, and a repeated one changes nothing.
 */
@Injectable()
export class PaymentRecorder {
  constructor(
    private readonly clock: Clock,
    private readonly payments: PaymentsRepository,
    private readonly refunds: RefundsRepository,
    private readonly refundMaker: RefundMaker,
    private readonly log: PaymentLog,
  ) {}

  /** Records a captured payment of one of our orders. */
  async record(provider: string, paid: ProviderPayment): Promise<Recorded> {
    const payment = paid.orderId ? await this.payments.lockByOrder(provider, paid.orderId) : null;
    if (!payment) return ignored('UNKNOWN_ORDER');
    if (paid.status !== 'CAPTURED') return ignored('NOT_CAPTURED', payment.id);
    if (paid.amountMinor !== payment.amountMinor) return this.log.quarantine('AMOUNT', payment);
    if (paid.currency !== payment.currency) return this.log.quarantine('CURRENCY', payment);
    if (payment.providerPaymentId === paid.id) return ignored('KNOWN', payment.id);
    if (payment.status === 'PAID') return this.recordSecond(payment, paid.id);
    const receiptNumber = await this.payments.nextReceiptNumber(payment.clinicId);
    await this.payments.markPaid(payment.id, { providerPaymentId: paid.id, receiptNumber, paidAt: this.now() });
    await this.bookCapture(payment, payment.id);
    await this.log.recordPaid(payment, receiptNumber);
    return { outcome: 'APPLIED', reason: null, paymentId: payment.id };
  }

  /** A webhook about another account of the provider. */
  quarantineAccount(): Recorded {
    return this.log.quarantine('ACCOUNT', null);
  }

  /** The same order was paid twice: the second payment is refunded. */
  private async recordSecond(first: PaymentRow, providerPaymentId: string): Promise<Recorded> {
    const known = await this.payments.lockByProviderPayment(first.provider, providerPaymentId);
    if (known) return ignored('KNOWN', known.id);
    const id = newId();
    const receiptNumber = await this.payments.nextReceiptNumber(first.clinicId);
    await this.payments.insertDuplicate(first, { id, providerPaymentId, receiptNumber, paidAt: this.now() });
    await this.bookCapture(first, id);
    const second = { ...first, id, refundedMinor: 0 };
    await this.log.recordPaid(second, receiptNumber);
    await this.refundMaker.refundRest(second, 'PAID_TWICE');
    return { outcome: 'APPLIED', reason: null, paymentId: id };
  }

  private bookCapture({ clinicId, currency, amountMinor, taxBasisPoints }: PaymentRow, id: string): Promise<void> {
    const booking = { sourceId: id, event: 'CAPTURED', clinicId, paymentId: id, currency, at: this.now() } as const;
    return this.refunds.book(booking, captured(amountMinor, taxBasisPoints));
  }

  private now(): Date {
    return new Date(this.clock.now());
  }
}
