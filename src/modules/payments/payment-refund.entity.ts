import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn, Unique } from 'typeorm';
import { isOneOf } from '../../core/database/checks.js';
import { SAFE_INTEGER } from '../../core/database/safe-integer.js';

/** PROVIDER: made at the provider, outside of CareSlot. */
export const REFUND_REASONS = ['CANCELLED', 'TOO_LATE', 'PAID_TWICE', 'MANAGER', 'PROVIDER'] as const;
export type RefundReason = (typeof REFUND_REASONS)[number];

/** DUE: not sent to the provider yet. FAILED: the provider cannot refund it, so the clinic must. */
export const REFUND_STATES = ['DUE', 'SENT', 'PROCESSED', 'FAILED'] as const;
export type RefundState = (typeof REFUND_STATES)[number];

/** A refund of a payment, or of a part of it. */
@Index('payment_refund_payment', ['paymentId'])
@Index('payment_refund_due', ['nextAttemptAt'], { where: 'next_attempt_at IS NOT NULL' })
@Unique('payment_refund_provider_refund_id_key', ['providerRefundId'])
@Entity('payment_refund')
export class PaymentRefund {
  @PrimaryColumn('uuid')
  id: string;

  @ForeignKey('payment')
  @Column('uuid')
  paymentId: string;

  @ForeignKey('clinic')
  @Column('uuid')
  clinicId: string;

  @Check('payment_refund_amount_minor_check', 'amount_minor > 0')
  @Column('bigint', { transformer: SAFE_INTEGER })
  amountMinor: number;

  @Check('payment_refund_reason_check', isOneOf('reason', REFUND_REASONS))
  @Column('text')
  reason: RefundReason;

  @Check('payment_refund_state_check', isOneOf('state', REFUND_STATES))
  @Column('text', { default: 'DUE' })
  state: RefundState;

  @Column('text', { nullable: true })
  providerRefundId: string | null;

  /** The manager; null for a refund by a rule. */
  @ForeignKey('user_account')
  @Column('uuid', { nullable: true })
  createdBy: string | null;

  @Column('timestamptz')
  createdAt: Date;

  @Column('timestamptz', { nullable: true })
  processedAt: Date | null;

  @Column('int', { default: 0 })
  attempts: number;

  /** When it is sent, or the provider is asked about it. Null: nothing to do. */
  @Column('timestamptz', { nullable: true })
  nextAttemptAt: Date | null;
}
