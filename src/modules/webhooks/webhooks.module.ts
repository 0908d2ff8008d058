import { BullModule } from '@nestjs/bull';
import { Inject, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import type { Logger } from 'pino';
import { Config } from '../../core/config/config.js';
import { Clock } from '../../core/kernel/clock.js';
import { LOGGER } from '../../core/logging/logger.js';
import { RateLimits } from '../../core/security/rate-limits.js';
import { AppointmentsModule } from '../appointments/index.js';
import { UsersModule } from '../users/index.js';
import { createResolver } from './host-resolver.js';
import { WebhookAddresses } from './webhook-addresses.js';
import { WebhookChangesService } from './webhook-changes.service.js';
import { WebhookClient } from './webhook-client.js';
import { WebhookDeliveriesRepository } from './webhook-deliveries.repository.js';
import { WebhookDeliveriesService } from './webhook-deliveries.service.js';
import { WebhookDelivery } from './webhook-delivery.entity.js';
import { WebhookEndpoint } from './webhook-endpoint.entity.js';
import { WebhookResults } from './webhook-results.js';
import { WebhookSecrets } from './webhook-secrets.js';
import { WebhookSender } from './webhook-sender.js';
import { WEBHOOKS_QUEUE } from './webhooks-queue.js';
import { WebhooksController } from './webhooks.controller.js';
import { WebhooksListener } from './webhooks.listener.js';
import { WebhooksProcessor } from './webhooks.processor.js';
import { WebhooksRepository } from './webhooks.repository.js';
import { WebhooksService } from './webhooks.service.js';

const createClient = ({ NODE_ENV, WEBHOOK_ALLOWED_NETWORKS: allowedNetworks }: Config, clock: Clock): WebhookClient =>
  new WebhookClient({
    clock,
    addresses: new WebhookAddresses({ allowedNetworks, requiresTls: NODE_ENV === 'production' }),
    resolve: createResolver(),
  });

@Module({
  imports: [
    TypeOrmModule.forFeature([WebhookDelivery, WebhookEndpoint]),
    BullModule.registerQueue({ name: WEBHOOKS_QUEUE }),
    AppointmentsModule,
    UsersModule,
  ],
  controllers: [WebhooksController],
  providers: [
    { provide: WebhookClient, inject: [Config, Clock], useFactory: createClient },
    WebhookChangesService,
    WebhookDeliveriesRepository,
    WebhookDeliveriesService,
    WebhookResults,
    WebhookSecrets,
    WebhookSender,
    WebhooksListener,
    WebhooksRepository,
    WebhooksService,
  ],
  exports: [BullModule, WebhookDeliveriesRepository, WebhookSender],
})
export class WebhooksModule {
  constructor({ WEBHOOK_ALLOWED_NETWORKS: networks }: Config, limits: RateLimits, @Inject(LOGGER) logger: Logger) {
    limits.define({
      webhookChange: { points: 100, seconds: 60 * 60 },
      webhookRedelivery: { points: 60, seconds: 60 },
    });
    if (networks.length > 0) logger.warn({ networks }, 'webhooks can reach networks that are not public');
  }
}

/** The processor of the queue, for processes that run jobs. */
@Module({ imports: [WebhooksModule], providers: [WebhooksProcessor] })
export class WebhooksProcessorModule {}
