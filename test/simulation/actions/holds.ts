import type { KnownHold, World } from '../world.js';
import type { Random } from '../random.js';
import { REFUSED, type Action } from './action.js';

/** Picks a hold for an action of the burst: in it, no other action is about this hold. */
function pickHold({ takenHolds }: World, holds: readonly KnownHold[], random: Random): KnownHold | null {
  const held = random.pick(holds.filter(({ id }) => !takenHolds.has(id)));
  if (held) takenHolds.add(held.id);
  return held ?? null;
}

const forget = (world: World, { id }: KnownHold): void => {
  const index = world.holds.findIndex((hold) => hold.id === id);
  if (index >= 0) world.holds.splice(index, 1);
};

export const hold: Action = {
  name: 'hold',
  weight: 8,
  prepare(world, _snapshot, random) {
    const owner = random.pick(world.patients);
    const service = random.pick(world.services);
    const start = random.pick(world.upcomingGrid);
    const doctorId = random.pick(world.clinic.doctorIds);
    if (!owner || !service || start === undefined) return null;
    const body = { serviceId: service.id, doctorId, startDateTime: new Date(start).toISOString() };
    return async () => {
      const answer = await world.call(owner, 'POST', 'holds', body);
      // A patient may hold three times at once.
      world.record('hold', answer, [201, ...REFUSED]);
      if (answer.status !== 201) return;
      const { id, resourceIds, expiresAt } = answer.data;
      const held = { id, owner, serviceId: service.id, doctorId: answer.data.doctorId, resourceIds, start };
      world.holds.push({ ...held, expiresAt: Date.parse(expiresAt) });
    };
  },
};

/** The reasons of an answer about hours that were closed after the hold. */
const CLOSED = ['OUTSIDE_WORKING_HOURS', 'TIME_OFF'];

/** A hold in force can always be booked by its owner. */
export const convertHold: Action = {
  name: 'book a held time',
  weight: 4,
  prepare(world, { holds }, random) {
    const held = pickHold(world, holds, random);
    if (!held) return null;
    const { owner, serviceId, doctorId, start } = held;
    const body = { serviceId, doctorId, startDateTime: new Date(start).toISOString(), holdId: held.id };
    return async () => {
      const answer = await world.call(owner, 'POST', 'appointments', body);
      // Visits of the patient do not collide with the hold: it has reserved the patient too. But its hours may have been closed.
      world.record('book a held time', answer, [201, 'SLOT_NOT_OFFERED']);
      if (answer.code === 'SLOT_NOT_OFFERED' && !CLOSED.includes(answer.body.error.details.reason as string))
        world.problems.push(`book a held time: ${JSON.stringify(answer.body)}`);
      if (answer.status !== 201) return;
      forget(world, held);
      world.confirmChange(answer.data.id as string, 'APPOINTMENT_BOOKED', 1);
    };
  },
};

export const releaseHold: Action = {
  name: 'give back a hold',
  weight: 2,
  prepare(world, { holds }, random) {
    const held = pickHold(world, holds, random);
    if (!held) return null;
    return async () => {
      world.record('give back a hold', await world.call(held.owner, 'DELETE', `holds/${held.id}`), [200]);
      forget(world, held);
    };
  },
};

/** Nobody else gets a time that is held, not even the front desk. */
export const challengeHold: Action = {
  name: 'book a time that another holds',
  weight: 4,
  prepare(world, { holds }, random) {
    // A session may have more seats.
    const single = holds.filter(({ serviceId }) => world.service(serviceId).capacity === 1);
    const held = pickHold(world, single, random);
    const desk = random.pick(world.desk);
    const client = random.pick(world.patients.filter((patient) => patient !== held?.owner));
    if (!held || !desk || !client) return null;
    const { serviceId, doctorId, start } = held;
    const body = { serviceId, doctorId, startDateTime: new Date(start).toISOString(), clientId: client.clientId };
    return async () => {
      world.record('book a time that another holds', await world.call(desk, 'POST', 'appointments', body), [
        ...['APPOINTMENT_CONFLICT', 'SLOT_NOT_OFFERED'],
      ]);
    };
  },
};
