import { Check, Column, Entity, ForeignKey, PrimaryColumn } from 'typeorm';
import { isOneOf } from '../../core/database/checks.js';

/** QUARANTINED: what the provider reports does not fit the order. Nothing was changed, and somebody must look at it. */
export const EVENT_OUTCOMES = ['APPLIED', 'IGNORED', 'QUARANTINED'] as const;
export type EventOutcome = (typeof EVENT_OUTCOMES)[number];

/** A webhook of the provider, or what the reconciliation has found. Each id is applied once. Its content is not stored. */
@Entity('payment_event')
export class PaymentEvent {
  @PrimaryColumn('text')
  provider: string;

  @PrimaryColumn('text')
  id: string;

  /** @example payment.captured */
  @Column('text')
  type: string;

  @Check('payment_event_outcome_check', isOneOf('outcome', EVENT_OUTCOMES))
  @Column('text')
  outcome: EventOutcome;

  /** @example AMOUNT */
  @Column('text', { nullable: true })
  reason: string | null;

  @ForeignKey('payment')
  @Column('uuid', { nullable: true })
  paymentId: string | null;

  @Column('timestamptz')
  receivedAt: Date;
}
