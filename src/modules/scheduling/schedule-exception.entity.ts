import { Check, Column, CreateDateColumn, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';

/** Days on which a resource is closed, or open in addition to its weekly hours. */
@Index('schedule_exception_resource', ['resourceId', 'toDay'])
@Check('schedule_exception_check', 'from_day <= to_day')
@Check('schedule_exception_check1', '(start_minute IS NULL) = (end_minute IS NULL)')
@Check('schedule_exception_check2', 'start_minute < end_minute')
@Entity('schedule_exception')
export class ScheduleException {
  @PrimaryColumn('uuid')
  id: string;

  @ForeignKey('resource')
  @Column('uuid')
  resourceId: string;

  @Check('schedule_exception_kind_check', `kind IN ('CLOSED', 'OPEN')`)
  @Column('text')
  kind: 'CLOSED' | 'OPEN';

  @Column('date')
  fromDay: string;

  @Column('date')
  toDay: string;

  /** Minutes of the local day; null for the whole day. */
  @Check('schedule_exception_start_minute_check', 'start_minute BETWEEN 0 AND 1439')
  @Column('smallint', { nullable: true })
  startMinute: number | null;

  @Check('schedule_exception_end_minute_check', 'end_minute BETWEEN 1 AND 1440')
  @Column('smallint', { nullable: true })
  endMinute: number | null;

  @Column('text', { nullable: true })
  reason: string | null;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt: Date;
}
