import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createMaker, insertApiKey, type TestKey, type TestMaker } from '../support/api-keys.js';
import { TestApp, type Answer } from '../support/app.js';
import { aService, at, openClinic, type TestClinic } from '../support/clinic.js';
import { eventually } from '../support/eventually.js';
import { secondApp, type SecondApp } from '../support/second-app.js';
import { SettableClock } from '../support/settable-clock.js';
import { SocketClient } from '../support/sockets.js';

const APPOINTMENTS = '/api/v1/appointments';
const LIMIT = 20;

const clock = new SettableClock();
let app: TestApp;
let other: SecondApp;
let here: TestClinic;
let there: TestClinic;
let maker: TestMaker;
const services = new Map<string, string>();
const clients: SocketClient[] = [];

beforeAll(async () => {
  const limit = { API_KEY_REQUESTS_PER_MINUTE: String(LIMIT) };
  app = await TestApp.start(limit, undefined, clock);
  other = await secondApp(app, { JOBS_IN_PROCESS: 'false', ...limit });
  here = await openClinic(app);
  there = await openClinic(app);
  for (const clinic of [here, there]) services.set(clinic.id, await aService(app, clinic));
  maker = await createMaker(app, [here.id, there.id]);
});

afterEach(() => {
  for (const client of clients.splice(0)) client.close();
  clock.set(new Date().toISOString());
});

afterAll(async () => {
  await other.close();
  await app.close();
});

const insertKey = (
  options: { permissions?: string[]; clinicIds?: string[]; expiresAt?: string } = {},
): Promise<TestKey> => insertApiKey(app, { makerId: maker.userId, clinicIds: [here.id], ...options });

async function connect(key: string, url = app.url): Promise<SocketClient> {
  const client = await SocketClient.connected(url, key, { transports: ['websocket'] });
  clients.push(client);
  await client.sync(null);
  return client;
}

async function refusal(token: string | undefined, options = {}): Promise<string | undefined> {
  const client = SocketClient.open(app.url, token, { transports: ['websocket'], ...options });
  clients.push(client);
  return (await client.outcome())?.data?.code;
}

const list = (key: string, url = app.url): Promise<Answer> => app.call('GET', `${url}${APPOINTMENTS}`, { token: key });

const isAbout = (id: string) => (data: any) => data.appointment?.id === id || data.id === id;

let hours = 0;
async function book(clinic: TestClinic): Promise<string> {
  const patient = await app.patient();
  const start = new Date(Date.parse(at(6, '00:00')) + (hours += 1) * 3_600_000).toISOString();
  const body = { serviceId: services.get(clinic.id), doctorId: clinic.doctorIds[0], startDateTime: start };
  const { data } = await app.call('POST', APPOINTMENTS, { token: patient.token, body });
  return data.id as string;
}

const change = (userId: string, body: object): Promise<Answer> =>
  app.call('PUT', `/api/v1/users/${userId}`, { token: here.admin, body });

describe('a socket with a key', () => {
  it('gets the events of the clinics of the key, and of no other', async () => {
    const socket = await connect((await insertKey()).key);
    const foreign = await book(there);
    const own = await book(here);
    await socket.waitFor('appointment:created', isAbout(own));
    expect(socket.seen.filter(({ event, data }) => event === 'appointment:created' && isAbout(foreign)(data))).toEqual(
      [],
    );
  });

  it('is refused without the permission to read appointments, and with keys that are not valid', async () => {
    expect(await refusal((await insertKey({ permissions: ['client:read', 'schedule:read'] })).key)).toBe('FORBIDDEN');
    const { key, id } = await insertKey();
    expect(await refusal(`${key.slice(0, -1)}${key.endsWith('A') ? 'B' : 'A'}`)).toBe('UNAUTHENTICATED');
    expect(await refusal('csk_')).toBe('UNAUTHENTICATED');
    expect(await refusal(undefined, { query: { token: key } })).toBe('UNAUTHENTICATED');
    await app.call('DELETE', `/api/v1/api-keys/${id}`, { token: maker.token });
    expect(await refusal(key)).toBe('TOKEN_REVOKED');
  });

  it('is closed in all processes when the key is revoked', async () => {
    const { key, id } = await insertKey();
    const sockets = [await connect(key), await connect(key, other.url)];
    const kept = await connect((await insertKey()).key);
    expect((await app.call('DELETE', `/api/v1/api-keys/${id}`, { token: maker.token })).status).toBe(200);
    for (const socket of sockets) {
      await socket.disconnected();
      expect(socket.endedBecause?.code).toBe('TOKEN_REVOKED');
    }
    const own = await book(here);
    await kept.waitFor('appointment:created', isAbout(own));
  });

  it('is closed when the key expires', async () => {
    const { key } = await insertKey({ expiresAt: new Date(Date.now() + 3_600_000).toISOString() });
    const socket = await connect(key);
    clock.set(new Date(Date.now() + 3_600_001).toISOString());
    await socket.disconnected();
    expect(socket.endedBecause?.code).toBe('TOKEN_EXPIRED');
    expect(await refusal(key)).toBe('TOKEN_EXPIRED');
  });

  it('gets no more events of a clinic that its maker loses', async () => {
    const person = await createMaker(app, [here.id, there.id]);
    const { key } = await insertApiKey(app, { makerId: person.userId, clinicIds: [here.id, there.id] });
    const sockets = [await connect(key), await connect(key, other.url)];
    expect((await change(person.userId, { clinicIds: [there.id] })).status).toBe(200);
    // The rooms are updated within a second. Events of the other clinic show that the sockets still get events.
    await eventually(async () => {
      const [foreign, own] = [await book(here), await book(there)];
      for (const socket of sockets) {
        await socket.waitFor('appointment:created', isAbout(own));
        expect(socket.seen.some(({ data }) => isAbout(foreign)(data))).toBe(false);
      }
    });
    expect(sockets.map(({ socket }) => socket.connected)).toEqual([true, true]);
  });

  it.each([
    ['is demoted', (userId: string) => change(userId, { role: 'STAFF' })],
    ['is deleted', (userId: string) => app.call('DELETE', `/api/v1/users/${userId}`, { token: here.admin })],
    ['loses all its clinics', (userId: string) => change(userId, { clinicIds: [there.id] })],
  ])('is closed when its maker %s', async (_, act) => {
    const person = await createMaker(app, [here.id]);
    const { key } = await insertApiKey(app, { makerId: person.userId, clinicIds: [here.id] });
    const sockets = [await connect(key), await connect(key, other.url)];
    expect((await act(person.userId)).status).toBe(200);
    for (const socket of sockets) {
      await socket.disconnected();
      expect(socket.endedBecause?.code).toBe('TOKEN_REVOKED');
    }
    expect(await refusal(key)).toBe('TOKEN_REVOKED');
  });
});

