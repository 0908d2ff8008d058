import { Check, Column, CreateDateColumn, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { isOneOf } from '../../core/database/checks.js';
import { DomainError } from '../../core/kernel/domain-error.js';
import { cancellationTooLate } from './appointment.errors.js';

export const STATUSES = ['PENDING', 'CONFIRMED', 'IN_PROGRESS', 'COMPLETED', 'CANCELLED', 'NO_SHOW'] as const;
export type AppointmentStatus = (typeof STATUSES)[number];

const MINUTE = 60_000;

/** A visit may begin so long before its time: the doctor is free and the patient is there. */
const EARLY_START_MILLISECONDS = 30 * MINUTE;

const REINSTATABLE: AppointmentStatus[] = ['IN_PROGRESS', 'COMPLETED', 'CANCELLED', 'NO_SHOW'];

/** One booking and the only places where its status changes. */
@Index('appointment_client', ['clientId', 'startAt', 'id'])
@Index('appointment_clinic', ['clinicId', 'startAt', 'id'])
@Index('appointment_doctor', ['doctorId', 'startAt', 'id'])
@Index('appointment_seat', ['groupId', 'seat'], {
  unique: true,
  where: `group_id IS NOT NULL AND status NOT IN ('CANCELLED', 'NO_SHOW', 'COMPLETED')`,
})
@Index('appointment_service', ['serviceId', 'startAt'])
@Check('appointment_check', 'start_at < end_at')
@Entity('appointment')
export class Appointment {
  @PrimaryColumn('uuid')
  id: string;

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

  /** The group session it has a seat in; null for an appointment of one's own. */
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

  /** The patient's own words. */
  @Column('text', { nullable: true })
  notes: string | null;

  @Column('bigint', { select: false })
  priceMinor?: string;

  @Column('char', { length: 3, select: false })
  currency?: string;

  @Column('uuid', { nullable: true, select: false })
  seriesId?: string | null;

  /** Of doctor and desk; never shown to the patient. */
  @Column('text', { nullable: true })
  staffNotes: string | null;

  @Column('timestamptz', { nullable: true })
  checkedInAt: Date | null;

  @Column('timestamptz', { nullable: true })
  startedAt: Date | null;

  @Column('timestamptz', { nullable: true })
  completedAt: Date | null;

  @Column('timestamptz', { nullable: true })
  cancelledAt: Date | null;

  @Column('text', { nullable: true })
  cancelReason: string | null;

  @ForeignKey('user_account')
  @Column('uuid', { nullable: true, select: false })
  createdBy?: string | null;

  /** The patient said by a link in a message that it will come. */
  @Column('timestamptz', { nullable: true })
  clientConfirmedAt: Date | null;

  /** The version at which time or doctor were last set; reminders belong to it. */
  @Column('int', { default: 1 })
  scheduleVersion: number;

  @Column('int', { default: 1 })
  version: number;

  @CreateDateColumn({ type: 'timestamptz', select: false })
  createdAt?: Date;

  @Column('timestamptz', { default: () => 'now()' })
  updatedAt: Date;

  confirm(at: Date): void {
    this.move(['PENDING'], 'CONFIRMED', at);
  }

  /** @param opens the start of the visit's local day at the clinic, epoch milliseconds */
  checkIn(at: Date, opens: number): void {
    this.assertIn(['CONFIRMED'], 'checked in');
    this.assertNotBefore(opens, at, 'checked in');
    this.checkedInAt = at;
    this.touch(at);
  }

  start(at: Date): void {
    this.assertIn(['CONFIRMED'], 'started');
    this.assertMayBegin(at, 'started');
    this.move(['CONFIRMED'], 'IN_PROGRESS', at);
    this.startedAt = at;
  }

  complete(at: Date): void {
    this.assertIn(['IN_PROGRESS'], 'completed');
    this.assertMayBegin(at, 'completed');
    this.move(['IN_PROGRESS'], 'COMPLETED', at);
    this.completedAt = at;
  }

  markNoShow(at: Date): void {
    this.assertIn(['CONFIRMED'], 'a no-show');
    this.assertNotBefore(this.startAt.getTime(), at, 'a no-show');
    this.move(['CONFIRMED'], 'NO_SHOW', at);
  }

  /**
   * A patient may cancel and move a visit up to the clinic's cut-off before it begins.
   * @throws DomainError CANCELLATION_TOO_LATE
   */
  assertBeforeCutoff(cutoffMinutes: number, now: number): void {
    if (now > this.startAt.getTime() - cutoffMinutes * MINUTE) throw cancellationTooLate(cutoffMinutes);
  }

  cancel(at: Date, reason: string | null): void {
    this.move(['PENDING', 'CONFIRMED'], 'CANCELLED', at);
    this.cancelledAt = at;
    this.cancelReason = reason;
  }

  /**
   * Undoes the last step: a check-in, a start, a completion, a no-show or a cancellation.
   * @param status the one before that step (see ReinstatementService)
   */
  reinstate(at: Date, status: AppointmentStatus): void {
    if (this.status === 'CONFIRMED') this.checkedInAt = null;
    if (this.status === 'IN_PROGRESS') this.startedAt = null;
    if (this.status === 'COMPLETED') this.completedAt = null;
    if (this.status === 'CANCELLED') {
      this.cancelledAt = null;
      this.cancelReason = null;
      // Reminders of before the cancellation are gone: they are planned again, as for a new time.
      this.scheduleVersion = this.version + 1;
    }
    this.status = status;
    this.touch(at);
  }

  /** @throws DomainError INVALID_TRANSITION where there is no step to undo */
  assertReinstatable(): void {
    if (this.status === 'CONFIRMED' && this.checkedInAt) return;
    this.assertIn(REINSTATABLE, 'reinstated');
  }

  /** @throws DomainError INVALID_TRANSITION: the patient changes nothing of a visit that has begun, is over or cancelled */
  assertOpenToPatient(at: Date): void {
    this.assertIn(['PENDING', 'CONFIRMED'], 'changed by the patient');
    if (at.getTime() < this.startAt.getTime()) return;
    throw new DomainError('INVALID_TRANSITION', 'This visit is past. Please call the clinic.', { reason: 'PAST' });
  }

  /** Whether it may still be moved to another time or doctor. */
  assertMovable(): void {
    this.assertIn(['PENDING', 'CONFIRMED'], 'rescheduled');
  }

  /** The patient says that it will come: that is the confirmation a PENDING booking waits for. */
  confirmByClient(at: Date): void {
    this.assertIn(['PENDING', 'CONFIRMED'], 'confirmed');
    this.status = 'CONFIRMED';
    this.clientConfirmedAt = at;
    this.touch(at);
  }

  /**
   * To another time or doctor, who has not arrived for it. Another room alone is no new time: what was planned for the
   * old version still holds. Instants in epoch milliseconds.
   */
  moveTo({ start, end }: { start: number; end: number }, doctorId: string): void {
    const isNewTime = start !== this.startAt.getTime();
    if (isNewTime) this.checkedInAt = null;
    if (isNewTime || doctorId !== this.doctorId) {
      this.scheduleVersion = this.version + 1;
      this.clientConfirmedAt = null;
    }
    this.startAt = new Date(start);
    this.endAt = new Date(end);
    this.doctorId = doctorId;
  }

  touch(at: Date): void {
    this.updatedAt = at;
    this.version += 1;
  }

  private move(from: AppointmentStatus[], to: AppointmentStatus, at: Date): void {
    this.assertIn(from, to);
    this.status = to;
    this.touch(at);
  }

  /** Once the patient is checked in, or shortly before the start. */
  private assertMayBegin(at: Date, what: string): void {
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

  private assertIn(from: AppointmentStatus[], what: string): void {
    if (from.includes(this.status)) return;
    throw new DomainError('INVALID_TRANSITION', `An appointment that is ${this.status} can not be ${what}.`, {
      from: this.status,
      allowedFrom: from,
    });
  }
}
