import { forbidden } from './domain-error.js';

export const ROLES = ['CLIENT', 'DOCTOR', 'STAFF', 'MANAGER', 'ADMIN'] as const;
export type Role = (typeof ROLES)[number];

/** What a caller with an API key has instead of an account. */
export interface ApiKeyIdentity {
  /** The account that made the key and is responsible for it. */
  readonly makerId: string;
  readonly permissions: ReadonlySet<string>;
}

/**
 * The caller of a request: a user, from the claims of the access token, or an API key. A key has the role STAFF at its clinics. Its
 * `userId` and `sessionId` are its own id, so that nothing of its maker's account is reachable with it.
 */
export interface Actor {
  readonly userId: string;
  readonly sessionId: string;
  readonly role: Role;
  readonly clientId: string | null;
  readonly doctorId: string | null;
  readonly clinicIds: readonly string[];
  /** Only for API keys. */
  readonly apiKey?: ApiKeyIdentity;
}

/** The account to name as the author of a row: of a key, the account of its maker. */
export const getAccountId = ({ userId, apiKey }: Pick<Actor, 'userId' | 'apiKey'>): string => apiKey?.makerId ?? userId;

/** Whether the user works at the clinic, as doctor, staff or manager. ADMIN works at every clinic. */
export const worksAt = (actor: Actor, clinicId: string): boolean =>
  actor.role === 'ADMIN' || (actor.role !== 'CLIENT' && actor.clinicIds.includes(clinicId.toLowerCase()));

/** Whether the user may do the work of the clinic's front desk: staff, managers, ADMIN. */
export const worksAtFrontDesk = (actor: Actor, clinicId: string): boolean =>
  actor.role !== 'DOCTOR' && worksAt(actor, clinicId);

/** Whether the user is a manager of the clinic. ADMIN manages every clinic. */
export const manages = (actor: Actor, clinicId: string): boolean =>
  actor.role === 'ADMIN' || (actor.role === 'MANAGER' && actor.clinicIds.includes(clinicId.toLowerCase()));

/** @throws DomainError FORBIDDEN if the user is not a manager of the clinic */
export function assertManages(actor: Actor, clinicId: string): void {
  if (!manages(actor, clinicId)) throw forbidden('You do not manage this clinic.');
}
