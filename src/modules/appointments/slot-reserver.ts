import { Injectable } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import { inProgress } from '../../core/http/idempotency-keys.js';
import { notFound } from '../../core/kernel/domain-error.js';
import { BookingRulesService, listFreeDoctors, OutdatedRulesError, type BookingRules } from '../scheduling/index.js';
import {
  getConflictKind,
  holdExpired,
  tooManyHolds,
  tooManyNoShows,
  tooManyOnDay,
  tooManyUpcoming,
  type Limit,
} from './appointment.errors.js';
import type { Refusal } from './booking-batches.js';
import { ConflictErrors } from './conflict-errors.js';
import { ReferralHooks, type ReferralRequest } from './referral-hooks.js';
import type { ReservedKind } from './reservation.entity.js';
import { primaryConflict, type RequestedSlot } from './requested-slot.js';
import { MAX_PICKS, ResourcePicker } from './resource-picker.js';

/** The rooms, equipment and seat that were picked for a slot. `groupId` and `seat` are null for a visit of one patient. */
export interface PickedSlot {
  resourceIds: string[];
  groupId: string | null;
  seat: number | null;
}

/** A slot that was reserved, with what was picked for it. */
export interface ReservedSlot extends PickedSlot {
  slot: RequestedSlot;
}

/** Writes an appointment or a hold. @returns why nothing was written; null if it is written */
type Write = (reserved: ReservedSlot) => Promise<Refusal | null>;

/** Who reserves a slot. */
interface Owner extends ReferralRequest {
  /** The id of the appointment or hold. */
  id: string;
  /** Null for a hold without a patient. */
  clientId: string | null;
  /** Default: APPOINTMENT. */
  kind?: 'APPOINTMENT' | 'HOLD';
}

/** Picks a doctor, rooms, equipment and a seat, and repeats that if others reserve them before they are written. */
@Injectable()
export class SlotReserver {
  constructor(
    private readonly db: Database,
    private readonly picker: ResourcePicker,
    private readonly conflicts: ConflictErrors,
    private readonly rules: BookingRulesService,
    private readonly referrals: ReferralHooks,
  ) {}

  /**
   * Reserves one of several slots, which have the same start and different doctors: that of the first free doctor (listFreeDoctors)
   * who is not taken in the meantime.
   * @throws DomainError APPOINTMENT_CONFLICT with up to three other times, and the errors of the other refusals and of ReferralHooks
   */
  async reserve(slots: RequestedSlot[], owner: Owner, write: Write): Promise<ReservedSlot> {
    const { id, clientId, referralId, isForLater, kind = 'APPOINTMENT' } = owner;
    return this.referrals.use({ id, clientId, referralId, isForLater, kind }, slots, (allowed) =>
      this.reserveFirstFree(allowed, owner, write),
    );
  }

  private async reserveFirstFree(slots: RequestedSlot[], owner: Owner, write: Write): Promise<ReservedSlot> {
    const [first, ...others] = slots as [RequestedSlot, ...RequestedSlot[]];
    if (others.length === 0) return this.reserveSlot(first, owner, write);
    let conflict: ReservedKind = 'DOCTOR';
    for (const slot of await this.listFree(slots)) {
      const reserved = await this.tryReserve(slot, owner, write);
      if (typeof reserved === 'object') return reserved;
      conflict = reserved;
      // Other doctors do not help if the patient is not free, nor if there is no room: a visit may use any of the same rooms. Each
      // group session has its own.
      if (conflict === 'CLIENT' || (conflict === 'RESOURCE' && !slot.rules.isGroup)) break;
    }
    throw await this.conflicts.create(conflict, { ...first, doctorId: null }, owner.clientId);
  }

