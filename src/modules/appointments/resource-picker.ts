import { Injectable } from '@nestjs/common';
import { BookingRulesService, OutdatedRulesError, overlaps } from '../scheduling/index.js';
import { ConflictErrors } from './conflict-errors.js';
import { primaryConflict, type RequestedSlot, type ReservedRange } from './requested-slot.js';
import { ReservationsRepository, type Seat } from './reservations.repository.js';

/** How often rooms and equipment are picked again after a concurrent booking reserved the picked ones. */
export const MAX_PICKS = 20;

/** Picks rooms, equipment and seats for a requested slot. */
@Injectable()
export class ResourcePicker {
  constructor(
    private readonly reservations: ReservationsRepository,
    private readonly rules: BookingRulesService,
    private readonly conflicts: ConflictErrors,
  ) {}

  /**
   * Picks rooms and equipment for a slot that are free now.
   * @param lostIds what other bookings reserved since it was picked
   * @param ownIds what the appointment itself reserves; it counts as free
   * @throws DomainError APPOINTMENT_CONFLICT, OutdatedRulesError
   */
  async pickResources(
    slot: RequestedSlot,
    clientId: string | null,
    { lostIds = [], ownIds = [] }: { lostIds?: string[]; ownIds?: string[] } = {},
  ): Promise<string[]> {
    const { rules, doctor, start, resourceIds } = slot;
    if (!rules.needsResources) return [];
    const schedule = await this.rules.findSchedule(slot.serviceId, slot.doctorId, () => ({ start, end: start + 1 }));
    if (schedule?.rules.row.revision !== rules.row.revision) throw new OutdatedRulesError();
    const reserved = rules.reserved(start);
    const busy = schedule.busy.without(ownIds).with(lostIds, reserved);
    const isDoctorBusy = busy.get(doctor.id).some((range) => overlaps(range, reserved));
    if (isDoctorBusy && !rules.isGroup) throw await this.conflicts.create('DOCTOR', slot, clientId);
    const picked =
      rules.pickResources(start, resourceIds, busy) ??
      (slot.overrideHours ? rules.pickResources(start, resourceIds, busy, 'ANY') : null);
    if (!picked) throw await this.conflicts.create('RESOURCE', slot, clientId);
    return picked;
  }

  /**
   * The ids of conflicting rooms and equipment, if others may be picked instead.
   * @throws DomainError APPOINTMENT_CONFLICT if the doctor, the patient or a requested room conflicts
   */
  async getReplaceable(conflicts: ReservedRange[], slot: RequestedSlot, clientId: string | null): Promise<string[]> {
    const kind = primaryConflict(conflicts);
    const isRequested = conflicts.some(({ resourceId }) => slot.resourceIds.includes(resourceId));
    if (kind !== 'RESOURCE' || isRequested) throw await this.conflicts.create(kind, slot, clientId);
    return conflicts.map(({ resourceId }) => resourceId);
  }

  /**
   * Assigns a seat in a group session. Locks the group until the transaction ends, so seats are assigned one at a time.
   * @throws DomainError APPOINTMENT_CONFLICT if the group session is full, or is not in the requested room; OutdatedRulesError
   */
  async takeSeat(
    groupId: string,
    slot: RequestedSlot,
    appointment: { id: string; clientId: string | null },
  ): Promise<Seat> {
    const { capacity } = slot.rules.row;
    const seat = await this.reservations.lockFreeSeat(groupId, capacity, appointment.id);
    // The capacity may have been raised since the rules were cached.
    if (!seat && (await this.reservations.getCapacity(slot.serviceId)) > capacity) throw new OutdatedRulesError();
    if (!seat) throw await this.conflicts.create('DOCTOR', slot, appointment.clientId);
    const { resourceIds } = seat;
    if (resourceIds && !slot.resourceIds.every((id) => resourceIds.includes(id))) {
      throw await this.conflicts.create('RESOURCE', slot, appointment.clientId);
    }
    return seat;
  }
}
