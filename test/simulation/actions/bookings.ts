import { REFUSED, type Action } from './action.js';

/** A patient books a time for themselves or their child, or the front desk for a patient, with a doctor or with any. */
export const book: Action = {
  name: 'book',
  weight: 20,
  prepare(world, _snapshot, random) {
    const actor = random.pick([...world.patients, ...world.desk]);
    const client = random.pick(world.patients);
    const service = random.pick(world.services);
    const start = world.pickStart(random);
    const doctorId = random.next() < 0.3 ? undefined : random.pick(world.clinic.doctorIds);
    if (!actor || !client || !service || start === undefined) return null;
    const forChild = actor.childId !== null && random.next() < 0.7;
    const clientId = actor.role === 'STAFF' ? client.clientId : forChild ? actor.childId : undefined;
    const body = {
      ...{ serviceId: service.id, doctorId, startDateTime: new Date(start).toISOString() },
      ...(clientId && { clientId }),
    };
    return async () => {
      const answer = await world.call(actor, 'POST', 'appointments', body);
      world.record('book', answer, [201, ...REFUSED]);
      if (answer.status === 201 && service.requiresReferral && actor.role === 'CLIENT')
        world.problems.push('book: without the referral that the service requires');
      if (answer.status === 201) world.confirmChange(answer.data.id as string, 'APPOINTMENT_BOOKED', 1);
    };
  },
};

/** Several patients want the same time of one doctor at once: at most one gets it. */
export const race: Action = {
  name: 'race',
  weight: 4,
  prepare(world, _snapshot, random) {
    const service = world.services[0];
    const start = random.pick(world.upcomingGrid);
    const doctorId = random.pick(world.clinic.doctorIds);
    if (!service || start === undefined) return null;
    const body = { serviceId: service.id, doctorId, startDateTime: new Date(start).toISOString() };
    return async () => {
      const rivals = world.patients.slice(0, 5);
      const answers = await world.race(rivals.map((rival) => () => world.call(rival, 'POST', 'appointments', body)));
      for (const answer of answers) {
        world.record('race', answer, [201, ...REFUSED]);
        if (answer.status === 201) world.confirmChange(answer.data.id as string, 'APPOINTMENT_BOOKED', 1);
      }
      const winners = answers.filter(({ status }) => status === 201);
      if (winners.length > 1) world.problems.push(`race: ${winners.length} patients got ${JSON.stringify(body)}`);
    };
  },
};
