import { Check, Column, Entity, ForeignKey, Index } from 'typeorm';
import { isOneOf } from '../../core/database/checks.js';
import { VersionedRow } from '../../core/database/versioned-row.js';
import { ENTRY_STATES, type EntryState } from './waitlist-status.js';

/** A patient who waits for a time of a service. Whether a time is offered now is in `waitlist_offer`. */
@Index('waitlist_entry_waiting', ['clinicId', 'urgency', 'id'], { where: `status = 'WAITING'` })
@Index('waitlist_entry_clinic', ['clinicId', 'id'])
@Index('waitlist_entry_client', ['clientId', 'id'])
@Index('waitlist_entry_appointment', ['appointmentId'], { where: 'appointment_id IS NOT NULL' })
@Index('waitlist_entry_referral', ['referralId'], { where: 'referral_id IS NOT NULL' })
@Index('waitlist_entry_end', ['endsAt'], { where: `status = 'WAITING'` })
@Check('waitlist_entry_check', 'from_day <= to_day AND coalesce(start_minute, 0) < coalesce(end_minute, 1440)')
@Entity('waitlist_entry')
export class WaitlistEntry extends VersionedRow {
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

  /** The visit for which the patient asks for an earlier time. */
  @ForeignKey('appointment')
  @Column('uuid', { nullable: true })
  appointmentId: string | null;

  /** The referral with which the visit is booked; null also if it was withdrawn. */
  @ForeignKey('referral', { onDelete: 'SET NULL' })
  @Column('uuid', { nullable: true })
  referralId: string | null;

  /** The first local day of the clinic, YYYY-MM-DD. */
  @Column('date')
  fromDay: string;

  /** The last local day, included. */
  @Column('date')
  toDay: string;

  /** The end of the last day. */
  @Column('timestamptz')
  endsAt: Date;

  /** ISO weekdays, 1 is Monday; null for all. */
  @Column('int', { array: true, nullable: true })
  weekdays: number[] | null;

  /** Minutes of the local day between which the visit must be; null for no limit. */
  @Check('waitlist_entry_start_minute_check', 'start_minute BETWEEN 0 AND 1439')
  @Column('int', { nullable: true })
  startMinute: number | null;

  @Check('waitlist_entry_end_minute_check', 'end_minute BETWEEN 1 AND 1440')
  @Column('int', { nullable: true })
  endMinute: number | null;

  /** 1 is the most urgent: see URGENCIES. */
  @Check('waitlist_entry_urgency_check', 'urgency BETWEEN 1 AND 4')
  @Column('int', { default: 3 })
  urgency: number;

  @Check('waitlist_entry_status_check', isOneOf('status', ENTRY_STATES))
  @Column('text', { default: 'WAITING' })
  status: EntryState;

  /** The visit that ended the entry. */
  @ForeignKey('appointment')
  @Column('uuid', { nullable: true })
  bookedId: string | null;
}
