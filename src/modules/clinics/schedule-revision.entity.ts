import { Column, Entity, ForeignKey, PrimaryColumn } from 'typeorm';

/** A number for each clinic that triggers increment with every change of what can be booked. */
@Entity('schedule_revision')
export class ScheduleRevision {
  @ForeignKey('clinic')
  @PrimaryColumn('uuid')
  clinicId: string;

  @Column('bigint', { default: 1 })
  revision: string;
}
