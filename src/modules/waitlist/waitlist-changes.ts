import type { Change } from '../../core/changes/change.js';
import type { Actor } from '../../core/kernel/actor.js';
import type { WaitlistEntryView } from './waitlist.dto.js';

/** The event of every change of an entry: the dashboards of the clinic and the patient see it, without names. */
export const WAITLIST_EVENT = 'waitlist:updated';

export interface WaitlistEventPayload extends Record<string, unknown> {
  id: string;
  /** `joined`, `offered`, `declined`, `accepted`, `offer-expired`, `expired`, `withdrawn`, `cancelled`, `booked` */
  action: string;
  clientId: string;
  serviceId: string;
  /** Of a new offer. */
  offerId?: string;
}

interface Details {
  action: string;
  /** Given explicitly: a request from a link in a message has no signed-in user. Absent for the system. */
  actor?: Actor;
  offerId?: string;
  changes?: Record<string, unknown>;
}

/** The audit row and the event of a change. */
export function toChange(
  { id, clinicId, clientId, serviceId, ...view }: WaitlistEntryView,
  { action, actor, offerId, changes }: Details,
): Change {
  const payload: WaitlistEventPayload = { id, action, clientId, serviceId, ...(offerId && { offerId }) };
  return {
    action: `waitlist.${action}`,
    objectType: 'waitlist_entry',
    objectId: id,
    clinicId,
    after: { id, clinicId, clientId, serviceId, ...view },
    changes: { clientIds: [clientId], ...changes },
    ...(actor && { actor }),
    event: { name: WAITLIST_EVENT, payload },
  };
}
