import { worksAtFrontDesk, type Actor } from '../../core/kernel/actor.js';
import type { QueuedPatient } from './queue-reader.js';
import type { SentQueueEntry } from './queue.dto.js';

/** Whether the actor may call and move the patient, and see who they are: the front desk, and the doctor whom the patient waits for. */
export const isOwnPatient = (actor: Actor, clinicId: string, { doctorId }: Pick<QueuedPatient, 'doctorId'>): boolean =>
  worksAtFrontDesk(actor, clinicId) || (actor.role === 'DOCTOR' && doctorId === actor.doctorId);

/** The entry as the actor may see it: of other doctors' patients, a DOCTOR sees the number, the state and the times of waiting. */
export function toView(actor: Actor, clinicId: string, patient: QueuedPatient): SentQueueEntry {
  const isOwn = isOwnPatient(actor, clinicId, patient);
  const { clientId, firstName, lastName } = patient;
  // One object without spreads, which take several times as long: a clinic's day has hundreds of entries.
  return {
    id: patient.id,
    clinicId,
    number: patient.number,
    status: patient.status,
    position: patient.position,
    estimatedWaitMinutes: patient.estimatedWaitMinutes,
    doctorId: patient.doctorId,
    version: patient.version,
    isWalkIn: patient.isWalkIn,
    appointmentId: isOwn ? patient.appointmentId : null,
    clientId: isOwn ? clientId : null,
    serviceId: isOwn ? patient.serviceId : null,
    client: isOwn ? { id: clientId, firstName, lastName } : null,
    startDateTime: isOwn ? patient.startAt : null,
    arrivedAt: isOwn ? patient.arrivedAt : null,
    calledAt: isOwn ? patient.calledAt : null,
    startedAt: isOwn ? patient.startedAt : null,
    completedAt: isOwn ? patient.completedAt : null,
    moveReasons: isOwn ? patient.moveReasons : [],
  };
}
