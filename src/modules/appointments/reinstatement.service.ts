import { Injectable } from '@nestjs/common';
import type { Actor } from '../../core/kernel/actor.js';
import { AppointmentChanges } from './appointment-changes.js';
import type { Appointment, AppointmentStatus } from './appointment.entity.js';
import type { AppointmentView } from './appointments.dto.js';
import { AppointmentsRepository } from './appointments.repository.js';
import { ReservationService } from './reservation.service.js';

/** The statuses in which an appointment no longer reserves all of its planned time. */
const FREEING_STATUSES: AppointmentStatus[] = ['CANCELLED', 'NO_SHOW', 'COMPLETED'];

/** Undoes a wrong check-in, start, completion, no-show or cancellation. */
@Injectable()
export class ReinstatementService {
  constructor(
    private readonly changes: AppointmentChanges,
    private readonly appointments: AppointmentsRepository,
    private readonly reservations: ReservationService,
  ) {}

  /**
   * Undoes the last step. A cancelled appointment returns to its status before the cancellation (PENDING or CONFIRMED), a
   * completed one to IN_PROGRESS, all others to CONFIRMED. Time that the step freed is reserved again.
   * @throws DomainError APPOINTMENT_CONFLICT if the time is no longer free, INVALID_TRANSITION if there is no step to undo
   */
  reinstate(actor: Actor, id: string, version: number | null): Promise<AppointmentView> {
    return this.changes.apply(actor, id, version, async (appointment, at) => {
      appointment.assertReinstatable();
      const before = { ...appointment };
      if (FREEING_STATUSES.includes(before.status))
        await this.reservations.reserveAgain(appointment, before.version + 1);
      appointment.reinstate(at, await this.getPreviousStatus(before));
      return { action: 'reinstated', changes: differences(before, appointment), details: { undone: before.status } };
    });
  }

  private async getPreviousStatus({ id, status }: Pick<Appointment, 'id' | 'status'>): Promise<AppointmentStatus> {
    if (status === 'COMPLETED') return 'IN_PROGRESS';
    if (status !== 'CANCELLED') return 'CONFIRMED';
    return (await this.appointments.findPreviousStatus(id, status)) === 'PENDING' ? 'PENDING' : 'CONFIRMED';
  }
}

/** The changes for the history: the status, and the instants that the undone step had set. */
function differences(
  before: Pick<Appointment, 'status' | (typeof INSTANTS)[number]>,
  after: Appointment,
): Record<string, unknown> {
  const cleared = INSTANTS.filter((name) => before[name] && !after[name]);
  return {
    status: [before.status, after.status],
    ...Object.fromEntries(cleared.map((name) => [name, [before[name]?.toISOString(), null]])),
  };
}

const INSTANTS = ['checkedInAt', 'startedAt', 'completedAt', 'cancelledAt'] as const;
