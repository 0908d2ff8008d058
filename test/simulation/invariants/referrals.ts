import type { Invariant } from './invariant.js';

/** A referral has one booking: of the visits that were booked with it, one that is not cancelled uses it. */
export const oneBookingForAReferral: Invariant = {
  name: 'a referral has at most one booking',
  check({ visitsOfReferral }, { after: { referrals, visits } }) {
    const byId = new Map(visits.map((visit) => [visit.id, visit]));
    return referrals.flatMap(({ id, clientId, serviceId, appointmentId }) => {
      const booked = visitsOfReferral.get(id) ?? new Set<string>();
      const visit = appointmentId === null ? undefined : byId.get(appointmentId);
      if (visit) {
        // A link in a message books it again with the referral that the cancellation gave back.
        if (visit.rebookedFrom && booked.has(visit.rebookedFrom)) booked.add(visit.id);
        if (!booked.has(visit.id)) return [`referral ${id} is used by ${visit.id}, which was not booked with it`];
        if (visit.status === 'CANCELLED') return [`referral ${id} is used by ${visit.id}, which is cancelled`];
        // The front desk may have moved it to another doctor than that of the referral.
        const isFor = visit.clientId === clientId && visit.serviceId === serviceId;
        return isFor ? [] : [`referral ${id} is not for ${visit.id}`];
      }
      const unused = [...booked].filter((one) => byId.get(one)?.status !== 'CANCELLED');
      return unused.length > 0 ? [`referral ${id} is unused, but ${unused.join()} was booked with it`] : [];
    });
  },
};
