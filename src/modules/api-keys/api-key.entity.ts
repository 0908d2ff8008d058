import { Check, Column, CreateDateColumn, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';

/** A key with which a machine calls the API for some clinics. Only a hash of the key is stored. */
@Index('api_key_maker', ['makerId'])
@Check('api_key_permissions_check', 'cardinality(permissions) > 0')
@Check('api_key_clinic_ids_check', 'cardinality(clinic_ids) > 0')
@Check('api_key_revoked_check', 'revoked_by IS NULL OR revoked_at IS NOT NULL')
@Entity('api_key')
export class ApiKey {
  @PrimaryColumn('uuid')
  id: string;

  /** The account that is responsible for the key. The key has no more rights than this account may grant. */
  @ForeignKey('user_account')
  @Column('uuid')
  makerId: string;

  @Column('text')
  name: string;

  /** SHA-256 of the key. A key has 256 random bits, so a slow hash would add nothing. */
  @Column('bytea')
  secretHash: Buffer;

  @Column('text', { array: true })
  permissions: string[];

  /** The clinics that it was made for, less those that were taken from it. */
  @Column('uuid', { array: true })
  clinicIds: string[];

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt: Date;

  @Column('timestamptz', { nullable: true })
  expiresAt: Date | null;

  /** Written at most once a minute. */
  @Column('timestamptz', { nullable: true })
  lastUsedAt: Date | null;

  @Column('text', { nullable: true })
  lastUsedIp: string | null;

  @Column('timestamptz', { nullable: true })
  revokedAt: Date | null;

  @ForeignKey('user_account')
  @Column('uuid', { nullable: true })
  revokedBy: string | null;
}
