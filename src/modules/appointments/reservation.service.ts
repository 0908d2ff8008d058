import { Injectable } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import type { DomainError } from '../../core/kernel/domain-error.js';
import type { Actor } from '../../core/kernel/actor.js';
import {
  AlternativesService,
  BookingRulesService,
  OutdatedRules,
  toSlotView,
  type BookingRules,
} from '../scheduling/index.js';
import type { Appointment } from './appointment.entity.js';
import { appointmentConflict, type ReservedKind } from './appointment.errors.js';
import { reservationsFor, type RequestedSlot, type ReservedRange } from './requested-slot.js';
import { ReservationsRepository, type Seat } from './reservations.repository.js';

const MAX_ATTEMPTS = 20;
/** How far around the start the patient's other appointments are read, in milliseconds. */
const ALTERNATIVES_WITHIN = 15 * 86_400_000;

/** A slot that could not be reserved, for which alternatives are searched. */
interface ConflictingSlot {
  serviceId: string;
  doctorId: string;
  clientId: string;
  start: number;
  resourceIds: string[];
  forDesk: boolean;
}

/** Picks rooms and equipment, reserves time for existing appointments, and describes conflicts. */
@Injectable()
export class ReservationService {
  constructor(
    private readonly db: Database,
    private readonly reservations: ReservationsRepository,
    private readonly rules: BookingRulesService,
    private readonly alternatives: AlternativesService,
  ) {}

  /**
   * Picks rooms and equipment for a slot that are free now.
   * @param lost ids that other bookings reserved since they were picked
   * @param own ids that the appointment itself reserves; they count as free
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
   * The ids of conflicting rooms and equipment that may be replaced by others.
   * @throws DomainError APPOINTMENT_CONFLICT if the doctor, the patient or a requested room conflicts
   */
  async getReplaceable(conflicts: ReservedRange[], slot: RequestedSlot, clientId: string): Promise<string[]> {
    const kind = primaryConflict(conflicts);
    const isPicked = conflicts.every(({ resourceId }) => !slot.resourceIds.includes(resourceId));
    if (kind !== 'RESOURCE' || !isPicked) throw await this.conflict(kind, slot, clientId);
    return conflicts.map(({ resourceId }) => resourceId);
  }

