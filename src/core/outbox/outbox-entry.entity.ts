import { Column, Entity, Index, PrimaryColumn, PrimaryGeneratedColumn } from 'typeorm';

/** An event that was committed with its change. Partitioned by the month of the id. It is pending, then has a position, then is published; or it is parked after too many failures. */
@Index('outbox_handled', ['position'], {
  where: '"position" IS NOT NULL AND published_at IS NULL AND parked_at IS NULL',
})
@Index('outbox_parked', ['sequence'], { where: 'parked_at IS NOT NULL' })
@Index('outbox_pending', ['sequence'], { where: 'published_at IS NULL AND parked_at IS NULL' })
@Index('outbox_position', ['position'], { where: '"position" IS NOT NULL' })
@Index('outbox_published', ['publishedAt'], { where: 'published_at IS NOT NULL' })
@Index('outbox_waiting', ['aggregateId', 'sequence'], {
  where: 'published_at IS NULL AND parked_at IS NULL AND attempts > 0',
})
@Entity('outbox')
export class OutboxEntry {
  /** The order of insertion, not of commit. Not the API's `sequence`, which is the position. */
  @PrimaryGeneratedColumn('identity', { type: 'bigint', generatedIdentity: 'ALWAYS' })
  sequence: string;

  @PrimaryColumn('uuid')
  id: string;

  @Column('text')
  event: string;

  @Column('uuid')
  aggregateId: string;

  @Column('uuid', { nullable: true })
  clinicId: string | null;

  @Column('jsonb')
  payload: object;

  @Column('timestamptz', { default: () => 'now()' })
  occurredAt: Date;

  @Column('timestamptz', { nullable: true })
  publishedAt: Date | null;

  /** The position of its last socket message; null until its effects are done. */
  @Column('bigint', { nullable: true })
  position: string | null;

  @Column('int', { default: 0 })
  messageCount: number;

  @Column('text', { array: true, nullable: true })
  rooms: string[] | null;

  @Column('int', { default: 0 })
  attempts: number;

  /** The earliest time of the next attempt. */
  @Column('timestamptz', { default: () => 'now()' })
  dueAt: Date;

  @Column('timestamptz', { nullable: true })
  parkedAt: Date | null;

  @Column('text', { nullable: true })
  lastError: string | null;
}
