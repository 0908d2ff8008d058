import type { Actor } from '../../core/kernel/actor.js';
import type { Appointment } from './appointment.entity.js';
import type { EventDetails } from './appointment-event.js';
import { toStart, type RequestedSlot, type SlotRequest } from './requested-slot.js';

/**
 * Where the clinic confirms bookings, it also confirms another time or doctor that a patient has chosen: otherwise a patient could get
 * any time by moving a confirmed visit there. Call it after the move.
 */
export function askForConfirmation({ role }: Actor, { rules }: RequestedSlot, appointment: Appointment): void {
  if (role === 'CLIENT' && rules.row.requiresConfirmation) appointment.awaitConfirmation();
}

/** Whether a request gives an appointment another time, doctor or room; what it leaves out stays. Requested rooms are always a change. */
export const changesSlot = (
  appointment: Pick<Appointment, 'startAt' | 'doctorId'>,
  { startDateTime, doctorId, resourceIds, overrideHours }: Partial<SlotRequest>,
): boolean =>
  (startDateTime !== undefined && toStart({ startDateTime, overrideHours }) !== appointment.startAt.getTime()) ||
  (doctorId !== undefined && doctorId.toLowerCase() !== appointment.doctorId) ||
  resourceIds !== undefined;

/** For the history: the scheduling fields that a move changed, with old and new values. */
export function moveChanges(before: Appointment, after: Appointment): Record<string, unknown> {
  return {
    version: [before.version, after.version],
    ...(before.status !== after.status && { status: [before.status, after.status] }),
    ...(before.startAt.getTime() !== after.startAt.getTime() && {
      startDateTime: [before.startAt.toISOString(), after.startAt.toISOString()],
    }),
    ...(before.endAt.getTime() !== after.endAt.getTime() && {
      endDateTime: [before.endAt.toISOString(), after.endAt.toISOString()],
    }),
    ...(before.doctorId !== after.doctorId && { doctorId: [before.doctorId, after.doctorId] }),
    ...(before.resourceIds.join() !== after.resourceIds.join() && {
      resourceIds: [before.resourceIds, after.resourceIds],
    }),
  };
}

/**
 * For the event: what changed for the patient, and the previous doctor, times and check-in.
 * @param hasRoom whether any of the ids is a room
 */
export async function toMoveDetails(
  before: Appointment,
  after: Appointment,
  hasRoom: (ids: string[]) => Promise<boolean>,
): Promise<Omit<EventDetails, 'action'>> {
  const changed: ('TIME' | 'DOCTOR' | 'PLACE')[] = [];
  if (before.startAt.getTime() !== after.startAt.getTime()) changed.push('TIME');
  if (before.doctorId !== after.doctorId) changed.push('DOCTOR');
  const replacedIds = [
    ...before.resourceIds.filter((id) => !after.resourceIds.includes(id)),
    ...after.resourceIds.filter((id) => !before.resourceIds.includes(id)),
  ];
  if (await hasRoom(replacedIds)) changed.push('PLACE');
  return {
    changed,
    previousDoctorId: before.doctorId,
    previousStartDateTime: before.startAt.toISOString(),
    previousEndDateTime: before.endAt.toISOString(),
    ...(before.checkedInAt && { wasCheckedIn: true }),
  };
}
