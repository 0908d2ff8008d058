import { Injectable } from '@nestjs/common';
import { Clock } from '../../core/kernel/clock.js';
import { newId } from '../../core/kernel/id.js';
import type { Actor } from '../../core/kernel/actor.js';
import { BookingRulesService } from '../scheduling/index.js';
import { staffNotesForbidden } from './appointment.errors.js';
import type { AppointmentView, BookAppointment } from './appointments.dto.js';
import { assertAtOwnClinic, getClientId, viewFor } from './appointment.policy.js';
import { countBooking, toBookingSource } from './booking-metrics.js';
import { BookingWriter } from './booking-writer.js';
import { HoldConversion } from './hold-conversion.js';
import { newAppointment, newBooking } from './new-booking.js';
import { assertNothingDue } from './payment-due.js';
import { assertMayOverride, getBookable, resolveSlots } from './requested-slot.js';
import { SlotReserver, type ReservedSlot } from './slot-reserver.js';
import type { Via } from './via.js';

/** Books appointments. */
@Injectable()
export class BookingService {
  constructor(
    private readonly clock: Clock,
    private readonly rules: BookingRulesService,
    private readonly reserver: SlotReserver,
    private readonly writer: BookingWriter,
    private readonly conversion: HoldConversion,
  ) {}

  /**
   * Books an appointment: reserves doctor, patient, rooms and equipment together, or nothing. Without a doctor in the request, the least
   * busy of the free doctors is booked.
   * @param via absent if the actor is signed in
   * @throws DomainError APPOINTMENT_CONFLICT with up to three other times, SLOT_NOT_OFFERED with the reason, HOLD_EXPIRED, PAYMENT_REQUIRED
   */
  book(actor: Actor, request: BookAppointment, via?: Via): Promise<AppointmentView> {
    const source = via === 'LINK' ? 'link' : toBookingSource(actor);
    return countBooking(source, () => this.reserveAndWrite(actor, request, via));
  }

  private async reserveAndWrite(actor: Actor, request: BookAppointment, via?: Via): Promise<AppointmentView> {
    if (actor.role === 'CLIENT' && request.staffNotes != null) throw staffNotesForbidden();
    return this.rules.withRules(request.serviceId, async (rules) => {
      const slots = resolveSlots(actor, rules, request);
      assertAtOwnClinic(actor, rules.row.clinicId);
      assertMayOverride(actor, rules, request);
      if (request.holdId) return viewFor(actor, await this.conversion.book(actor, slots, request, request.holdId));
      const owner = { id: newId(), clientId: getClientId(actor, request.clientId) };
      const now = new Date(this.clock.now());
      const bookable = getBookable(slots, now.getTime());
      const prices = await this.writer.getPrices(owner.clientId, rules);
      for (const { doctorId } of bookable) assertNothingDue(actor, rules, prices.get(doctorId));
      const toAppointment = ({ slot, resourceIds, groupId }: ReservedSlot): AppointmentView => ({
        ...newAppointment(slot, { ...owner, price: prices.get(slot.doctorId) }, request, now),
        resourceIds,
        groupId,
      });
      const booked = await this.writer.hidingConflicts(actor, owner.clientId, () =>
        this.reserver.reserve(bookable, { ...owner, referralId: request.referralId }, (reserved) =>
          this.writer.write({ ...newBooking(actor, toAppointment(reserved), reserved, request), via }),
        ),
      );
      return viewFor(actor, toAppointment(booked));
    });
  }
}
