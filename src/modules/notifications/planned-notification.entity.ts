import { Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';

/** A notice or reminder that will be due. It then becomes one delivery for each channel that the patient wants. */
@Index('planned_notification_clinic', ['clinicId', 'kind', 'offsetMinutes'])
@Index('planned_notification_due', ['dueAt'])
@Entity('planned_notification')
export class PlannedNotification {
  @ForeignKey('appointment')
  @PrimaryColumn('uuid')
  appointmentId: string;

  @PrimaryColumn('text')
  kind: string;

  @PrimaryColumn('int', { default: 0 })
  offsetMinutes: number;

  /** For a notice: the version of the appointment after the change. For a reminder: its schedule version. */
  @PrimaryColumn('int')
  version: number;

  /** All appointments that a notice is about, if they are several; otherwise empty. */
  @Column('uuid', { array: true, default: () => "'{}'" })
  appointmentIds: string[];

  /** The versions of these appointments. */
  @Column('int', { array: true, default: () => "'{}'" })
  appointmentVersions: number[];

  @ForeignKey('clinic')
  @Column('uuid')
  clinicId: string;

  @Column('timestamptz')
  dueAt: Date;
}
