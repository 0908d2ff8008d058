import { Column, CreateDateColumn, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';

/** The ids of the rows that a merge moved, by table. */
export type MovedRows = Record<string, string[]>;

/** One merge of two patient records, with what is needed to undo it. */
@Index('client_merge_client', ['clientId'])
@Index('client_merge_duplicate', ['duplicateId'])
@Index('client_merge_merged', ['mergedAt'])
@Index('client_merge_undone', ['undoneAt'], { where: 'undone_at IS NOT NULL' })
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

  /** When both records were locked, so that merges into one record have the order in which they happened. */
  @CreateDateColumn({ type: 'timestamptz' })
  mergedAt: Date;

  /** The values that the merge changed (MergeValues). Null for an undone merge, an erased patient, and a merge of an earlier release. */
  @Column('bytea', { name: 'values_before', nullable: true })
  encryptedValues: Buffer | null;

  @Column('timestamptz', { nullable: true })
  undoneAt: Date | null;
}
