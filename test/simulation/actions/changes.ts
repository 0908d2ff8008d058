import type { Snapshot, KnownVisit } from '../snapshot.js';
import type { SimulatedActor, World } from '../world.js';
import type { Random } from '../random.js';
import { REFUSED, type Action } from './action.js';

/** The patient of the visit, their guardian or somebody of the front desk. */
const pickActor = (world: World, visit: KnownVisit, random: Random): SimulatedActor | undefined =>
  random.pick(random.next() < 0.5 ? world.getAccounts(visit.clientId) : world.desk);

const pickVisit = ({ visits }: Snapshot, statuses: string[], random: Random): KnownVisit | undefined =>
  random.pick(visits.filter(({ status }) => statuses.includes(status)));

const isOfReferral = ({ referrals }: Snapshot, { id }: KnownVisit): boolean =>
  referrals.some(({ appointmentId }) => appointmentId === id);

export const cancel: Action = {
  name: 'cancel',
  weight: 7,
  prepare(world, snapshot, random) {
    const visit = pickVisit(snapshot, ['CONFIRMED'], random);
    const actor = visit && pickActor(world, visit, random);
    if (!visit || !actor) return null;
    return async () => {
      const answer = await world.call(actor, 'DELETE', `appointments/${visit.id}?reason=Changed+plans`);
      // After the start, a patient is too late.
      world.record('cancel', answer, [200, 'INVALID_TRANSITION', 'CANCELLATION_TOO_LATE']);
      if (answer.status === 200) world.confirmChange(visit.id, 'APPOINTMENT_CANCELLED', answer.data.version as number);
    };
  },
};

/** The front desk cancels a visit whose time somebody waits for, or that a referral was used for: among all visits, these are rare. */
export const cancelAwaited: Action = {
  name: 'cancel an awaited visit',
  weight: 5,
  prepare(world, snapshot, random) {
    const visit = random.pick(
      snapshot.visits.filter(
        (one) =>
          one.status === 'CONFIRMED' &&
          one.start > world.now &&
          (isAwaited(world, snapshot, one) || isOfReferral(snapshot, one)),
      ),
    );
    const desk = random.pick(world.desk);
    if (!visit || !desk) return null;
    return async () => {
      const answer = await world.call(desk, 'DELETE', `appointments/${visit.id}?reason=The+clinic+asks`);
      world.record('cancel an awaited visit', answer, [200, 'INVALID_TRANSITION']);
      if (answer.status === 200) world.confirmChange(visit.id, 'APPOINTMENT_CANCELLED', answer.data.version as number);
    };
  },
};

const isAwaited = ({ zone }: World, { waiting }: Snapshot, visit: KnownVisit): boolean =>
  waiting.some(
    ({ offer, clientId, serviceId, doctorId, fromDay, toDay }) =>
      !offer &&
      clientId !== visit.clientId &&
      serviceId === visit.serviceId &&
      (doctorId ?? visit.doctorId) === visit.doctorId &&
      fromDay <= zone.toDay(visit.start) &&
      zone.toDay(visit.start) <= toDay,
  );

export const reschedule: Action = {
  name: 'reschedule',
  weight: 8,
  prepare(world, snapshot, random) {
    const visit = pickVisit(snapshot, ['CONFIRMED'], random);
    const actor = visit && pickActor(world, visit, random);
    const start = world.pickStart(random);
    const doctorId = random.next() < 0.5 ? visit?.doctorId : random.pick(world.clinic.doctorIds);
    if (!visit || !actor || start === undefined || start === visit.start) return null;
    const body = { startDateTime: new Date(start).toISOString(), doctorId };
    // Patients move such a visit only within the days and to the doctor of the referral.
    const usesReferral = world.service(visit.serviceId).requiresReferral || isOfReferral(snapshot, visit);
    return async () => {
      const answer = await world.call(actor, 'PUT', `appointments/${visit.id}`, body);
      const expected = [200, ...REFUSED, 'CANCELLATION_TOO_LATE', 'VERSION_MISMATCH'];
      world.record('reschedule', answer, usesReferral ? [...expected, 'VALIDATION_ERROR'] : expected);
      if (answer.status === 200) world.confirmChange(visit.id, 'APPOINTMENT_MOVED', answer.data.version as number);
    };
  },
};

export const reinstate: Action = {
  name: 'reinstate',
  weight: 4,
  prepare(world, snapshot, random) {
    const visit = random.pick(snapshot.visits);
    const desk = random.pick(world.desk);
    if (!visit || !desk) return null;
    return async () => {
      const answer = await world.call(desk, 'POST', `appointments/${visit.id}/reinstate`);
      world.record('reinstate', answer, [200, ...REFUSED]);
      if (answer.status === 200 && visit.status === 'CANCELLED')
        world.confirmChange(visit.id, 'APPOINTMENT_REINSTATED', answer.data.version as number);
    };
  },
};

/** Check-in, start, end of the visit, and patients who do not come. */
const step = (name: string, weight: number, from: (visit: KnownVisit, now: number) => boolean): Action => ({
  name,
  weight,
  prepare(world, { visits }, random) {
    const visit = random.pick(visits.filter((one) => from(one, world.now)));
    const doctor = world.doctors.find(({ doctorId }) => doctorId === visit?.doctorId);
    const actor = random.next() < 0.3 ? doctor : random.pick(world.desk);
    if (!visit || !actor) return null;
    // Another action of the burst may have given the visit to another doctor.
    const expected = [200, ...REFUSED, ...(actor.role === 'DOCTOR' ? ['NOT_FOUND'] : [])];
    return async () => {
      world.record(name, await world.call(actor, 'POST', `appointments/${visit.id}/${name}`), expected);
    };
  },
});

export const checkIn = step('check-in', 14, ({ status, checkedInAt }) => status === 'CONFIRMED' && !checkedInAt);
export const start = step('start', 9, ({ status, checkedInAt }) => status === 'CONFIRMED' && checkedInAt !== null);
export const complete = step('complete', 8, ({ status }) => status === 'IN_PROGRESS');
export const noShow = step('no-show', 3, (visit, now) => visit.status === 'CONFIRMED' && visit.start <= now);
