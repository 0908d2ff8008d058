import { Check, Column, Entity, ForeignKey, Index, PrimaryGeneratedColumn } from 'typeorm';

/** Working hours of a resource on one day of the week, in minutes of the local day. */
@Index('weekly_rule_resource', ['resourceId'])
@Check('weekly_rule_check', 'start_minute < end_minute')
@Check('weekly_rule_check1', 'valid_from <= valid_to')
@Entity('weekly_rule')
export class WeeklyRule {
  @PrimaryGeneratedColumn('identity', { type: 'bigint', generatedIdentity: 'ALWAYS' })
  id: string;

  @ForeignKey('resource')
  @Column('uuid')
  resourceId: string;

  /** 1 is Monday (ISO 8601). */
  @Check('weekly_rule_weekday_check', 'weekday BETWEEN 1 AND 7')
  @Column('smallint')
  weekday: number;

  @Check('weekly_rule_start_minute_check', 'start_minute BETWEEN 0 AND 1439')
  @Column('smallint')
  startMinute: number;

  @Check('weekly_rule_end_minute_check', 'end_minute BETWEEN 1 AND 1440')
  @Column('smallint')
  endMinute: number;

  @Column('date', { nullable: true })
  validFrom: string | null;

  @Column('date', { nullable: true })
  validTo: string | null;
}
