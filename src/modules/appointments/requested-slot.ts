import { forbidden, invalid } from '../../core/kernel/domain-error.js';
import { worksAtFrontDesk, type Actor } from '../../core/kernel/actor.js';
import type { BookableDoctor, BookingRules, NotBookableReason, Range } from '../scheduling/index.js';
import { slotNotOffered } from './appointment.errors.js';
import type { ReservedKind } from './reservation.entity.js';

const MINUTE = 60_000;

/** The service, doctor and time of an appointment. */
export interface AppointmentSlot {
  serviceId: string;
  doctorId: string;
  /** Epoch milliseconds. */
  start: number;
  /** The requested rooms or equipment; the others are picked. */
  resourceIds: string[];
  /** The booking rules are those of the front desk. */
  isForDesk: boolean;
  /** The front desk books outside the hours of the doctor, rooms and equipment. */
  overrideHours: boolean;
  /** The appointment that moves to the slot; absent for a new one. */
  movedId?: string;
  /** Another doctor is tried if this one is taken, so the error of a conflict needs no other times. */
  isTentative?: boolean;
}

/** A requested slot with the booking rules that apply. */
export interface RequestedSlot extends AppointmentSlot {
  rules: BookingRules;
  doctor: BookableDoctor;
}

/** A time range in which an appointment reserves one doctor, patient, room or piece of equipment. */
export interface ReservedRange {
  resourceId: string;
  kind: ReservedKind;
  /** The appointment's id, or the group session's id for what its seats share. Ranges of one group may overlap. */
  groupId: string;
  during: Range;
}

/** The doctor, time and rooms that a request names. */
export interface SlotRequest {
  doctorId: string;
  startDateTime: string;
  resourceIds?: string[];
  overrideHours?: boolean;
}

/** A request that may leave the choice of the doctor to the clinic. */
type AnyDoctorRequest = Omit<SlotRequest, 'doctorId'> & { doctorId?: string };

/**
 * Resolves a request to the slot of its doctor; without a doctor, to the slots of all doctors of the service.
 * @throws DomainError VALIDATION_ERROR as resolveSlot, SLOT_NOT_OFFERED if the service has no doctors
 */
export function resolveSlots(
  actor: Actor,
  rules: BookingRules,
  { doctorId, ...request }: AnyDoctorRequest,
): RequestedSlot[] {
  const doctorIds = doctorId === undefined ? rules.doctors.map((doctor) => doctor.doctorId) : [doctorId];
  if (doctorIds.length === 0) throw slotNotOffered('OUTSIDE_WORKING_HOURS');
  return doctorIds.map((id) => resolveSlot(actor, rules, { ...request, doctorId: id }));
}

/**
 * Resolves a request to a slot, with the notice and horizon for patients or the front desk.
 * @throws DomainError VALIDATION_ERROR for a doctor, room or equipment that does not belong to the service
 */
export function resolveSlot(
  actor: Pick<Actor, 'role'>,
  clinicRules: BookingRules,
  request: SlotRequest,
): RequestedSlot {
  const isForDesk = actor.role !== 'CLIENT';
  const rules = isForDesk ? clinicRules.forDesk : clinicRules;
  const doctor = rules.doctor(request.doctorId.toLowerCase());
  if (!doctor) throw invalid({ field: 'doctorId', error: 'is not a doctor of this service' });
  const resourceIds = [...new Set((request.resourceIds ?? []).map((id) => id.toLowerCase()))];
  if (!rules.fitsRequirements(resourceIds)) {
    throw invalid({
      field: 'resourceIds',
      error: 'must be rooms or equipment that the service needs, and no more than it needs',
    });
  }
  return {
    serviceId: rules.row.serviceId,
    doctorId: doctor.doctorId,
    start: toStart(request),
    resourceIds,
    isForDesk,
    overrideHours: request.overrideHours === true,
    rules,
    doctor,
  };
}

/** The start in epoch milliseconds; rounded down to a whole minute with `overrideHours`, for walk-ins. */
export function toStart({
  startDateTime,
  overrideHours,
}: Pick<SlotRequest, 'startDateTime' | 'overrideHours'>): number {
  const start = Date.parse(startDateTime);
  return overrideHours ? start - (start % MINUTE) : start;
}

/** @throws DomainError FORBIDDEN if anyone but the front desk overrides the hours; VALIDATION_ERROR for a reason without an override */
export function assertMayOverride(
  actor: Actor,
  rules: BookingRules,
  { overrideHours, overrideReason }: { overrideHours?: boolean; overrideReason?: string },
): void {
  if (overrideReason !== undefined && !overrideHours) {
    throw invalid({ field: 'overrideReason', error: 'must be given together with overrideHours' });
  }
  if (overrideHours && !worksAtFrontDesk(actor, rules.row.clinicId)) {
    throw forbidden('Only the front desk may book outside the hours.');
  }
}

/**
 * Checks hours, grid, notice and horizon, for every role, unless the front desk overrides them (audited).
 * @throws DomainError SLOT_NOT_OFFERED with the reason
 */
export function assertBookable(slot: RequestedSlot, now: number): void {
  const reason = whyNotBookable(slot, now);
  if (reason) throw slotNotOffered(reason);
}

/**
 * The slots that assertBookable allows.
 * @throws DomainError SLOT_NOT_OFFERED if there are none, with the reason of the doctor who comes closest
 */
export function getBookable(slots: RequestedSlot[], now: number): RequestedSlot[] {
  const reasons = slots.map((slot) => whyNotBookable(slot, now));
  const bookable = slots.filter((_, index) => !reasons[index]);
  if (bookable.length > 0) return bookable;
  const isClosest = (reason: NotBookableReason | null): boolean =>
    reason !== null && reason !== 'OUTSIDE_WORKING_HOURS';
  throw slotNotOffered(reasons.find(isClosest) ?? 'OUTSIDE_WORKING_HOURS');
}

export const whyNotBookable = (
  { rules, doctor, start, overrideHours }: RequestedSlot,
  now: number,
): NotBookableReason | null => (overrideHours ? null : rules.whyNotBookable(doctor, start, now));

/** The ranges that an appointment or hold reserves: the patient for the visit; doctor, rooms and equipment with the service's buffers. */
export function reservationsFor(
  { rules, doctor, start }: RequestedSlot,
  appointment: { id: string; clientId: string | null; groupId: string | null; resourceIds: string[] },
): ReservedRange[] {
  const during = rules.reserved(start);
  const groupId = appointment.groupId ?? appointment.id;
  return [
    { resourceId: doctor.id, kind: 'DOCTOR', groupId, during },
    ...(appointment.clientId === null
      ? []
      : [patientRange(rules.visit(start), { id: appointment.id, clientId: appointment.clientId })]),
    ...appointment.resourceIds.map((resourceId): ReservedRange => ({ resourceId, kind: 'RESOURCE', groupId, during })),
  ];
}

export const patientRange = (visit: Range, { id, clientId }: { id: string; clientId: string }): ReservedRange => ({
  resourceId: clientId,
  kind: 'CLIENT',
  groupId: id,
  during: visit,
});

/** The kind to report if several conflict: the doctor first, then the patient. */
export function primaryConflict(conflicts: ReservedRange[]): ReservedKind {
  const kinds = new Set(conflicts.map(({ kind }) => kind));
  return kinds.has('DOCTOR') ? 'DOCTOR' : kinds.has('CLIENT') ? 'CLIENT' : 'RESOURCE';
}
