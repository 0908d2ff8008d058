import { mailTo } from './mailbox.js';
import { allReceive, newPatient, type DemoUsers } from './users.js';
import { checkOneRow } from './database.js';
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

interface FreeSlots {
  serviceId: string;
  free: Slot[];
}

const PATIENTS = 50;
const DAY = 86_400_000;

/**
 * A patient books; fifty patients request one slot at the same time; the patient reschedules; the winner cancels. Everyone who may see
 * a change gets its event.
 */
export async function runBookingDemo(users: DemoUsers, databaseUrl: string | null): Promise<Patient> {
  const { call } = users;
  const patient = await register(users);
  const { serviceId, free } = await findFreeSlots(users);
  const body = (slot: Slot) => ({ serviceId, doctorId: users.doctorId, startDateTime: slot.startDateTime });
  const [first, raced, later] = [free[0], free[Math.floor(free.length / 2)], free.at(-1)].map((slot) =>
    ensure(slot, 'slot'),
  ) as [Slot, Slot, Slot];

  const mine = await step('books the first slot', async () => {
    const booked = expectStatus(await call<Appointment>('POST', '/appointments', body(first), patient.token), 201);
    return { note: `${booked.status}, ${booked.startDateTime}`, value: booked };
  });
  const withPatient = { ...users, watchers: [...users.watchers, patient.app] };
  await allReceive(withPatient, 'appointment:created', ({ id }) => id === mine.id, '… all three sockets get the event');

  const tokens = await registerPatients(users);
  const winner = await race(users, tokens, body(raced));
  await step('the database has one row for the slot', async () => ({
    note: await checkOneRow(databaseUrl, users.doctorId, raced.startDateTime),
    value: null,
  }));
  await allReceive(users, 'appointment:created', ({ id }) => id === winner.id, "the dashboards get the winner's event");
  const moved = await move(users, patient, mine, later, raced);
  await allReceive(
    withPatient,
    'appointment:updated',
    ({ version }) => version === moved.version,
    '… the sockets get the event',
  );
  // The app has received a later event, so the earlier one would have arrived too.
  await step("the patient's app did not get the winner's event", async () => {
    if (JSON.stringify(patient.app.received).includes(winner.id)) throw new Error('the app got the event');
    return null;
  });
  await step('the winner cancels', async () =>
    expectStatus(await call('DELETE', `/appointments/${winner.id}?reason=demo`, undefined, winner.token), 200),
  );
  await allReceive(users, 'appointment:cancelled', (id) => id === winner.id, '… the sockets get the event');
  await bookAgain(users, serviceId, raced, ensure(tokens[0], 'patient'));
  await step('another patient cannot read the appointment', async () =>
    expectStatus(await call('GET', `/appointments/${moved.id}`, undefined, ensure(tokens[1], 'patient')), 404),
  );
  return patient;
}

async function register({ call, url }: DemoUsers): Promise<Patient> {
  const { email, password } = newPatient('first');
  const me = await step('a patient registers', async () =>
    expectStatus(await call('POST', '/auth/register', newPatient('first')), 201),
  );
  const token = await step('… and signs in', async () =>
    String(expectStatus(await call('POST', '/auth/login', { email, password }), 200).accessToken),
  );
  await step('… and confirms the e-mail address', async () => {
    const mail = await mailTo(url, email, /confirm your e-mail/i);
    const linkToken = ensure(/\/links\/(\S+)/.exec(mail.text)?.[1], 'link in the mail');
    expectStatus(await call('POST', '/auth/email/verify', { token: linkToken }), 200);
    return null;
  });
  const app = await step('… and opens the app with a socket', () => Watcher.open("the patient's app", url, token));
  return { email, token, clientId: me.user.clientId as string, app };
}

