import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import pg from 'pg';

/**
 * `npm run demo`: plays the story against a running CareSlot (CARESLOT_URL, or the one that `npm start` runs), or else
 * against one that it starts, and ends with an exit code other than 0 where a step is not as said.
 */
interface Answer<T = any> {
  status: number;
  body: { success: boolean; data: T; error?: { code: string; message: string; details: unknown } };
}

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

const PATIENTS = 50;
const say = (line: string): void => void process.stdout.write(`${line}\n`);

async function main(): Promise<void> {
  const { url, stop } = await target();
  try {
    await story(`${url}/api/v1`);
    say('\nEvery step was as said.');
  } finally {
    await stop();
  }
}

async function story(base: string): Promise<void> {
  const call = caller(base);
  const run = randomUUID().slice(0, 8);
  const someone = (name: string) => ({
    email: `${name}.${run}@demo.test`,
    password: `quiet-river-${run}`,
    firstName: 'Demo',
    lastName: name,
  });

  const me = await step('a patient registers', async () =>
    expectStatus(await call('POST', '/auth/register', someone('first')), 201),
  );
  const token = await step('… and signs in', async () => {
    const { email, password } = someone('first');
    return expectStatus(await call('POST', '/auth/login', { email, password }), 200).accessToken as string;
  });
  const doctor = await step('finds a neurologist', async () => {
    const found = expectStatus(
      await call<{ id: string; lastName: string; clinicId: string; serviceIds: string[] }[]>(
        'GET',
        '/doctors?q=neuro&limit=5',
      ),
      200,
    );
    return { note: `Dr ${found[0]?.lastName}, one of ${found.length}`, value: ensure(found[0], 'a doctor') };
  });
  const service = await step('looks at what the doctor offers', async () => {
    const offered = expectStatus(
      await call<{ id: string; name: string }[]>('GET', `/services?doctorId=${doctor.id}`),
      200,
    );
    return { note: offered.map(({ name }) => name).join(', '), value: ensure(offered[0], 'a service') };
  });
  const slots = await step('sees the free times of the coming fortnight', async () => {
    const [from, to] = [1, 14].map((days) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10));
    const free = expectStatus(
      await call<Slot[]>('GET', `/availability?serviceId=${service.id}&doctorId=${doctor.id}&from=${from}&to=${to}`),
      200,
    );
    if (free.length < 4) throw new Error(`only ${free.length} free times`);
    return { note: `${free.length} times, from ${free[0]?.startDateTime}`, value: free };
  });
  const body = (slot: Slot) => ({ serviceId: service.id, doctorId: doctor.id, startDateTime: slot.startDateTime });
  const [first, raced, later] = [slots[0], slots[Math.floor(slots.length / 2)], slots.at(-1)].map((slot) =>
    ensure(slot, 'a slot'),
  );
  const mine = await step('books the first', async () => {
    const booked = expectStatus(await call<Appointment>('POST', '/appointments', body(first as Slot), token), 201);
    return { note: `${booked.status}, ${booked.startDateTime}`, value: booked };
  });

  const crowd = await step(`${PATIENTS} more patients register`, async () => {
    const tokens: string[] = [];
    for (let index = 0; index < PATIENTS; index += 5) {
      const batch = Array.from({ length: 5 }, (_, offset) =>
        call('POST', '/auth/register', someone(`p${index + offset}`)),
      );
      for (const answer of await Promise.all(batch)) tokens.push(expectStatus(answer, 201).accessToken as string);
    }
    return { note: `${tokens.length} accounts`, value: tokens };
  });
  const winner = await step(`${PATIENTS} patients at once for one slot`, async () => {
    const answers = await Promise.all(
      crowd.map((patient) => call<Appointment>('POST', '/appointments', body(raced as Slot), patient)),
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
      value: { token: ensure(crowd[at], 'a winner'), appointment: ensure(won[0], 'an answer').body.data },
    };
  });
  await step('one row in the database', async () => ({ note: await countRows(raced as Slot, doctor.id), value: null }));
  const moved = await step('the first patient moves the appointment', async () => {
    const answer = expectStatus(
      await call<Appointment>(
        'PUT',
        `/appointments/${mine.id}`,
        { startDateTime: (later as Slot).startDateTime },
        token,
      ),
      200,
    );
    if (answer.startDateTime !== (later as Slot).startDateTime) throw new Error('it did not move');
    return { note: `to ${answer.startDateTime}, version ${answer.version}`, value: answer };
  });
  await step('… not to the time that is taken', async () => {
    const answer = await call(
      'PUT',
      `/appointments/${moved.id}`,
      { startDateTime: (raced as Slot).startDateTime },
      token,
    );
    expectStatus(answer, 409);
    const still = expectStatus(await call<Appointment>('GET', `/appointments/${moved.id}`, undefined, token), 200);
    if (still.startDateTime !== moved.startDateTime) throw new Error('the old booking changed');
    return { note: 'the old booking stands', value: null };
  });
  await step('the winner cancels', async () =>
    expectStatus(
      await call('DELETE', `/appointments/${winner.appointment.id}?reason=demo`, undefined, winner.token),
      200,
    ),
  );
  await step('the slot is free again, and can be booked', async () => {
    const day = (raced as Slot).startDateTime.slice(0, 10);
    const free = expectStatus(
      await call<Slot[]>(
        'GET',
        `/availability?serviceId=${service.id}&doctorId=${doctor.id}&from=${day}&to=${day}&timeZone=UTC`,
      ),
      200,
    );
    if (!free.some(({ startDateTime }) => startDateTime === (raced as Slot).startDateTime))
      throw new Error('it is not listed');
    return expectStatus(
      await call<Appointment>('POST', '/appointments', body(raced as Slot), ensure(crowd[0], 'a patient')),
      201,
    );
  });
  await step(
    'nobody else reads the appointment',
    async () =>
      expectStatus(await call('GET', `/appointments/${moved.id}`, undefined, ensure(crowd[1], 'a patient')), 404) ??
      null,
  );
  void me;
}

