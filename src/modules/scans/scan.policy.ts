import type { Actor } from '../../core/kernel/actor.js';

interface Record {
  clientId: string;
  uploadedBy: string;
}

/** Only the patient, and doctors who have an appointment with the patient that is not cancelled, see images. */
export const maySee = (actor: Pick<Actor, 'role' | 'clientId'>, scan: Record, treats: boolean): boolean =>
  actor.role === 'CLIENT' ? scan.clientId === actor.clientId : actor.role === 'DOCTOR' && treats;

/** Patients may delete their images; doctors those that they uploaded. */
export const mayDelete = (actor: Actor, scan: Record): boolean =>
  actor.role === 'CLIENT' ? scan.clientId === actor.clientId : scan.uploadedBy === actor.userId;
