import { Injectable } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import type { DomainError } from '../../core/kernel/domain-error.js';
import type { Actor } from '../../core/security/actor.js';
import {
  AlternativesService,
  BookingRulesService,
  OutdatedRules,
  toSlotView,
  type BookingRules,
} from '../scheduling/index.js';
import type { Appointment } from './appointment.entity.js';
import { appointmentConflict, type ReservedKind } from './appointment.errors.js';
import { reservationsFor, type RequestedSlot, type Reservation } from './requested-slot.js';
import { ReservationsRepository, type Seat } from './reservations.repository.js';

const MAX_PICKS = 20;
const ALTERNATIVES_WITHIN = 15 * 86_400_000;

/** A time that could not be reserved, for which alternatives are looked for. */
interface MissedSlot {
  serviceId: string;
  doctorId: string;
  clientId: string;
  start: number;
  resourceIds: string[];
  forDesk: boolean;
}

/** Picks rooms and equipment, reserves them for appointments that exist, and explains conflicts. */
@Injectable()
export class ReservationService {
  constructor(
    private readonly db: Database,
    private readonly reservations: ReservationsRepository,
    private readonly rules: BookingRulesService,
    private readonly alternatives: AlternativesService,
  ) {}

  /**
   * Rooms and equipment for a slot, all free as far as can be seen now.
   * @param lost those that other bookings turned out to have
   * @param own those that the appointment itself holds: they are free to it
   * @throws DomainError APPOINTMENT_CONFLICT, OutdatedRules
   */
  async pickResources(
    slot: RequestedSlot,
    clientId: string,
    { lost = [], own = [] }: { lost?: string[]; own?: string[] } = {},
  ): Promise<string[]> {
    const { rules, doctor, start, resourceIds } = slot;
    if (!rules.needsResources) return [];
    const schedule = await this.rules.schedule(rules.row.serviceId, doctor.doctorId, () => ({ start, end: start + 1 }));
    if (schedule?.rules.row.revision !== rules.row.revision) throw new OutdatedRules();
    const reserved = rules.reserved(start);
    const busy = schedule.busy.without(own).with(lost, reserved);
    const isDoctorBusy = busy.of(doctor.id).some((range) => range.start < reserved.end && reserved.start < range.end);
    if (isDoctorBusy && !rules.isGroup) throw await this.conflict('DOCTOR', slot, clientId);
    const picked =
      rules.pickResources(start, resourceIds, busy) ??
      (slot.overrideHours ? rules.pickResources(start, resourceIds, busy, 'ANY') : null);
    if (!picked) throw await this.conflict('RESOURCE', slot, clientId);
    return picked;
  }

  /**
   * The rooms that another booking was quicker with, if others may be picked in their place.
   * @throws DomainError APPOINTMENT_CONFLICT where something else is taken, or a room that was requested
   */
  async replaceable(conflicts: Reservation[], slot: RequestedSlot, clientId: string): Promise<string[]> {
    const kind = primaryConflict(conflicts);
    const isPicked = conflicts.every(({ resourceId }) => !slot.resourceIds.includes(resourceId));
    if (kind !== 'RESOURCE' || !isPicked) throw await this.conflict(kind, slot, clientId);
    return conflicts.map(({ resourceId }) => resourceId);
  }

  /**
   * Reserves a slot for an appointment that has another one, beside what it has. In the caller's transaction.
   * @param seat in a group session; its rooms are those of the session once somebody is in it
   * @returns the rooms and equipment
   * @throws DomainError APPOINTMENT_CONFLICT, OutdatedRules
   */
  async move(appointment: Appointment, slot: RequestedSlot, seat: Seat | null, own: string[]): Promise<string[]> {
    const { id, clientId, groupId } = appointment;
    const version = appointment.version + 1;
    const lost: string[] = [];
    for (let attempt = 1; attempt <= MAX_PICKS; attempt += 1) {
      const resourceIds = seat?.resourceIds ?? (await this.pickResources(slot, clientId, { lost, own }));
      const wanted = reservationsFor(slot, { id, clientId, groupId, resourceIds });
      const conflicts = await this.reserve(id, version, wanted, slot.rules);
      if (conflicts.length === 0) return resourceIds;
      lost.push(...(await this.replaceable(conflicts, slot, clientId)));
      await this.reservations.undo(id, version);
    }
    throw await this.conflict('RESOURCE', slot, clientId);
  }

