import type { Actor } from '../../core/kernel/actor.js';
import type { Appointment } from './appointment.entity.js';
import { tooManyOnDay } from './appointment.errors.js';
import { limitsFor } from './booking-limits.js';
import type { RequestedSlot } from './requested-slot.js';
import type { ReservationsRepository } from './reservations.repository.js';

/**
 * Checks the limit of visits on a day for an appointment that moves to a slot. Call it after the reservation, in the order in which bookings
 * lock, so that moves and bookings cannot deadlock.
 * @param before the appointment at its old time
 * @throws DomainError SLOT_NOT_OFFERED if the move to another day gives the patient too many visits on that day
 */
export async function assertDayLimit(
  actor: Actor,
  before: Pick<Appointment, 'id' | 'clientId' | 'clinicId' | 'startAt'>,
  slot: RequestedSlot,
  reservations: ReservationsRepository,
): Promise<void> {
  const limits = limitsFor(actor, slot);
  if (!limits?.onDay || slot.rules.localDay(before.startAt.getTime()).start === limits.day.start) return;
  const others = await reservations.lockAndCountOnDay(before, limits.day, limits.onDay.serviceId);
  if (others >= limits.onDay.max) throw tooManyOnDay(limits.onDay);
}
