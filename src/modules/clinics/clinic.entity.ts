import { Check, Column, Entity } from 'typeorm';
import { DeletableRow } from '../../core/database/versioned-row.js';
import type { Role } from '../../core/kernel/actor.js';

@Entity('clinic')
export class Clinic extends DeletableRow {
  @Column('text')
  name: string;

  @Column('text')
  timeZone: string;

  @Column('text', { nullable: true })
  phone: string | null;

  @Column('text', { nullable: true })
  address: string | null;

  @Column('text', { nullable: true })
  emergencyNumber: string | null;

  /** ISO 3166-1 alpha-2 */
  @Check('clinic_country_check', `country ~ '^[A-Z]{2}$'`)
  @Column('text', { nullable: true })
  country: string | null;

  @Column('text', { default: 'en' })
  locale: string;

  @Check('clinic_slot_step_minutes_check', 'slot_step_minutes BETWEEN 5 AND 240')
  @Column('int', { default: 15 })
  slotStepMinutes: number;

  @Check('clinic_minimum_notice_minutes_check', 'minimum_notice_minutes BETWEEN 0 AND 43200')
  @Column('int', { default: 60 })
  minimumNoticeMinutes: number;

  @Check('clinic_horizon_days_check', 'horizon_days BETWEEN 1 AND 730')
  @Column('int', { default: 90 })
  horizonDays: number;

  @Check('clinic_cancellation_cutoff_minutes_check', 'cancellation_cutoff_minutes BETWEEN 0 AND 43200')
  @Column('int', { default: 120 })
  cancellationCutoffMinutes: number;

  @Check('clinic_hold_minutes_check', 'hold_minutes BETWEEN 1 AND 120')
  @Column('int', { default: 10 })
  holdMinutes: number;

  @Column('int', { array: true, default: () => "'{1440,120}'" })
  reminderOffsetsMinutes: number[];

  @Column('boolean', { default: false })
  requiresConfirmation: boolean;

  @Check('clinic_max_upcoming_per_client_check', 'max_upcoming_per_client BETWEEN 1 AND 1000')
  @Column('int', { nullable: true, default: 20 })
  maxUpcomingPerClient: number | null;

  @Check('clinic_max_per_day_per_client_check', 'max_per_day_per_client BETWEEN 1 AND 50')
  @Column('int', { nullable: true })
  maxPerDayPerClient: number | null;

  @Check('clinic_no_show_limit_check', 'no_show_limit BETWEEN 1 AND 100')
  @Column('int', { nullable: true })
  noShowLimit: number | null;

  @Column('boolean', { default: false })
  requiresDeposit: boolean;

  @Check('clinic_deposit_percent_check', 'deposit_percent BETWEEN 1 AND 100')
  @Column('int', { default: 100 })
  depositPercent: number;

  /** In hundredths of a percent. */
  @Check('clinic_tax_basis_points_check', 'tax_basis_points BETWEEN 0 AND 10000')
  @Column('int', { default: 0 })
  taxBasisPoints: number;

  @Check('clinic_refund_percent_before_cutoff_check', 'refund_percent_before_cutoff BETWEEN 0 AND 100')
  @Column('int', { default: 100 })
  refundPercentBeforeCutoff: number;

  @Check('clinic_refund_percent_after_cutoff_check', 'refund_percent_after_cutoff BETWEEN 0 AND 100')
  @Column('int', { default: 0 })
  refundPercentAfterCutoff: number;

  /** Null: as for patients. */
  @Check('clinic_desk_minimum_notice_minutes_check', 'desk_minimum_notice_minutes BETWEEN 0 AND 43200')
  @Column('int', { nullable: true })
  deskMinimumNoticeMinutes: number | null;

  /** Null: as for patients. */
  @Check('clinic_desk_horizon_days_check', 'desk_horizon_days BETWEEN 1 AND 730')
  @Column('int', { nullable: true })
  deskHorizonDays: number | null;

  /** A freed time is offered to all who wait for it at once; otherwise to one after the other. */
  @Column('boolean', { default: false })
  waitlistOffersToAll: boolean;

  @Check('clinic_waitlist_offer_minutes_check', 'waitlist_offer_minutes BETWEEN 5 AND 1440')
  @Column('int', { default: 60 })
  waitlistOfferMinutes: number;

  /** The managers get the daily report by mail. */
  @Column('boolean', { default: false })
  dailyReport: boolean;

  /** The roles of the clinic's people who must have a second factor. */
  @Check('clinic_mfa_required_roles_check', `mfa_required_roles <@ ARRAY['DOCTOR', 'STAFF', 'MANAGER']::text[]`)
  @Column('text', { array: true, default: () => "'{}'" })
  mfaRequiredRoles: Role[];
}
