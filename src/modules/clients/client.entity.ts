import { Check, Column, Entity, ForeignKey, Index } from 'typeorm';
import { VersionedRow } from '../../core/database/versioned-row.js';
import { isOneOf } from '../../core/database/checks.js';

export const SEXES = ['FEMALE', 'MALE', 'OTHER', 'UNKNOWN'] as const;
export type Sex = (typeof SEXES)[number];

/**
 * A patient's record, shared by all clinics. Each clinic's own data is in `client_clinic`, name and contacts in `user_account`.
 * `RecordEncryption` sets the fields that are stored encrypted.
 */
@Index('client_birth', ['birthIndex'])
@Index('client_merged_into', ['mergedIntoId'], { where: 'merged_into_id IS NOT NULL' })
@Entity('client')
export class Client extends VersionedRow {
  /** Never null outside of a merge, which exchanges the accounts of two records. */
  @ForeignKey('user_account')
  @Column('uuid', { unique: true, nullable: true })
  userId: string;

  /**
   * The record that this one was merged into. This one then has no rows in other tables, except `client_merge`, what stays in
   * `client_clinic`, links in `guardian` that the other record has too, and in `break_glass` the emergency accesses before an early merge, which did not move them.
   */
  @ForeignKey('client')
  @Column('uuid', { nullable: true, select: false })
  mergedIntoId?: string | null;

  /** YYYY-MM-DD */
  dateOfBirth: string | null;

  @Column('bytea', { name: 'date_of_birth', nullable: true })
  encryptedDateOfBirth?: Buffer | null;

  /** The blind index of the date of birth. */
  @Column('bytea', { nullable: true })
  birthIndex?: Buffer | null;

  @Check('client_sex_check', isOneOf('sex', SEXES))
  @Column('text', { nullable: true })
  sex: Sex | null;

  address: string | null;

  @Column('bytea', { name: 'address', nullable: true })
  encryptedAddress?: Buffer | null;

  emergencyContact: string | null;

  @Column('bytea', { name: 'emergency_contact', nullable: true })
  encryptedEmergencyContact?: Buffer | null;
}
