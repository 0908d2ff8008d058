import { Check, Column, CreateDateColumn, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { isOneOf } from '../../core/database/checks.js';

export const EXCEPTION_KINDS = ['CLOSED', 'OPEN'] as const;
export type ExceptionKind = (typeof EXCEPTION_KINDS)[number];

/** Days on which a resource is closed, or open in addition to its weekly hours. */
@Index('schedule_exception_resource', ['resourceId', 'to'])
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

  @Check('schedule_exception_kind_check', isOneOf('kind', EXCEPTION_KINDS))
  @Column('text')
  kind: ExceptionKind;

  /** First local day. */
  @Column('date', { name: 'from_day' })
  from: string;

  /** Last local day, included. */
  @Column('date', { name: 'to_day' })
  to: string;

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
