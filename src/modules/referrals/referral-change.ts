import type { Change } from '../../core/changes/change.js';
import type { Actor } from '../../core/kernel/actor.js';
import type { ReferralView } from './referrals.dto.js';

/**
 * The audit row of a referral. Without an event: no dashboard shows referrals.
 * @param actor who made the change, if not the caller of the request
 */
export function toReferralChange(action: 'created' | 'deleted', referral: ReferralView, actor?: Actor): Change {
  const { id, clinicId, clientId, serviceId, doctorId, validFrom, validTo } = referral;
  return {
    action: `referral.${action}`,
    objectType: 'referral',
    objectId: id,
    clinicId,
    ...(action === 'created' ? { after: referral } : { before: referral }),
    changes: { clientIds: [clientId], serviceId, doctorId, validFrom, validTo },
    ...(actor && { actor }),
    event: null,
  };
}
