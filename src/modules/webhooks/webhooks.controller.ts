import { Body, Controller, Delete, Get, Post, Put, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Operation } from '../../core/http/operation.js';
import type { Page } from '../../core/http/page.js';
import { CurrentActor, IdParam, IfMatch } from '../../core/http/validation.js';
import type { Actor } from '../../core/kernel/actor.js';
import { invalid } from '../../core/kernel/domain-error.js';
import { RateLimits } from '../../core/security/rate-limits.js';
import { WebhookChangesService } from './webhook-changes.service.js';
import { WebhookClient } from './webhook-client.js';
import { WebhookDeliveriesService } from './webhook-deliveries.service.js';
import {
  ChangeWebhook,
  CreatedWebhookView,
  CreateWebhook,
  WebhookDeliveriesQuery,
  WebhookDeliveryView,
  WebhooksQuery,
  WebhookView,
} from './webhooks.dto.js';
import { WebhooksService } from './webhooks.service.js';

const SHOWN_ONCE = 'Store the secret now: it is not shown again.';

@ApiTags('Webhooks')
@Controller('api/v1/webhooks')
export class WebhooksController {
  constructor(
    private readonly webhooks: WebhooksService,
    private readonly changes: WebhookChangesService,
    private readonly deliveries: WebhookDeliveriesService,
    private readonly client: WebhookClient,
    private readonly limits: RateLimits,
  ) {}

  @Get()
  @Operation({
    summary: 'List webhook endpoints, newest first',
    description: 'A manager gets those of their clinics.',
    permission: 'webhook:manage',
    answer: [WebhookView],
    errors: ['BAD_CURSOR'],
  })
  list(@CurrentActor() actor: Actor, @Query() query: WebhooksQuery): Promise<Page<WebhookView>> {
    return this.webhooks.list(actor, query);
  }

  @Get(':id')
  @Operation({
    summary: 'Get a webhook endpoint',
    permission: 'webhook:manage',
    answer: WebhookView,
    errors: ['NOT_FOUND'],
  })
  get(@CurrentActor() actor: Actor, @IdParam() id: string): Promise<WebhookView> {
    return this.webhooks.get(actor, id);
  }

  @Post()
  @Operation({
    summary: 'Add a webhook endpoint',
    description: 'It gets the chosen events as POST requests, signed by Standard Webhooks.',
    permission: 'webhook:manage',
    status: 201,
    answer: CreatedWebhookView,
    message: SHOWN_ONCE,
    idempotent: 'STORED_BY_USE_CASE',
    errors: ['FORBIDDEN', 'ALREADY_EXISTS'],
  })
  async create(@CurrentActor() actor: Actor, @Body() body: CreateWebhook): Promise<CreatedWebhookView> {
    await this.limits.consume('webhookChange', actor.userId);
    await this.assertAllowed(body.url);
    return this.webhooks.create(actor, body);
  }

  @Put(':id')
  @Operation({
    summary: 'Change a webhook endpoint, pause or resume it',
    permission: 'webhook:manage',
    answer: WebhookView,
    versioned: true,
    errors: ['NOT_FOUND', 'ALREADY_EXISTS'],
  })
  async change(
    @CurrentActor() actor: Actor,
    @IdParam() id: string,
    @Body() body: ChangeWebhook,
    @IfMatch() version: number | null,
  ): Promise<WebhookView> {
    if (body.url !== undefined) {
      await this.limits.consume('webhookChange', actor.userId);
      await this.assertAllowed(body.url);
    }
    return this.changes.change(actor, id, body, version);
  }

  @Delete(':id')
  @Operation({
    summary: 'Delete a webhook endpoint with its deliveries',
    permission: 'webhook:manage',
    errors: ['NOT_FOUND'],
  })
  remove(@CurrentActor() actor: Actor, @IdParam() id: string): Promise<null> {
    return this.webhooks.remove(actor, id);
  }

  @Post(':id/rotate-secret')
  @Operation({
    summary: 'Replace the secret of a webhook endpoint',
    description: 'For 24 hours, deliveries are signed with the replaced secret too.',
    permission: 'webhook:manage',
    answer: CreatedWebhookView,
    message: SHOWN_ONCE,
    idempotent: 'STORED_BY_USE_CASE',
    errors: ['NOT_FOUND'],
  })
  async rotateSecret(@CurrentActor() actor: Actor, @IdParam() id: string): Promise<CreatedWebhookView> {
    await this.limits.consume('webhookChange', actor.userId);
    return this.webhooks.rotateSecret(actor, id);
  }

  @Get(':id/deliveries')
  @Operation({
    summary: 'List the deliveries to a webhook endpoint, newest first',
    permission: 'webhook:manage',
    answer: [WebhookDeliveryView],
    errors: ['NOT_FOUND', 'BAD_CURSOR'],
  })
  listDeliveries(
    @CurrentActor() actor: Actor,
    @IdParam() id: string,
    @Query() query: WebhookDeliveriesQuery,
  ): Promise<Page<WebhookDeliveryView>> {
    return this.deliveries.list(actor, id, query);
  }

  @Post(':id/deliveries/:deliveryId/redeliver')
  @Operation({
    summary: 'Send a delivery again',
    description: 'With the same `webhook-id`, and all retries if it fails.',
    permission: 'webhook:manage',
    answer: WebhookDeliveryView,
    errors: ['NOT_FOUND', 'INVALID_TRANSITION'],
  })
  async redeliver(
    @CurrentActor() actor: Actor,
    @IdParam() id: string,
    @IdParam('deliveryId') deliveryId: string,
  ): Promise<WebhookDeliveryView> {
    await this.limits.consume('webhookRedelivery', actor.userId);
    return this.deliveries.redeliver(actor, id, deliveryId);
  }

  /** @throws DomainError VALIDATION_ERROR */
  private async assertAllowed(url: string): Promise<void> {
    const error = await this.client.findUrlError(url);
    if (error !== null) throw invalid({ field: 'url', error });
  }
}
