import { Check, Column, CreateDateColumn, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';

/** Days on which a whole clinic is closed: its doctors, rooms and equipment. */
@Index('clinic_closure_clinic', ['clinicId', 'to'])
@Check('clinic_closure_check', 'from_day <= to_day')
@Check('clinic_closure_check1', '(start_minute IS NULL) = (end_minute IS NULL)')
@Check('clinic_closure_check2', 'start_minute < end_minute')
@Entity('clinic_closure')
export class ClinicClosure {
  @PrimaryColumn('uuid')
  id: string;

  @ForeignKey('clinic')
  @Column('uuid')
  clinicId: string;

  /** First local day. */
  @Column('date', { name: 'from_day' })
  from: string;

  /** Last local day, included. */
  @Column('date', { name: 'to_day' })
  to: string;

  /** Minutes of each local day; null for the whole day. */
  @Check('clinic_closure_start_minute_check', 'start_minute BETWEEN 0 AND 1439')
  @Column('smallint', { nullable: true })
  startMinute: number | null;

  @Check('clinic_closure_end_minute_check', 'end_minute BETWEEN 1 AND 1440')
  @Column('smallint', { nullable: true })
  endMinute: number | null;

  /** Everybody can read it. */
  @Column('text', { nullable: true })
  reason: string | null;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt: Date;
}
