import { Column, CreateDateColumn, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';

/** The ids of the rows that a merge moved, by table. */
export type MovedRows = Record<string, string[]>;

/**
 * One merge of two patient records, with the ids of what was moved. Values that were joined, filled or overwritten in the record and
 * the account that stay are not kept.
 */
@Index('client_merge_client', ['clientId'])
@Index('client_merge_duplicate', ['duplicateId'])
@Index('client_merge_merged', ['mergedAt'])
@Entity('client_merge')
export class ClientMerge {
  @PrimaryColumn('uuid')
  id: string;

  /** The record that stays. */
  @ForeignKey('client')
  @Column('uuid')
  clientId: string;

  @ForeignKey('client')
  @Column('uuid')
  duplicateId: string;

  /** The account of the record that stays, before the merge. */
  @ForeignKey('user_account')
  @Column('uuid')
  clientUserId: string;

  /** The account of the duplicate, before the merge. */
  @ForeignKey('user_account')
  @Column('uuid')
  duplicateUserId: string;

  @Column('jsonb')
  moved: MovedRows;

  @CreateDateColumn({ type: 'timestamptz' })
  mergedAt: Date;
}
