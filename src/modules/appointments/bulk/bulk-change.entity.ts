import { Column, CreateDateColumn, Entity, Index, PrimaryColumn } from 'typeorm';

/** A request that cancels or moves many appointments. */
@Index('bulk_change_created', ['createdAt'])
@Entity('bulk_change')
export class BulkChange {
  /** Computed from the Idempotency-Key, if the request has one, so that a repetition has the same id. */
  @PrimaryColumn('uuid')
  id: string;

  /** An HMAC of the request with an Idempotency-Key, to detect another request with the same key. */
  @Column('bytea', { nullable: true })
  requestHash: Buffer | null;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt: Date;
}
