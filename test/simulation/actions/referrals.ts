import { REFUSED, type Action } from './action.js';

/** The front desk or a doctor refers a patient to a service: also to one that can only be booked with a referral. */
export const refer: Action = {
  name: 'refer',
  weight: 4,
  prepare(world, { visits }, random) {
    const visit = random.pick(visits);
    const doctor = world.doctors.find(({ doctorId }) => doctorId === visit?.doctorId);
    const desk = random.pick(world.desk);
    const actor = random.next() < 0.5 ? doctor : desk;
    const client = actor === doctor ? undefined : random.pick(world.patients);
    const service =
      random.next() < 0.8 ? world.services.find((one) => one.requiresReferral) : random.pick(world.services);
    const doctorId = random.next() < 0.5 ? random.pick(world.clinic.doctorIds) : undefined;
    const clientId = client?.clientId ?? visit?.clientId;
    if (!actor || !service || !clientId) return null;
    const body = { clientId, serviceId: service.id, doctorId, validFrom: world.date, validTo: world.date };
    return async () => {
      // Another action of the burst may have given the visit to another doctor.
      const expected = actor.role === 'DOCTOR' ? [201, 'NOT_FOUND', 'FORBIDDEN'] : [201];
      world.record('refer', await world.call(actor, 'POST', 'referrals', body), expected);
    };
  },
};

/** Two bookings with one referral at once: at most one gets it. */
export const bookReferral: Action = {
  name: 'book with a referral',
  weight: 6,
  prepare(world, { referrals }, random) {
    const referral = random.pick(
      referrals.filter(({ appointmentId }) => appointmentId === null || random.next() < 0.1),
    );
    const actors = referral ? [...world.getAccounts(referral.clientId), ...world.desk.slice(0, 1)] : [];
    const attempts = [0, 1].map(() => ({
      actor: random.pick(actors),
      start: random.pick(world.upcomingGrid),
      doctorId: referral?.doctorId ?? random.pick(world.clinic.doctorIds),
    }));
    if (!referral || attempts.some(({ start }) => start === undefined)) return null;
    const { id: referralId, clientId, serviceId } = referral;
    return async () => {
      const answers = await world.race(
        attempts.map(
          ({ actor, start, doctorId }) =>
            () =>
              world.call(actor ?? world.reader, 'POST', 'appointments', {
                ...{ serviceId, doctorId, referralId, startDateTime: new Date(start as number).toISOString() },
                ...(actor?.clientId !== clientId && { clientId }),
              }),
        ),
      );
      for (const answer of answers) {
        // Another action of the burst may have withdrawn the referral.
        const isWithdrawn = answer.body.error?.details?.[0]?.field === 'referralId';
        const expected = isWithdrawn ? ['VALIDATION_ERROR'] : [201, ...REFUSED];
        world.record('book with a referral', answer, expected);
        if (answer.status !== 201) continue;
        const id = answer.data.id as string;
        world.confirmChange(id, 'APPOINTMENT_BOOKED', 1);
        const booked = world.visitsOfReferral.get(referralId) ?? new Set();
        world.visitsOfReferral.set(referralId, booked.add(id));
      }
      const winners = answers.filter(({ status }) => status === 201);
      if (winners.length > 1) world.problems.push(`referral ${referralId} was used ${winners.length} times`);
    };
  },
};

export const withdrawReferral: Action = {
  name: 'withdraw a referral',
  weight: 1,
  prepare(world, { referrals }, random) {
    const referral = random.pick(referrals);
    const desk = random.pick(world.desk);
    if (!referral || !desk) return null;
    return async () => {
      const answer = await world.call(desk, 'DELETE', `referrals/${referral.id}`);
      world.record('withdraw a referral', answer, [200, 'IN_USE', 'NOT_FOUND']);
    };
  },
};
