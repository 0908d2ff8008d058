import { Injectable } from '@nestjs/common';
import { Clock } from '../../core/kernel/clock.js';
import { RefundSender } from './refund-sender.js';
import { PaymentArrivals } from './payment-arrivals.js';
import { backoff, LEASE, parseWork, toPaymentWork } from './payment-work.js';
import { PaymentsRepository, type PaymentRow } from './payments.repository.js';
import { PaymentProvider } from './provider/payment-provider.js';

const MINUTE = 60_000;
/** Orders are asked for so long; after that, only the reconciliation finds a payment. */
const CHECKED_FOR = 24 * 60 * MINUTE;
const MAX_DUE = 200;

/** What is due: asks the provider for orders of which nothing was heard, settles payments, and sends refunds. */
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
    const payment = await this.payments.claim(id, new Date(now), new Date(now + LEASE));
    if (!payment) return;
    if (payment.status === 'PAID') await this.arrivals.settle(id);
    else await this.ask(payment, now);
  }

  private async ask(payment: PaymentRow, now: number): Promise<void> {
    const { id, attempts, createdAt, providerOrderId } = payment;
    const isOver = now - createdAt.getTime() > CHECKED_FOR;
    const next = isOver ? null : new Date(now + backoff(attempts));
    // Before the provider is asked: if that fails, the order is asked for again.
    await this.payments.scheduleCheck(id, attempts, next);
    if (this.provider.unavailableReason || this.provider.name !== payment.provider) return;
    for (const paid of await this.provider.findPayments(providerOrderId))
      await this.arrivals.record(payment.provider, paid);
  }
}
