import { Check, Column, Entity, ForeignKey, Index } from 'typeorm';
import { isOneOf } from '../../core/database/checks.js';
import { VersionedRow } from '../../core/database/versioned-row.js';

/** REQUESTED: by a manager. FAILING: every delivery failed for about a day. GONE: the endpoint answered 410. */
export const PAUSE_REASONS = ['REQUESTED', 'FAILING', 'GONE'] as const;
export type PauseReason = (typeof PAUSE_REASONS)[number];

/** A URL of another system that gets chosen events of a clinic, or of all clinics. */
@Index('webhook_endpoint_clinic_url', ['clinicId', 'url'], { unique: true })
@Index('webhook_endpoint_url', ['url'], { unique: true, where: 'clinic_id IS NULL' })
@Check('webhook_endpoint_events_check', 'cardinality(events) > 0')
@Check('webhook_endpoint_paused_check', '(paused_at IS NULL) = (paused_reason IS NULL)')
@Check('webhook_endpoint_previous_check', '(previous_secret IS NULL) = (previous_secret_until IS NULL)')
@Entity('webhook_endpoint')
export class WebhookEndpoint extends VersionedRow {
  /** Null: all clinics. */
  @ForeignKey('clinic')
  @Column('uuid', { nullable: true })
  clinicId: string | null;

  /** The account that made it. */
  @ForeignKey('user_account')
  @Column('uuid', { nullable: true })
  createdBy: string | null;

  @Column('text')
  url: string;

  @Column('text', { array: true })
  events: string[];

  /** While it is paused, it gets no events, and its deliveries wait. */
  @Column('timestamptz', { nullable: true })
  pausedAt: Date | null;

  @Check('webhook_endpoint_paused_reason_check', isOneOf('paused_reason', PAUSE_REASONS))
  @Column('text', { nullable: true })
  pausedReason: PauseReason | null;

  /** The signing secret, encrypted. */
  @Column('bytea')
  secret: Buffer;

  /** The secret before the last rotation, encrypted. It signs too until `previousSecretUntil`. */
  @Column('bytea', { nullable: true })
  previousSecret: Buffer | null;

  @Column('timestamptz', { nullable: true })
  previousSecretUntil: Date | null;

  /** By the database's clock, exact to a minute. */
  @Column('timestamptz', { nullable: true })
  lastSuccessAt: Date | null;
}
