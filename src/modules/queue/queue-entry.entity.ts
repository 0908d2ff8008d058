import { Check, Column, Entity, ForeignKey, Index } from 'typeorm';
import { VersionedRow } from '../../core/database/versioned-row.js';

/**
 * The place of a patient in the day's queue of a clinic. Stores the number, the call and the moves. Whether the patient has arrived, is
 * in the room or done, and with which doctor, is read from the appointment. A walk-in without a time has no appointment until they are
 * called.
 */
@Index('queue_entry_number', ['clinicId', 'day', 'number'], { unique: true })
@Index('queue_entry_appointment', ['appointmentId'], { unique: true })
@Index('queue_entry_client', ['clientId'], { where: 'client_id IS NOT NULL' })
@Check(
  'queue_entry_check',
  `CASE WHEN appointment_id IS NULL THEN num_nulls(client_id, doctor_id, service_id, arrived_at) = 0
     ELSE num_nonnulls(client_id, doctor_id, service_id) = 0 END`,
)
@Entity('queue_entry')
export class QueueEntry extends VersionedRow {
  @ForeignKey('clinic')
  @Column('uuid')
  clinicId: string;

  /** The clinic's local day, YYYY-MM-DD: of the visit or, without one, of the arrival. */
  @Column('date')
  day: string;

  /** From 1, for each clinic and day, in the order of arrival. A visit that is moved to another day leaves a gap. */
  @Check('queue_entry_number_check', 'number >= 1')
  @Column('int')
  number: number;

  @ForeignKey('appointment')
  @Column('uuid', { nullable: true })
  appointmentId: string | null;

  /** Patient, doctor and service of a walk-in without an appointment. */
  @ForeignKey('client')
  @Column('uuid', { nullable: true })
  clientId: string | null;

  @ForeignKey('doctor')
  @Column('uuid', { nullable: true })
  doctorId: string | null;

  @ForeignKey('service')
  @Column('uuid', { nullable: true })
  serviceId: string | null;

  /** When a walk-in without a time arrived. Others arrive with the check-in of their appointment. */
  @Column('timestamptz', { nullable: true })
  arrivedAt: Date | null;

  @Column('boolean', { default: false })
  isWalkIn: boolean;

  @Column('timestamptz', { nullable: true })
  calledAt: Date | null;

  /** When a walk-in without an appointment left. */
  @Column('timestamptz', { nullable: true })
  leftAt: Date | null;

  /** The place after a move, instead of the one by time: see queue-order.ts. */
  @Column('timestamptz', { nullable: true })
  sortAt: Date | null;

  /** Decides between entries with the same time; null: the number. */
  @Column('double precision', { nullable: true })
  sortTie: number | null;

  /** Why the patient was moved, each time: a list of texts, encrypted. */
  @Column('bytea', { nullable: true })
  moveReasons: Buffer | null;
}
