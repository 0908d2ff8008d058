import { REFUSED, type Action } from './action.js';
import { runBulk } from './bulk.js';

/** More patients than the session has seats book at once: also if it was empty, at most as many as it has seats get one. */
export const raceForSeats: Action = {
  name: 'race for seats',
  weight: 4,
  prepare(world, { visits }, random) {
    const service = world.services.find(({ capacity }) => capacity > 1);
    if (!service) return null;
    const seat = random.pick(visits.filter(({ serviceId, start }) => serviceId === service.id && start > world.now));
    const joins = random.next() < 0.7;
    const [start, doctorId] =
      joins && seat
        ? [seat.start, seat.doctorId]
        : [random.pick(world.upcomingGrid), random.pick(world.clinic.doctorIds)];
    const first = random.below(world.patients.length - service.capacity - 1);
    if (start === undefined) return null;
    const body = { serviceId: service.id, doctorId, startDateTime: new Date(start).toISOString() };
    return async () => {
      const rivals = world.patients.slice(first, first + service.capacity + 2);
      const answers = await world.race(rivals.map((rival) => () => world.call(rival, 'POST', 'appointments', body)));
      for (const answer of answers) {
        world.record('race for seats', answer, [201, ...REFUSED]);
        if (answer.status === 201) world.confirmChange(answer.data.id as string, 'APPOINTMENT_BOOKED', 1);
      }
    };
  },
};

/** The front desk moves or cancels a whole session. */
export const changeSession: Action = {
  name: 'change a session',
  weight: 2,
  prepare(world, { visits }, random) {
    const seat = random.pick(
      visits.filter(({ groupId, status, start }) => groupId && status === 'CONFIRMED' && start > world.now),
    );
    const desk = random.pick(world.desk);
    const doctorId = random.pick(world.clinic.doctorIds);
    const cancels = random.next() < 0.3;
    if (!seat || !desk) return null;
    const body = cancels ? { action: 'CANCEL' } : { action: 'MOVE', to: { doctorId } };
    return () => runBulk(world, desk, { ...body, groupId: seat.groupId, reason: 'The trainer is ill' }, 'session');
  },
};
