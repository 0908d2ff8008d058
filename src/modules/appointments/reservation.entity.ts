import { Check, Column, Entity, Exclusion, ForeignKey, Index, PrimaryColumn } from 'typeorm';

/** What an appointment reserves. RESOURCE: a room, equipment or other staff. */
export type ReservedKind = 'DOCTOR' | 'CLIENT' | 'RESOURCE';

/** The expression of a computed column as PostgreSQL writes it. */
const idWhen = (condition: string): string => `
CASE
    WHEN (${condition}) THEN appointment_id
    ELSE NULL::uuid
END`;

/**
 * The time that an appointment or a hold reserves of one doctor, patient, room or equipment. Active rows of different groups cannot
 * overlap. Rows of expired holds still exist, so the next writer of their time deletes them first.
 */
@Exclusion('reservation_no_overlap', `USING gist (resource_id WITH =, during WITH &&, group_id WITH <>) WHERE (active)`)
@Index('reservation_hold', ['holdId'], { where: 'hold_id IS NOT NULL' })
@Entity('reservation')
export class Reservation {
  /** The appointment, or the hold that may become it: both have the same id. */
  @PrimaryColumn('uuid')
  appointmentId: string;

  @PrimaryColumn('uuid')
  resourceId: string;

  /** The version of the appointment that made the reservation. */
  @PrimaryColumn('int', { default: 1 })
  version: number;

  @Check('reservation_kind_check', `kind IN ('DOCTOR', 'CLIENT', 'RESOURCE')`)
  @Column('text')
  kind: ReservedKind;

  /** The appointment's id, or the id of the group session that it belongs to. */
  @Column('uuid')
  groupId: string;

  /** A range of instants, the end excluded, as PostgreSQL writes it. */
  @Check('reservation_during_check', 'NOT isempty(during)')
  @Column('tstzrange')
  during: string;

  @Column('boolean', { default: true })
  active: boolean;

  /** The end of a hold; null for the reservation of an appointment. */
  @Column('timestamptz', { nullable: true })
  expiresAt: Date | null;

  /** The appointment. Computed, for the foreign key. */
  @ForeignKey('appointment')
  @Column({
    type: 'uuid',
    generatedType: 'STORED',
    asExpression: idWhen('expires_at IS NULL'),
    nullable: true,
    select: false,
  })
  bookedId?: string | null;

  /** The hold. Computed, for the foreign key. */
  @ForeignKey('hold', { onDelete: 'CASCADE' })
  @Column({
    type: 'uuid',
    generatedType: 'STORED',
    asExpression: idWhen('expires_at IS NOT NULL'),
    nullable: true,
    select: false,
  })
  holdId?: string | null;
}
