import { Injectable } from '@nestjs/common';
import { Clock } from '../../core/kernel/clock.js';
import { newId } from '../../core/kernel/id.js';
import type { Actor } from '../../core/kernel/actor.js';
import { BookingRulesService } from '../scheduling/index.js';
import { staffNotesForbidden } from './appointment.errors.js';
import { viewFor, type AppointmentView, type BookAppointment } from './appointments.dto.js';
import { assertAtOwnClinic, getClientId } from './booked-for.js';
import { BookingWriter } from './booking-writer.js';
import { HoldConversion } from './hold-conversion.js';
import { newAppointment, newBooking } from './new-booking.js';
import { assertBookable, assertMayOverride, resolveSlot } from './requested-slot.js';
import { SlotReserver } from './slot-reserver.js';

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
   * Books an appointment: reserves doctor, patient, rooms and equipment together, or nothing.
   * @throws DomainError APPOINTMENT_CONFLICT with up to three other times, SLOT_NOT_OFFERED with the reason, HOLD_EXPIRED
   */
  async book(actor: Actor, request: BookAppointment): Promise<AppointmentView> {
    if (actor.role === 'CLIENT' && request.staffNotes != null) throw staffNotesForbidden();
    return this.rules.withRules(request.serviceId, async (rules) => {
      const slot = resolveSlot(rules, request);
      assertAtOwnClinic(actor, rules.row.clinicId);
      assertMayOverride(actor, slot);
      if (request.holdId) return viewFor(actor, await this.conversion.book(actor, slot, request, request.holdId));
      const clientId = getClientId(actor, request.clientId);
      assertBookable(slot, this.clock.now());
      const appointment = newAppointment(slot, { id: newId(), clientId }, request, new Date(this.clock.now()));
      const picked = await this.writer.hidingConflicts(actor, clientId, () =>
        this.reserver.reserve(slot, appointment, (seat) =>
          this.writer.write(newBooking(actor, slot, appointment, seat)),
        ),
      );
      return viewFor(actor, { ...appointment, resourceIds: picked.resourceIds });
    });
  }
}
