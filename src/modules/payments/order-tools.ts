import { Injectable } from '@nestjs/common';
import { Payables } from './payables.js';
import { PaymentViews } from './payment-views.js';
import { PaymentProvider } from './provider/payment-provider.js';

/** What an order is made from: the visit, the provider, and its view. */
@Injectable()
export class OrderTools {
  constructor(
    readonly payables: Payables,
    readonly provider: PaymentProvider,
    readonly views: PaymentViews,
  ) {}
}
