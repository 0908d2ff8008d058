import type { Actor, Role } from '../../core/security/actor.js';

interface Subject {
  id: string;
  role: Role;
  clinicIds: readonly string[];
}

/** Oneself; ADMIN everybody; a MANAGER the people of the own clinics. */
export const maySeeUser = (actor: Actor, user: Subject): boolean =>
  actor.userId === user.id || mayManageUser(actor, user);

/** Ending an account is not for one clinic to decide where somebody works at another too. */
export const mayDeleteUser = (actor: Actor, user: Subject): boolean =>
  actor.userId !== user.id &&
  mayManageUser(actor, user) &&
  (actor.role === 'ADMIN' || user.clinicIds.every((id) => actor.clinicIds.includes(id)));

/** A MANAGER is not over another MANAGER, nor over an ADMIN. */
export function mayManageUser(actor: Actor, user: Subject): boolean {
  if (actor.role === 'ADMIN') return true;
  return (
    actor.role === 'MANAGER' &&
    user.role !== 'ADMIN' &&
    user.role !== 'MANAGER' &&
    user.clinicIds.some((id) => actor.clinicIds.includes(id))
  );
}
