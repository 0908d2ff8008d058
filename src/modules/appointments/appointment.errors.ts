import { DomainError } from '../../core/kernel/domain-error.js';
import type { NotOfferedReason } from '../scheduling/index.js';

export interface Alternative {
  startDateTime: string;
  endDateTime: string;
  doctorId: string;
}

export type ConflictingWith = 'DOCTOR' | 'CLIENT' | 'RESOURCE';

const COLLISION: Record<ConflictingWith, string> = {
  DOCTOR: 'The doctor is taken at this time.',
  CLIENT: 'The patient has another appointment at this time.',
  RESOURCE: 'A room or a piece of equipment that this needs is taken at this time.',
};

const REASONS: Record<NotOfferedReason, string> = {
  INSIDE_NOTICE: 'This time is over or too near to be booked.',
  PAST_HORIZON: 'This time is further ahead than the clinic takes bookings.',
  TIME_OFF: 'The doctor is away at this time.',
  OUTSIDE_WORKING_HOURS: 'This time is outside of the working hours.',
  OFF_GRID: 'Appointments do not begin at this minute.',
};

/**
 * Something else has the time. The other times are looked for after the rollback, when this transaction holds
 * nothing that others wait for.
 */
export function appointmentConflict(
  conflictingWith: ConflictingWith,
  findAlternatives: () => Promise<Alternative[]>,
): DomainError {
  const error = new DomainError('APPOINTMENT_CONFLICT', COLLISION[conflictingWith], {
    conflictingWith,
    alternatives: [],
  });
  error.afterRollback = async () => {
    error.details = { conflictingWith, alternatives: await findAlternatives() };
  };
  return error;
}

export const slotNotOffered = (reason: NotOfferedReason): DomainError =>
  new DomainError('SLOT_NOT_OFFERED', REASONS[reason], { reason });

/** The time is free, but not for a patient who holds so many already. Waiting doesn't help, so it is no RATE_LIMITED. */
export const tooManyUpcoming = (most: number): DomainError =>
  new DomainError(
    'SLOT_NOT_OFFERED',
    `This clinic lets a patient book ${most} appointments ahead; please call the clinic for more.`,
    { reason: 'TOO_MANY_UPCOMING', maxUpcomingPerClient: most },
  );

export const cancellationTooLate = (cutoffMinutes: number): DomainError =>
  new DomainError('CANCELLATION_TOO_LATE', 'It is too late to change this online; please call the clinic.', {
    cancellationCutoffMinutes: cutoffMinutes,
  });
