import { Check, Column, Entity, ForeignKey, Index } from 'typeorm';
import { DeletableRow } from '../../core/database/versioned-row.js';
import { isOneOf } from '../../core/database/checks.js';
import type { ServicePolicy } from './service-policy.js';
import { FIRST_VISIT_SCOPES, type FirstVisitScope } from './service-price.js';

export const MODES = ['IN_PERSON', 'VIDEO'] as const;
export type Mode = (typeof MODES)[number];

/** A kind of visit that a clinic provides, with its duration, price and required resources. */
@Index('service_clinic', ['clinicId', 'id'])
@Entity('service')
export class Service extends DeletableRow {
  @ForeignKey('clinic')
  @Column('uuid')
  clinicId: string;

  @Column('text')
  name: string;

  @Column('text', { nullable: true })
  description: string | null;

  @Check('service_duration_minutes_check', 'duration_minutes BETWEEN 5 AND 720')
  @Column('int')
  durationMinutes: number;

  @Check('service_buffer_before_minutes_check', 'buffer_before_minutes BETWEEN 0 AND 240')
  @Column('int', { default: 0 })
  bufferBeforeMinutes: number;

  @Check('service_buffer_after_minutes_check', 'buffer_after_minutes BETWEEN 0 AND 240')
  @Column('int', { default: 0 })
  bufferAfterMinutes: number;

  @Check('service_price_minor_check', 'price_minor >= 0')
  @Column('bigint', { default: 0 })
  priceMinor: number;

  @Column('char', { length: 3 })
  currency: string;

  @Check('service_mode_check', isOneOf('mode', MODES))
  @Column('text', { default: 'IN_PERSON' })
  mode: Mode;

  @Check('service_capacity_check', 'capacity BETWEEN 1 AND 500')
  @Column('int', { default: 1 })
  capacity: number;

  @Column('text', { array: true, default: () => "'{}'" })
  requiredResourceKinds: string[];

  /** Booked by client applications that do not let the patient choose a service. */
  @Column('boolean', { default: false })
  isDefault: boolean;

  @Column('boolean', { default: true })
  isActive: boolean;

  /** Patients book it only with a referral; the front desk always. */
  @Column('boolean', { default: false })
  requiresReferral: boolean;

  /** A completed visit creates a referral for a review this many months later; null for none. */
  @Check('service_review_after_months_check', 'review_after_months BETWEEN 1 AND 24')
  @Column('int', { nullable: true })
  reviewAfterMonths: number | null;

  /** The service of the review; null for this one. */
  @ForeignKey('service')
  @Column('uuid', { nullable: true })
  reviewServiceId: string | null;

  /** Which completed visits make the next one a follow-up: those with the same doctor, or all at the clinic. */
  @Check('service_first_visit_per_check', isOneOf('first_visit_per', FIRST_VISIT_SCOPES))
  @Column('text', { default: 'DOCTOR' })
  firstVisitPer: FirstVisitScope;

  /** The policies that it overrides. */
  @Check('service_policy_check', `jsonb_typeof(policy) = 'object'`)
  @Column('jsonb', { default: {} })
  policy: ServicePolicy;
}
