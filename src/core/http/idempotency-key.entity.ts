import { Column, CreateDateColumn, Entity, Index, PrimaryColumn } from 'typeorm';

/** The answer that was given to an Idempotency-Key. */
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

  @Column('smallint')
  status: number;

  /** Encrypted. */
  @Column('bytea')
  response: Buffer;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt: Date;
}
