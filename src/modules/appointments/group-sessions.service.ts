import { Injectable } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import type { Actor } from '../../core/kernel/actor.js';
import { AppointmentStatusService } from './appointment-status.service.js';
import type { AppointmentView } from './appointments.dto.js';
import { GroupSessionSeats, type SessionMove } from './group-session-seats.js';
import { changesSlot } from './move-changes.js';
import { RescheduleService } from './reschedule.service.js';
import { AtomicChanges } from './atomic-changes.js';

/**
 * Changes whole group sessions: every seat, or none. Each patient gets the same message as if only their appointment were changed. An
 * error lists the seats that cannot be changed in `details.occurrences`.
 */
@Injectable()
export class GroupSessionsService {
  constructor(
    private readonly db: Database,
    private readonly seats: GroupSessionSeats,
    private readonly atomic: AtomicChanges,
    private readonly rescheduling: RescheduleService,
    private readonly status: AppointmentStatusService,
  ) {}

  /**
   * Cancels a session that has not started.
   * @throws DomainError NOT_FOUND, FORBIDDEN for everybody but the front desk, INVALID_TRANSITION
   */
  cancel(actor: Actor, groupId: string, reason: string | null): Promise<AppointmentView[]> {
    return this.db.transaction(async () => {
      const seats = await this.seats.lock(actor, groupId, null);
      return this.atomic.run(seats, ({ id }) => this.status.cancel(actor, id, { reason }));
    });
  }

  /**
   * Moves a session to another time, doctor or room. It may join another session of the service if that has enough free seats.
   * @param reason for the history of the front desk
   * @throws DomainError as `cancel`; APPOINTMENT_CONFLICT with other times, SLOT_NOT_OFFERED
   */
  move(actor: Actor, groupId: string, to: SessionMove, reason?: string): Promise<AppointmentView[]> {
    return this.db.transaction(async () => {
      const seats = await this.seats.lock(actor, groupId, to);
      if (changesSlot(seats[0], to)) await this.seats.release(seats);
      return this.atomic.run(seats, ({ id }) => this.rescheduling.change(actor, id, to, { reason }));
    });
  }
}
