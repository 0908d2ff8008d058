import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** The revision at which a part of the catalogue last changed. Triggers write it (docs/adr/0010-cached-answers-and-their-revisions.md). */
@Index('cache_revision_revision', ['revision'])
@Entity('cache_revision')
export class CacheRevision {
  /** What changed: an id or a name that the reading feature chooses, or empty for the whole catalogue. */
  @PrimaryColumn('text')
  scope: string;

  @Column('bigint')
  revision: string;
}
