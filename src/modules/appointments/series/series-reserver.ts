import { Injectable } from '@nestjs/common';
import { Database } from '../../../core/database/database.js';
import { storeAnswer } from '../../../core/http/idempotency-keys.js';
import { Clock } from '../../../core/kernel/clock.js';
import { newId } from '../../../core/kernel/id.js';
import type { Actor } from '../../../core/kernel/actor.js';
import type { VisitPrice } from '../../scheduling/index.js';
import { getConflictKind } from '../appointment.errors.js';
import { viewFor } from '../appointment.policy.js';
import type { AppointmentView } from '../appointments.dto.js';
import type { Refusal } from '../booking-batches.js';
import type { BookingLimits } from '../booking-limits.js';
import { AppointmentsRepository } from '../appointments.repository.js';
import { BookingWriter, type NewBooking } from '../booking-writer.js';
import { newAppointment, newBooking } from '../new-booking.js';
import { assertNothingDue } from '../payment-due.js';
import type { RequestedSlot } from '../requested-slot.js';
import { ResourcePicker } from '../resource-picker.js';
import type { ReservedSlot } from '../slot-reserver.js';
import type { PlannedOccurrence } from './series-planner.js';
import type { BookSeries, SeriesView, SkippedOccurrence } from './series.dto.js';

/** Why an occurrence was not reserved. */
export interface RefusedOccurrence {
  slot: RequestedSlot;
  refusal: Refusal;
}

type Reserved = { series: SeriesView } | { refused: RefusedOccurrence[] };

/** Everything that a series is booked from. */
interface NewSeries {
  booker: Actor;
  clientId: string;
  /** At least one. */
  occurrences: readonly PlannedOccurrence[];
  skipped: SkippedOccurrence[];
  request: BookSeries;
}

/**
 * Reserves and writes all appointments of a series in one transaction. Like single bookings, it first locks group sessions, in the
 * order of their ids, and then reserves all times with one statement in the order of resources and times, so it cannot deadlock with them.
 */
@Injectable()
export class SeriesReserver {
  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
    private readonly picker: ResourcePicker,
    private readonly writer: BookingWriter,
    private readonly appointments: AppointmentsRepository,
  ) {}

  /** @returns the booked series, or which occurrences were taken in the meantime; then nothing is written */
  reserve(series: NewSeries): Promise<Reserved> {
    const { booker, clientId, occurrences, skipped, request } = series;
    const now = new Date(this.clock.now());
    const drafts = occurrences.map((planned) => ({ id: newId(), planned }));
    const seriesId = newId();
    return this.db.transaction(async (): Promise<Reserved> => {
      const seats = await this.takeSeats(drafts, clientId);
      if (Array.isArray(seats)) return { refused: seats };
      const ids = drafts.map(({ id }) => id);
      const prices = await this.getPrices(booker, clientId, occurrences);
      const bookings = drafts.map(({ id, planned: { slot, resourceIds } }, index): NewBooking => {
        const reserved = seats.get(id) ?? { slot, resourceIds, groupId: null, seat: null };
        const appointment: AppointmentView = {
          ...newAppointment(slot, { id, clientId, price: prices[index] as VisitPrice }, request, now),
          resourceIds: reserved.resourceIds,
          groupId: reserved.groupId,
          seriesId,
        };
        const booking = newBooking(booker, appointment, reserved, request);
        return { ...booking, limits: toLimitsInSeries(booking.limits, index) };
      });
      const refusals = await this.writer.writeTogether(bookings);
      if (refusals.size > 0) {
        return {
          refused: drafts.flatMap(({ id, planned: { slot } }) => {
            const refusal = refusals.get(id);
            return refusal ? [{ slot, refusal }] : [];
          }),
        };
      }
      await this.appointments.setSeries(ids, seriesId);
      const appointments = bookings.map(({ appointment }) => viewFor(booker, appointment));
      const answer = { seriesId, appointments, skipped };
      await storeAnswer(this.db, answer);
      return { series: answer };
    });
  }

  /**
   * The price of each visit: those after the first one are follow-ups.
   * @throws DomainError PAYMENT_REQUIRED if one of them must be paid first: a series cannot be paid for before it is booked
   */
  private async getPrices(
    booker: Actor,
    clientId: string,
    occurrences: readonly PlannedOccurrence[],
  ): Promise<VisitPrice[]> {
    const [first] = occurrences as readonly [PlannedOccurrence];
    const prices = await this.writer.getPrices(clientId, first.slot.rules);
    return occurrences.map(({ slot }) => {
      const price = prices.next(slot.doctorId);
      assertNothingDue(booker, slot.rules, price);
      return price;
    });
  }

  /** @returns the seats of group sessions by appointment, or the sessions without a free seat */
  private async takeSeats(
    drafts: readonly { id: string; planned: PlannedOccurrence }[],
    clientId: string,
  ): Promise<Map<string, ReservedSlot> | RefusedOccurrence[]> {
    const seats = new Map<string, ReservedSlot>();
    const full: RefusedOccurrence[] = [];
    const groups = drafts.flatMap(({ id, planned: { slot, resourceIds } }) => {
      const groupId = slot.rules.groupId(slot.doctorId, slot.start);
      return groupId ? [{ id, groupId, slot, resourceIds }] : [];
    });
    for (const { id, groupId, slot, resourceIds } of groups.sort((a, b) => (a.groupId < b.groupId ? -1 : 1))) {
      try {
        const seat = await this.picker.takeSeat(groupId, { ...slot, isTentative: true }, { id, clientId });
        seats.set(id, { slot, groupId, seat: seat.number, resourceIds: seat.resourceIds ?? resourceIds });
      } catch (error) {
        const kind = getConflictKind(error);
        if (!kind) throw error;
        const range = { kind, groupId, resourceId: slot.doctorId, during: slot.rules.visit(slot.start) };
        full.push({ slot, refusal: { reason: 'CONFLICT', conflicts: [range] } });
      }
    }
    return full.length > 0 ? full : seats;
  }
}

/** The booking statement counts only the patient's other appointments: each one also leaves room for those of the series before it. */
const toLimitsInSeries = (limits: BookingLimits | null, index: number): BookingLimits | null =>
  limits && { ...limits, upcoming: limits.upcoming && { ...limits.upcoming, max: limits.upcoming.max - index } };