  /** The slots of the doctors who are free, in the order in which they are tried. */
  private async listFree(slots: RequestedSlot[]): Promise<RequestedSlot[]> {
    const [{ rules, serviceId, start, resourceIds }] = slots as [RequestedSlot];
    const schedule = await this.rules.findSchedule(serviceId, null, () => rules.localDay(start));
    if (schedule?.rules.row.revision !== rules.row.revision) throw new OutdatedRulesError();
    const doctorIds = listFreeDoctors(rules, { start, busy: schedule.busy, resourceIds });
    return doctorIds.flatMap((id) => slots.filter(({ doctorId }) => doctorId === id));
  }

  /** @returns what conflicts, if the slot was not reserved */
  private async tryReserve(slot: RequestedSlot, owner: Owner, write: Write): Promise<ReservedSlot | ReservedKind> {
    try {
      return await this.reserveSlot({ ...slot, isTentative: true }, owner, write);
    } catch (error) {
      const kind = getConflictKind(error);
      if (!kind) throw error;
      return kind;
    }
  }

  private reserveSlot(slot: RequestedSlot, owner: Owner, write: Write): Promise<ReservedSlot> {
    return slot.rules.isGroup ? this.reserveSeat(slot, owner, write) : this.reserveVisit(slot, owner, write);
  }

  /** Reserves a visit of one patient. */
  private async reserveVisit(slot: RequestedSlot, { clientId }: Owner, write: Write): Promise<ReservedSlot> {
    const lostIds: string[] = [];
    for (let attempt = 1; attempt <= MAX_PICKS; attempt += 1) {
      const resourceIds = await this.picker.pickResources(slot, clientId, { lostIds });
      const reserved = { slot, resourceIds, groupId: null, seat: null };
      const refusal = await write(reserved);
      if (!refusal) return reserved;
      if (refusal.reason !== 'CONFLICT') throw toRefusalError(refusal, slot);
      lostIds.push(...(await this.picker.getReplaceable(refusal.conflicts, slot, clientId)));
    }
    throw await this.conflicts.create('RESOURCE', slot, clientId);
  }

  /** Reserves a seat in a group session. The first seat picks the session's rooms, the others share them. */
  private reserveSeat(slot: RequestedSlot, { id, clientId }: Owner, write: Write): Promise<ReservedSlot> {
    return this.db.transaction(async () => {
      const groupId = slot.rules.groupId(slot.doctorId, slot.start) ?? id;
      const seat = await this.picker.takeSeat(groupId, slot, { id, clientId });
      const resourceIds = seat.resourceIds ?? (await this.picker.pickResources(slot, clientId));
      const reserved = { slot, resourceIds, groupId, seat: seat.number };
      const refusal = await write(reserved);
      if (!refusal) return reserved;
      if (refusal.reason !== 'CONFLICT') throw toRefusalError(refusal, slot);
      throw await this.conflicts.create(primaryConflict(refusal.conflicts), slot, clientId);
    });
  }
}

/** The error of a refusal that other rooms cannot solve. */
export function toRefusalError({ reason }: Exclude<Refusal, { reason: 'CONFLICT' }>, { rules }: RequestedSlot): Error {
  switch (reason) {
    case 'OUTDATED_RULES':
      return new OutdatedRulesError();
    case 'KEY_USED':
      return inProgress();
    case 'UNKNOWN_PATIENT':
      return notFound();
    case 'TOO_MANY_UPCOMING':
      return tooManyUpcoming(getLimit(rules, 'maxUpcomingPerClient'));
    case 'TOO_MANY_ON_DAY':
      return tooManyOnDay(getLimit(rules, 'maxPerDayPerClient'));
    case 'TOO_MANY_NO_SHOWS':
      return tooManyNoShows();
    case 'TOO_MANY_HOLDS':
      return tooManyHolds();
    case 'HOLD_EXPIRED':
      return holdExpired();
  }
}

const getLimit = (rules: BookingRules, name: 'maxUpcomingPerClient' | 'maxPerDayPerClient'): Limit => ({
  max: rules.row[name] ?? 0,
  serviceId: rules.getCountedServiceId(name),
});
