import { Injectable } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import { inProgress } from '../../core/http/idempotency-keys.js';
import { Clock } from '../../core/kernel/clock.js';
import { forbidden, invalid, notFound } from '../../core/kernel/domain-error.js';
import { newId } from '../../core/kernel/id.js';
import { worksAtFrontDesk, type Actor } from '../../core/kernel/actor.js';
import { BookingRulesService, OutdatedRules } from '../scheduling/index.js';
import { isConflict, staffNotesForbidden, tooManyUpcoming } from './appointment.errors.js';
import { viewFor, type AppointmentView, type BookAppointment } from './appointments.dto.js';
import type { Refusal } from './booking-batches.js';
import { BookingWriter, type NewBooking } from './booking-writer.js';
import {
  assertBookable,
  assertMayOverride,
  primaryConflict,
  reservationsFor,
  resolveSlot,
  type RequestedSlot,
} from './requested-slot.js';
import { MAX_PICKS, ResourcePicker } from './resource-picker.js';

/** Books appointments. */
@Injectable()
export class BookingService {
  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
    private readonly rules: BookingRulesService,
    private readonly picker: ResourcePicker,
    private readonly writer: BookingWriter,
  ) {}

  /**
   * Books an appointment: reserves doctor, patient, rooms and equipment together, or nothing.
   * @throws DomainError APPOINTMENT_CONFLICT with up to three other times, SLOT_NOT_OFFERED with the reason
   */
  async book(actor: Actor, request: BookAppointment): Promise<AppointmentView> {
    if (actor.role === 'CLIENT' && request.staffNotes != null) throw staffNotesForbidden();
    return this.rules.withRules(request.serviceId, async (rules) => {
      const slot = resolveSlot(rules, request);
      assertAtOwnClinic(actor, rules.row.clinicId);
      const clientId = getClientId(actor, request.clientId);
      assertMayOverride(actor, slot);
      assertBookable(slot, this.clock.now());
      const appointment = this.newAppointment(slot, clientId, request);
      try {
        const booked = rules.isGroup
          ? await this.bookSeat(actor, slot, appointment)
          : await this.bookVisit(actor, slot, appointment);
        return viewFor(actor, booked);
      } catch (error) {
        if (await this.isHiddenConflict(actor, clientId, error)) throw notFound();
        throw error;
      }
    });
  }

  /** Books a visit of one patient. If other bookings reserve the picked rooms in the meantime, picks others. */
  private async bookVisit(actor: Actor, slot: RequestedSlot, appointment: AppointmentView): Promise<AppointmentView> {
    const { clientId } = appointment;
    const lostIds: string[] = [];
    for (let attempt = 1; attempt <= MAX_PICKS; attempt += 1) {
      const resourceIds = await this.picker.pickResources(slot, clientId, { lostIds });
      const visit = { ...appointment, resourceIds };
      const refusal = await this.writer.write(newBooking(actor, slot, visit, null));
      if (!refusal) return visit;
      if (refusal.reason !== 'CONFLICT') throw errorFor(refusal, slot);
      lostIds.push(...(await this.picker.getReplaceable(refusal.conflicts, slot, clientId)));
    }
    throw await this.picker.conflict('RESOURCE', slot, clientId);
  }

  /** Books a seat in a group session. The first seat picks the session's rooms, the others share them. */
  private bookSeat(actor: Actor, slot: RequestedSlot, appointment: AppointmentView): Promise<AppointmentView> {
    return this.db.transaction(async () => {
      const { id, clientId } = appointment;
      const groupId = slot.rules.groupId(slot.doctorId, slot.start) ?? id;
      const seat = await this.picker.takeSeat(groupId, slot, appointment);
      const resourceIds = seat.resourceIds ?? (await this.picker.pickResources(slot, clientId));
      const visit = { ...appointment, resourceIds };
      const refusal = await this.writer.write(newBooking(actor, slot, visit, { groupId, seat: seat.number }));
      if (!refusal) return visit;
      if (refusal.reason !== 'CONFLICT') throw errorFor(refusal, slot);
      throw await this.picker.conflict(primaryConflict(refusal.conflicts), slot, clientId);
    });
  }

  /** A conflict reveals when the patient is busy, so it is hidden from actors who may not book for the patient. */
  private async isHiddenConflict(actor: Actor, clientId: string, error: unknown): Promise<boolean> {
    return isConflict(error) && actor.role !== 'CLIENT' && !(await this.writer.mayBookFor(actor, clientId));
  }

  private newAppointment(slot: RequestedSlot, clientId: string, request: BookAppointment): AppointmentView {
    const { row } = slot.rules;
    const { start, end } = slot.rules.visit(slot.start);
    const now = new Date(this.clock.now());
    return {
      id: newId(),
      clinicId: row.clinicId,
      clientId,
      doctorId: slot.doctorId,
      serviceId: row.serviceId,
      resourceIds: [],
      startDateTime: new Date(start),
      endDateTime: new Date(end),
      status: row.requiresConfirmation ? 'PENDING' : 'CONFIRMED',
      notes: wellFormed(request.notes),
      staffNotes: wellFormed(request.staffNotes),
      price: { amount: row.priceMinor, currency: row.currency },
      version: 1,
      clientConfirmedAt: null,
      checkedInAt: null,
      startedAt: null,
      completedAt: null,
      cancelledAt: null,
      cancelReason: null,
      createdAt: now,
      updatedAt: now,
    };
  }
}

/** Replaces lone surrogates, which some keyboards send and which are not valid Unicode, with U+FFFD. */
const wellFormed = (text: string | null | undefined): string | null => text?.toWellFormed() ?? null;

function assertAtOwnClinic(actor: Actor, clinicId: string): void {
  if (actor.role !== 'CLIENT' && !worksAtFrontDesk(actor, clinicId)) throw forbidden('You do not work at this clinic.');
}

/** The patient to book for. The booking statement checks whether the actor may book for them. */
function getClientId(actor: Actor, clientId: string | undefined): string {
  if (actor.role === 'CLIENT') {
    if (!actor.clientId || (clientId && clientId.toLowerCase() !== actor.clientId)) throw notFound();
    return actor.clientId;
  }
  if (!clientId) throw invalid({ field: 'clientId', error: 'is required: the patient to book for' });
  return clientId.toLowerCase();
}

const newBooking = (
  booker: Actor,
  slot: RequestedSlot,
  appointment: AppointmentView,
  seat: { groupId: string; seat: number } | null,
): NewBooking => ({
  appointment,
  groupId: seat?.groupId ?? null,
  seat: seat?.seat ?? null,
  reservations: reservationsFor(slot, { ...appointment, groupId: seat?.groupId ?? null }),
  revision: slot.rules.row.revision,
  timeZone: slot.rules.row.timeZone,
  maxUpcoming: booker.role === 'CLIENT' ? slot.rules.row.maxUpcomingPerClient : null,
  booker,
  overrideHours: slot.overrideHours,
});

function errorFor({ reason }: Exclude<Refusal, { reason: 'CONFLICT' }>, { rules }: RequestedSlot): Error {
  switch (reason) {
    case 'OUTDATED_RULES':
      return new OutdatedRules();
    case 'KEY_USED':
      return inProgress();
    case 'UNKNOWN_PATIENT':
      return notFound();
    case 'TOO_MANY_UPCOMING':
      return tooManyUpcoming(rules.row.maxUpcomingPerClient ?? 0);
  }
}