  /**
   * Reserves again all that an appointment held before it was cancelled, missed or completed. In the caller's transaction.
   * @throws DomainError APPOINTMENT_CONFLICT where something else has the time now
   */
  async reserveAgain(appointment: Appointment, version: number): Promise<void> {
    const { id, clientId, doctorId, serviceId, groupId } = appointment;
    const start = appointment.startAt.getTime();
    const missed = { serviceId, doctorId, clientId, start, resourceIds: [], forDesk: true };
    if (!(await this.reservations.holdDoctor(doctorId))) throw await this.conflictAt('DOCTOR', missed);
    let planned = await this.reservations.planned(id);
    if (groupId) {
      const capacity = await this.reservations.capacityOf(serviceId);
      const seat = await this.reservations.freeSeat(groupId, capacity, id);
      if (!seat) throw await this.conflictAt('DOCTOR', missed);
      appointment.seat = seat.number;
      // The session may have moved to other rooms while this seat was away.
      appointment.resourceIds = seat.resourceIds ?? appointment.resourceIds;
      planned = inRooms(planned, appointment.resourceIds);
    }
    const conflicts = await this.reserve(id, version, planned, null);
    if (conflicts.length > 0) throw await this.conflictAt(primaryConflict(conflicts), missed);
    await this.reservations.releaseBefore(id, version);
  }

  /**
   * A seat in the group session of a slot. Seats of one session are given out one after the other, until the transaction ends.
   * @throws DomainError APPOINTMENT_CONFLICT where it is full, or is not in the requested room
   */
  async takeSeat(groupId: string, slot: RequestedSlot, appointment: { id: string; clientId: string }): Promise<Seat> {
    const seat = await this.reservations.freeSeat(groupId, slot.rules.row.capacity, appointment.id);
    if (!seat) throw await this.conflict('DOCTOR', slot, appointment.clientId);
    const { resourceIds } = seat;
    if (resourceIds && !slot.resourceIds.every((id) => resourceIds.includes(id))) {
      throw await this.conflict('RESOURCE', slot, appointment.clientId);
    }
    return seat;
  }

  /** What the appointment itself holds at the requested time. */
  heldBy(appointmentId: string, { rules, start }: RequestedSlot): Promise<string[]> {
    return this.reservations.resourcesOf(appointmentId, rules.reserved(start));
  }

  mayBookFor(booker: Actor, clientId: string): Promise<boolean> {
    return this.reservations.mayBookFor(booker, clientId);
  }

  releaseBefore(appointmentId: string, version: number): Promise<void> {
    return this.reservations.releaseBefore(appointmentId, version);
  }

  hasRoom(resourceIds: string[]): Promise<boolean> {
    return this.reservations.hasRoom(resourceIds);
  }

  conflictOf(conflicts: Reservation[], slot: RequestedSlot, clientId: string): Promise<DomainError> {
    return this.conflict(primaryConflict(conflicts), slot, clientId);
  }

  conflict(kind: ReservedKind, slot: RequestedSlot, clientId: string): Promise<DomainError> {
    const { rules, doctor, start, resourceIds, overrideHours } = slot;
    const { serviceId } = rules.row;
    const { doctorId } = doctor;
    return this.conflictAt(kind, { serviceId, doctorId, clientId, start, resourceIds, forDesk: overrideHours });
  }

  /** @returns what could not be reserved */
  private async reserve(
    id: string,
    version: number,
    wanted: Reservation[],
    rules: BookingRules | null,
  ): Promise<Reservation[]> {
    const reservedIds = await this.reservations.reserve(id, version, wanted, rules?.row ?? null);
    if (!reservedIds) throw new OutdatedRules();
    return wanted.filter(({ resourceId }) => !reservedIds.includes(resourceId));
  }

  /** With up to three other times, which are looked for when nothing is locked any more. */
  private async conflictAt(kind: ReservedKind, { clientId, ...slot }: MissedSlot): Promise<DomainError> {
    const error = appointmentConflict(kind);
    const addAlternatives = async (): Promise<void> => {
      const near = { start: slot.start - ALTERNATIVES_WITHIN, end: slot.start + ALTERNATIVES_WITHIN };
      const clientBusy = await this.reservations.busyOf(clientId, near);
      const slots = await this.alternatives.find({ ...slot, clientBusy });
      error.details = { conflictingWith: kind, alternatives: slots.map(toSlotView) };
    };
    if (this.db.inTransaction) error.afterRollback = addAlternatives;
    else await addAlternatives();
    return error;
  }
}

/** The same reservations, with these rooms and equipment in the place of those that were held. */
function inRooms(reservations: Reservation[], resourceIds: string[]): Reservation[] {
  const shared = reservations.find(({ kind }) => kind === 'DOCTOR');
  if (!shared) return reservations;
  const others = reservations.filter(({ kind }) => kind !== 'RESOURCE');
  return [...others, ...resourceIds.map((resourceId): Reservation => ({ ...shared, resourceId, kind: 'RESOURCE' }))];
}

/** What the caller is told, where several things conflict at once. */
function primaryConflict(conflicts: Reservation[]): ReservedKind {
  const kinds = new Set(conflicts.map(({ kind }) => kind));
  return kinds.has('DOCTOR') ? 'DOCTOR' : kinds.has('CLIENT') ? 'CLIENT' : 'RESOURCE';
}
