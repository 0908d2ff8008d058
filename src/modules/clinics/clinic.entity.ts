import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('clinic')
export class Clinic {
  @PrimaryColumn('uuid')
  id: string;

  @Column('text')
  name: string;

  @Column('text', { name: 'time_zone' })
  timeZone: string;

  @Column('text', { nullable: true })
  phone: string | null;

  @Column('text', { nullable: true })
  address: string | null;

  @Column('text', { name: 'emergency_number', nullable: true })
  emergencyNumber: string | null;

  /** ISO 3166-1 alpha-2 */
  @Column('text', { nullable: true })
  country: string | null;

  @Column('text')
  locale: string;

  @Column('int', { name: 'slot_step_minutes' })
  slotStepMinutes: number;

  @Column('int', { name: 'minimum_notice_minutes' })
  minimumNoticeMinutes: number;

  @Column('int', { name: 'horizon_days' })
  horizonDays: number;

  @Column('int', { name: 'cancellation_cutoff_minutes' })
  cancellationCutoffMinutes: number;

  @Column('int', { name: 'reminder_offsets_minutes', array: true })
  reminderOffsetsMinutes: number[];

  @Column('boolean', { name: 'requires_confirmation' })
  requiresConfirmation: boolean;

  @Column('int', { name: 'max_upcoming_per_client', nullable: true })
  maxUpcomingPerClient: number | null;

  @Column('int')
  version: number;

  @Column('timestamptz', { name: 'updated_at' })
  updatedAt: Date;

  @Column('timestamptz', { name: 'deleted_at', nullable: true })
  deletedAt: Date | null;
}
