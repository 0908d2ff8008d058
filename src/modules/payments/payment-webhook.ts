import { Injectable } from '@nestjs/common';
import { Clock } from '../../core/kernel/clock.js';
import { PaymentArrivals } from './payment-arrivals.js';
import { PaymentProvider } from './provider/payment-provider.js';

/** Receives events of the provider. If it throws, nothing was stored, and the provider sends the event again. */
@Injectable()
export class PaymentWebhook {
  constructor(
    private readonly provider: PaymentProvider,
    private readonly arrivals: PaymentArrivals,
    private readonly clock: Clock,
  ) {}

  /** @throws DomainError UNAUTHENTICATED, VALIDATION_ERROR for an event that is too old, SERVICE_UNAVAILABLE without a secret */
  async receive(body: Buffer, headers: Readonly<Record<string, unknown>>): Promise<null> {
    const event = this.provider.readEvent(body, headers, this.clock.now());
    await this.arrivals.receive({ provider: this.provider.name, ...event });
    return null;
  }
}
