import { REFUSED, type Action } from './action.js';

export const walkIn: Action = {
  name: 'walk in',
  weight: 5,
  prepare(world, _snapshot, random) {
    const desk = random.pick(world.desk);
    const client = random.pick(world.patients);
    const service = random.pick(world.services);
    const doctorId = random.next() < 0.5 ? random.pick(world.clinic.doctorIds) : undefined;
    const withSlot = random.next() < 0.5;
    if (!desk || !client || !service) return null;
    const body = { clinicId: world.clinic.id, serviceId: service.id, doctorId, clientId: client.clientId, withSlot };
    return async () => {
      const answer = await world.call(desk, 'POST', 'queue/walk-ins', body);
      world.record('walk in', answer, [201, ...REFUSED, 'ALREADY_EXISTS']);
      const booked = answer.status === 201 ? (answer.data.appointmentId as string | null) : null;
      if (booked) world.confirmChange(booked, 'APPOINTMENT_BOOKED', 1);
    };
  },
};

export const callPatient: Action = {
  name: 'call',
  weight: 8,
  prepare(world, { queue }, random) {
    const entry = random.pick(queue.filter(({ status }) => status === 'WAITING'));
    const desk = random.pick(world.desk);
    if (!entry || !desk) return null;
    return async () => {
      const answer = await world.call(desk, 'POST', `queue/${entry.id}/call`, {});
      world.record('call', answer, [200, ...REFUSED, 'NOT_FOUND']);
      // A walk-in without a time gets a visit that starts now.
      const booked = answer.status === 200 && !entry.appointmentId ? (answer.data.appointmentId as string) : null;
      if (booked) world.confirmChange(booked, 'APPOINTMENT_BOOKED', 1);
    };
  },
};

export const moveInQueue: Action = {
  name: 'move in the queue',
  weight: 3,
  prepare(world, { queue }, random) {
    const waiting = queue.filter(({ status }) => status === 'WAITING');
    const entry = random.pick(waiting);
    const others = waiting.filter(({ id, doctorId }) => id !== entry?.id && doctorId === entry?.doctorId);
    const before = random.next() < 0.8 ? random.pick(others) : undefined;
    const desk = random.pick(world.desk);
    if (!entry || !desk) return null;
    return async () => {
      const body = { beforeId: before?.id ?? null, reason: 'Severe pain' };
      const answer = await world.call(desk, 'POST', `queue/${entry.id}/move`, body);
      // The one before whom the patient was to be may have been called in the meantime.
      world.record('move in the queue', answer, [200, ...REFUSED, 'NOT_FOUND', 'VALIDATION_ERROR']);
    };
  },
};
