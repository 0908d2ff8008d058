import type { Actor } from '../../core/kernel/actor.js';

interface KeyOwnership {
  makerId: string;
  clinicIds: readonly string[];
}

/** Makers see their keys, an ADMIN every key, and a MANAGER every key that was made for one of their clinics. */
export const maySeeKey = (actor: Actor, { makerId, clinicIds }: KeyOwnership): boolean =>
  ownsKey(actor, makerId) || clinicIds.some((id) => actor.clinicIds.includes(id));

/**
 * The clinics that stay with a key after the actor removed it. Its maker and an ADMIN remove it everywhere; another MANAGER removes it
 * from their own clinics only.
 */
export const clinicsAfterRemoval = (actor: Actor, { makerId, clinicIds }: KeyOwnership): string[] =>
  ownsKey(actor, makerId) ? [] : clinicIds.filter((id) => !actor.clinicIds.includes(id));

const ownsKey = (actor: Actor, makerId: string): boolean => actor.role === 'ADMIN' || actor.userId === makerId;
