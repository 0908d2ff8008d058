import { Injectable } from '@nestjs/common';
import { Clock } from '../../core/kernel/clock.js';
import { worksAtFrontDesk, type Actor } from '../../core/kernel/actor.js';
import { notFound } from '../../core/kernel/domain-error.js';
import { newId } from '../../core/kernel/id.js';
import { BookingRulesService } from '../scheduling/index.js';
import { holdExpired, MAX_HOLDS_PER_CLIENT } from './appointment.errors.js';
import { assertAtOwnClinic, findClientId } from './appointment.policy.js';
import { limitsFor } from './booking-limits.js';
import { BookingWriter } from './booking-writer.js';
import type { Hold } from './hold.entity.js';
import type { HoldSlot, HoldView } from './holds.dto.js';
import { HoldsRepository } from './holds.repository.js';
import { newHold } from './new-hold.js';
import { getBookable, resolveSlots, type RequestedSlot, type ReservedRange } from './requested-slot.js';
import { SlotReserver, type ReservedSlot } from './slot-reserver.js';

const MINUTE = 60_000;

/** Keeps slots for the clinic's hold length. A hold counts as taken for everybody, and becomes an appointment without a gap. */
@Injectable()
export class HoldsService {
  constructor(
    private readonly clock: Clock,
    private readonly rules: BookingRulesService,
    private readonly reserver: SlotReserver,
    private readonly holds: HoldsRepository,
    private readonly writer: BookingWriter,
  ) {}

  /**
   * Reserves doctor, patient, rooms and equipment together, or nothing. The front desk may leave out the patient.
   * @throws DomainError APPOINTMENT_CONFLICT with up to three other times, SLOT_NOT_OFFERED with the reason
   */
  async hold(actor: Actor, request: HoldSlot): Promise<HoldView> {
    return this.rules.withRules(request.serviceId, (rules) => {
      const slots = resolveSlots(actor, rules, request);
      assertAtOwnClinic(actor, rules.row.clinicId);
      const clientId = findClientId(actor, request.clientId);
      const bookable = getBookable(slots, this.clock.now());
      return this.writer.hidingConflicts(actor, clientId, () =>
        this.reserve(actor, bookable, { clientId, referralId: request.referralId }),
      );
    });
  }

  /** The patient for whom a time is held; null if there is none. */
  async findPatient(id: string): Promise<string | null> {
    return (await this.holds.find(id))?.clientId ?? null;
  }

  /** Frees the time of a hold. @param actor a guardian acts as the patient */
  async release(actor: Actor, id: string): Promise<null> {
    await this.getVisible(actor, id);
    if (!(await this.holds.end(id))) throw notFound();
    return null;
  }

  /**
   * The hold that an appointment is booked from.
   * @throws DomainError NOT_FOUND for a hold of somebody else, HOLD_EXPIRED
   */
  async getForBooking(actor: Actor, id: string): Promise<Hold> {
    if (await this.holds.isUsedBy(actor, id)) throw holdExpired('USED');
    const hold = await this.getVisible(actor, id);
    if (hold.expiresAt.getTime() <= this.clock.now()) throw holdExpired();
    return hold;
  }

  /** The ranges that a hold reserves. */
  findRanges(id: string): Promise<ReservedRange[]> {
    return this.holds.findRanges(id);
  }

  private async getVisible(actor: Actor, id: string): Promise<Hold> {
    const hold = await this.holds.find(id);
    if (!hold || !isOwn(actor, hold)) throw notFound();
    return hold;
  }

  private async reserve(
    actor: Actor,
    slots: RequestedSlot[],
    { clientId, referralId }: { clientId: string | null; referralId?: string },
  ): Promise<HoldView> {
    const id = newId();
    const createdAt = new Date(this.clock.now());
    const toHold = (reserved: ReservedSlot): ReturnType<typeof newHold> => {
      const expiresAt = new Date(createdAt.getTime() + reserved.slot.rules.row.holdMinutes * MINUTE);
      return newHold(reserved, { id, clientId, createdAt, expiresAt });
    };
    const held = await this.reserver.reserve(slots, { id, clientId, kind: 'HOLD', referralId }, (reserved) =>
      this.holds.write({
        ...toHold(reserved),
        limits: limitsFor(actor, reserved.slot),
        maxHolds: MAX_HOLDS_PER_CLIENT,
        holder: actor,
      }),
    );
    return toHold(held).hold;
  }
}

const isOwn = (actor: Actor, { clientId, clinicId }: Hold): boolean =>
  actor.role === 'CLIENT' ? clientId !== null && clientId === actor.clientId : worksAtFrontDesk(actor, clinicId);
