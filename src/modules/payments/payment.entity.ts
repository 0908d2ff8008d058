import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn, Unique } from 'typeorm';
import { isOneOf } from '../../core/database/checks.js';
import { SAFE_INTEGER } from '../../core/database/safe-integer.js';

export const PAYMENT_KINDS = ['DEPOSIT', 'FULL'] as const;
export type PaymentKind = (typeof PAYMENT_KINDS)[number];

/** REPLACED: another order was made for the same visit. A payment of it still counts. */
export const PAYMENT_STATUSES = ['CREATED', 'REPLACED', 'PAID'] as const;
export type PaymentStatus = (typeof PAYMENT_STATUSES)[number];

/**
 * An order at the provider, and its payment. Amounts are in minor units. If one order is paid twice, the second payment has a row of its own
 * (`duplicateOf`), and is refunded.
 */
@Index('payment_order', ['provider', 'providerOrderId'], { unique: true, where: 'duplicate_of IS NULL' })
@Index('payment_provider_payment', ['provider', 'providerPaymentId'], { unique: true })
@Index('payment_open', { synchronize: false })
@Index('payment_client', ['clientId', 'id'])
@Index('payment_clinic', ['clinicId', 'id'])
@Index('payment_appointment', ['appointmentId'])
@Index('payment_hold', ['holdId'], { where: 'hold_id IS NOT NULL' })
@Index('payment_due', ['nextAttemptAt'], { where: 'next_attempt_at IS NOT NULL' })
@Unique('payment_receipt', ['clinicId', 'receiptNumber'])
@Check('payment_subject_check', 'hold_id IS NOT NULL OR appointment_id IS NOT NULL')
@Check(
  'payment_paid_check',
  `(status = 'PAID') = (receipt_number IS NOT NULL AND paid_at IS NOT NULL AND provider_payment_id IS NOT NULL)`,
)
@Entity('payment')
export class Payment {
  @PrimaryColumn('uuid')
  id: string;

  @ForeignKey('clinic')
  @Column('uuid')
  clinicId: string;

  @ForeignKey('client')
  @Column('uuid')
  clientId: string;

  @Check('payment_kind_check', isOneOf('kind', PAYMENT_KINDS))
  @Column('text')
  kind: PaymentKind;

  /** The hold that becomes an appointment with this payment. It is deleted then, so there is no foreign key. */
  @Column('uuid', { nullable: true })
  holdId: string | null;

  @ForeignKey('appointment')
  @Column('uuid', { nullable: true })
  appointmentId: string | null;

  @ForeignKey('service')
  @Column('uuid')
  serviceId: string;

  @ForeignKey('doctor')
  @Column('uuid')
  doctorId: string;

  @Column('timestamptz')
  startAt: Date;

  /** The price of the visit, which the booking keeps. */
  @Check('payment_price_minor_check', 'price_minor > 0')
  @Column('bigint', { transformer: SAFE_INTEGER })
  priceMinor: number;

  @Check('payment_amount_minor_check', 'amount_minor BETWEEN 1 AND price_minor')
  @Column('bigint', { transformer: SAFE_INTEGER })
  amountMinor: number;

  @Column('char', { length: 3 })
  currency: string;

  @Check('payment_tax_basis_points_check', 'tax_basis_points BETWEEN 0 AND 10000')
  @Column('int')
  taxBasisPoints: number;

  @Check('payment_status_check', isOneOf('status', PAYMENT_STATUSES))
  @Column('text', { default: 'CREATED' })
  status: PaymentStatus;

  /** The sum of the refunds that have not failed. */
  @Check('payment_refunded_minor_check', 'refunded_minor BETWEEN 0 AND amount_minor')
  @Column('bigint', { default: 0, transformer: SAFE_INTEGER })
  refundedMinor: number;

  @Column('text')
  provider: string;

  @Column('text')
  providerOrderId: string;

  @Column('text', { nullable: true })
  providerPaymentId: string | null;

  @ForeignKey('payment')
  @Column('uuid', { nullable: true })
  duplicateOf: string | null;

  /** Without gaps in each clinic. */
  @Column('int', { nullable: true })
  receiptNumber: number | null;

  /** The patient or guardian who pays. */
  @ForeignKey('user_account')
  @Column('uuid')
  createdBy: string;

  @Column('timestamptz')
  createdAt: Date;

  @Column('timestamptz', { nullable: true })
  paidAt: Date | null;

  /** Whether the visit was booked, or the refund decided. */
  @Column('boolean', { default: false })
  isSettled: boolean;

  @Column('int', { default: 0 })
  attempts: number;

  /** When the provider is asked for an order that is not paid, or a paid one is settled. Null: nothing to do. */
  @Column('timestamptz', { nullable: true })
  nextAttemptAt: Date | null;
}
