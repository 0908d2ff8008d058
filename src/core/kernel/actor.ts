export const ROLES = ['CLIENT', 'DOCTOR', 'STAFF', 'MANAGER', 'ADMIN'] as const;
export type Role = (typeof ROLES)[number];

/** Who asks, as the access token says; built without a query. */
export interface Actor {
  readonly userId: string;
  readonly sessionId: string;
  readonly role: Role;
  readonly clientId: string | null;
  readonly doctorId: string | null;
  readonly clinicIds: readonly string[];
}

/** Works at a clinic: staff, doctors, managers. ADMIN works at all of them. */
export const worksAt = (actor: Actor, clinicId: string): boolean =>
  actor.role === 'ADMIN' || (actor.role !== 'CLIENT' && actor.clinicIds.includes(clinicId.toLowerCase()));

/** Works at the front desk or above, at this clinic. */
export const isDeskOf = (actor: Actor, clinicId: string): boolean =>
  actor.role !== 'DOCTOR' && worksAt(actor, clinicId);

export const manages = (actor: Actor, clinicId: string): boolean =>
  actor.role === 'ADMIN' || (actor.role === 'MANAGER' && actor.clinicIds.includes(clinicId.toLowerCase()));
