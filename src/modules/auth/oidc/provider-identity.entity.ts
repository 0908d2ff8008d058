import { Column, CreateDateColumn, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';

/** The account of a user at an identity provider, by which they sign in. */
@Index('provider_identity_subject_key', ['provider', 'subject'], { unique: true })
@Index('provider_identity_user_key', ['userId', 'provider'], { unique: true })
@Entity('provider_identity')
export class ProviderIdentity {
  @PrimaryColumn('uuid')
  id: string;

  @ForeignKey('user_account')
  @Column('uuid')
  userId: string;

  /** The name of the provider in the configuration. */
  @Column('text')
  provider: string;

  /** The provider's id of the user, which never changes, unlike their address. */
  @Column('text')
  subject: string;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt: Date;

  @Column('timestamptz', { nullable: true })
  lastUsedAt: Date | null;
}
