import { REFUSED, type Action } from './action.js';

const MAX_VISITS = 5;

/** A visit on each of the next days, or on each day of the next weeks. */
export const bookSeries: Action = {
  name: 'book a series',
  weight: 4,
  prepare(world, _snapshot, random) {
    const client = random.pick(world.patients);
    const desk = random.next() < 0.5 ? random.pick(world.desk) : undefined;
    const service = random.pick(world.services.filter(({ requiresReferral }) => !requiresReferral));
    const start = random.pick(world.upcomingGrid);
    const doctorId = random.next() < 0.7 ? random.pick(world.clinic.doctorIds) : undefined;
    const rule = `FREQ=${random.next() < 0.7 ? 'DAILY' : 'WEEKLY'};COUNT=${2 + random.below(MAX_VISITS - 1)}`;
    const skipConflicts = random.next() < 0.5;
    if (!client || !service || start === undefined) return null;
    const body = {
      ...{ serviceId: service.id, doctorId, startDateTime: new Date(start).toISOString(), rrule: rule, skipConflicts },
      ...(desk && { clientId: client.clientId }),
    };
    return async () => {
      const answer = await world.call(desk ?? client, 'POST', 'appointments/series', body);
      world.record('book a series', answer, [201, ...REFUSED]);
      if (answer.status !== 201) return;
      const { appointments, skipped } = answer.data as { appointments: { id: string }[]; skipped: object[] };
      for (const { id } of appointments) world.confirmChange(id, 'APPOINTMENT_BOOKED', 1);
      if (skipped.length > 0 && !skipConflicts) world.problems.push(`a series without ${skipped.length} of its visits`);
    };
  },
};

const SCOPES = ['THIS', 'FOLLOWING', 'ALL'] as const;

/** Another action of the burst may have taken the visit from its series, or ended it. */
const OVERTAKEN = [...REFUSED, 'CANCELLATION_TOO_LATE', 'VERSION_MISMATCH'];

export const changeSeries: Action = {
  name: 'change a series',
  weight: 3,
  prepare(world, { visits }, random) {
    const visit = random.pick(visits.filter(({ seriesId, status }) => seriesId && status === 'CONFIRMED'));
    const scope = random.pick(SCOPES);
    const minutes = random.pick([-60, -30, 15, 30, 45, 60, 120]);
    const actor = visit && random.pick([...world.getAccounts(visit.clientId), ...world.desk.slice(0, 1)]);
    if (!visit || !actor || minutes === undefined) return null;
    const body = { startDateTime: new Date(visit.start + minutes * 60_000).toISOString() };
    return async () => {
      const answer = await world.call(actor, 'PUT', `appointments/${visit.id}?scope=${scope}`, body);
      world.record(`change ${scope} of a series`, answer, [200, ...OVERTAKEN]);
    };
  },
};

export const cancelSeries: Action = {
  name: 'cancel a series',
  weight: 2,
  prepare(world, { visits }, random) {
    const visit = random.pick(visits.filter(({ seriesId, status }) => seriesId && status === 'CONFIRMED'));
    const scope = random.pick(SCOPES);
    const actor = visit && random.pick([...world.getAccounts(visit.clientId), ...world.desk.slice(0, 1)]);
    if (!visit || !actor) return null;
    return async () => {
      const answer = await world.call(actor, 'DELETE', `appointments/${visit.id}?scope=${scope}&reason=Moving+away`);
      world.record(`cancel ${scope} of a series`, answer, [200, ...OVERTAKEN]);
    };
  },
};
