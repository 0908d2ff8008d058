import { Check, Column, Entity, ForeignKey, Index } from 'typeorm';
import { VersionedRow } from '../../core/database/versioned-row.js';
import { isOneOf } from '../../core/database/checks.js';

export const SEXES = ['FEMALE', 'MALE', 'OTHER', 'UNKNOWN'] as const;
export type Sex = (typeof SEXES)[number];

/** A patient's record, shared by all clinics. Each clinic's own data is in `client_clinic`, name and contacts in `user_account`. */
@Index('client_birth', ['dateOfBirth'])
@Index('client_merged_into', ['mergedIntoId'], { where: 'merged_into_id IS NOT NULL' })
@Entity('client')
export class Client extends VersionedRow {
  /** Never null outside of a merge, which exchanges the accounts of two records. */
  @ForeignKey('user_account')
  @Column('uuid', { unique: true, nullable: true })
  userId: string;

  /**
   * The record that this one was merged into. This one then has no rows in other tables, except `client_merge`, what stays in
   * `client_clinic`, and in `break_glass` the emergency accesses before an early merge, which did not move them.
   */
  @ForeignKey('client')
  @Column('uuid', { nullable: true, select: false })
  mergedIntoId?: string | null;

  /** YYYY-MM-DD */
  @Column('date', { nullable: true })
  dateOfBirth: string | null;

  @Check('client_sex_check', isOneOf('sex', SEXES))
  @Column('text', { nullable: true })
  sex: Sex | null;

  /** Unused: record numbers are in `client_clinic`. A later migration drops the column. */
  @Column('text', { nullable: true, select: false })
  mrn?: string | null;

  @Column('text', { nullable: true })
  address: string | null;

  @Column('text', { nullable: true })
  emergencyContact: string | null;

  /** Unused, like `mrn`. */
  @Column('text', { nullable: true, select: false })
  notes?: string | null;
}