/** Runs one step, prints it with its time, and passes its value on. */
async function step<T>(what: string, work: () => Promise<T | { note: string; value: T }>): Promise<T> {
  const start = performance.now();
  try {
    const result = await work();
    const noted = typeof result === 'object' && result !== null && 'note' in result && 'value' in result;
    const note = noted ? ` – ${(result as { note: string }).note}` : '';
    say(`✓ ${what.padEnd(44)} ${(performance.now() - start).toFixed(0).padStart(5)} ms${note}`);
    return noted ? (result as { value: T }).value : result;
  } catch (error) {
    say(`✗ ${what}: ${error instanceof Error ? error.message : String(error)}`);
    throw error;
  }
}

const caller =
  (base: string) =>
  async <T = any>(method: string, path: string, body?: object, token?: string): Promise<Answer<T>> => {
    const headers: Record<string, string> = {};
    if (body) headers['content-type'] = 'application/json';
    if (token) headers.authorization = `Bearer ${token}`;
    if (method === 'POST') headers['idempotency-key'] = randomUUID();
    const response = await fetch(`${base}${path}`, { method, headers, ...(body && { body: JSON.stringify(body) }) });
    return { status: response.status, body: (await response.json()) as Answer<T>['body'] };
  };

function expectStatus<T>({ status, body }: Answer<T>, wanted: number): T {
  if (status !== wanted)
    throw new Error(`answered ${status} ${body.error?.code ?? ''} instead of ${wanted}: ${body.error?.message ?? ''}`);
  return body.data;
}

function ensure<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`there is no ${what}`);
  return value;
}

/** Counted in the database itself where it can be reached. */
async function countRows(slot: Slot, doctorId: string): Promise<string> {
  const databaseUrl = process.env.DATABASE_URL ?? (await readFile('.data/database-url', 'utf8').catch(() => null));
  if (!databaseUrl) return 'not looked at: DATABASE_URL is not known here';
  const db = new pg.Client({ connectionString: databaseUrl });
  await db.connect();
  try {
    const { rows } = await db.query<{ n: number }>(
      `SELECT count(*)::int AS n FROM appointment WHERE doctor_id = $1 AND start_at = $2 AND status <> 'CANCELLED'`,
      [doctorId, slot.startDateTime],
    );
    if (rows[0]?.n !== 1) throw new Error(`${rows[0]?.n} rows`);
    return '1 row';
  } finally {
    await db.end();
  }
}

/** The CareSlot to play against. */
async function target(): Promise<{ url: string; stop: () => Promise<void> }> {
  const running = process.env.CARESLOT_URL ?? (await readFile('.data/url', 'utf8').catch(() => null));
  if (running && (await isUp(running))) return { url: running, stop: async () => undefined };
  say('nothing runs yet: starting CareSlot for the demo …');
  const { startDemo } = await import('./start-demo.js');
  const { url, stop } = await startDemo((line) => say(`  ${line}`));
  return { url, stop };
}

const isUp = (url: string): Promise<boolean> =>
  fetch(`${url}/health/ready`).then(
    ({ ok }) => ok,
    () => false,
  );

main().then(
  () => process.exit(0),
  () => process.exit(1),
);
