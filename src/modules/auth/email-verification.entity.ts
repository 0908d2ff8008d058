import { Column, Entity, PrimaryColumn } from 'typeorm';

/** One verification mail: which address it went to, and whether its link was used. The link's token is stored nowhere (email-tokens.ts). */
@Entity('email_verification')
export class EmailVerification {
  @PrimaryColumn('uuid')
  id: string;

  @Column('uuid', { name: 'user_id' })
  userId: string;

  /** In its canonical form. */
  @Column('text')
  email: string;

  @Column('timestamptz', { name: 'created_at' })
  createdAt: Date;

  @Column('timestamptz', { name: 'expires_at' })
  expiresAt: Date;

  @Column('timestamptz', { name: 'used_at', nullable: true })
  usedAt: Date | null;
}
