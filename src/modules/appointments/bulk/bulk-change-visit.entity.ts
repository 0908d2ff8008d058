import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { isOneOf } from '../../../core/database/checks.js';

export const DONE_OUTCOMES = ['CANCELLED', 'MOVED'] as const;
export type DoneOutcome = (typeof DONE_OUTCOMES)[number];

/** An appointment that a bulk change has cancelled or moved, written in the transaction of the change. */
@Index('bulk_change_visit_appointment', ['appointmentId', 'version'])
@Entity('bulk_change_visit')
export class BulkChangeVisit {
  @ForeignKey('bulk_change', { onDelete: 'CASCADE' })
  @PrimaryColumn('uuid')
  bulkId: string;

  @ForeignKey('appointment', { onDelete: 'CASCADE' })
  @PrimaryColumn('uuid')
  appointmentId: string;

  @Check('bulk_change_visit_outcome_check', isOneOf('outcome', DONE_OUTCOMES))
  @Column('text')
  outcome: DoneOutcome;

  /** The version of the appointment after the change. */
  @Column('int')
  version: number;

  /** The time and doctor after the change. */
  @Column('timestamptz')
  startAt: Date;

  @Column('timestamptz')
  endAt: Date;

  @ForeignKey('doctor')
  @Column('uuid')
  doctorId: string;
}
