import { Injectable } from '@nestjs/common';
import type { PaymentMethodView } from './payments.dto.js';
import { PaymentProvider } from './provider/payment-provider.js';

/** The providers, and whether patients can pay with them. */
@Injectable()
export class PaymentMethods {
  constructor(private readonly provider: PaymentProvider) {}

  list(): PaymentMethodView[] {
    const { name, unavailableReason: reason, publicKey } = this.provider;
    return [{ provider: name, isAvailable: reason === null, reason, publicKey: reason === null ? publicKey : null }];
  }
}
