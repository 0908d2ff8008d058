import { Injectable } from '@nestjs/common';
import { ignored, type Recorded } from './payment-log.js';
import { PaymentRecorder } from './payment-recorder.js';
import type { ProviderPayment, ProviderRefund } from './provider/payment-provider.js';
import { RefundRecorder } from './refund-recorder.js';

/** What the provider reports, under an id that is applied once. */
export interface Report {
  provider: string;
  id: string;
  type: string;
  isOwnAccount: boolean;
  payment: ProviderPayment | null;
  refund: ProviderRefund | null;
}

/** Records payments and refunds in the current transaction. */
@Injectable()
export class PaymentRecords {
  constructor(
    private readonly payments: PaymentRecorder,
    private readonly refunds: RefundRecorder,
  ) {}

  recordPayment(provider: string, payment: ProviderPayment): Promise<Recorded> {
    return this.payments.record(provider, payment);
  }

  /** A refund can be reported before its payment: the report contains both, so the payment is recorded first. */
  async apply({ provider, isOwnAccount, payment, refund }: Report): Promise<Recorded> {
    if (!isOwnAccount) return this.payments.quarantineAccount();
    const paid = payment ? await this.payments.record(provider, payment) : ignored('OTHER_EVENT');
    if (!refund || paid.outcome === 'QUARANTINED') return paid;
    const refunded = await this.refunds.record(provider, refund);
    return paid.outcome === 'APPLIED' && refunded.outcome === 'IGNORED' ? paid : refunded;
  }
}
