import { Column, Entity, ForeignKey, PrimaryColumn, Unique } from 'typeorm';
import type { DayFigures } from './day-figures.js';

/** The report of one local day of a clinic. It is made once and does not change. It contains ids of doctors, and no names. */
@Unique('daily_report_once', ['clinicId', 'day'])
@Entity('daily_report')
export class DailyReport {
  @PrimaryColumn('uuid')
  id: string;

  @ForeignKey('clinic')
  @Column('uuid')
  clinicId: string;

  /** The clinic's local day, YYYY-MM-DD. */
  @Column('date')
  day: string;

  /** The clinic's zone when the report was made. */
  @Column('text')
  timeZone: string;

  @Column('jsonb')
  figures: DayFigures;

  /** The figures of the same weekday of the week before. */
  @Column('jsonb')
  previous: DayFigures;

  @Column('timestamptz')
  createdAt: Date;

  /** When the messages to the managers were requested. Null: the report was not sent. */
  @Column('timestamptz', { nullable: true })
  mailedAt: Date | null;
}
