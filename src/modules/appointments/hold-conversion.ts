import { Injectable } from '@nestjs/common';
import { Clock } from '../../core/kernel/clock.js';
import type { Actor } from '../../core/kernel/actor.js';
import { invalid } from '../../core/kernel/domain-error.js';
import type { AppointmentView, BookAppointment } from './appointments.dto.js';
import { getClientId } from './appointment.policy.js';
import { ReferralHooks } from './referral-hooks.js';
import { BookingWriter } from './booking-writer.js';
import { ConflictErrors } from './conflict-errors.js';
import type { Hold } from './hold.entity.js';
import { HoldsService } from './holds.service.js';
import { newAppointment, toBookingTerms, type PaidBooking } from './new-booking.js';
import { assertNothingDue } from './payment-due.js';
import { assertBookable, patientRange, type RequestedSlot } from './requested-slot.js';
import { toRefusalError } from './slot-reserver.js';

/** Books the appointment of a hold. Its time is never free in between. */
@Injectable()
export class HoldConversion {
  constructor(
    private readonly clock: Clock,
    private readonly holds: HoldsService,
    private readonly writer: BookingWriter,
    private readonly conflicts: ConflictErrors,
    private readonly referrals: ReferralHooks,
  ) {}

  /**
   * Notice and horizon were checked when the slot was held; the hours are those of now.
   * @throws DomainError HOLD_EXPIRED, even if the hold was used; VALIDATION_ERROR for another service, doctor, time or patient
   */
  async book(actor: Actor, slots: RequestedSlot[], request: BookAppointment, holdId: string): Promise<AppointmentView> {
    return this.convert(actor, slots, request, await this.holds.getForBooking(actor, holdId.toLowerCase()));
  }

  /**
   * As `book`, for a hold that the actor may book.
   * @param paid the payment that books it, with the price that it was made for
   */
  async convert(
    actor: Actor,
    slots: RequestedSlot[],
    request: BookAppointment,
    hold: Hold,
    paid?: PaidBooking,
  ): Promise<AppointmentView> {
    const requested = findSlot(hold, slots);
    const slot = { ...requested, rules: requested.rules.withDuration(hold.plannedMinutes).withOverride() };
    const clientId = getPatientId(actor, hold, request.clientId);
    assertBookable(slot, hold.createdAt.getTime());
    const { id, resourceIds, groupId, seat } = hold;
    const now = new Date(this.clock.now());
    const price = paid?.price ?? (await this.writer.getPrices(clientId, slot.rules)).get(slot.doctorId);
    if (!paid) assertNothingDue(actor, slot.rules, price);
    const appointment = { ...newAppointment(slot, { id, clientId, price }, request, now), resourceIds, groupId };
    const heldRanges = await this.holds.findRanges(id);
    const added = hold.clientId ? [] : [patientRange(slot.rules.visit(slot.start), { id, clientId })];
    const reservations = [...heldRanges, ...added];
    const write = async (): Promise<void> => {
      const refusal = await this.writer.write({
        appointment,
        groupId,
        seat,
        reservations,
        heldRanges,
        isTogether: false,
        ...toBookingTerms(actor, slot, request),
        ...(paid && { paymentId: paid.paymentId }),
      });
      if (refusal?.reason === 'CONFLICT') throw await this.conflicts.create('CLIENT', slot, clientId);
      if (refusal) throw toRefusalError(refusal, slot);
    };
    const use = { id, clientId, kind: 'APPOINTMENT', referralId: getReferralId(hold, request) } as const;
    await this.writer.hidingConflicts(actor, clientId, () => this.referrals.use(use, [slot], write));
    return appointment;
  }
}

function findSlot(hold: Hold, slots: RequestedSlot[]): RequestedSlot {
  const slot = slots.find(
    ({ serviceId, doctorId, start }) =>
      hold.serviceId === serviceId.toLowerCase() && hold.doctorId === doctorId && hold.startAt.getTime() === start,
  );
  if (!slot) throw invalid({ field: 'holdId', error: 'is for another service, doctor or time' });
  return slot;
}

/** The referral that the hold keeps, or the requested one. */
function getReferralId(hold: Hold, { referralId }: BookAppointment): string | undefined {
  if (hold.referralId && referralId && referralId.toLowerCase() !== hold.referralId) {
    throw invalid({ field: 'referralId', error: 'is not the referral of the hold' });
  }
  return hold.referralId ?? referralId;
}

/** The patient of the hold, or the requested one if the hold has none. */
function getPatientId(actor: Actor, hold: Hold, requested: string | undefined): string {
  if (!hold.clientId || requested) {
    const clientId = getClientId(actor, requested);
    if (hold.clientId && clientId !== hold.clientId) {
      throw invalid({ field: 'clientId', error: 'is not the patient of the hold' });
    }
    return clientId;
  }
  return hold.clientId;
}
