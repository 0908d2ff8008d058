import { Check, Column, CreateDateColumn, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { isOneOf } from '../../core/database/checks.js';

/** LIMITED: neither services nor names of patients. FULL: also these. */
export const FEED_DETAILS = ['LIMITED', 'FULL'] as const;
export type FeedDetail = (typeof FEED_DETAILS)[number];

/** A calendar that programs read by a secret link. Only a hash of the secret is stored. */
@Index('calendar_feed_maker', ['makerId'])
@Index('calendar_feed_doctor', ['doctorId'])
@Entity('calendar_feed')
export class CalendarFeed {
  @PrimaryColumn('uuid')
  id: string;

  /** The account that knows the link. The feed works only as long as this account may see the visits. */
  @ForeignKey('user_account')
  @Column('uuid')
  makerId: string;

  /** Null: the visits of the maker as a patient. */
  @ForeignKey('doctor')
  @Column('uuid', { nullable: true })
  doctorId: string | null;

  @Check('calendar_feed_detail_check', isOneOf('detail', FEED_DETAILS))
  @Column('text')
  detail: FeedDetail;

  /** SHA-256 of the secret, which has 256 random bits, so a slow hash would add nothing. */
  @Column('bytea', { unique: true })
  secretHash: Buffer;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt: Date;
}
