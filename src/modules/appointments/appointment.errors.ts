import { registerConstraintErrors } from '../../core/database/constraint-errors.js';
import { DomainError, forbidden, registerErrorCodes } from '../../core/kernel/domain-error.js';
import type { NotBookableReason } from '../scheduling/index.js';
import type { ReservedKind } from './reservation.entity.js';

declare module '../../core/kernel/domain-error.js' {
  interface ErrorStatuses {
    APPOINTMENT_CONFLICT: 409;
    SLOT_NOT_OFFERED: 422;
    CANCELLATION_TOO_LATE: 422;
    HOLD_EXPIRED: 410;
  }
}

registerErrorCodes({ APPOINTMENT_CONFLICT: 409, SLOT_NOT_OFFERED: 422, CANCELLATION_TOO_LATE: 422, HOLD_EXPIRED: 410 });

const CONFLICT_MESSAGES: Record<ReservedKind, string> = {
  DOCTOR: 'The doctor is not free at this time. Choose another time.',
  CLIENT: 'The patient has another appointment at this time. Choose another time.',
  RESOURCE: 'A room or piece of equipment for this service is not free at this time. Choose another time.',
};

const NOT_OFFERED_MESSAGES: Record<NotBookableReason, string> = {
  INSIDE_NOTICE: 'This time is in the past or too soon to book.',
  PAST_HORIZON: 'The clinic does not accept bookings so far ahead.',
  TIME_OFF: 'The doctor is away, or the clinic is closed, at this time.',
  OUTSIDE_WORKING_HOURS: 'This time is outside the working hours.',
  OFF_GRID: 'Appointments do not start at this minute. Choose a listed time.',
};

export const appointmentConflict = (conflictingWith: ReservedKind): DomainError =>
  new DomainError('APPOINTMENT_CONFLICT', CONFLICT_MESSAGES[conflictingWith], { conflictingWith, alternatives: [] });

export const isConflict = (error: unknown): boolean =>
  error instanceof DomainError && error.code === 'APPOINTMENT_CONFLICT';

/** What conflicts; null for other errors. */
export const getConflictKind = (error: unknown): ReservedKind | null =>
  isConflict(error) ? ((error as DomainError).details as { conflictingWith: ReservedKind }).conflictingWith : null;

export const slotNotOffered = (reason: NotBookableReason): DomainError =>
  new DomainError('SLOT_NOT_OFFERED', NOT_OFFERED_MESSAGES[reason], { reason });

export const staffNotesForbidden = (): DomainError =>
  forbidden('Only the doctor and the front desk may write staff notes.');

export const videoUrlForbidden = (): DomainError =>
  forbidden('Only the doctor and the front desk may set the link of a video visit.');

/** A limit on the appointments of one patient. */
export interface Limit {
  max: number;
  /** The service whose appointments count; null for all services of the clinic. */
  serviceId: string | null;
}

const toLimitText = ({ max, serviceId }: Limit, kind: string): string =>
  `This clinic allows each patient at most ${max} ${kind}${max === 1 ? '' : 's'}${serviceId ? ' for this service' : ''}`;

/** Refuses a patient who already has the maximum number of upcoming appointments. Not RATE_LIMITED: waiting does not help. */
export const tooManyUpcoming = (limit: Limit): DomainError =>
  new DomainError(
    'SLOT_NOT_OFFERED',
    `${toLimitText(limit, 'upcoming appointment')}. Please call the clinic to book more.`,
    { reason: 'TOO_MANY_UPCOMING', maxUpcomingPerClient: limit.max },
  );

export const tooManyOnDay = (limit: Limit): DomainError =>
  new DomainError(
    'SLOT_NOT_OFFERED',
    `${toLimitText(limit, 'appointment')} on one day. Choose another day, or call the clinic.`,
    { reason: 'TOO_MANY_ON_DAY', maxPerDayPerClient: limit.max },
  );

/** Without the limit and the number: both are for the front desk to explain. */
export const tooManyNoShows = (): DomainError =>
  new DomainError('SLOT_NOT_OFFERED', 'After missed appointments, please call the clinic to book.', {
    reason: 'TOO_MANY_NO_SHOWS',
  });

/** Refuses a patient who books a service that requires a referral without one. */
export const referralRequired = (): DomainError =>
  new DomainError(
    'SLOT_NOT_OFFERED',
    'This service can only be booked with a referral. Choose yours, or call the clinic.',
    {
      reason: 'REFERRAL_REQUIRED',
    },
  );

export const referralUsed = (): DomainError =>
  new DomainError('SLOT_NOT_OFFERED', 'This referral was already used, or is kept by a hold.', {
    reason: 'REFERRAL_USED',
  });

/** The number of slots that a patient may hold at the same time. */
export const MAX_HOLDS_PER_CLIENT = 3;

export const tooManyHolds = (): DomainError =>
  new DomainError(
    'SLOT_NOT_OFFERED',
    `A patient can hold at most ${MAX_HOLDS_PER_CLIENT} slots at the same time. Book or release one of them first.`,
    { reason: 'TOO_MANY_HOLDS' },
  );

const EXPIRED_MESSAGES = {
  EXPIRED: 'The hold has expired. Choose a time again.',
  USED: 'An appointment was already booked from this hold.',
  CLOSED: 'The clinic or the doctor is not available at this time any more. Choose another time.',
};

/** @param reason USED: an appointment was already booked from the hold. CLOSED: the doctor, a room or the clinic is not available at this time any more */
export const holdExpired = (reason: keyof typeof EXPIRED_MESSAGES = 'EXPIRED'): DomainError =>
  new DomainError('HOLD_EXPIRED', EXPIRED_MESSAGES[reason], { reason });

export const cancellationTooLate = (cutoffMinutes: number): DomainError =>
  new DomainError(
    'CANCELLATION_TOO_LATE',
    'It is too late to change this appointment online. Please call the clinic.',
    { cancellationCutoffMinutes: cutoffMinutes },
  );

const justTaken = (): DomainError =>
  new DomainError('APPOINTMENT_CONFLICT', 'This time was just taken. Choose another time.');

registerConstraintErrors({
  reservation_no_overlap: justTaken,
  // If only some of a booking's rows could be reserved, they have no appointment or hold (booking.statement.ts).
  reservation_booked_id_fkey: justTaken,
  reservation_hold_id_fkey: justTaken,
});

export const patientErased = (): DomainError =>
  new DomainError('INVALID_TRANSITION', 'The data of this patient was erased. The visit can no longer be changed.', {
    reason: 'ERASED',
  });
