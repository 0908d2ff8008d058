import { Check, Column, CreateDateColumn, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { isOneOf } from '../../core/database/checks.js';

const LINK_PURPOSES = [
  'EMAIL_VERIFICATION',
  'PASSWORD_RESET',
  'EMAIL_CHANGE',
  /** For the old address: stops the change. */
  'EMAIL_CHANGE_STOP',
  'INVITATION',
  /** A mail without a link, such as "your password was changed". The row only has its address. */
  'NOTICE',
] as const;
export type LinkPurpose = (typeof LINK_PURPOSES)[number];

/**
 * A link that works once, with the address that it was sent to. Its id is also the id of the message in `notification`. The
 * token of the link is not stored (account-link-tokens.ts).
 */
@Index('account_link_address', ['emailIndex', 'createdAt'])
@Index('account_link_created', ['createdAt'])
@Index('account_link_phone', ['phoneIndex', 'createdAt'], { where: 'phone_index IS NOT NULL' })
@Index('account_link_user', ['userId', 'createdAt'])
@Entity('account_link')
export class AccountLink {
  @PrimaryColumn('uuid')
  id: string;

  @ForeignKey('user_account')
  @Column('uuid')
  userId: string;

  @Check('account_link_purpose_check', isOneOf('purpose', LINK_PURPOSES))
  @Column('text')
  purpose: LinkPurpose;

  /** In canonical form. Null for an SMS. Stored encrypted, like the number. */
  email: string | null;

  @Column('bytea', { name: 'email', nullable: true })
  encryptedEmail?: Buffer | null;

  /** The blind index of the address; the same as that of an account with this address. */
  @Column('bytea', { nullable: true, select: false })
  emailIndex?: Buffer | null;

  /** E.164. Null for an e-mail. */
  phone: string | null;

  @Column('bytea', { name: 'phone', nullable: true })
  encryptedPhone?: Buffer | null;

  /** The blind index of the number's digits. */
  @Column('bytea', { nullable: true, select: false })
  phoneIndex?: Buffer | null;

  /** The session in which the user asked for it; null if there was none. */
  @Column('uuid', { nullable: true })
  sessionId: string | null;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt: Date;

  @Column('timestamptz')
  expiresAt: Date;

  @Column('timestamptz', { nullable: true })
  usedAt: Date | null;

  @Column('timestamptz', { nullable: true })
  revokedAt: Date | null;
}
