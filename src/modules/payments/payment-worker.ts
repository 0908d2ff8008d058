import { Injectable } from '@nestjs/common';
import { Clock } from '../../core/kernel/clock.js';
import { RefundSender } from './refund-sender.js';
import { PaymentArrivals } from './payment-arrivals.js';
import { backoffMilliseconds, LEASE_MILLISECONDS, parseWork, toPaymentWork } from './payment-work.js';
import { PaymentsRepository, type PaymentRow } from './payments.repository.js';
import { PaymentProvider } from './provider/payment-provider.js';

/** The provider is asked for an order until it is so old; after that, only the reconciliation finds a payment. */
const MAX_CHECKED_AGE_MILLISECONDS = 24 * 3_600_000;
const MAX_DUE = 200;

/** Does what is due: asks the provider for orders that no report has paid yet, settles payments, and sends refunds. */
@Injectable()
export class PaymentWorker {
  constructor(
    private readonly clock: Clock,
    private readonly payments: PaymentsRepository,
    private readonly arrivals: PaymentArrivals,
    private readonly provider: PaymentProvider,
    private readonly sender: RefundSender,
  ) {}

  async findDue(): Promise<string[]> {
    const now = new Date(this.clock.now());
    const payments = await this.payments.findDue(now, MAX_DUE);
    return [...payments.map(toPaymentWork), ...(await this.sender.findDue(now, MAX_DUE))];
  }

  /** Claims the work, so that running it twice does no harm. */
  async run(work: string): Promise<void> {
    const { kind, id } = parseWork(work);
    if (kind === 'refund') return this.sender.send(id);
    const now = this.clock.now();
    const payment = await this.payments.claim(id, new Date(now), new Date(now + LEASE_MILLISECONDS));
    if (!payment) return;
    if (payment.status === 'PAID') await this.arrivals.settle(id);
    else await this.checkOrder(payment, now);
  }

  private async checkOrder(payment: PaymentRow, now: number): Promise<void> {
    const { id, attempts, createdAt, providerOrderId } = payment;
    const isOver = now - createdAt.getTime() > MAX_CHECKED_AGE_MILLISECONDS;
    const next = isOver ? null : new Date(now + backoffMilliseconds(attempts));
    // Before the provider is asked: if that fails, the order is asked for again.
    await this.payments.scheduleCheck(id, attempts, next);
    if (this.provider.unavailableReason || this.provider.name !== payment.provider) return;
    for (const paid of await this.provider.findPayments(providerOrderId))
      await this.arrivals.record(payment.provider, paid);
  }
}
