import { Check, Column, Entity, ForeignKey, Index } from 'typeorm';
import { VersionedRow } from '../../core/database/versioned-row.js';
import { isOneOf } from '../../core/database/checks.js';
import { DomainError } from '../../core/kernel/domain-error.js';
import { OPEN_STATUSES, STATUSES, type AppointmentStatus } from './appointment-status.js';
import { cancellationTooLate } from './appointment.errors.js';
import { isPastCutoff } from './cutoff.js';

const MINUTE = 60_000;

/** How long before its planned start a visit may start without a check-in. */
const EARLY_START_MILLISECONDS = 30 * MINUTE;

const REINSTATABLE: AppointmentStatus[] = ['IN_PROGRESS', 'COMPLETED', 'CANCELLED', 'NO_SHOW'];

/**
 * A booked visit. booking.statement.ts inserts it; only its methods change its status. Its texts are stored encrypted
 * (appointment-texts.ts).
 */
@Index('appointment_change', ['clinicId', 'updatedAt', 'id'])
@Index('appointment_client', ['clientId', 'startAt', 'id'])
@Index('appointment_clinic', ['clinicId', 'startAt', 'id'])
@Index('appointment_doctor', ['doctorId', 'startAt', 'id'])
@Index('appointment_seat', ['groupId', 'seat'], {
  unique: true,
  where: `group_id IS NOT NULL AND status NOT IN ('CANCELLED', 'NO_SHOW', 'COMPLETED')`,
})
@Index('appointment_series', ['seriesId', 'startAt'], { where: 'series_id IS NOT NULL' })
@Index('appointment_service', ['serviceId', 'startAt'])
@Check('appointment_check', 'start_at < end_at')
@Entity('appointment')
export class Appointment extends VersionedRow {
  @ForeignKey('clinic')
  @Column('uuid')
  clinicId: string;

  @ForeignKey('client')
  @Column('uuid')
  clientId: string;

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

  @Check('appointment_seat_check', 'seat >= 1')
  @Column('int', { nullable: true })
  seat: number | null;

  @Column('timestamptz')
  startAt: Date;

  @Column('timestamptz')
  endAt: Date;

  @Check('appointment_status_check', isOneOf('status', STATUSES))
  @Column('text')
  status: AppointmentStatus;

  /** Written by or for the patient; the patient may read them. */
  notes: string | null;

  @Column('bytea', { name: 'notes', nullable: true })
  encryptedNotes?: Buffer | null;

  @Column('bigint', { select: false })
  priceMinor?: string;

  @Column('char', { length: 3, select: false })
  currency?: string;

  /** The tax that the price includes, in hundredths of a percent. */
  @Check('appointment_tax_basis_points_check', 'tax_basis_points BETWEEN 0 AND 10000')
  @Column('int', { select: false, default: 0 })
  taxBasisPoints?: number;

  /** The series that it was booked with; null for a single appointment. */
  @Column('uuid', { nullable: true })
  seriesId: string | null;

  /** Written by the doctor or the front desk; never shown to the patient. */
  staffNotes: string | null;

  @Column('bytea', { name: 'staff_notes', nullable: true })
  encryptedStaffNotes?: Buffer | null;

  /** The patient's insurance for this visit, written by or for the patient. */
  insuranceNote: string | null;

  @Column('bytea', { name: 'insurance_note', nullable: true })
  encryptedInsuranceNote?: Buffer | null;

  @Column('timestamptz', { nullable: true })
  checkedInAt: Date | null;

  @Column('timestamptz', { nullable: true })
  startedAt: Date | null;

  @Column('timestamptz', { nullable: true })
  completedAt: Date | null;

  @Column('timestamptz', { nullable: true })
  cancelledAt: Date | null;

  cancelReason: string | null;

  @Column('bytea', { name: 'cancel_reason', nullable: true })
  encryptedCancelReason?: Buffer | null;

  /** The new link to join a video visit; undefined if it does not change. It is a secret, so it is read only to be shown. */
  videoUrl?: string | null;

  @Column('bytea', { name: 'video_url', nullable: true, select: false })
  encryptedVideoUrl?: Buffer | null;

  @ForeignKey('user_account')
  @Column('uuid', { nullable: true, select: false })
  createdBy?: string | null;

  /** When the patient confirmed, with the link in a message, that they will come. */
  @Column('timestamptz', { nullable: true })
  clientConfirmedAt: Date | null;

  /** The version at which the time or the doctor last changed; reminders are planned for this version. */
  @Column('int', { default: 1 })
  scheduleVersion: number;

  get plannedMinutes(): number {
    return (this.endAt.getTime() - this.startAt.getTime()) / MINUTE;
  }

  /** @returns a copy, to compare the appointment with after changes */
  copy(): Appointment {
    return Object.assign(new Appointment(), this);
  }

  confirm(at: Date): void {
    this.assertIn(['PENDING'], 'confirmed');
    this.setStatus('CONFIRMED', at);
  }

  /** @param earliest the start of the visit's local day at the clinic, epoch milliseconds */
  checkIn(at: Date, earliest: number): void {
    this.assertIn(['CONFIRMED'], 'checked in');
    this.assertNotBefore(earliest, at, 'checked in');
    this.checkedInAt = at;
    this.touch(at);
  }

