import type { KnownWaiting, Snapshot } from '../snapshot.js';
import type { Random } from '../random.js';
import type { SimulatedActor, World } from '../world.js';
import { toTime, type Action } from './action.js';
import { pressLink } from './links.js';

/** A patient waits for a time of the two days, or for an earlier one than that of their visit. */
export const joinWaitlist: Action = {
  name: 'join the waitlist',
  weight: 12,
  prepare(world, { visits }, random) {
    const later = random.next() < 0.4 && random.pick(visits.filter((one) => isUpcoming(world, one)));
    const client = later
      ? world.patients.find(({ clientId }) => clientId === later.clientId)
      : random.pick(world.patients);
    const service = later ? world.service(later.serviceId) : random.pick(world.services);
    const doctorId = random.next() < 0.4 ? random.pick(world.clinic.doctorIds) : undefined;
    const hour = random.next() < 0.3 ? random.below(6) : null;
    const [from, to] =
      random.pick([
        [world.date, world.nextDay],
        [world.nextDay, world.nextDay],
        [world.date, world.date],
      ]) ?? [];
    const desk = random.next() < 0.4 ? random.pick(world.desk) : undefined;
    const urgency = desk && random.pick(['URGENT', 'HIGH', 'NORMAL', 'LOW']);
    if (!client || !service || service.requiresReferral) return null;
    const body = {
      ...{ serviceId: service.id, doctorId, from, to, urgency },
      ...(hour !== null && { startTime: toTime(hour), endTime: toTime(hour + 6) }),
      ...(desk && { clientId: client.clientId }),
      ...(later && { appointmentId: later.id }),
    };
    return async () => {
      const answer = await world.call(desk ?? client, 'POST', 'waitlist', body);
      // The same entry twice, too many entries, and a visit that another action has ended.
      world.record('join the waitlist', answer, [201, 'ALREADY_EXISTS', 'INVALID_TRANSITION']);
    };
  },
};

/** Two patients wait for the time of one visit: if it is freed, the order decides. */
export const waitTogether: Action = {
  name: 'wait for one time',
  weight: 4,
  prepare(world, { visits }, random) {
    const visit = random.pick(
      visits.filter((one) => {
        const { capacity, requiresReferral } = world.service(one.serviceId);
        return isUpcoming(world, one) && capacity === 1 && !requiresReferral;
      }),
    );
    const desk = random.pick(world.desk);
    const clients = [random.pick(world.patients), random.pick(world.patients)];
    const urgencies = [random.pick(['HIGH', 'NORMAL']), random.pick(['HIGH', 'NORMAL'])];
    if (!visit || !desk) return null;
    const day = world.zone.toDay(visit.start);
    const slot = { serviceId: visit.serviceId, doctorId: visit.doctorId, from: day, to: day };
    return async () => {
      for (const [index, client] of clients.entries()) {
        const body = { ...slot, clientId: client?.clientId, urgency: urgencies[index] };
        world.record('wait for one time', await world.call(desk, 'POST', 'waitlist', body), [201, 'ALREADY_EXISTS']);
      }
    };
  },
};

const isUpcoming = (world: World, { start, status }: Snapshot['visits'][number]): boolean =>
  status === 'CONFIRMED' && start > world.now && world.days.includes(world.zone.toDay(start));

interface OfferedPatient {
  entry: KnownWaiting & { offer: NonNullable<KnownWaiting['offer']> };
  /** The patient, their guardian, or the front desk. */
  actor: SimulatedActor;
}

function pickOffered(world: World, { waiting }: Snapshot, random: Random): OfferedPatient | null {
  const entry = random.pick(waiting.filter(({ offer }) => offer && offer.expiresAt > world.now));
  const actor = entry && random.pick([...world.getAccounts(entry.clientId), ...world.desk.slice(0, 1)]);
  return entry?.offer && actor ? { entry: { ...entry, offer: entry.offer }, actor } : null;
}

/** Another action may have answered the offer, closed the hours, or changed the visit that is to be earlier. */
const ANSWERED = [
  'INVALID_TRANSITION',
  'HOLD_EXPIRED',
  'SLOT_NOT_OFFERED',
  'APPOINTMENT_CONFLICT',
  'CANCELLATION_TOO_LATE',
];

export const acceptOffer: Action = {
  name: 'accept an offer',
  weight: 10,
  prepare(world, snapshot, random) {
    const offered = pickOffered(world, snapshot, random);
    const byLink = random.next() < 0.4;
    if (!offered) return null;
    const { entry, actor } = offered;
    const { appointmentId, offer } = entry;
    return async () => {
      if (byLink) {
        const { status } = await pressLink(world, { action: 'accept-offer', offerId: offer.id });
        world.count('accept an offer by link', String(status));
        if (![200, 410, 422].includes(status)) world.problems.push(`accept an offer by link: ${status}`);
        return;
      }
      const answer = await world.call(actor, 'POST', `waitlist/${entry.id}/accept`);
      world.record('accept an offer', answer, [200, ...ANSWERED]);
      if (answer.status !== 200) return;
      const bookedId = answer.data.appointmentId as string;
      if (appointmentId === null) world.confirmChange(bookedId, 'APPOINTMENT_BOOKED', 1);
      else if (bookedId !== appointmentId) world.problems.push(`accepting ${offer.id} moved another visit`);
    };
  },
};

export const declineOffer: Action = {
  name: 'decline an offer',
  weight: 3,
  prepare(world, snapshot, random) {
    const offered = pickOffered(world, snapshot, random);
    const byLink = random.next() < 0.4;
    if (!offered) return null;
    const { entry, actor } = offered;
    return async () => {
      if (byLink) {
        const { status } = await pressLink(world, { action: 'decline-offer', offerId: entry.offer.id });
        world.count('decline an offer by link', String(status));
        if (![200, 410].includes(status)) world.problems.push(`decline an offer by link: ${status}`);
        return;
      }
      const answer = await world.call(actor, 'POST', `waitlist/${entry.id}/decline`);
      world.record('decline an offer', answer, [200, 'INVALID_TRANSITION', 'HOLD_EXPIRED']);
    };
  },
};

export const leaveWaitlist: Action = {
  name: 'leave the waitlist',
  weight: 2,
  prepare(world, { waiting }, random) {
    const entry = random.pick(waiting);
    const actor = entry && random.pick(world.getAccounts(entry.clientId));
    if (!entry || !actor) return null;
    return async () => {
      const answer = await world.call(actor, 'DELETE', `waitlist/${entry.id}`);
      world.record('leave the waitlist', answer, [200, 'INVALID_TRANSITION']);
    };
  },
};
