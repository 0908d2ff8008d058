import { Column, CreateDateColumn, PrimaryColumn } from 'typeorm';

/** The columns of every record that has a version, for `ChangeLog.versionedUpdate`. */
export abstract class VersionedRow {
  @PrimaryColumn('uuid')
  id: string;

  /** Incremented by each change. */
  @Column('int', { default: 1 })
  version: number;

  @CreateDateColumn({ type: 'timestamptz', select: false })
  createdAt?: Date;

  @Column('timestamptz', { default: () => 'now()' })
  updatedAt: Date;
}

/** A record that stays when it is deleted, because other rows refer to it. */
export abstract class DeletableRow extends VersionedRow {
  @Column('timestamptz', { nullable: true })
  deletedAt: Date | null;
}
