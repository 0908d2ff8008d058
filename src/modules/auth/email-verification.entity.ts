import { Column, CreateDateColumn, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';

/** A verification mail: its address, and whether its link was used. The token of the link is not stored (email-tokens.ts). */
@Index('email_verification_address', ['email', 'createdAt'])
@Index('email_verification_created', ['createdAt'])
@Index('email_verification_user', ['userId', 'createdAt'])
@Entity('email_verification')
export class EmailVerification {
  @PrimaryColumn('uuid')
  id: string;

  @ForeignKey('user_account')
  @Column('uuid')
  userId: string;

  /** In canonical form. */
  @Column('text')
  email: string;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt: Date;

  @Column('timestamptz')
  expiresAt: Date;

  @Column('timestamptz', { nullable: true })
  usedAt: Date | null;
}
