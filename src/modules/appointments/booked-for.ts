import { worksAtFrontDesk, type Actor } from '../../core/kernel/actor.js';
import { forbidden, invalid, notFound } from '../../core/kernel/domain-error.js';

/** @throws DomainError FORBIDDEN for the front desk of another clinic */
export function assertAtOwnClinic(actor: Actor, clinicId: string): void {
  if (actor.role !== 'CLIENT' && !worksAtFrontDesk(actor, clinicId)) throw forbidden('You do not work at this clinic.');
}

/**
 * The patient to book for; null if the front desk gave none. The booking statement checks whether the actor may book for them.
 * @throws DomainError NOT_FOUND for a CLIENT who books for somebody else
 */
export function findClientId(actor: Actor, clientId: string | undefined): string | null {
  if (actor.role !== 'CLIENT') return clientId?.toLowerCase() ?? null;
  if (!actor.clientId || (clientId && clientId.toLowerCase() !== actor.clientId)) throw notFound();
  return actor.clientId;
}

/** As findClientId. @throws DomainError also VALIDATION_ERROR if the front desk gave no patient */
export function getClientId(actor: Actor, clientId: string | undefined): string {
  const found = findClientId(actor, clientId);
  if (!found) throw invalid({ field: 'clientId', error: 'is required: the patient to book for' });
  return found;
}
