import { Check, Column, Entity, Index } from 'typeorm';
import { DeletableRow } from '../../core/database/versioned-row.js';
import { isOneOf } from '../../core/database/checks.js';
import { type Role, ROLES } from '../../core/kernel/actor.js';

@Index('user_account_authorization_changed', ['authorizationChangedAt'])
@Index('user_account_email', ['emailIndex'], { where: 'deleted_at IS NULL' })
@Index('user_account_email_key', ['emailIndex'], {
  unique: true,
  where: `deleted_at IS NULL AND (role <> 'CLIENT' OR password_hash IS NOT NULL OR email_verified_at IS NOT NULL OR has_identity)`,
})
@Index('user_account_phone', ['phoneIndex'])
@Index('user_account_search', ['search'], { type: 'gin' })
@Entity('user_account')
export class User extends DeletableRow {
  /** In canonical form. Null for a patient who gave no address at the front desk. Stored encrypted, like the telephone number (AccountContacts). */
  email: string | null;

  @Column('bytea', { name: 'email', nullable: true })
  encryptedEmail?: Buffer | null;

  /** The blind index of the address. */
  @Column('bytea', { nullable: true, select: false })
  emailIndex?: Buffer | null;

  @Column('text', { nullable: true, select: false })
  passwordHash?: string | null;

  /** Whether the user can sign in at an identity provider. A patient with neither a password nor an identity is a record of the front desk. */
  @Column('boolean', { default: false })
  hasIdentity: boolean;

  @Check('user_account_role_check', isOneOf('role', ROLES))
  @Column('text')
  role: Role;

  @Column('text')
  firstName: string;

  @Column('text')
  lastName: string;

  phone: string | null;

  @Column('bytea', { name: 'phone', nullable: true })
  encryptedPhone?: Buffer | null;

  /** The blind index of the number's digits. */
  @Column('bytea', { nullable: true, select: false })
  phoneIndex?: Buffer | null;

  @Column('text', { default: 'UTC' })
  timeZone: string;

  @Column('text', { default: 'en' })
  locale: string;

  @Column('timestamptz', { nullable: true })
  emailVerifiedAt: Date | null;

  @Column('timestamptz', { default: () => 'now()' })
  authorizationChangedAt: Date;

  /** The words of the name, for full-text search. */
  @Column({
    type: 'tsvector',
    generatedType: 'STORED',
    asExpression: `to_tsvector('simple'::regconfig, search_fold(((first_name || ' '::text) || last_name)))`,
    nullable: true,
    select: false,
  })
  search?: string | null;
}
