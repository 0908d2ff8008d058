import { Check, Column, Entity, Index } from 'typeorm';
import { DeletableRow } from '../../core/database/versioned-row.js';
import { isOneOf } from '../../core/database/checks.js';
import { type Role, ROLES } from '../../core/kernel/actor.js';

@Index('user_account_authorization_changed', ['authorizationChangedAt'])
@Index('user_account_e164', ['phone'])
@Index('user_account_email', ['email'], { where: 'deleted_at IS NULL' })
@Index('user_account_email_key', ['email'], {
  unique: true,
  where: `deleted_at IS NULL AND (role <> 'CLIENT' OR password_hash IS NOT NULL OR email_verified_at IS NOT NULL OR has_identity)`,
})
// An expression index, which only a migration can create.
@Index('user_account_phone', { synchronize: false })
@Index('user_account_search', ['search'], { type: 'gin' })
@Entity('user_account')
export class User extends DeletableRow {
  /** In canonical form. Null for a patient who gave no address at the front desk. */
  @Column('text', { nullable: true })
  email: string | null;

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

  @Column('text', { nullable: true })
  phone: string | null;

  @Column('text', { default: 'UTC' })
  timeZone: string;

  @Column('text', { default: 'en' })
  locale: string;

  @Column('timestamptz', { nullable: true })
  emailVerifiedAt: Date | null;

  @Column('timestamptz', { default: () => 'now()' })
  authorizationChangedAt: Date;

  /** The words of name and address, for full-text search. */
  @Column({
    type: 'tsvector',
    generatedType: 'STORED',
    asExpression: `to_tsvector('simple'::regconfig, search_fold(((((first_name || ' '::text) || last_name) || ' '::text) || COALESCE(email, ''::text))))`,
    nullable: true,
    select: false,
  })
  search?: string | null;
}
