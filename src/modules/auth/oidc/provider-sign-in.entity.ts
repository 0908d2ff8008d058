import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { isOneOf } from '../../../core/database/checks.js';

export const SIGN_IN_PURPOSES = [
  'SIGN_IN',
  /** A signed-in user links an identity. */
  'LINK',
  /** A signed-in user proves again who they are. */
  'REAUTHENTICATE',
] as const;
export type SignInPurpose = (typeof SIGN_IN_PURPOSES)[number];

/**
 * A callback of an identity provider. Its id is the `state` of the request, so a second callback of the same request conflicts
 * with the first one. If it succeeded, a one-time code can be exchanged for its result, for a minute.
 */
@Index('provider_sign_in_expires', ['expiresAt'])
@Index('provider_sign_in_user', ['userId'])
@Entity('provider_sign_in')
export class ProviderSignIn {
  @PrimaryColumn('uuid')
  id: string;

  @Column('text')
  provider: string;

  @Check('provider_sign_in_purpose_check', isOneOf('purpose', SIGN_IN_PURPOSES))
  @Column('text')
  purpose: SignInPurpose;

  @ForeignKey('user_account')
  @Column('uuid', { nullable: true })
  userId: string | null;

  /** The session that asked to link or to prove; null for a sign-in. */
  @Column('uuid', { nullable: true })
  sessionId: string | null;

  /** The user's id at the provider; null until it answered. */
  @Column('text', { nullable: true })
  subject: string | null;

  /** Of the account, when the provider answered. */
  @Column('timestamptz', { nullable: true })
  authorizationChangedAt: Date | null;

  /** The SHA-256 of the verifier that the application has to send with the code (RFC 7636, S256). */
  @Column('text', { nullable: true })
  codeChallenge: string | null;

  /** Null until the callback has succeeded. */
  @Column('timestamptz', { nullable: true })
  codeExpiresAt: Date | null;

  /** Until when a repeated callback must be recognised. */
  @Column('timestamptz')
  expiresAt: Date;

  /** When the code was exchanged. */
  @Column('timestamptz', { nullable: true })
  usedAt: Date | null;
}
