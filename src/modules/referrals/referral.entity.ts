import { Check, Column, CreateDateColumn, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';

/** A ticket with which one patient books one service once, within a window of days. */
@Index('referral_appointment', ['appointmentId'], { unique: true })
@Index('referral_reviewed', ['reviewedId'], { unique: true })
@Index('referral_client', ['clientId', 'id'])
@Index('referral_clinic', ['clinicId', 'id'])
@Index('referral_given_back', ['givenBackId'], { where: 'given_back_id IS NOT NULL' })
@Index('referral_reminder', ['remindOn'], {
  where: 'reminded_at IS NULL AND appointment_id IS NULL AND remind_on IS NOT NULL',
})
@Check('referral_check', 'valid_from <= valid_to')
@Entity('referral')
export class Referral {
  @PrimaryColumn('uuid')
  id: string;

  @ForeignKey('clinic')
  @Column('uuid')
  clinicId: string;

  @ForeignKey('client')
  @Column('uuid')
  clientId: string;

  @ForeignKey('service')
  @Column('uuid')
  serviceId: string;

  /** Null: any doctor of the service. */
  @ForeignKey('doctor')
  @Column('uuid', { nullable: true })
  doctorId: string | null;

  /** The local days of the clinic on which the visit may be, both included. */
  @Column('date')
  validFrom: string;

  @Column('date')
  validTo: string;

  /** Encrypted, because it is health data. Null after the retention period. */
  @Column('bytea', { nullable: true })
  reason: Buffer | null;

  /** The booking that used it; null while it can be used. */
  @ForeignKey('appointment')
  @Column('uuid', { nullable: true })
  appointmentId: string | null;

  /** A cancelled booking that gave it back, and takes it again if it is reinstated. */
  @ForeignKey('appointment')
  @Column('uuid', { nullable: true })
  givenBackId: string | null;

  /** The completed visit for which its service created the referral, once. */
  @ForeignKey('appointment')
  @Column('uuid', { nullable: true })
  reviewedId: string | null;

  /** The clinic's local day on which an unused referral is reminded of, once; null for never. */
  @Column('date', { nullable: true })
  remindOn: string | null;

  /** When the reminder was created. */
  @Column('timestamptz', { nullable: true })
  remindedAt: Date | null;

  /** The account that made it. */
  @ForeignKey('user_account')
  @Column('uuid', { nullable: true })
  createdBy: string | null;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt: Date;
}
