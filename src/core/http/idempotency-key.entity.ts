import { Check, Column, CreateDateColumn, Entity, Index, PrimaryColumn } from 'typeorm';

/** An Idempotency-Key and its answer. A key with neither `response` nor `answerId` is claimed by running work. */
@Check('idempotency_key_answer_check', 'response IS NULL OR answer_id IS NULL')
@Index('idempotency_key_created', ['createdAt'])
@Entity('idempotency_key')
export class IdempotencyKey {
  /** The user, or the nil UUID for a caller who is not signed in. */
  @PrimaryColumn('uuid')
  caller: string;

  @PrimaryColumn('text')
  route: string;

  @PrimaryColumn('text')
  key: string;

  @Column('bytea')
  requestHash: Buffer;

  /** The HTTP status of the response. */
  @Column('smallint', { nullable: true })
  status: number | null;

  /** Encrypted. */
  @Column('bytea', { nullable: true })
  response: Buffer | null;

  /** The id of the answer, if the feature stores it in its own table. */
  @Column('uuid', { nullable: true })
  answerId: string | null;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt: Date;
}