  /**
   * Reserves a new slot for an existing appointment, in addition to its old one. Runs in the caller's transaction.
   * @param seat a seat in a group session, which uses the session's rooms
   * @param own ids that the appointment itself reserves; they count as free
   * @returns the ids of the reserved rooms and equipment
   * @throws DomainError APPOINTMENT_CONFLICT, OutdatedRules
   */
  async move(appointment: Appointment, slot: RequestedSlot, seat: Seat | null, own: string[]): Promise<string[]> {
    const { id, clientId, groupId } = appointment;
    const version = appointment.version + 1;
    const lost: string[] = [];
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
      const resourceIds = seat?.resourceIds ?? (await this.pickResources(slot, clientId, { lost, own }));
      const wanted = reservationsFor(slot, { id, clientId, groupId, resourceIds });
      const conflicts = await this.reserve(id, version, wanted, slot.rules);
      if (conflicts.length === 0) return resourceIds;
      lost.push(...(await this.getReplaceable(conflicts, slot, clientId)));
      await this.reservations.undo(id, version);
    }
    throw await this.conflict('RESOURCE', slot, clientId);
  }

  /**
   * Reserves again what an appointment reserved before a cancellation, no-show or completion. Runs in the caller's transaction.
   * @throws DomainError APPOINTMENT_CONFLICT if the time is no longer free
   */
  async reserveAgain(appointment: Appointment, version: number): Promise<void> {
    const { id, clientId, doctorId, serviceId, groupId } = appointment;
    const start = appointment.startAt.getTime();
    const slot = { serviceId, doctorId, clientId, start, resourceIds: [], forDesk: true };
    if (!(await this.reservations.lockDoctor(doctorId))) throw await this.toError('DOCTOR', slot);
    let planned = await this.reservations.findPlanned(id);
    if (groupId) {
      const capacity = await this.reservations.getCapacity(serviceId);
      const seat = await this.reservations.freeSeat(groupId, capacity, id);
      if (!seat) throw await this.toError('DOCTOR', slot);
      appointment.seat = seat.number;
      // The session may have moved to other rooms since this seat was freed.
      appointment.resourceIds = seat.resourceIds ?? appointment.resourceIds;
      planned = withResources(planned, appointment.resourceIds);
    }
    const conflicts = await this.reserve(id, version, planned, null);
    if (conflicts.length > 0) throw await this.toError(primaryConflict(conflicts), slot);
    await this.reservations.releaseBefore(id, version);
  }

  /**
   * Assigns a seat in a group session. Locks the session until the transaction ends, so seats are assigned one at a time.
   * @throws DomainError APPOINTMENT_CONFLICT if the session is full, or is not in the requested room
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

  /** The resource ids that the appointment itself reserves at the requested time. */
  findReserved(appointmentId: string, { rules, start }: RequestedSlot): Promise<string[]> {
    return this.reservations.findReserved(appointmentId, rules.reserved(start));
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

  toConflictError(conflicts: ReservedRange[], slot: RequestedSlot, clientId: string): Promise<DomainError> {
    return this.conflict(primaryConflict(conflicts), slot, clientId);
  }

  conflict(kind: ReservedKind, slot: RequestedSlot, clientId: string): Promise<DomainError> {
    const { rules, doctor, start, resourceIds, overrideHours } = slot;
    const { serviceId } = rules.row;
    const { doctorId } = doctor;
    return this.toError(kind, { serviceId, doctorId, clientId, start, resourceIds, forDesk: overrideHours });
  }

  /** @returns the ranges that could not be reserved */
  private async reserve(
    id: string,
    version: number,
    wanted: ReservedRange[],
    rules: BookingRules | null,
  ): Promise<ReservedRange[]> {
    const reservedIds = await this.reservations.reserve(id, version, wanted, rules?.row ?? null);
    if (!reservedIds) throw new OutdatedRules();
    return wanted.filter(({ resourceId }) => !reservedIds.includes(resourceId));
  }

  /** A conflict with up to three other times, which are searched after the rollback, when nothing is locked. */
  private async toError(kind: ReservedKind, { clientId, ...slot }: ConflictingSlot): Promise<DomainError> {
    const error = appointmentConflict(kind);
    const addAlternatives = async (): Promise<void> => {
      const near = { start: slot.start - ALTERNATIVES_WITHIN, end: slot.start + ALTERNATIVES_WITHIN };
      const clientBusy = await this.reservations.findBusyTimes(clientId, near);
      const slots = await this.alternatives.find({ ...slot, clientBusy });
      error.details = { conflictingWith: kind, alternatives: slots.map(toSlotView) };
    };
    if (this.db.inTransaction) error.afterRollback = addAlternatives;
    else await addAlternatives();
    return error;
  }
}

/** The same ranges with other rooms and equipment. */
function withResources(reservations: ReservedRange[], resourceIds: string[]): ReservedRange[] {
  const shared = reservations.find(({ kind }) => kind === 'DOCTOR');
  if (!shared) return reservations;
  const others = reservations.filter(({ kind }) => kind !== 'RESOURCE');
  return [...others, ...resourceIds.map((resourceId): ReservedRange => ({ ...shared, resourceId, kind: 'RESOURCE' }))];
}

/** The kind to report if several conflict: the doctor first, then the patient. */
function primaryConflict(conflicts: ReservedRange[]): ReservedKind {
  const kinds = new Set(conflicts.map(({ kind }) => kind));
  return kinds.has('DOCTOR') ? 'DOCTOR' : kinds.has('CLIENT') ? 'CLIENT' : 'RESOURCE';
}
