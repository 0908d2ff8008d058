import { Injectable } from '@nestjs/common';
import { ChangeLog } from '../../core/changes/change-log.js';
import { Database } from '../../core/database/database.js';
import { Clock } from '../../core/kernel/clock.js';
import { notFound, versionMismatch } from '../../core/kernel/domain-error.js';
import type { Actor } from '../../core/security/actor.js';
import type { Appointment, AppointmentStatus } from './appointment.entity.js';
import { AppointmentEventCodec } from './appointment-event.js';
import { maySee } from './appointment.policy.js';
import type { AppointmentView } from './appointments.dto.js';
import { AppointmentsRepository, viewFor } from './appointments.repository.js';
import { ClaimService } from './claim.service.js';

/** The statuses in which an appointment holds nothing, or less than its planned time. */
const FREED: AppointmentStatus[] = ['CANCELLED', 'NO_SHOW', 'COMPLETED'];

/** Undoes a wrong check-in, start, completion, no-show or cancellation. */
@Injectable()
export class ReinstatementService {
  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
    private readonly appointments: AppointmentsRepository,
    private readonly claims: ClaimService,
    private readonly changes: ChangeLog,
    private readonly events: AppointmentEventCodec,
  ) {}

  /**
   * Takes the last step back. A cancelled appointment returns to the status that its history has before the cancellation
   * (PENDING or CONFIRMED), a completed one to IN_PROGRESS, all others to CONFIRMED. Where the step gave time back, the time
   * is reserved again, by the same guarded statement as for a booking.
   * @throws DomainError APPOINTMENT_CONFLICT where something else has the time now, INVALID_TRANSITION where there is no such step
   */
  async reinstate(actor: Actor, id: string, version: number | null): Promise<AppointmentView> {
    return this.db.transaction(async () => {
      const appointment = await this.appointments.lock(id);
      if (!appointment || !maySee(actor, appointment)) throw notFound();
      if (version !== null && version !== appointment.version) throw versionMismatch();
      appointment.assertReinstatable();
      const before = { ...appointment };
      if (FREED.includes(before.status)) await this.claims.reserveAgain(appointment, before.version + 1);
      appointment.reinstate(new Date(this.clock.now()), await this.statusBefore(before));
      await this.appointments.save(appointment);
      const changed = await this.appointments.findForEvent(id);
      await this.changes.record({
        action: 'appointment.reinstated',
        objectType: 'appointment',
        objectId: id,
        clinicId: appointment.clinicId,
        before,
        after: appointment,
        changes: differences(before, appointment),
        event: {
          name: 'appointment:updated',
          payload: this.events.payload(changed.view, changed, { action: 'reinstated', undone: before.status }),
        },
      });
      return viewFor(actor, changed.view);
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
