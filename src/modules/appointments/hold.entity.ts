import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';

const MINUTE = 60_000;

/**
 * A slot that is kept for a while, so that a form or a payment can be finished. Its reservations have its id and its end
 * (`reservation.expires_at`); an appointment that is booked from it gets the same id and takes them over. From its end on, it
 * reserves nothing, even while its rows still exist.
 */
@Index('hold_client', ['clientId', 'number'], { unique: true })
@Index('hold_clinic', ['clinicId', 'startAt'])
@Index('hold_seat', ['groupId', 'seat'], { where: 'group_id IS NOT NULL' })
@Index('hold_referral', ['referralId'], { unique: true })
@Index('hold_expiry', ['expiresAt'])
@Check('hold_check', 'start_at < end_at')
@Entity('hold')
export class Hold {
  @PrimaryColumn('uuid')
  id: string;

  @ForeignKey('clinic')
  @Column('uuid')
  clinicId: string;

  /** Null while the front desk does not know the patient yet, and of a time that is offered to several patients. */
  @ForeignKey('client')
  @Column('uuid', { nullable: true })
  clientId: string | null;

  @ForeignKey('doctor')
  @Column('uuid')
  doctorId: string;

  @ForeignKey('service')
  @Column('uuid')
  serviceId: string;

  @Column('uuid', { array: true, default: () => "'{}'" })
  resourceIds: string[];

  /** The group session that the seat belongs to; null for a visit of a single patient. */
  @Column('uuid', { nullable: true })
  groupId: string | null;

  @Check('hold_seat_check', 'seat >= 1')
  @Column('int', { nullable: true })
  seat: number | null;

  @Column('timestamptz')
  startAt: Date;

  @Column('timestamptz')
  endAt: Date;

  @Column('timestamptz')
  expiresAt: Date;

  /** Limits the holds of a patient: each has another number. Null without a patient, or for a hold that does not count. */
  @Check('hold_number_check', 'number >= 1')
  @Column('int', { nullable: true })
  number: number | null;

  /** The referral that is kept for the appointment. */
  @ForeignKey('referral', { onDelete: 'SET NULL' })
  @Column('uuid', { nullable: true })
  referralId: string | null;

  /** The account that made the hold; null for an API key or the system. */
  @ForeignKey('user_account')
  @Column('uuid', { nullable: true })
  createdBy: string | null;

  @Column('timestamptz')
  createdAt: Date;

  get plannedMinutes(): number {
    return (this.endAt.getTime() - this.startAt.getTime()) / MINUTE;
  }
}
