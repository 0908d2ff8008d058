import { registerConstraintErrors } from '../../core/database/constraint-errors.js';
import { DomainError, registerErrorCodes } from '../../core/kernel/domain-error.js';
import type { NotBookableReason } from '../scheduling/index.js';

declare module '../../core/kernel/domain-error.js' {
  interface ErrorStatuses {
    APPOINTMENT_CONFLICT: 409;
    SLOT_NOT_OFFERED: 422;
    CANCELLATION_TOO_LATE: 422;
  }
}

registerErrorCodes({ APPOINTMENT_CONFLICT: 409, SLOT_NOT_OFFERED: 422, CANCELLATION_TOO_LATE: 422 });

/** What of a booking can be taken. */
export type ReservedKind = 'DOCTOR' | 'CLIENT' | 'RESOURCE';

const CONFLICTS: Record<ReservedKind, string> = {
  DOCTOR: 'The doctor is taken at this time.',
  CLIENT: 'The patient has another appointment at this time.',
  RESOURCE: 'A room or a piece of equipment that this needs is taken at this time.',
};

const REASONS: Record<NotBookableReason, string> = {
  INSIDE_NOTICE: 'This time is over or too near to be booked.',
  PAST_HORIZON: 'This time is further ahead than the clinic takes bookings.',
  TIME_OFF: 'The doctor is away at this time.',
  OUTSIDE_WORKING_HOURS: 'This time is outside of the working hours.',
  OFF_GRID: 'Appointments do not begin at this minute.',
};

/** Something else has the time. */
export const appointmentConflict = (conflictingWith: ReservedKind): DomainError =>
  new DomainError('APPOINTMENT_CONFLICT', CONFLICTS[conflictingWith], { conflictingWith, alternatives: [] });

export const slotNotOffered = (reason: NotBookableReason): DomainError =>
  new DomainError('SLOT_NOT_OFFERED', REASONS[reason], { reason });

/** The time is free, but not for a patient who holds so many already. Waiting doesn't help, so it is no RATE_LIMITED. */
export const tooManyUpcoming = (max: number): DomainError =>
  new DomainError(
    'SLOT_NOT_OFFERED',
    `This clinic lets a patient book ${max} appointments ahead; please call the clinic for more.`,
    { reason: 'TOO_MANY_UPCOMING', maxUpcomingPerClient: max },
  );

export const cancellationTooLate = (cutoffMinutes: number): DomainError =>
  new DomainError('CANCELLATION_TOO_LATE', 'It is too late to change this online; please call the clinic.', {
    cancellationCutoffMinutes: cutoffMinutes,
  });

const justTaken = (): DomainError => new DomainError('APPOINTMENT_CONFLICT', 'This time has just been taken.');

registerConstraintErrors({
  reservation_no_overlap: justTaken,
  // A part of what a new appointment needs was not reserved, so there is no appointment: somebody else has it.
  reservation_appointment_id_fkey: justTaken,
});

export const STAFF_NOTES = 'Only the doctor and the front desk write staff notes.';
