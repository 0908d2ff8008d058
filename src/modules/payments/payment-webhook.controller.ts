import { Controller, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Operation } from '../../core/http/operation.js';
import { RawBody, RequestHeaders } from '../../core/http/validation.js';
import { PaymentWebhook } from './payment-webhook.js';

@ApiTags('Payments')
@Controller('api/v1/payments/webhook')
export class PaymentWebhookController {
  constructor(private readonly webhook: PaymentWebhook) {}

  @Post()
  @Operation({
    summary: 'Receive an event of the payment provider',
    description:
      'Signed by the provider (`X-Razorpay-Signature` over the bytes of the body). Each `X-Razorpay-Event-Id` has one effect. An ' +
      'event that does not fit its order is answered with 200, changes nothing, and raises an alert.',
    permission: 'public',
    rawBody: true,
    security: [],
    errors: ['UNAUTHENTICATED'],
  })
  receive(@RawBody() body: Buffer, @RequestHeaders() headers: Readonly<Record<string, unknown>>): Promise<null> {
    return this.webhook.receive(body, headers);
  }
}
