import type { Actor } from '../../core/kernel/actor.js';

/** The clinics that the actor manages, whose inactive doctors and services they see; null for all. */
export function clinicsManagedBy(actor: Actor | null): readonly string[] | null {
  if (actor?.role === 'ADMIN') return null;
  return actor?.role === 'MANAGER' ? actor.clinicIds : [];
}
