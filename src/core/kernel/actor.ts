export const ROLES = ['CLIENT', 'DOCTOR', 'STAFF', 'MANAGER', 'ADMIN'] as const;
export type Role = (typeof ROLES)[number];

/** The caller of a request, from the claims of the access token. */
export interface Actor {
  readonly userId: string;
  readonly sessionId: string;
  readonly role: Role;
  readonly clientId: string | null;
  readonly doctorId: string | null;
  readonly clinicIds: readonly string[];
}

/** Whether the user works at the clinic, as doctor, staff or manager. ADMIN works at every clinic. */
export const worksAt = (actor: Actor, clinicId: string): boolean =>
  actor.role === 'ADMIN' || (actor.role !== 'CLIENT' && actor.clinicIds.includes(clinicId.toLowerCase()));

/** Whether the user may do the work of the clinic's front desk: staff, managers, ADMIN. */
export const worksAtFrontDesk = (actor: Actor, clinicId: string): boolean =>
  actor.role !== 'DOCTOR' && worksAt(actor, clinicId);

/** Whether the user is a manager of the clinic. ADMIN manages every clinic. */
export const manages = (actor: Actor, clinicId: string): boolean =>
  actor.role === 'ADMIN' || (actor.role === 'MANAGER' && actor.clinicIds.includes(clinicId.toLowerCase()));
