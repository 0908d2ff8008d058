import { Injectable } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import { PaymentsRepository } from './payments.repository.js';
import type { ProviderRefund } from './provider/payment-provider.js';
import { RefundRecorder } from './refund-recorder.js';
import { RefundsRepository, type RefundRow } from './refunds.repository.js';

/** Writes what became of a refund that was sent, each in a transaction of its own. */
@Injectable()
export class RefundResults {
  constructor(
    private readonly db: Database,
    private readonly payments: PaymentsRepository,
    private readonly refunds: RefundsRepository,
    private readonly recorder: RefundRecorder,
  ) {}

  async sent(provider: string, refund: ProviderRefund): Promise<void> {
    await this.db.transaction(() => this.recorder.record(provider, refund));
  }

  /** The provider cannot refund it, for example because the payment is too old. */
  async refused({ id, paymentId }: Pick<RefundRow, 'id' | 'paymentId'>): Promise<void> {
    await this.db.transaction(async () => {
      const payment = await this.payments.lock(paymentId);
      const refund = await this.refunds.find(id);
      if (payment && refund?.state === 'DUE')
        await this.recorder.end(payment, refund, { state: 'FAILED', providerRefundId: null });
    });
  }
}
