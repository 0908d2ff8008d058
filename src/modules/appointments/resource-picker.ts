import { Injectable } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import { Clock } from '../../core/kernel/clock.js';
import type { DomainError } from '../../core/kernel/domain-error.js';
import {
  AlternativesService,
  BookingRulesService,
  OutdatedRulesError,
  overlaps,
  toSlotView,
  type Range,
  type SlotView,
} from '../scheduling/index.js';
import { appointmentConflict } from './appointment.errors.js';
import { primaryConflict, type AppointmentSlot, type RequestedSlot, type ReservedRange } from './requested-slot.js';
import type { ReservedKind } from './reservation.entity.js';
import { ReservationsRepository, type Seat } from './reservations.repository.js';

/** How often rooms and equipment are picked again after a concurrent booking reserved the picked ones. */
export const MAX_PICKS = 20;
/** How far around the start the patient's other appointments are read: at least as far as AlternativesService searches. */
const PATIENT_TIMES_MILLISECONDS = 15 * 86_400_000;

/** Without a doctor: none of them is free. */
type ConflictingSlot = Omit<AppointmentSlot, 'doctorId'> & { doctorId: string | null };

/** Picks rooms, equipment and seats for a requested slot, and describes conflicts. */
@Injectable()
export class ResourcePicker {
  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
    private readonly reservations: ReservationsRepository,
    private readonly rules: BookingRulesService,
    private readonly alternatives: AlternativesService,
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
    if (isDoctorBusy && !rules.isGroup) throw await this.conflict('DOCTOR', slot, clientId);
    const picked =
      rules.pickResources(start, resourceIds, busy) ??
      (slot.overrideHours ? rules.pickResources(start, resourceIds, busy, 'ANY') : null);
    if (!picked) throw await this.conflict('RESOURCE', slot, clientId);
    return picked;
  }

  /**
   * The ids of conflicting rooms and equipment, if others may be picked instead.
   * @throws DomainError APPOINTMENT_CONFLICT if the doctor, the patient or a requested room conflicts
   */
  async getReplaceable(conflicts: ReservedRange[], slot: RequestedSlot, clientId: string | null): Promise<string[]> {
    const kind = primaryConflict(conflicts);
    const isRequested = conflicts.some(({ resourceId }) => slot.resourceIds.includes(resourceId));
    if (kind !== 'RESOURCE' || isRequested) throw await this.conflict(kind, slot, clientId);
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
    if (!seat) throw await this.conflict('DOCTOR', slot, appointment.clientId);
    const { resourceIds } = seat;
    if (resourceIds && !slot.resourceIds.every((id) => resourceIds.includes(id))) {
      throw await this.conflict('RESOURCE', slot, appointment.clientId);
    }
    return seat;
  }

  /**
   * Creates the error for a slot that is not free, with up to three other slots. In a transaction they are searched after the
   * rollback, when nothing is locked.
   */
  async conflict(kind: ReservedKind, slot: ConflictingSlot, clientId: string | null): Promise<DomainError> {
    const error = appointmentConflict(kind);
    if (slot.isTentative) return error;
    const addAlternatives = async (): Promise<void> => {
      error.details = { conflictingWith: kind, alternatives: await this.findAlternatives(slot, clientId) };
    };
    if (this.db.inTransaction) error.afterRollback = addAlternatives;
    else await addAlternatives();
    return error;
  }

  /**
   * Up to three free slots near a slot that is not free.
   * @param alsoBusy when the patient is also busy
   */
  async findAlternatives(
    slot: ConflictingSlot,
    clientId: string | null,
    alsoBusy: readonly Range[] = [],
  ): Promise<SlotView[]> {
    const { serviceId, doctorId, start, resourceIds, isForDesk, overrideHours, movedId } = slot;
    // Alternatives to a past time, such as that of a reinstated visit, start from now.
    const around = Math.max(start, this.clock.now());
    const near = { start: around - PATIENT_TIMES_MILLISECONDS, end: around + PATIENT_TIMES_MILLISECONDS };
    const clientBusy = [...(clientId ? await this.reservations.findBusyTimes(clientId, near) : []), ...alsoBusy];
    const slots = await this.alternatives.find({
      serviceId,
      doctorId,
      start,
      resourceIds,
      isForDesk,
      overrideHours,
      clientBusy,
      ...(!isForDesk && clientId && { limited: { clientId, movedId } }),
    });
    return slots.map(toSlotView);
  }
}
