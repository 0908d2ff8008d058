import { Check, Column, Entity, Exclusion, ForeignKey, PrimaryColumn } from 'typeorm';
import type { ReservedKind } from './appointment.errors.js';

/** The time that an appointment reserves of one doctor, patient, room or equipment. Active rows of different groups cannot overlap. */
@Exclusion('reservation_no_overlap', `USING gist (resource_id WITH =, during WITH &&, group_id WITH <>) WHERE (active)`)
@Entity('reservation')
export class Reservation {
  @ForeignKey('appointment')
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
}
