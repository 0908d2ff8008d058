import { forbidden, invalid } from '../../core/kernel/domain-error.js';
import { worksAtFrontDesk, worksAt, type Actor } from '../../core/kernel/actor.js';
import type { ClientView } from './clients.dto.js';

/** The clinics whose record numbers and notes the reader may see; null for an ADMIN, who sees all. */
export function clinicsToRead(actor: Actor, requested: string | undefined): readonly string[] | null {
  if (requested === undefined) return actor.role === 'ADMIN' ? null : actor.clinicIds;
  return worksAt(actor, requested) ? [requested.toLowerCase()] : [];
}

/** Whether the actor works at the front desk of a clinic of the patient. Reading requires less (see client-search.ts). */
export const mayWrite = (actor: Actor, { clinicIds }: Pick<ClientView, 'clinicIds'>): boolean =>
  actor.role === 'ADMIN' || clinicIds.some((id) => worksAtFrontDesk(actor, id));

/**
 * The clinic whose record number and notes are written.
 * @throws DomainError VALIDATION_ERROR if the patient belongs to several of the writer's clinics and none is given,
 *   FORBIDDEN for another clinic
 */
export function clinicToWrite(actor: Actor, { clinicIds }: Pick<ClientView, 'clinicIds'>, requested?: string): string {
  const own = clinicIds.filter((id) => worksAtFrontDesk(actor, id));
  const clinicId = requested?.toLowerCase() ?? (own.length === 1 ? own[0] : undefined);
  if (clinicId === undefined)
    throw invalid({ field: 'clinicId', error: 'is required: the clinic that the record belongs to' });
  if (!own.includes(clinicId)) throw forbidden('The patient does not belong to this clinic, or you do not work there.');
  return clinicId;
}

/** The record without the clinics at which the actor does not work. */
export const hideOtherClinics = (actor: Actor, client: ClientView): ClientView => ({
  ...client,
  clinicIds: client.clinicIds.filter((id) => worksAt(actor, id)),
});
