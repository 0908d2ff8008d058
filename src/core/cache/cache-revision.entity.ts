import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** When a part of the catalogue last changed. Triggers write it (docs/adr/0010-catalogue-cache.md). */
@Index('cache_revision_revision', ['revision'])
@Entity('cache_revision')
export class CacheRevision {
  /** The id of a clinic, `faq`, or empty for everything. */
  @PrimaryColumn('text')
  scope: string;

  @Column('bigint')
  revision: string;
}
