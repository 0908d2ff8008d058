import { Column, Entity, ForeignKey, PrimaryColumn } from 'typeorm';

/** The revision of a clinic's schedule. Triggers increment it with every change of the booking rules. */
@Entity('schedule_revision')
export class ScheduleRevision {
  @ForeignKey('clinic')
  @PrimaryColumn('uuid')
  clinicId: string;

  @Column('bigint', { default: 1 })
  revision: string;
}
