import { manages, type Actor } from '../../core/kernel/actor.js';

export const mayChangeClinic = (actor: Actor, clinicId: string): boolean => manages(actor, clinicId);

/** The clinics that the actor manages, whose inactive doctors and services they see; null for all. */
export function clinicsManagedBy(actor: Actor | null): readonly string[] | null {
  if (actor?.role === 'ADMIN') return null;
  return actor?.role === 'MANAGER' ? actor.clinicIds : [];
}
