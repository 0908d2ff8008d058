import { worksAtFrontDesk, type Actor } from '../../core/kernel/actor.js';
import type { WaitlistEntryView } from './waitlist.dto.js';

/** Whether the entry is the actor's own, or one of their front desk. Guardians: see GuardianAccess. */
export const isOwnEntry = (actor: Actor, { clientId, clinicId }: { clientId: string; clinicId: string }): boolean =>
  actor.role === 'CLIENT' ? clientId === actor.clientId : worksAtFrontDesk(actor, clinicId);

/** Names are for the front desk: a patient knows who they are, and never who else waits. */
export const viewFor = ({ role }: Actor, entry: WaitlistEntryView): WaitlistEntryView =>
  role === 'CLIENT' ? { ...entry, client: null } : entry;
