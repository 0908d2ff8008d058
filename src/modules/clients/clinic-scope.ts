import { forbidden, invalid } from '../../core/kernel/domain-error.js';
import { isDeskOf, worksAt, type Actor } from '../../core/security/actor.js';
import type { ClientView } from './clients.dto.js';

/** The clinics whose numbers and notes a reader may be shown; null for ADMIN, to whom all are open. */
export function clinicsToRead(actor: Actor, asked: string | undefined): readonly string[] | null {
  if (asked === undefined) return actor.role === 'ADMIN' ? null : actor.clinicIds;
  return worksAt(actor, asked) ? [asked.toLowerCase()] : [];
}

/** Whether the desk has a relation that lets it write; to read somebody in order to link them takes less. */
export const mayWrite = (actor: Actor, { clinicIds }: Pick<ClientView, 'clinicIds'>): boolean =>
  actor.role === 'ADMIN' || clinicIds.some((id) => isDeskOf(actor, id));

/**
 * The clinic whose number and notes are written.
 * @throws DomainError VALIDATION_ERROR where several of the writer's clinics know the patient and none was named,
 *   FORBIDDEN for another clinic
 */
export function clinicToWrite(actor: Actor, { clinicIds }: Pick<ClientView, 'clinicIds'>, asked?: string): string {
  const own = clinicIds.filter((id) => isDeskOf(actor, id));
  const clinicId = asked?.toLowerCase() ?? (own.length === 1 ? own[0] : undefined);
  if (clinicId === undefined) throw invalid({ field: 'clinicId', error: 'must say whose record this is' });
  if (!own.includes(clinicId)) throw forbidden('This clinic does not know the patient, or you do not work there.');
  return clinicId;
}

/** A clinic does not learn which others know the patient. */
export const shownTo = (actor: Actor, client: ClientView): ClientView => ({
  ...client,
  clinicIds: client.clinicIds.filter((id) => worksAt(actor, id)),
});