async function findFreeSlots({ call, doctorId }: DemoUsers): Promise<FreeSlots> {
  await step('searches for a neurologist', async () => {
    const path = '/doctors?q=neuro&limit=20';
    const found = expectStatus(await call<{ id: string; lastName: string }[]>('GET', path), 200);
    const doctor = found.find(({ id }) => id === doctorId);
    return { note: `Dr ${ensure(doctor, 'demo doctor').lastName}, one of ${found.length}`, value: doctor };
  });
  const serviceId = await step("lists the doctor's services", async () => {
    const path = `/services?doctorId=${doctorId}`;
    const services = expectStatus(await call<{ id: string; name: string }[]>('GET', path), 200);
    return { note: services.map(({ name }) => name).join(', '), value: ensure(services[0], 'service').id };
  });
  const free = await step('lists the free slots of the next 14 days', async () => {
    const [from, to] = [1, 14].map((days) => new Date(Date.now() + days * DAY).toISOString().slice(0, 10));
    const path = `/availability?serviceId=${serviceId}&doctorId=${doctorId}&from=${from}&to=${to}`;
    const slots = expectStatus(await call<Slot[]>('GET', path), 200);
    if (slots.length < 4) throw new Error(`only ${slots.length} free slots`);
    return { note: `${slots.length} slots, from ${slots[0]?.startDateTime}`, value: slots };
  });
  return { serviceId, free };
}

const registerPatients = ({ call }: DemoUsers): Promise<string[]> =>
  step(`${PATIENTS} more patients register`, async () => {
    const tokens: string[] = [];
    for (let index = 0; index < PATIENTS; index += 5) {
      const batch = Array.from({ length: 5 }, (_, offset) =>
        call('POST', '/auth/register', newPatient(`p${index + offset}`)),
      );
      for (const answer of await Promise.all(batch)) tokens.push(expectStatus(answer, 201).accessToken as string);
    }
    return { note: `${tokens.length} accounts`, value: tokens };
  });

const race = ({ call }: DemoUsers, tokens: string[], body: object): Promise<Appointment & { token: string }> =>
  step(`${PATIENTS} patients request one slot at once`, async () => {
    const answers = await Promise.all(
      tokens.map((patient) => call<Appointment>('POST', '/appointments', body, patient)),
    );
    const won = answers.filter(({ status }) => status === 201);
    const lost = answers.filter(
      ({ status, body: { error } }) => status === 409 && error?.code === 'APPOINTMENT_CONFLICT',
    );
    const alternatives = lost.map(
      ({ body: { error } }) => (error!.details as { alternatives: Slot[] }).alternatives.length,
    );
    if (won.length !== 1 || lost.length !== PATIENTS - 1 || alternatives.some((count) => count !== 3)) {
      throw new Error(`${won.length} × 201, ${lost.length} × 409, alternatives: ${alternatives.join(', ')}`);
    }
    const at = answers.findIndex(({ status }) => status === 201);
    return {
      note: `1 × 201, ${lost.length} × 409, each with 3 other slots`,
      value: { ...ensure(won[0], 'answer').body.data, token: ensure(tokens[at], 'winner') },
    };
  });

async function move(
  { call }: DemoUsers,
  { token }: Patient,
  { id }: Appointment,
  { startDateTime }: Slot,
  taken: Slot,
): Promise<Appointment> {
  const path = `/appointments/${id}`;
  await step('the first patient cannot move to that slot', async () => {
    expectStatus(await call('PUT', path, { startDateTime: taken.startDateTime }, token), 409);
    const still = expectStatus(await call<Appointment>('GET', path, undefined, token), 200);
    if (still.version !== 1) throw new Error('the old booking changed');
    return { note: 'the old booking is unchanged', value: null };
  });
  return step('… and moves to another slot', async () => {
    const moved = expectStatus(await call<Appointment>('PUT', path, { startDateTime }, token), 200);
    if (moved.startDateTime !== startDateTime) throw new Error('the start time is not the requested one');
    return { note: `to ${moved.startDateTime}, version ${moved.version}`, value: moved };
  });
}

const bookAgain = (
  { call, doctorId }: DemoUsers,
  serviceId: string,
  { startDateTime }: Slot,
  token: string,
): Promise<unknown> =>
  step('the slot is free and can be booked again', async () => {
    const day = startDateTime.slice(0, 10);
    const path = `/availability?serviceId=${serviceId}&doctorId=${doctorId}&from=${day}&to=${day}&timeZone=UTC`;
    const free = expectStatus(await call<Slot[]>('GET', path), 200);
    if (!free.some((slot) => slot.startDateTime === startDateTime)) throw new Error('the slot is not listed');
    const body = { serviceId, doctorId, startDateTime };
    return expectStatus(await call<Appointment>('POST', '/appointments', body, token), 201);
  });
