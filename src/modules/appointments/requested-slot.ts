import { forbidden, invalid } from '../../core/kernel/domain-error.js';
import { isDeskOf, type Actor } from '../../core/security/actor.js';
import type { BookableDoctor, BookingRules, Range } from '../scheduling/index.js';
import { slotNotOffered, type ReservedKind } from './appointment.errors.js';

const MINUTE = 60_000;

/** Where and when an appointment is requested, by the rules that it was checked with. */
export interface RequestedSlot {
  rules: BookingRules;
  doctor: BookableDoctor;
  /** Epoch milliseconds. */
  start: number;
  /** Rooms or equipment that were requested; the others are picked. */
  resourceIds: string[];
  /** The front desk books outside of the hours of doctor, rooms and equipment. */
  overrideHours: boolean;
}

export interface SlotRequest {
  doctorId: string;
  startDateTime: string;
  resourceIds?: string[];
  overrideHours?: boolean;
}

/**
 * The slot that a request means.
 * @throws DomainError VALIDATION_ERROR for a doctor, room or equipment that the service does not have
 */
export function resolveSlot(rules: BookingRules, request: SlotRequest): RequestedSlot {
  const doctor = rules.doctor(request.doctorId.toLowerCase());
  if (!doctor) throw invalid({ field: 'doctorId', error: 'is not a doctor who gives this service' });
  const resourceIds = [...new Set((request.resourceIds ?? []).map((id) => id.toLowerCase()))];
  if (!rules.areNeeded(resourceIds)) {
    throw invalid({
      field: 'resourceIds',
      error: 'must be rooms or equipment that the service needs, no more of them',
    });
  }
  return { rules, doctor, start: toStart(request), resourceIds, overrideHours: request.overrideHours === true };
}

/** Epoch milliseconds. Outside of the grid, a start is the minute that has begun: a walk-in starts now. */
export function toStart({
  startDateTime,
  overrideHours,
}: Pick<SlotRequest, 'startDateTime' | 'overrideHours'>): number {
  const start = Date.parse(startDateTime);
  return overrideHours ? start - (start % MINUTE) : start;
}

/** @throws DomainError FORBIDDEN for an override by others than the front desk */
export function assertMayOverride(actor: Actor, { rules, overrideHours }: RequestedSlot): void {
  if (overrideHours && !isDeskOf(actor, rules.row.clinicId)) {
    throw forbidden('Only the front desk may book outside of the hours.');
  }
}

/**
 * Hours, grid, notice and horizon bind every role, unless the front desk overrides them (audited).
 * @throws DomainError SLOT_NOT_OFFERED with the reason
 */
export function assertBookable(slot: RequestedSlot, now: number): void {
  const { rules, doctor, start } = slot;
  if (slot.overrideHours) return;
  const reason = rules.whyNotBookable(doctor, start, now);
  if (reason) throw slotNotOffered(reason);
}

/** One resource that an appointment takes, and for how long. */
export interface Reservation {
  resourceId: string;
  kind: ReservedKind;
  /** The appointment's id; the group session's for what its seats share. Rows of one group do not exclude each other. */
  groupId: string;
  during: Range;
}

/** What an appointment takes: its patient for the visit alone; doctor, rooms and equipment with the service's buffers. */
export function reservationsFor(
  { rules, doctor, start }: RequestedSlot,
  appointment: { id: string; clientId: string; groupId: string | null; resourceIds: string[] },
): Reservation[] {
  const during = rules.reserved(start);
  const groupId = appointment.groupId ?? appointment.id;
  return [
    { resourceId: doctor.id, kind: 'DOCTOR', groupId, during },
    { resourceId: appointment.clientId, kind: 'CLIENT', groupId: appointment.id, during: rules.visit(start) },
    ...appointment.resourceIds.map((resourceId): Reservation => ({ resourceId, kind: 'RESOURCE', groupId, during })),
  ];
}
