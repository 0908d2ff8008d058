import { Body, Controller, Get, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { RawReply } from '../../core/http/careslot-adapter.js';
import { Operation } from '../../core/http/operation.js';
import type { Page } from '../../core/http/page.js';
import { CurrentActor, IdParam } from '../../core/http/validation.js';
import type { Actor } from '../../core/kernel/actor.js';
import { CheckoutService } from './checkout.service.js';
import { PaymentMethods } from './payment-methods.js';
import { PaymentOrdersService } from './payment-orders.service.js';
import {
  CreateOrder,
  PaymentMethodView,
  PaymentsQuery,
  PaymentView,
  RefundPayment,
  VerifyPayment,
} from './payments.dto.js';
import { PaymentsService } from './payments.service.js';
import { ReceiptsService } from './receipts.service.js';

@ApiTags('Payments')
@Controller('api/v1/payments')
export class PaymentsController {
  constructor(
    private readonly payments: PaymentsService,
    private readonly orders: PaymentOrdersService,
    private readonly checkout: CheckoutService,
    private readonly receipts: ReceiptsService,
    private readonly methods: PaymentMethods,
  ) {}

  @Get('methods')
  @Operation({
    summary: 'List the ways to pay',
    permission: 'payment:methods',
    answer: [PaymentMethodView],
    plainList: true,
  })
  listMethods(): PaymentMethodView[] {
    return this.methods.list();
  }

  @Post('orders')
  @Operation({
    summary: 'Start a payment',
    description:
      'For a held time, which the payment books, or for an appointment: its deposit, or what is left of its price. Open the ' +
      'provider’s checkout with `checkout`. An unpaid order of the same visit and amount is returned again.',
    permission: 'payment:pay',
    status: 201,
    answer: PaymentView,
    idempotent: 'STORED_BY_USE_CASE',
    errors: ['NOT_FOUND', 'HOLD_EXPIRED', 'INVALID_TRANSITION', 'ALREADY_EXISTS', 'UPSTREAM_UNAVAILABLE'],
  })
  createOrder(@CurrentActor() actor: Actor, @Body() request: CreateOrder): Promise<PaymentView> {
    return this.orders.create(actor, request);
  }

  @Post('verify')
  @Operation({
    summary: 'Verify a payment after the checkout',
    description:
      'Books the held time, or refunds the payment if it came too late and the time is taken. Can be repeated. The webhook of ' +
      'the provider does the same, whichever comes first.',
    permission: 'payment:pay',
    answer: PaymentView,
    errors: ['NOT_FOUND', 'UPSTREAM_UNAVAILABLE'],
  })
  verify(@CurrentActor() actor: Actor, @Body() request: VerifyPayment): Promise<PaymentView> {
    return this.checkout.verify(actor, request);
  }

  @Get()
  @Operation({
    summary: 'List payments',
    description: 'Patients see their own, guardians with `clientId` a child’s, the front desk those of its clinics.',
    permission: 'payment:read',
    answer: [PaymentView],
    errors: ['BAD_CURSOR'],
  })
  list(@CurrentActor() actor: Actor, @Query() query: PaymentsQuery): Promise<Page<PaymentView>> {
    return this.payments.list(actor, query);
  }

  @Get(':id')
  @Operation({ summary: 'Get a payment', permission: 'payment:read', answer: PaymentView, errors: ['NOT_FOUND'] })
  get(@CurrentActor() actor: Actor, @IdParam() id: string): Promise<PaymentView> {
    return this.payments.get(actor, id);
  }

  @Get(':id/receipt.pdf')
  @Operation({
    summary: 'Download the receipt of a payment',
    permission: 'payment:read',
    rawContentType: 'application/pdf',
    errors: ['NOT_FOUND'],
  })
  getReceipt(@CurrentActor() actor: Actor, @IdParam() id: string): Promise<RawReply> {
    return this.receipts.print(actor, id);
  }

  @Post(':id/refund')
  @Operation({
    summary: 'Refund a payment',
    description: 'A part of it, or what is left. The refund is sent to the provider in the background.',
    permission: 'payment:refund',
    status: 201,
    answer: PaymentView,
    idempotent: true,
    errors: ['NOT_FOUND', 'INVALID_TRANSITION'],
  })
  refund(@CurrentActor() actor: Actor, @IdParam() id: string, @Body() request: RefundPayment): Promise<PaymentView> {
    return this.payments.refund(actor, id, request);
  }
}
