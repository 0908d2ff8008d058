import { Column, Entity, ForeignKey, PrimaryColumn } from 'typeorm';

/** When a clinic's planned reminders were last compared with its policy. */
@Entity('reminder_plan')
export class ReminderPlan {
  @ForeignKey('clinic')
  @PrimaryColumn('uuid')
  clinicId: string;

  /** The policy's offsets at that time. */
  @Column('int', { array: true })
  offsetsMinutes: number[];

  @Column('timestamptz')
  comparedAt: Date;
}