describe('a key with an end', () => {
  it('is refused from its end on, although it was used before', async () => {
    // Within the lifetime of the tokens of people, who read the list below.
    const end = new Date(Date.now() + 120_000);
    const { key, id } = await insertKey({ expiresAt: end.toISOString() });
    clock.set(new Date(end.getTime() - 1).toISOString());
    expect((await list(key)).status).toBe(200);
    clock.set(end.toISOString());
    expect((await list(key)).code).toBe('TOKEN_EXPIRED');
    const { data } = await app.call('GET', '/api/v1/api-keys', { token: here.admin });
    expect(data.find((view: any) => view.id === id)).toMatchObject({ status: 'EXPIRED' });
  });
});

describe('the limit of a key', () => {
  it('counts its requests at all processes, and not those of other keys', async () => {
    const [{ key, id }, second] = [await insertKey(), await insertKey()];
    const answers: Answer[] = [];
    for (let n = 0; n < LIMIT; n += 1) answers.push(await list(key, n % 2 ? other.url : app.url));
    expect(answers.map(({ status }) => status)).toEqual(Array<number>(LIMIT).fill(200));
    for (const url of [app.url, other.url]) {
      const { status, code, headers } = await list(key, url);
      expect([status, code, headers.get('ratelimit-limit'), headers.get('ratelimit-remaining')]).toEqual([
        ...[429, 'RATE_LIMITED', String(LIMIT), '0'],
      ]);
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
      expect(Number(headers.get('ratelimit-reset'))).toBeGreaterThan(0);
    }
    expect((await app.call('GET', '/api/v1/clinics', { token: key })).status).toBe(429);
    expect(await refusal(key)).toBe('RATE_LIMITED');
    expect((await list(second.key)).status).toBe(200);
    // A wrong key of the same id does not count, so that a stranger cannot use up the limit.
    const { key: third } = await insertKey();
    for (let n = 0; n <= LIMIT; n += 1) await list(`${third.slice(0, -2)}__`);
    expect((await list(third)).status).toBe(200);
    expect((await app.call('DELETE', `/api/v1/api-keys/${id}`, { token: maker.token })).status).toBe(200);
  });
});

describe('a key during changes of its maker', () => {
  it('never keeps a clinic after the change was answered', async () => {
    const person = await createMaker(app, [here.id, there.id]);
    const { key } = await insertApiKey(app, { makerId: person.userId, clinicIds: [here.id, there.id] });
    const patient = await app.patient();
    await app.db.query(`INSERT INTO client_clinic (client_id, clinic_id, registered_at) VALUES ($1, $2, now())`, [
      ...[patient.clientId, here.id],
    ]);
    const read = (): Promise<Answer> => app.call('GET', `/api/v1/clients/${patient.clientId}`, { token: key });
    for (let round = 0; round < 4; round += 1) {
      const reads = [read(), read()];
      await change(person.userId, { clinicIds: [there.id] });
      expect((await read()).status).toBe(404);
      await Promise.all(reads);
      await change(person.userId, { clinicIds: [here.id, there.id] });
      expect((await read()).status).toBe(200);
      clock.set(new Date(Date.now() + (round + 1) * 61_000).toISOString());
    }
  });
});
