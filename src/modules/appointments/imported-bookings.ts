import { Injectable } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import type { Actor } from '../../core/kernel/actor.js';
import { toIso } from '../../core/kernel/clock.js';
import { newId } from '../../core/kernel/id.js';
import { BookingRulesService, type BookingRules } from '../scheduling/index.js';
import { isConflict } from './appointment.errors.js';
import { assertAtOwnClinic } from './appointment.policy.js';
import type { AppointmentView } from './appointments.dto.js';
import { BookingWriter } from './booking-writer.js';
import { getMinutes, type CollidingVisit, type ImportedOutcome, type ImportedVisit } from './imported-visit.js';
import { newAppointment, newBooking } from './new-booking.js';
import { reservationsFor, resolveSlot, type RequestedSlot } from './requested-slot.js';
import { SlotReserver, type ReservedSlot } from './slot-reserver.js';

/** Books upcoming visits of another system. */
@Injectable()
export class ImportedBookings {
  constructor(
    private readonly db: Database,
    private readonly rules: BookingRulesService,
    private readonly reserver: SlotReserver,
    private readonly writer: BookingWriter,
  ) {}

  /** @param now epoch milliseconds @throws DomainError the errors of a booking, but for a conflict */
  async book(actor: Actor, visit: ImportedVisit, now: number): Promise<ImportedOutcome> {
    const { clientId, doctorId, serviceId, start, status, notes, staffNotes, priceMinor } = visit;
    const owner = { id: newId(), clientId };
    return this.rules.withRules(serviceId, async (rules) => {
      assertAtOwnClinic(actor, rules.row.clinicId);
      const request = { doctorId, startDateTime: start.toISOString() };
      // The hours are overridden here and not in the request, which would round the start.
      const overridden = withLength(rules, visit).withOverride();
      const slot: RequestedSlot = { ...resolveSlot(actor, overridden, request), overrideHours: true };
      const price = (await this.writer.getPrices(clientId, rules)).get(slot.doctorId);
      const toAppointment = ({ resourceIds, groupId }: ReservedSlot): AppointmentView => {
        const booked = newAppointment(slot, { ...owner, price }, { notes, staffNotes }, new Date(now));
        if (priceMinor != null) booked.price = { ...price, amount: priceMinor };
        return { ...booked, status: status ?? booked.status, resourceIds, groupId };
      };
      try {
        await this.reserver.reserve([slot], owner, (reserved) =>
          this.writer.write({ ...newBooking(actor, toAppointment(reserved), reserved, {}), isImported: true }),
        );
      } catch (error) {
        if (!isConflict(error)) throw error;
        return { outcome: 'COLLIDES', with: await this.findColliding(slot, owner, now) };
      }
      return { outcome: 'BOOKED', id: owner.id };
    });
  }

  /** The visit of the doctor, or else of the patient, at this time. Hand-written SQL: TypeORM cannot compare ranges. */
  private async findColliding(
    slot: RequestedSlot,
    owner: { id: string; clientId: string },
    now: number,
  ): Promise<CollidingVisit> {
    const ranges = reservationsFor(slot, { ...owner, groupId: null, resourceIds: [] });
    for (const { resourceId, during } of ranges) {
      const row = await this.db.row<CollidingVisit>(
        `SELECT v.booked_id AS "appointmentId", coalesce(a.start_at, lower(v.during)) AS "startDateTime"
         FROM reservation v LEFT JOIN appointment a ON a.id = v.booked_id
         WHERE v.resource_id = $1 AND v.active AND v.during && tstzrange($2, $3) AND (v.expires_at IS NULL OR v.expires_at > $4)
         ORDER BY lower(v.during) LIMIT 1`,
        [resourceId, toIso(during.start), toIso(during.end), toIso(now)],
      );
      if (row) return row;
    }
    return { appointmentId: null, startDateTime: new Date(slot.start) };
  }
}

/** The seats of a group session have the session's length. */
function withLength(rules: BookingRules, visit: ImportedVisit): BookingRules {
  const minutes = getMinutes(visit);
  return minutes === null || rules.isGroup ? rules : rules.withDuration(minutes);
}
