import { worksAtFrontDesk, type Actor } from '../../core/kernel/actor.js';

export interface FeedOwnership {
  makerId: string;
  doctorId: string | null;
  /** The clinic of the doctor. */
  clinicId: string | null;
}

/** Whether the actor may see the feed in the list and revoke it: its maker, its doctor, and the front desk of the doctor's clinic. */
export function maySeeFeed(actor: Actor, { makerId, doctorId, clinicId }: FeedOwnership): boolean {
  if (makerId === actor.userId) return true;
  if (doctorId === null) return false;
  if (actor.role === 'DOCTOR') return doctorId === actor.doctorId;
  return clinicId !== null && worksAtFrontDesk(actor, clinicId);
}
