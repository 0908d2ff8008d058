import { Check, Column, Entity, PrimaryColumn } from 'typeorm';

/** A single row: which process holds the relay's lease, and the last position (docs/adr/0007-one-relay-at-a-time.md). */
@Entity('outbox_relay')
export class OutboxRelayState {
  @Check('outbox_relay_id_check', 'id = 1')
  @PrimaryColumn('int', { default: 1 })
  id: number;

  /** The last assigned position. */
  @Column('bigint', { default: 0 })
  position: string;

  /** The last position of a deleted event. */
  @Column('bigint', { default: 0 })
  sweptPosition: string;

  @Column('uuid', { nullable: true })
  holder: string | null;

  @Column('timestamptz', { nullable: true })
  leasedUntil: Date | null;
}
