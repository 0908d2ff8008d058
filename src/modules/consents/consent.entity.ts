import { Check, Column, Entity, ForeignKey, Index, PrimaryGeneratedColumn } from 'typeorm';
import { isOneOf } from '../../core/database/checks.js';

/**
 * What a person can consent to. Without a record, everything is allowed, as it was before consents were recorded.
 * AI_CHAT: their questions may be sent to a model. CLINIC_MESSAGES: messages from clinics outside of the inbox. EMAIL, SMS, PUSH: the
 * channel, except for messages about the account's security.
 */
export const CONSENT_KINDS = ['AI_CHAT', 'CLINIC_MESSAGES', 'EMAIL', 'SMS', 'PUSH'] as const;
export type ConsentKind = (typeof CONSENT_KINDS)[number];

/** A consent or its withdrawal. Triggers prevent updates and deletes: the newest row of a kind is in force. */
@Index('consent_newest', ['userId', 'kind', 'sequence'])
@Entity('consent')
export class Consent {
  @PrimaryGeneratedColumn('identity', { type: 'bigint', generatedIdentity: 'ALWAYS' })
  sequence: string;

  @ForeignKey('user_account')
  @Column('uuid')
  userId: string;

  @Check('consent_kind_check', isOneOf('kind', CONSENT_KINDS))
  @Column('text')
  kind: ConsentKind;

  /** The version of the text that the person saw. */
  @Column('text')
  version: string;

  @Column('boolean')
  given: boolean;

  /** The person, or somebody at the front desk. */
  @ForeignKey('user_account')
  @Column('uuid')
  recordedBy: string;

  @Column('timestamptz')
  recordedAt: Date;
}
