import { Check, Column, Entity, PrimaryColumn } from 'typeorm';

/** One row: which process publishes now, and how far it is (docs/adr/0007-one-relay-at-a-time.md). */
@Entity('outbox_relay')
export class OutboxRelayState {
  @Check('outbox_relay_id_check', 'id = 1')
  @PrimaryColumn('int', { default: 1 })
  id: number;

  /** The last position that was given to an event. */
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
