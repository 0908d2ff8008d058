import { Injectable } from '@nestjs/common';
import { worksAtFrontDesk, type Actor } from '../../core/kernel/actor.js';
import { forbidden, notFound } from '../../core/kernel/domain-error.js';
import { BookingRulesService } from '../scheduling/index.js';
import type { Appointment } from './appointment.entity.js';
import { maySee } from './appointment.policy.js';
import { AppointmentsRepository } from './appointments.repository.js';
import { toStart } from './requested-slot.js';
import { ReservationsRepository } from './reservations.repository.js';

/** Where a group session is moved to; what is left out stays. */
export interface SessionMove {
  startDateTime?: string;
  doctorId?: string;
  resourceIds?: string[];
  overrideHours?: boolean;
  overrideReason?: string;
}

/** Locks the seats of group sessions for changes of a whole session. */
@Injectable()
export class GroupSessionSeats {
  constructor(
    private readonly appointments: AppointmentsRepository,
    private readonly reservations: ReservationsRepository,
    private readonly rules: BookingRulesService,
  ) {}

  /**
   * Locks all taken seats of a session, and the session itself, so that nobody takes another seat until the transaction ends. Visits that
   * are over are no longer seats.
   * @param to if the session is moved
   * @throws DomainError NOT_FOUND; FORBIDDEN for a participant and the doctor
   */
  async lock(actor: Actor, groupId: string, to: SessionMove | null): Promise<[Appointment, ...Appointment[]]> {
    const [first] = await this.appointments.lockSession(groupId);
    if (!first || !worksAtFrontDesk(actor, first.clinicId)) throw await this.getRefusal(actor, groupId);
    const targetId = to && (await this.findTarget(first, to));
    await this.reservations.lockGroups(targetId ? [groupId, targetId] : [groupId]);
    // Also seats that were booked before the session was locked.
    const seats = await this.appointments.lockSession(groupId);
    return [seats[0] ?? first, ...seats.slice(1)];
  }

  /**
   * Releases what the seats reserve, so that the session can overlap its old time. Until the transaction ends, nobody can take that time:
   * the clinic is locked.
   */
  async release(seats: readonly [Appointment, ...Appointment[]]): Promise<void> {
    await this.reservations.lockClinic(seats[0].clinicId);
    for (const { id } of seats) await this.reservations.release(id);
  }

  /** The session that the seats would belong to; null if the service has no group sessions any more. */
  private findTarget(
    seat: Appointment,
    { startDateTime, doctorId, overrideHours }: SessionMove,
  ): Promise<string | null> {
    const start = startDateTime === undefined ? seat.startAt.getTime() : toStart({ startDateTime, overrideHours });
    return this.rules.withRules(seat.serviceId, (rules) =>
      Promise.resolve(rules.groupId(doctorId?.toLowerCase() ?? seat.doctorId, start)),
    );
  }

  private async getRefusal(actor: Actor, groupId: string): Promise<Error> {
    const seats = await this.appointments.lockSession(groupId);
    return seats.some((seat) => maySee(actor, seat))
      ? forbidden('Only the front desk may change a whole group session.')
      : notFound();
  }
}
