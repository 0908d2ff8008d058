import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/**
 * An account that was erased. Without foreign keys: the list is also replayed in a database that was restored from an older backup.
 * @see docs/privacy.md
 */
@Index('erasure_unfinished', ['erasedAt'], { where: 'finished_at IS NULL' })
@Entity('erasure')
export class Erasure {
  @PrimaryColumn('uuid')
  userId: string;

  /** The person, or an administrator; null for a replayed erasure and for retention. */
  @Column('uuid', { nullable: true })
  requestedBy: string | null;

  @Column('timestamptz')
  erasedAt: Date;

  /** When everything was gone, also the files and what was written at the same time. */
  @Column('timestamptz', { nullable: true })
  finishedAt: Date | null;
}
