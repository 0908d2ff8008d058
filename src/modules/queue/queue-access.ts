import { worksAtFrontDesk, type Actor } from '../../core/kernel/actor.js';
import type { QueuedPatient } from './queue-reader.js';
import type { QueueEntryView } from './queue.dto.js';

/** Whether the actor may call and move the patient, and see who they are: the front desk, and the doctor whom the patient waits for. */
export const isOwnPatient = (actor: Actor, clinicId: string, { doctorId }: Pick<QueuedPatient, 'doctorId'>): boolean =>
  worksAtFrontDesk(actor, clinicId) || (actor.role === 'DOCTOR' && doctorId === actor.doctorId);

/** The entry as the actor may see it: of other doctors' patients, a DOCTOR sees the number, the state and the times of waiting. */
export function toView(actor: Actor, clinicId: string, patient: QueuedPatient): QueueEntryView {
  const { id, number, status, position, estimatedWaitMinutes, doctorId, version, isWalkIn } = patient;
  const { arrivedAt, calledAt, startedAt, completedAt } = patient;
  const place = { id, clinicId, number, status, position, estimatedWaitMinutes, doctorId, version, isWalkIn };
  if (!isOwnPatient(actor, clinicId, patient)) return { ...place, ...HIDDEN };
  const { clientId, firstName, lastName, appointmentId, serviceId, startAt, moveReasons } = patient;
  return {
    ...place,
    ...{ appointmentId, clientId, serviceId, client: { id: clientId, firstName, lastName } },
    ...{ startDateTime: startAt, arrivedAt, calledAt, startedAt, completedAt, moveReasons },
  };
}

const HIDDEN = {
  appointmentId: null,
  clientId: null,
  serviceId: null,
  client: null,
  startDateTime: null,
  arrivedAt: null,
  calledAt: null,
  startedAt: null,
  completedAt: null,
  moveReasons: [],
};
