import { Injectable } from '@nestjs/common';
import { Clock } from '../../core/kernel/clock.js';
import { isRefusedByProvider } from './payment.errors.js';
import { backoffMilliseconds, LEASE_MILLISECONDS, toRefundWork } from './payment-work.js';
import { PaymentsRepository } from './payments.repository.js';
import { PaymentProvider } from './provider/payment-provider.js';
import { RefundResults } from './refund-results.js';
import { RefundsRepository } from './refunds.repository.js';

/** Sends refunds to the provider, each once. */
@Injectable()
export class RefundSender {
  constructor(
    private readonly clock: Clock,
    private readonly payments: PaymentsRepository,
    private readonly refunds: RefundsRepository,
    private readonly provider: PaymentProvider,
    private readonly results: RefundResults,
  ) {}

  async findDue(now: Date, limit: number): Promise<string[]> {
    return (await this.refunds.findDue(now, limit)).map(toRefundWork);
  }

  async send(id: string): Promise<void> {
    const now = this.clock.now();
    const refund = await this.refunds.claim(id, new Date(now), new Date(now + LEASE_MILLISECONDS));
    if (!refund) return;
    const payment = await this.payments.find(refund.paymentId);
    if (!payment?.providerPaymentId) return;
    const delay = Math.max(LEASE_MILLISECONDS, backoffMilliseconds(refund.attempts));
    await this.refunds.schedule(id, refund.attempts, new Date(now + delay));
    if (this.provider.unavailableReason || this.provider.name !== payment.provider) return;
    const money = { amountMinor: refund.amountMinor, currency: payment.currency };
    try {
      const sent = await this.provider.refund(payment.providerPaymentId, id, money);
      await this.results.sent(payment.provider, sent);
    } catch (error) {
      if (!isRefusedByProvider(error)) throw error;
      await this.results.refused(refund);
      // It may be refused because somebody has refunded it in the provider's dashboard.
      for (const made of await this.provider.findRefunds(payment.providerPaymentId))
        await this.results.sent(payment.provider, made);
    }
  }
}
