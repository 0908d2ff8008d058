import { Check, Column, CreateDateColumn, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';

/**
 * A range of a doctor's time that was freed. While it is pending, a job looks for a patient who waits for a time in it. It becomes
 * pending again when such a patient has no offer any more.
 */
@Index('waitlist_time_range', ['doctorId', 'startAt', 'endAt'], { unique: true })
@Index('waitlist_time_pending', ['clinicId', 'startAt'], { where: 'is_pending' })
@Index('waitlist_time_end', ['endAt'])
@Check('waitlist_time_check', 'start_at < end_at')
@Entity('waitlist_time')
export class FreedTime {
  @PrimaryColumn('uuid', { default: () => 'uuid7()' })
  id: string;

  @ForeignKey('clinic')
  @Column('uuid')
  clinicId: string;

  @ForeignKey('doctor')
  @Column('uuid')
  doctorId: string;

  @Column('timestamptz')
  startAt: Date;

  @Column('timestamptz')
  endAt: Date;

  /** Patients who began to wait later are not offered it: they can book it. */
  @CreateDateColumn({ type: 'timestamptz' })
  freedAt: Date;

  @Column('boolean', { default: true })
  isPending: boolean;
}