  start(at: Date): void {
    this.assertIn(['CONFIRMED'], 'started');
    this.assertMayStart(at, 'started');
    this.setStatus('IN_PROGRESS', at);
    this.startedAt = at;
  }

  complete(at: Date): void {
    this.assertIn(['IN_PROGRESS'], 'completed');
    // Earlier versions of CareSlot allowed an early start: such visits may be IN_PROGRESS.
    this.assertMayStart(at, 'completed');
    this.setStatus('COMPLETED', at);
    this.completedAt = at;
  }

  markNoShow(at: Date): void {
    this.assertIn(['CONFIRMED'], 'a no-show');
    this.assertNotBefore(this.startAt.getTime(), at, 'a no-show');
    this.setStatus('NO_SHOW', at);
  }

  /**
   * Checks the clinic's cut-off, after which a patient may no longer cancel or move the visit.
   * @throws DomainError CANCELLATION_TOO_LATE
   */
  assertBeforeCutoff(cutoffMinutes: number, now: number): void {
    if (isPastCutoff(this.startAt, cutoffMinutes, now)) throw cancellationTooLate(cutoffMinutes);
  }

  cancel(at: Date, reason: string | null): void {
    this.assertIn(OPEN_STATUSES, 'cancelled');
    this.setStatus('CANCELLED', at);
    this.cancelledAt = at;
    this.cancelReason = reason;
  }

  /**
   * Undoes the last step: a check-in, a start, a completion, a no-show or a cancellation.
   * @param status the status before that step (see AppointmentStatusService.reinstate)
   */
  reinstate(at: Date, status: AppointmentStatus): void {
    if (this.status === 'CONFIRMED') this.checkedInAt = null;
    if (this.status === 'IN_PROGRESS') this.startedAt = null;
    if (this.status === 'COMPLETED') this.completedAt = null;
    if (this.status === 'CANCELLED') {
      this.cancelledAt = null;
      this.cancelReason = null;
      // The cancellation removed the reminders: a new schedule version plans them again.
      this.scheduleVersion = this.version + 1;
    }
    this.setStatus(status, at);
  }

  /** @throws DomainError INVALID_TRANSITION if there is no step to undo */
  assertReinstatable(): void {
    if (this.status === 'CONFIRMED' && this.checkedInAt) return;
    this.assertIn(REINSTATABLE, 'reinstated');
  }

  /**
   * Checks that the patient may still change the visit.
   * @throws DomainError INVALID_TRANSITION if it has started, is over or is cancelled
   */
  assertPatientMayChange(at: Date): void {
    this.assertIn(OPEN_STATUSES, 'changed by the patient');
    if (at.getTime() < this.startAt.getTime()) return;
    throw new DomainError('INVALID_TRANSITION', 'This visit has already started. Please call the clinic.', {
      reason: 'PAST',
    });
  }

  /** Checks that the status allows another time, doctor or room. */
  assertMovable(): void {
    this.assertIn(OPEN_STATUSES, 'rescheduled');
  }

  /** The patient confirms that they will come. A PENDING booking still waits for the clinic. */
  confirmByClient(at: Date): void {
    this.assertIn(OPEN_STATUSES, 'confirmed');
    this.clientConfirmedAt = at;
    this.touch(at);
  }

  /**
   * Sets time and doctor, in epoch milliseconds. A new time or doctor resets the patient's confirmation and plans new
   * reminders; a new time also resets the check-in.
   */
  moveTo({ start, end }: { start: number; end: number }, doctorId: string): void {
    const isNewTime = start !== this.startAt.getTime();
    if (isNewTime) this.checkedInAt = null;
    if (isNewTime || doctorId !== this.doctorId) {
      this.scheduleVersion = this.version + 1;
      this.clientConfirmedAt = null;
    }
    // The link may lead to the room of the previous doctor.
    if (doctorId !== this.doctorId) this.videoUrl = null;
    this.startAt = new Date(start);
    this.endAt = new Date(end);
    this.doctorId = doctorId;
  }

  /** The clinic has not confirmed the new time or doctor. Only patients with a confirmed visit can be checked in. */
  awaitConfirmation(): void {
    this.status = 'PENDING';
    this.checkedInAt = null;
  }

  /** Every change ends with this: the new version and its time. */
  touch(at: Date): void {
    this.updatedAt = at;
    this.version += 1;
  }

  private setStatus(status: AppointmentStatus, at: Date): void {
    this.status = status;
    this.touch(at);
  }

  /** A visit may start after the check-in, or shortly before its planned start. */
  private assertMayStart(at: Date, what: string): void {
    if (!this.checkedInAt) this.assertNotBefore(this.startAt.getTime() - EARLY_START_MILLISECONDS, at, what);
  }

  private assertNotBefore(earliest: number, at: Date, what: string): void {
    if (at.getTime() >= earliest) return;
    const notBefore = new Date(earliest).toISOString();
    throw new DomainError('INVALID_TRANSITION', `This appointment cannot be ${what} yet. Try again at ${notBefore}.`, {
      reason: 'TOO_EARLY',
      notBefore,
    });
  }

  private assertIn(from: readonly AppointmentStatus[], what: string): void {
    if (from.includes(this.status)) return;
    throw new DomainError('INVALID_TRANSITION', `An appointment that is ${this.status} cannot be ${what}.`, {
      from: this.status,
      allowedFrom: from,
    });
  }
}
