import { Injectable } from '@nestjs/common';
import type { Actor } from '../../core/security/actor.js';
import { AppointmentChanges } from './appointment-changes.js';
import type { Appointment, AppointmentStatus } from './appointment.entity.js';
import type { AppointmentView } from './appointments.dto.js';
import { AppointmentsRepository } from './appointments.repository.js';
import { ReservationService } from './reservation.service.js';

/** The statuses in which an appointment holds nothing, or less than its planned time. */
const FREED: AppointmentStatus[] = ['CANCELLED', 'NO_SHOW', 'COMPLETED'];

/** Undoes a wrong check-in, start, completion, no-show or cancellation. */
@Injectable()
export class ReinstatementService {
  constructor(
    private readonly changes: AppointmentChanges,
    private readonly appointments: AppointmentsRepository,
    private readonly reservations: ReservationService,
  ) {}

  /**
   * Takes the last step back. A cancelled appointment returns to the status that its history has before the cancellation
   * (PENDING or CONFIRMED), a completed one to IN_PROGRESS, all others to CONFIRMED. Where the step gave time back, the time
   * is reserved again.
   * @throws DomainError APPOINTMENT_CONFLICT where something else has the time now, INVALID_TRANSITION where there is no such step
   */
  reinstate(actor: Actor, id: string, version: number | null): Promise<AppointmentView> {
    return this.changes.apply(actor, id, version, async (appointment, at) => {
      appointment.assertReinstatable();
      const before = { ...appointment };
      if (FREED.includes(before.status)) await this.reservations.reserveAgain(appointment, before.version + 1);
      appointment.reinstate(at, await this.statusBefore(before));
      return { action: 'reinstated', changes: differences(before, appointment), facts: { undone: before.status } };
    });
  }

  private async statusBefore({ id, status }: Pick<Appointment, 'id' | 'status'>): Promise<AppointmentStatus> {
    if (status === 'COMPLETED') return 'IN_PROGRESS';
    if (status !== 'CANCELLED') return 'CONFIRMED';
    return (await this.appointments.statusBefore(id, status)) === 'PENDING' ? 'PENDING' : 'CONFIRMED';
  }
}

/** For the history: the status, and the instants that the step had set. */
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
