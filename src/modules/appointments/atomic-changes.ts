import { Injectable } from '@nestjs/common';
import { ChangeLog } from '../../core/changes/change-log.js';
import { Database } from '../../core/database/database.js';
import { DomainError, type ErrorCode } from '../../core/kernel/domain-error.js';
import type { Appointment } from './appointment.entity.js';
import type { AppointmentView } from './appointments.dto.js';
import { requestVisitsMessage, type VisitsMessage } from './visits-message.js';

/** Errors that concern one appointment. After one of them, the other appointments are checked too, so that the answer lists every problem. */
const SINGLE_APPOINTMENT_ERRORS: ErrorCode[] = [
  'APPOINTMENT_CONFLICT',
  'SLOT_NOT_OFFERED',
  'CANCELLATION_TOO_LATE',
  'INVALID_TRANSITION',
];

interface Failure {
  appointment: Appointment;
  error: DomainError;
}

/** Changes several appointments in the current transaction: all, or none. */
@Injectable()
export class AtomicChanges {
  constructor(
    private readonly db: Database,
    private readonly changes: ChangeLog,
  ) {}

  /**
   * Changes the appointments one after the other.
   * @throws DomainError the error of the first one in time that cannot be changed, with all of them in `details.occurrences`
   */
  async run<T>(appointments: readonly Appointment[], change: (appointment: Appointment) => Promise<T>): Promise<T[]> {
    const results: T[] = [];
    const failures: Failure[] = [];
    for (const appointment of appointments) {
      const result = await this.db.attempt(() => change(appointment));
      if ('value' in result) results.push(result.value);
      else if (isSingleAppointmentError(result.error)) failures.push({ appointment, error: result.error });
      else throw result.error;
    }
    if (failures.length > 0) throw toError(failures);
    return results;
  }

  /** Changes several appointments of one patient, who gets one message about them. @throws DomainError as `run` */
  async runForPatient(
    action: VisitsMessage['action'],
    appointments: readonly Appointment[],
    change: (appointment: Appointment) => Promise<AppointmentView>,
  ): Promise<AppointmentView[]> {
    const views = await this.run(appointments, change);
    await requestVisitsMessage(this.changes, action, views);
    return views;
  }
}

const isSingleAppointmentError = (error: unknown): error is DomainError =>
  error instanceof DomainError && SINGLE_APPOINTMENT_ERRORS.includes(error.code);

/** The alternatives of conflicts are searched after the rollback, as for a single appointment. */
function toError(failures: Failure[]): DomainError {
  const sorted = [...failures].sort((a, b) => a.appointment.startAt.getTime() - b.appointment.startAt.getTime());
  const [{ error: first }] = sorted as [Failure];
  const error = new DomainError(first.code, first.message);
  const describe = (): void => {
    error.details = { ...(first.details as object), occurrences: sorted.map(toOccurrence) };
  };
  describe();
  error.afterRollback = async () => {
    for (const failure of sorted) await failure.error.afterRollback?.();
    describe();
  };
  return error;
}

function toOccurrence({ appointment, error }: Failure): object {
  const { reason, conflictingWith, alternatives } = (error.details ?? {}) as Record<string, unknown>;
  return {
    appointmentId: appointment.id,
    startDateTime: appointment.startAt,
    reason: reason ?? error.code,
    ...(conflictingWith !== undefined && { conflictingWith, alternatives }),
  };
}
