import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';

/**
 * The second factor of an account: a TOTP secret (RFC 6238), encrypted and bound to this row. The row stays when the factor is
 * switched off, so that processes that start later know the change.
 */
@Index('mfa_factor_changed', ['changedAt'])
@Check('mfa_factor_enabled_check', '(enabled_at IS NULL) = (secret IS NULL)')
@Check('mfa_factor_pending_check', '(pending_at IS NULL) = (pending_secret IS NULL)')
@Entity('mfa_factor')
export class MfaFactor {
  @ForeignKey('user_account')
  @PrimaryColumn('uuid')
  userId: string;

  /** Null while it is switched off. */
  @Column('bytea', { nullable: true })
  secret: Buffer | null;

  /** The secret of a setup that is not finished. */
  @Column('bytea', { nullable: true })
  pendingSecret: Buffer | null;

  @Column('timestamptz', { nullable: true })
  pendingAt: Date | null;

  /** The time step of the last code that was used. Codes of this step and earlier ones are refused. */
  @Column('bigint', { default: 0 })
  lastStep: string;

  @Column('timestamptz', { nullable: true })
  enabledAt: Date | null;

  /** When it was last switched on or off: after the lock of the row, so that a later change has a later time. */
  @Column('timestamptz', { default: () => 'now()' })
  changedAt: Date;
}
