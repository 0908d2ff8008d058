import { manages, type Actor } from '../../core/kernel/actor.js';
import type { ClinicView } from './clinics.dto.js';

/** The clinics that the actor manages, whose inactive doctors and services they see; null for all. */
export function clinicsManagedBy(actor: Actor | null): readonly string[] | null {
  if (actor?.role === 'ADMIN') return null;
  return actor?.role === 'MANAGER' ? actor.clinicIds : [];
}

/** Whether the actor sees more of some clinics than everybody. */
export const managesAny = (actor: Actor | null): boolean => actor?.role === 'ADMIN' || actor?.role === 'MANAGER';

/** What the actor may see of a clinic: which roles have a second factor, and so which have none, only if they manage it. */
export function toVisibleClinic(actor: Actor | null, clinic: ClinicView): ClinicView {
  if (actor && manages(actor, clinic.id)) return clinic;
  const { mfaRequiredRoles: _, ...policy } = clinic.policy;
  return { ...clinic, policy };
}
