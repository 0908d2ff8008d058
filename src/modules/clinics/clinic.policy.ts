import { manages, type Actor } from '../../core/security/actor.js';

export const mayChangeClinic = (actor: Actor, clinicId: string): boolean => manages(actor, clinicId);

/** The clinics of which somebody sees what is inactive, too; null for all of them. */
export function clinicsManagedBy(actor: Actor | null): readonly string[] | null {
  if (actor?.role === 'ADMIN') return null;
  return actor?.role === 'MANAGER' ? actor.clinicIds : [];
}
