import { ApiProperty } from '@nestjs/swagger';
import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsIn,
  IsOptional,
  IsString,
  IsUUID,
  Length,
} from 'class-validator';
import { PageQuery } from '../../core/http/page.js';
import { MayBeLeftOut, Trimmed } from '../../core/http/text.js';
import { DELIVERY_STATES, type DeliveryState } from './webhook-delivery.entity.js';
import type { PauseReason } from './webhook-endpoint.entity.js';
import { WEBHOOK_EVENTS, type WebhookEvent } from './webhook-events.js';

const MAX_URL_LENGTH = 1_000;
const SORTS = ['createdAt', '-createdAt'] as const;

export class CreateWebhook {
  /** Where events are posted: https (outside of production also http), a public address. @example https://ehr.example/careslot-events */
  @Trimmed()
  @IsString()
  @Length(1, MAX_URL_LENGTH)
  url: string;

  /** @example ["appointment:created", "appointment:updated", "appointment:cancelled"] */
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(WEBHOOK_EVENTS.length)
  @ArrayUnique()
  @IsIn(WEBHOOK_EVENTS, { each: true })
  @ApiProperty({ enum: WEBHOOK_EVENTS, isArray: true })
  events: WebhookEvent[];

  /** Whose events it gets. Default: for a manager of one clinic, that one; for ADMIN, all clinics. */
  @MayBeLeftOut()
  @IsUUID()
  clinicId?: string;
}

export class ChangeWebhook {
  /** @example https://ehr.example/careslot-events */
  @MayBeLeftOut()
  @Trimmed()
  @IsString()
  @Length(1, MAX_URL_LENGTH)
  url?: string;

  @MayBeLeftOut()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(WEBHOOK_EVENTS.length)
  @ArrayUnique()
  @IsIn(WEBHOOK_EVENTS, { each: true })
  @ApiProperty({ enum: WEBHOOK_EVENTS, isArray: true, required: false })
  events?: WebhookEvent[];

  /** False pauses the endpoint, true resumes it. */
  @MayBeLeftOut()
  @IsBoolean()
  active?: boolean;
}

export class WebhooksQuery extends PageQuery {
  /** Only endpoints of this clinic. */
  @IsOptional()
  @IsUUID()
  clinicId?: string;

  @IsOptional()
  @IsIn(SORTS)
  sort: (typeof SORTS)[number] = '-createdAt';
}

export class WebhookDeliveriesQuery extends PageQuery {
  @IsOptional()
  @IsIn(DELIVERY_STATES)
  state?: DeliveryState;

  @IsOptional()
  @IsIn(WEBHOOK_EVENTS)
  event?: WebhookEvent;

  @IsOptional()
  @IsIn(SORTS)
  sort: (typeof SORTS)[number] = '-createdAt';
}

export class WebhookView {
  /** @example 019abe4c-7a52-7c61-9d1e-3f1f6b7f8a10 */
  id: string;
  /** Null: all clinics. */
  clinicId: string | null;
  /** @example https://ehr.example/careslot-events */
  url: string;
  /** @example ["appointment:created", "appointment:updated", "appointment:cancelled"] */
  events: string[];
  /** While it is not active, it gets no events, and its deliveries wait. */
  active: boolean;
  pausedAt: Date | null;
  /** REQUESTED: by a manager. FAILING: every delivery failed for about a day. GONE: the endpoint answered 410. */
  pausedReason: PauseReason | null;
  /** Until then, deliveries are also signed with the secret before the last rotation. */
  previousSecretUntil: Date | null;
  createdAt: Date;
  /** @example 1 */
  version: number;
}

export class CreatedWebhookView extends WebhookView {
  /** The signing secret (`whsec_…`). It is shown only in this response: null if the request is repeated with its Idempotency-Key. */
  @ApiProperty({ type: String, nullable: true, example: null })
  secret: string | null;
}

export class WebhookDeliveryView {
  /** The `webhook-id` of every attempt. @example 019abe4c-7a52-7c61-9d1e-3f1f6b7f8a10 */
  id: string;
  /** @example appointment:created */
  event: string;
  occurredAt: Date;
  createdAt: Date;
  /** PENDING waits for its next attempt. FAILED was tried for about a day, or the endpoint answered 410. */
  state: DeliveryState;
  attempts: number;
  lastAttemptAt: Date | null;
  nextAttemptAt: Date | null;
  /** The HTTP status of the last attempt; null if there was no response. @example 200 */
  status: number | null;
  /** Why the last attempt failed. @example TIMEOUT */
  error: string | null;
  durationMilliseconds: number | null;
}
