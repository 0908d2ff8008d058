import { Injectable } from '@nestjs/common';
import type { Actor } from '../../core/kernel/actor.js';
import { BookingRulesService } from '../scheduling/index.js';
import type { Appointment } from './appointment.entity.js';
import { appointmentConflict, holdExpired } from './appointment.errors.js';
import { AppointmentUpdater } from './appointment-updater.js';
import type { AppointmentView } from './appointments.dto.js';
import { assertDayLimit } from './day-limit.js';
import { resolveHeldSlot } from './held-slot.js';
import type { Hold } from './hold.entity.js';
import { HoldsRepository } from './holds.repository.js';
import { askForConfirmation, moveChanges, toMoveDetails } from './move-changes.js';
import { patientRange } from './requested-slot.js';
import { ReservationsRepository } from './reservations.repository.js';

/** What an appointment is before it moves. */
export type MovableVisit = Readonly<Pick<Appointment, 'id' | 'clientId' | 'serviceId' | 'startAt'>>;

/**
 * Moves an appointment to a held time: the ranges of the hold become those of the appointment, and its old time is freed, in one
 * transaction.
 */
@Injectable()
export class HoldSwapService {
  constructor(
    private readonly updater: AppointmentUpdater,
    private readonly rules: BookingRulesService,
    private readonly reservations: ReservationsRepository,
    private readonly holds: HoldsRepository,
  ) {}

  /**
   * Notice and horizon were checked when the time was held; the hours are those of now. For patients, the cut-off of the old time
   * applies.
   * @param getHold returns the locked hold; called after the appointment is locked, as everything else locks
   * @throws DomainError INVALID_TRANSITION, CANCELLATION_TOO_LATE, SLOT_NOT_OFFERED, HOLD_EXPIRED (also if the time was closed since)
   */
  swap(actor: Actor, appointmentId: string, getHold: (visit: MovableVisit) => Promise<Hold>): Promise<AppointmentView> {
    return this.updater.update(actor, appointmentId, null, async (appointment, at, before) => {
      const hold = await getHold(appointment);
      appointment.assertMovable();
      if (hold.expiresAt.getTime() <= at.getTime()) throw holdExpired();
      const slot = await this.rules.withRules(appointment.serviceId, async (rules) => {
        if (actor.role === 'CLIENT') appointment.assertBeforeCutoff(rules.row.cancellationCutoffMinutes, at.getTime());
        const held = resolveHeldSlot(actor, rules, hold);
        await this.reservations.assertCurrent(rules.row);
        return held;
      });
      await this.move(appointment, hold, at);
      askForConfirmation(actor, slot, appointment);
      await assertDayLimit(actor, before, slot, this.reservations);
      appointment.touch(at);
      await this.reservations.deleteEarlierVersions(appointment.id, appointment.version);
      return {
        action: 'rescheduled',
        changes: { ...moveChanges(before, appointment), fromHold: true },
        details: await toMoveDetails(before, appointment, (ids) => this.reservations.hasRoom(ids)),
      };
    });
  }

  /** The hold ends, and what it reserved is the appointment's from the next version on. */
  private async move(appointment: Appointment, hold: Hold, at: Date): Promise<void> {
    const version = appointment.version + 1;
    if (!(await this.holds.giveTo(hold.id, appointment.id, version, at))) throw holdExpired('USED');
    const visit = { start: hold.startAt.getTime(), end: hold.endAt.getTime() };
    if (!hold.clientId) {
      // The hold did not know the patient.
      const conflicts = await this.reservations.reserve(
        appointment.id,
        version,
        [patientRange(visit, appointment)],
        null,
      );
      if (conflicts.length > 0) throw appointmentConflict('CLIENT');
    }
    appointment.resourceIds = hold.resourceIds;
    appointment.groupId = hold.groupId;
    appointment.seat = hold.seat;
    appointment.moveTo(visit, hold.doctorId);
  }
}
