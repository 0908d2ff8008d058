import { Check, Column, CreateDateColumn, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { isOneOf } from '../../core/database/checks.js';

export const DELIVERY_STATES = ['PENDING', 'SENDING', 'DELIVERED', 'FAILED'] as const;
export type DeliveryState = (typeof DELIVERY_STATES)[number];

/** An event for an endpoint. Its id is the `webhook-id` of every attempt. */
@Index('webhook_delivery_event', ['endpointId', 'eventId'], { unique: true })
@Index('webhook_delivery_log', ['endpointId', 'id'])
@Index('webhook_delivery_due', ['endpointId', 'nextAttemptAt'], { where: `state IN ('PENDING', 'SENDING')` })
@Index('webhook_delivery_created', ['createdAt'])
@Check('webhook_delivery_next_check', `(state IN ('PENDING', 'SENDING')) = (next_attempt_at IS NOT NULL)`)
@Entity('webhook_delivery')
export class WebhookDelivery {
  @PrimaryColumn('uuid')
  id: string;

  @ForeignKey('webhook_endpoint', { onDelete: 'CASCADE' })
  @Column('uuid')
  endpointId: string;

  /** The `eventId` of the socket message. */
  @Column('uuid')
  eventId: string;

  @Column('text')
  event: string;

  /** The `data` of the request's body: ids, status and times. */
  @Column('jsonb')
  payload: object;

  @Column('timestamptz')
  occurredAt: Date;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt: Date;

  @Check('webhook_delivery_state_check', isOneOf('state', DELIVERY_STATES))
  @Column('text', { default: 'PENDING' })
  state: DeliveryState;

  /** Also fences: a result is saved only if no other attempt was started. */
  @Column('int', { default: 0 })
  attempts: number;

  /** The attempts before the last redelivery, which begins the retries anew. */
  @Column('int', { default: 0 })
  earlierAttempts: number;

  /** While SENDING: the end of the lease, after which the delivery is sent again. */
  @Column('timestamptz', { nullable: true, default: () => 'now()' })
  nextAttemptAt: Date | null;

  @Column('timestamptz', { nullable: true })
  lastAttemptAt: Date | null;

  /** The HTTP status of the last attempt; null if there was no response. */
  @Column('int', { nullable: true })
  status: number | null;

  /** Why the last attempt failed. */
  @Column('text', { nullable: true })
  error: string | null;

  @Column('int', { nullable: true })
  durationMilliseconds: number | null;
}
