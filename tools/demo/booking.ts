import { mailTo } from './mailbox.js';
import { everybodySees, someone, type Cast } from './cast.js';
import { oneRow } from './database.js';
import { ensure, expectStatus, step } from './steps.js';
import { Watcher } from './watcher.js';

interface Slot {
  startDateTime: string;
  doctorId: string;
}

interface Appointment {
  id: string;
  startDateTime: string;
  status: string;
  version: number;
}

export interface Patient {
  email: string;
  token: string;
  clientId: string;
  app: Watcher;
}

interface Offer {
  serviceId: string;
  free: Slot[];
}

const PATIENTS = 50;
const DAY = 86_400_000;

/** A patient books, fifty want one slot, one moves, one cancels; and all who may see it do, at once. */
export async function bookingStory(cast: Cast): Promise<Patient> {
  const { call } = cast;
  const patient = await register(cast);
  const { serviceId, free } = await findOffer(cast);
  const body = (slot: Slot) => ({ serviceId, doctorId: cast.doctorId, startDateTime: slot.startDateTime });
  const [first, raced, later] = [free[0], free[Math.floor(free.length / 2)], free.at(-1)].map((slot) =>
    ensure(slot, 'slot'),
  ) as [Slot, Slot, Slot];

  const mine = await step('books the first', async () => {
    const booked = expectStatus(await call<Appointment>('POST', '/appointments', body(first), patient.token), 201);
    return { note: `${booked.status}, ${booked.startDateTime}`, value: booked };
  });
  const everybody = { ...cast, watchers: [...cast.watchers, patient.app] };
  await everybodySees(everybody, 'appointment:created', ({ id }) => id === mine.id, '… which everybody sees at once');

  const crowd = await registerCrowd(cast);
  const winner = await race(cast, crowd, body(raced));
  await step('one row in the database', async () => ({
    note: await oneRow(cast.doctorId, raced.startDateTime),
    value: null,
  }));
  await everybodySees(cast, 'appointment:created', ({ id }) => id === winner.id, 'the dashboards see the winner alone');
  await step("… and the first patient's app nothing of it", async () => {
    if (JSON.stringify(patient.app.seen).includes(winner.id)) throw new Error('it was told');
    return null;
  });

  const moved = await move(cast, patient, mine, later, raced);
  await everybodySees(everybody, 'appointment:updated', ({ version }) => version === moved.version, '… seen at once');
  await step('the winner cancels', async () =>
    expectStatus(await call('DELETE', `/appointments/${winner.id}?reason=demo`, undefined, winner.token), 200),
  );
  await everybodySees(cast, 'appointment:cancelled', (id) => id === winner.id, '… seen at once');
  await bookAgain(cast, serviceId, raced, ensure(crowd[0], 'patient'));
  await step('nobody else reads the appointment', async () =>
    expectStatus(await call('GET', `/appointments/${moved.id}`, undefined, ensure(crowd[1], 'patient')), 404),
  );
  return patient;
}

async function register({ call, url }: Cast): Promise<Patient> {
  const { email, password } = someone('first');
  const me = await step('a patient registers', async () =>
    expectStatus(await call('POST', '/auth/register', someone('first')), 201),
  );
  const token = await step('… and signs in', async () =>
    String(expectStatus(await call('POST', '/auth/login', { email, password }), 200).accessToken),
  );
  await step('… and confirms the address by the link in the mail', async () => {
    const mail = await mailTo(url, email, /confirm your e-mail/i);
    const token = ensure(/\/links\/(\S+)/.exec(mail.text)?.[1], 'link in the mail');
    expectStatus(await call('POST', '/auth/email/verify', { token }), 200);
    return null;
  });
  const app = await step('… and opens the app, with its socket', () => Watcher.open("the patient's app", url, token));
  return { email, token, clientId: me.user.clientId as string, app };
}

