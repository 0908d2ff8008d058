import { Injectable } from '@nestjs/common';
import { notFound } from '../../core/kernel/domain-error.js';
import type { Actor } from '../../core/kernel/actor.js';
import { PaymentArrivals } from './payment-arrivals.js';
import { paymentsUnavailable, wrongSignature } from './payment.errors.js';
import { PaymentViews } from './payment-views.js';
import { PaymentAccess } from './payment-access.js';
import type { PaymentView, VerifyPayment } from './payments.dto.js';
import { PaymentsRepository, type PaymentRow } from './payments.repository.js';
import { PaymentProvider } from './provider/payment-provider.js';

/** Verifies what the provider's checkout returns to the patient. */
@Injectable()
export class CheckoutService {
  constructor(
    private readonly payments: PaymentsRepository,
    private readonly provider: PaymentProvider,
    private readonly access: PaymentAccess,
    private readonly arrivals: PaymentArrivals,
    private readonly views: PaymentViews,
  ) {}

  /**
   * Records and settles what was paid. The signature proves that the checkout has ended; the provider says whether and how much was
   * paid. Can be repeated.
   * @throws DomainError NOT_FOUND, VALIDATION_ERROR for a wrong signature, UPSTREAM_UNAVAILABLE: then the worker asks the provider later
   */
  async verify(actor: Actor, result: VerifyPayment): Promise<PaymentView> {
    const { provider } = this;
    const found = await this.payments.findByOrder(provider.name, result.orderId);
    const payment = await this.access.assertMaySee(actor, found);
    if (provider.unavailableReason) throw paymentsUnavailable(provider.unavailableReason);
    if (!provider.isSigned(result)) throw wrongSignature();
    const paid = await provider.capture(result.paymentId);
    if (paid.orderId !== payment.providerOrderId) throw notFound();
    const { paymentId } = await this.arrivals.record(provider.name, paid);
    // The webhook may have come first, and its settlement may have failed.
    await this.arrivals.settle(payment.id);
    return this.views.toView((await this.payments.find(paymentId ?? payment.id)) as PaymentRow);
  }
}
