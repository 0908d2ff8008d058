import { Injectable } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import { Clock } from '../../core/kernel/clock.js';
import { isRefusedByProvider } from './payment.errors.js';
import { backoff, LEASE, toRefundWork } from './payment-work.js';
import { PaymentsRepository } from './payments.repository.js';
import { PaymentProvider } from './provider/payment-provider.js';
import { RefundRecorder } from './refund-recorder.js';
import { RefundsRepository, type RefundRow } from './refunds.repository.js';

/** Where refunds are stored, and recorded as the provider reports them. */
@Injectable()
export class RefundRecords {
  constructor(
    readonly refunds: RefundsRepository,
    readonly recorder: RefundRecorder,
  ) {}
}

/** Sends refunds to the provider, each once. */
@Injectable()
export class RefundSender {
  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
    private readonly payments: PaymentsRepository,
    private readonly provider: PaymentProvider,
    private readonly records: RefundRecords,
  ) {}

  async findDue(now: Date, limit: number): Promise<string[]> {
    return (await this.records.refunds.findDue(now, limit)).map(toRefundWork);
  }

  async send(id: string): Promise<void> {
    const now = this.clock.now();
    const refund = await this.records.refunds.claim(id, new Date(now), new Date(now + LEASE));
    if (!refund) return;
    const payment = await this.payments.find(refund.paymentId);
    if (!payment?.providerPaymentId) return;
    await this.records.refunds.schedule(id, refund.attempts, new Date(now + Math.max(LEASE, backoff(refund.attempts))));
    if (this.provider.unavailableReason || this.provider.name !== payment.provider) return;
    const money = { amountMinor: refund.amountMinor, currency: payment.currency };
    try {
      const sent = await this.provider.refund(payment.providerPaymentId, id, money);
      await this.db.transaction(() => this.records.recorder.record(payment.provider, sent));
    } catch (error) {
      if (!isRefusedByProvider(error)) throw error;
      await this.fail(refund);
    }
  }

  /** The provider cannot refund it, for example because the payment is too old. */
  private fail({ id, paymentId }: RefundRow): Promise<void> {
    return this.db.transaction(async () => {
      const payment = await this.payments.lock(paymentId);
      const refund = await this.records.refunds.find(id);
      if (!payment || refund?.state !== 'DUE') return;
      await this.records.recorder.end(payment, refund, 'FAILED', null);
    });
  }
}