async function findOffer({ call, doctorId }: Cast): Promise<Offer> {
  await step('finds a neurologist', async () => {
    const path = '/doctors?q=neuro&limit=20';
    const found = expectStatus(await call<{ id: string; lastName: string }[]>('GET', path), 200);
    const doctor = found.find(({ id }) => id === doctorId);
    return { note: `Dr ${ensure(doctor, "doctor of the demo's").lastName}, one of ${found.length}`, value: doctor };
  });
  const serviceId = await step('looks at what the doctor offers', async () => {
    const path = `/services?doctorId=${doctorId}`;
    const offered = expectStatus(await call<{ id: string; name: string }[]>('GET', path), 200);
    return { note: offered.map(({ name }) => name).join(', '), value: ensure(offered[0], 'service').id };
  });
  const free = await step('sees the free times of the coming fortnight', async () => {
    const [from, to] = [1, 14].map((days) => new Date(Date.now() + days * DAY).toISOString().slice(0, 10));
    const path = `/availability?serviceId=${serviceId}&doctorId=${doctorId}&from=${from}&to=${to}`;
    const slots = expectStatus(await call<Slot[]>('GET', path), 200);
    if (slots.length < 4) throw new Error(`only ${slots.length} free times`);
    return { note: `${slots.length} times, from ${slots[0]?.startDateTime}`, value: slots };
  });
  return { serviceId, free };
}

const registerCrowd = ({ call }: Cast): Promise<string[]> =>
  step(`${PATIENTS} more patients register`, async () => {
    const tokens: string[] = [];
    for (let index = 0; index < PATIENTS; index += 5) {
      const batch = Array.from({ length: 5 }, (_, offset) =>
        call('POST', '/auth/register', someone(`p${index + offset}`)),
      );
      for (const answer of await Promise.all(batch)) tokens.push(expectStatus(answer, 201).accessToken as string);
    }
    return { note: `${tokens.length} accounts`, value: tokens };
  });

const race = ({ call }: Cast, crowd: string[], body: object): Promise<Appointment & { token: string }> =>
  step(`${PATIENTS} patients at once for one slot`, async () => {
    const answers = await Promise.all(
      crowd.map((patient) => call<Appointment>('POST', '/appointments', body, patient)),
    );
    const won = answers.filter(({ status }) => status === 201);
    const lost = answers.filter(
      ({ status, body: { error } }) => status === 409 && error?.code === 'APPOINTMENT_CONFLICT',
    );
    const alternatives = (lost[0]?.body.error?.details as { alternatives: Slot[] } | undefined)?.alternatives ?? [];
    if (won.length !== 1 || lost.length !== PATIENTS - 1 || alternatives.length !== 3) {
      throw new Error(`${won.length} × 201, ${lost.length} × 409, ${alternatives.length} alternatives`);
    }
    const at = answers.findIndex(({ status }) => status === 201);
    return {
      note: `1 × 201, ${lost.length} × 409, each with ${alternatives.length} other times`,
      value: { ...ensure(won[0], 'answer').body.data, token: ensure(crowd[at], 'winner') },
    };
  });

async function move(
  { call }: Cast,
  { token }: Patient,
  { id }: Appointment,
  { startDateTime }: Slot,
  taken: Slot,
): Promise<Appointment> {
  const path = `/appointments/${id}`;
  await step('the first patient can not move to that time', async () => {
    expectStatus(await call('PUT', path, { startDateTime: taken.startDateTime }, token), 409);
    const still = expectStatus(await call<Appointment>('GET', path, undefined, token), 200);
    if (still.version !== 1) throw new Error('the old booking changed');
    return { note: 'the old booking stands', value: null };
  });
  return step('… and moves to another', async () => {
    const moved = expectStatus(await call<Appointment>('PUT', path, { startDateTime }, token), 200);
    if (moved.startDateTime !== startDateTime) throw new Error('it did not move');
    return { note: `to ${moved.startDateTime}, version ${moved.version}`, value: moved };
  });
}

const bookAgain = (
  { call, doctorId }: Cast,
  serviceId: string,
  { startDateTime }: Slot,
  token: string,
): Promise<unknown> =>
  step('the slot is free again, and can be booked', async () => {
    const day = startDateTime.slice(0, 10);
    const path = `/availability?serviceId=${serviceId}&doctorId=${doctorId}&from=${day}&to=${day}&timeZone=UTC`;
    const free = expectStatus(await call<Slot[]>('GET', path), 200);
    if (!free.some((slot) => slot.startDateTime === startDateTime)) throw new Error('it is not listed');
    const body = { serviceId, doctorId, startDateTime };
    return expectStatus(await call<Appointment>('POST', '/appointments', body, token), 201);
  });
