import { BullModule } from '@nestjs/bull';
import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Config } from '../../core/config/config.js';
import { RateLimits } from '../../core/security/rate-limits.js';
import { ClientsModule } from '../clients/index.js';
import { CheckoutService } from './checkout.service.js';
import { LedgerEntry } from './ledger-entry.entity.js';
import { Payables } from './payables.js';
import { Payment } from './payment.entity.js';
import { PaymentAccess } from './payment-access.js';
import { PaymentArrivals } from './payment-arrivals.js';
import { PaymentLog } from './payment-log.js';
import { PaymentRecords } from './payment-records.js';
import { PaymentEvent } from './payment-event.entity.js';
import { PaymentMethods } from './payment-methods.js';
import { PaymentOrderWriter } from './payment-order-writer.js';
import { PaymentOrdersService } from './payment-orders.service.js';
import { PaymentReconciliation } from './payment-reconciliation.entity.js';
import { PaymentRecorder } from './payment-recorder.js';
import { PaymentRefund } from './payment-refund.entity.js';
import { PaymentViews } from './payment-views.js';
import { PaymentWebhook } from './payment-webhook.js';
import { PaymentWebhookController } from './payment-webhook.controller.js';
import { PAYMENTS_QUEUE } from './payment-work.js';
import { PaymentWorker } from './payment-worker.js';
import { PaymentsController } from './payments.controller.js';
import { PaymentsProcessor } from './payments.processor.js';
import { PaymentsRepository } from './payments.repository.js';
import { PaymentsService } from './payments.service.js';
import { PaymentProvider } from './provider/payment-provider.js';
import { RazorpayProvider } from './provider/razorpay.provider.js';
import { ReceiptCounter } from './receipt-counter.entity.js';
import { ReceiptsService } from './receipts.service.js';
import { ReconciliationTask } from './reconciliation.task.js';
import { RefundMaker } from './refund-maker.js';
import { RefundQueue } from './refund-queue.js';
import { RefundRecorder } from './refund-recorder.js';
import { RefundResults } from './refund-results.js';
import { RefundSender } from './refund-sender.js';
import { RefundsRepository } from './refunds.repository.js';
import { SettlementService } from './settlement.service.js';

@Module({
  imports: [
    TypeOrmModule.forFeature([
      LedgerEntry,
      Payment,
      PaymentEvent,
      PaymentReconciliation,
      PaymentRefund,
      ReceiptCounter,
    ]),
    BullModule.registerQueue({ name: PAYMENTS_QUEUE }),
    ClientsModule,
  ],
  controllers: [PaymentsController, PaymentWebhookController],
  providers: [
    CheckoutService,
    Payables,
    PaymentAccess,
    PaymentArrivals,
    PaymentLog,
    PaymentMethods,
    PaymentOrdersService,
    PaymentOrderWriter,
    PaymentRecorder,
    PaymentRecords,
    PaymentViews,
    PaymentWebhook,
    PaymentWorker,
    PaymentsRepository,
    PaymentsService,
    { provide: PaymentProvider, useClass: RazorpayProvider },
    ReceiptsService,
    ReconciliationTask,
    RefundMaker,
    RefundRecorder,
    RefundSender,
    RefundQueue,
    RefundResults,
    RefundsRepository,
    SettlementService,
  ],
  exports: [BullModule, Payables, PaymentWorker, RefundMaker],
})
export class PaymentsModule {
  constructor({ VISIT_CHANGES_PER_10_MINUTES: points }: Config, limits: RateLimits) {
    limits.limitPermissions(['payment:pay'], { points, seconds: 600 });
  }
}

/** The processor of the queue, for processes that run jobs. */
@Module({ imports: [PaymentsModule], providers: [PaymentsProcessor] })
export class PaymentsProcessorModule {}
