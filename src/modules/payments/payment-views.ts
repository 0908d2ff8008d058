import { Injectable } from '@nestjs/common';
import { includedTax } from './ledger.js';
import type { PaymentView, RefundView } from './payments.dto.js';
import type { PaymentRow } from './payments.repository.js';
import { PaymentProvider } from './provider/payment-provider.js';
import { RefundsRepository } from './refunds.repository.js';

/** Turns payments into what the API shows. */
@Injectable()
export class PaymentViews {
  constructor(
    private readonly refunds: RefundsRepository,
    private readonly provider: PaymentProvider,
  ) {}

  async toView(payment: PaymentRow): Promise<PaymentView> {
    const refunds = await this.refunds.findViews([payment.id]);
    return this.compose(payment, refunds.get(payment.id) ?? []);
  }

  async toViews(payments: readonly PaymentRow[]): Promise<Map<string, PaymentView>> {
    const refunds = await this.refunds.findViews(payments.map(({ id }) => id));
    return new Map(payments.map((payment) => [payment.id, this.compose(payment, refunds.get(payment.id) ?? [])]));
  }

  /** @param refunds of the payment */
  compose(payment: PaymentRow, refunds: RefundView[]): PaymentView {
    const { amountMinor, currency, refundedMinor, status } = payment;
    const checkout = {
      provider: payment.provider,
      orderId: payment.providerOrderId,
      publicKey: this.provider.publicKey,
    };
    return {
      id: payment.id,
      clinicId: payment.clinicId,
      clientId: payment.clientId,
      holdId: payment.holdId,
      appointmentId: payment.appointmentId,
      kind: payment.kind,
      amount: { amount: amountMinor, currency },
      taxAmount: includedTax(amountMinor, payment.taxBasisPoints),
      refundedAmount: refundedMinor,
      status: toStatus(payment),
      checkout: status === 'PAID' ? null : checkout,
      receiptNumber: payment.receiptNumber,
      refunds,
      createdAt: payment.createdAt,
      paidAt: payment.paidAt,
    };
  }
}

function toStatus({ status, refundedMinor, amountMinor }: PaymentRow): PaymentView['status'] {
  if (status !== 'PAID') return 'CREATED';
  if (refundedMinor === 0) return 'PAID';
  return refundedMinor === amountMinor ? 'REFUNDED' : 'PARTIALLY_REFUNDED';
}
