import { forbidden, invalid } from '../../core/kernel/domain-error.js';
import { manages, type Actor, type Role } from '../../core/kernel/actor.js';
import type { ChangeUser } from './users.dto.js';

interface Subject {
  id: string;
  role: Role;
  clinicIds: readonly string[];
}

/** Users see themselves, an ADMIN everybody, a MANAGER the people of their clinics. */
export const maySeeUser = (actor: Actor, user: Subject): boolean =>
  actor.userId === user.id || mayManageUser(actor, user);

/** A MANAGER may not delete the account of somebody who is also a member of another clinic. */
export const mayDeleteUser = (actor: Actor, user: Subject): boolean =>
  actor.userId !== user.id &&
  mayManageUser(actor, user) &&
  (actor.role === 'ADMIN' || user.clinicIds.every((id) => actor.clinicIds.includes(id)));

/** A MANAGER manages neither other MANAGERs nor ADMINs. */
export function mayManageUser(actor: Actor, user: Subject): boolean {
  if (actor.role === 'ADMIN') return true;
  return (
    actor.role === 'MANAGER' &&
    user.role !== 'ADMIN' &&
    user.role !== 'MANAGER' &&
    user.clinicIds.some((id) => actor.clinicIds.includes(id))
  );
}

/** The clinics of a new account. A MANAGER of one clinic may leave them out. @throws DomainError VALIDATION_ERROR */
export function clinicsForNew(actor: Actor, requested: readonly string[] | undefined): string[] {
  if (requested || actor.role === 'ADMIN') return toUniqueLowerCase(requested ?? []);
  if (actor.clinicIds.length !== 1)
    throw invalid({ field: 'clinicIds', error: 'is required, because you manage several clinics or none' });
  return [...actor.clinicIds];
}

/** The clinics of a changed account. A MANAGER cannot change memberships in other clinics. */
export function clinicsAfterChange(actor: Actor, user: Subject, requested: readonly string[]): string[] {
  if (actor.role === 'ADMIN') return toUniqueLowerCase(requested);
  return [
    ...new Set([...toUniqueLowerCase(requested), ...user.clinicIds.filter((id) => !actor.clinicIds.includes(id))]),
  ];
}

/** Whether the actor may remove a member of this clinic from it. A MANAGER does not remove other MANAGERs. */
export const mayRemoveFromClinic = (actor: Actor, user: Subject, clinicId: string): boolean =>
  user.clinicIds.includes(clinicId) && manages(actor, clinicId) && maySeeUser(actor, user);

const GRANTED_BY_MANAGERS: readonly Role[] = ['CLIENT', 'STAFF', 'DOCTOR'];

/** An ADMIN grants any role, a MANAGER creates patients, staff and doctors of their own clinics. @throws DomainError FORBIDDEN */
export function assertMayCreate(actor: Actor, role: Role, clinicIds: readonly string[]): void {
  if (actor.role === 'ADMIN') return;
  if (!GRANTED_BY_MANAGERS.includes(role)) throw forbidden('Only an ADMIN may create managers and administrators.');
  assertManages(actor, clinicIds, clinicIds);
}

/** @throws DomainError FORBIDDEN */
export function assertMayChange(actor: Actor, user: Subject, { role, email, clinicIds }: ChangeUser): void {
  if (actor.role === 'ADMIN') {
    if (actor.userId === user.id && role && role !== 'ADMIN') throw forbidden('You may not change your own role.');
    return;
  }
  if (role !== undefined || email !== undefined)
    throw forbidden('Only an ADMIN may change roles and e-mail addresses.');
  if (clinicIds === undefined) return;
  if (actor.userId === user.id) throw forbidden('You may not change your own clinics.');
  const added = toUniqueLowerCase(clinicIds).filter((id) => !user.clinicIds.includes(id));
  assertManages(actor, clinicIds, added);
}

function assertManages(actor: Actor, requested: readonly string[], added: readonly string[]): void {
  if (requested.length === 0 || added.some((id) => !actor.clinicIds.includes(id))) {
    throw forbidden('You may only add clinics that you manage, and at least one clinic is required.');
  }
}

const toUniqueLowerCase = (ids: readonly string[]): string[] => [...new Set(ids.map((id) => id.toLowerCase()))];
