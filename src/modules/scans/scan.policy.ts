import type { Actor } from '../../core/kernel/actor.js';

interface ScanOwners {
  clientId: string;
  uploadedBy: string;
}

/**
 * Only the patient and doctors of the patient may see a scan.
 * @param treats whether the caller is a doctor with an appointment of the patient that is not cancelled
 */
export const maySee = (actor: Pick<Actor, 'role' | 'clientId'>, scan: ScanOwners, treats: boolean): boolean =>
  actor.role === 'CLIENT' ? scan.clientId === actor.clientId : actor.role === 'DOCTOR' && treats;

/** Patients may delete their scans, other users those that they uploaded. */
export const mayDelete = (actor: Actor, scan: ScanOwners): boolean =>
  actor.role === 'CLIENT' ? scan.clientId === actor.clientId : scan.uploadedBy === actor.userId;
