import type { Actor } from '../../core/security/actor.js';

interface Record {
  clientId: string;
  uploadedBy: string;
}

/** Its patient, or a doctor who has an appointment with the patient that was not cancelled. Nobody else sees images. */
export const maySee = (actor: Pick<Actor, 'role' | 'clientId'>, scan: Record, treats: boolean): boolean =>
  actor.role === 'CLIENT' ? scan.clientId === actor.clientId : actor.role === 'DOCTOR' && treats;

/** The patient may take back its own image; a doctor the one that it handed in by mistake. */
export const mayDelete = (actor: Actor, scan: Record): boolean =>
  actor.role === 'CLIENT' ? scan.clientId === actor.clientId : scan.uploadedBy === actor.userId;
