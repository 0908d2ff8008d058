import type { DomainError } from '../../../core/kernel/domain-error.js';
import type { Appointment } from '../appointment.entity.js';
import type { AppointmentView } from '../appointments.dto.js';
import type { BulkChangeVisit, DoneOutcome } from './bulk-change-visit.entity.js';
import type { BulkOutcome, BulkResultView } from './bulk.dto.js';

/** No time is free up to the horizon. */
export const NO_FREE_TIME = { outcome: 'FAILED', reason: 'NO_FREE_TIME', code: 'SLOT_NOT_OFFERED' } as const;

/** The appointment is at the requested time already. */
export const ALREADY_THERE = { outcome: 'SKIPPED', reason: 'UNCHANGED' } as const;

/** What is stored of a changed appointment. */
export const toDoneVisit = (
  bulkId: string,
  outcome: DoneOutcome,
  { id, version, startDateTime, endDateTime, doctorId }: AppointmentView,
): BulkChangeVisit => ({
  bulkId,
  appointmentId: id,
  outcome,
  version,
  startAt: startDateTime,
  endAt: endDateTime,
  doctorId,
});

/** The result of an appointment that was changed, now or by an earlier attempt. */
export const toDoneResult = ({
  appointmentId,
  outcome,
  startAt,
  endAt,
  doctorId,
}: BulkChangeVisit): BulkResultView => ({
  appointmentId,
  outcome,
  code: null,
  reason: null,
  startDateTime: startAt,
  endDateTime: endAt,
  doctorId,
});

/** The result of an appointment that keeps its time. */
export const toUnchangedResult = (
  { id, startAt, endAt, doctorId }: Pick<Appointment, 'id' | 'startAt' | 'endAt' | 'doctorId'>,
  { outcome, reason, code = null }: { outcome: BulkOutcome; reason: string | null; code?: string | null },
): BulkResultView => ({
  appointmentId: id,
  outcome,
  code,
  reason,
  startDateTime: startAt,
  endDateTime: endAt,
  doctorId,
});

/** The result of an appointment that could not be changed. */
export function toFailedResult(appointmentId: string, { code, details }: DomainError): BulkResultView {
  const { conflictingWith, reason } = (details ?? {}) as { conflictingWith?: string; reason?: string };
  return {
    appointmentId,
    outcome: 'FAILED',
    code,
    reason: conflictingWith ?? reason ?? null,
    startDateTime: null,
    endDateTime: null,
    doctorId: null,
  };
}
