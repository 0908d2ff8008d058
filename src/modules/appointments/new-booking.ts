import type { Actor } from '../../core/kernel/actor.js';
import type { VisitPrice } from '../scheduling/index.js';
import type { AppointmentView, BookAppointment } from './appointments.dto.js';
import { limitsFor } from './booking-limits.js';
import type { NewBooking } from './booking-writer.js';
import { reservationsFor, type RequestedSlot } from './requested-slot.js';
import type { ReservedSlot } from './slot-reserver.js';

/** The payment that books a visit. */
export interface PaidBooking {
  paymentId: string;
  price: VisitPrice;
}

/** The appointment that a request books, without rooms and equipment. */
export function newAppointment(
  slot: RequestedSlot,
  { id, clientId, price }: { id: string; clientId: string; price: VisitPrice },
  request: Pick<BookAppointment, 'notes' | 'staffNotes' | 'insuranceNote'>,
  now: Date,
): AppointmentView {
  const { row } = slot.rules;
  const { start, end } = slot.rules.visit(slot.start);
  return {
    id,
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
    insuranceNote: wellFormed(request.insuranceNote),
    price,
    seriesId: null,
    groupId: null,
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

/** Replaces lone surrogates, which some keyboards send and which are not valid Unicode, with U+FFFD. */
const wellFormed = (text: string | null | undefined): string | null => text?.toWellFormed() ?? null;

export const newBooking = (
  booker: Actor,
  appointment: AppointmentView,
  { slot, groupId, seat }: ReservedSlot,
  request: Pick<BookAppointment, 'overrideReason'>,
): NewBooking => ({
  appointment,
  groupId,
  seat,
  reservations: reservationsFor(slot, { ...appointment, groupId }),
  heldRanges: null,
  isTogether: false,
  ...toBookingTerms(booker, slot, request),
});

/** The fields of a new booking that depend on who books and on the rules of the slot. */
export const toBookingTerms = (
  booker: Actor,
  slot: RequestedSlot,
  { overrideReason }: Pick<BookAppointment, 'overrideReason'>,
): Pick<NewBooking, 'revision' | 'timeZone' | 'limits' | 'booker' | 'overrideHours' | 'overrideReason'> => ({
  revision: slot.rules.row.revision,
  timeZone: slot.rules.row.timeZone,
  limits: limitsFor(booker, slot),
  booker,
  overrideHours: slot.overrideHours,
  overrideReason: overrideReason ?? null,
});
