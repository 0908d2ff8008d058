import { Column, CreateDateColumn, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';

/** One signed-in device, with a chain of refresh tokens. Only the hash of the newest token is stored. */
@Index('session_by_user', ['userId'], { where: 'revoked_at IS NULL' })
@Index('session_expires', ['expiresAt'])
@Index('session_revoked', ['revokedAt'], { where: 'revoked_at IS NOT NULL' })
@Entity('session')
export class Session {
  @PrimaryColumn('uuid')
  id: string;

  @ForeignKey('user_account')
  @Column('uuid')
  userId: string;

  @Column('bytea')
  refreshHash: Buffer;

  /** Incremented with each refresh. */
  @Column('int', { default: 1 })
  generation: number;

  @Column('text', { nullable: true })
  userAgent: string | null;

  @Column('text', { nullable: true })
  ip: string | null;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt: Date;

  @Column('timestamptz', { default: () => 'now()' })
  lastUsedAt: Date;

  @Column('timestamptz')
  expiresAt: Date;

  @Column('timestamptz')
  absoluteExpiresAt: Date;

  /** When the user last proved in this session that they are its owner. */
  @Column('timestamptz', { nullable: true })
  provenAt: Date | null;

  @Column('timestamptz', { nullable: true })
  revokedAt: Date | null;

  @Column('text', { nullable: true })
  revokedReason: string | null;
}
