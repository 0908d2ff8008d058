import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../tools/services/children.js';
import { startRedis, type RunningRedis } from '../../tools/services/redis.js';
import { newId } from '../../src/core/kernel/id.js';
import { eventually } from '../support/eventually.js';
import { ApiProcess } from '../support/processes.js';
import { TestApp } from '../support/app.js';
import { findBookableService, type BookableService } from '../support/slots.js';
import { allPublished, whileNothingIsPublished } from '../support/outbox.js';
import { SocketClient, type Meta } from '../support/sockets.js';

/** Creates the database, patients and tokens; it does not serve requests. */
let app: TestApp;
let redis: RunningRedis;
let environment: Record<string, string>;
let folder: string;
let one: ApiProcess;
let two: ApiProcess;
let video: BookableService;
let patient: { clientId: string; token: string };
/** Several patients, because one may have at most 20 upcoming appointments. */
let others: (typeof patient)[];
let desk: string;
const clients: SocketClient[] = [];

async function startEmptyRedis(port: number): Promise<RunningRedis> {
  return startRedis({ dataDir: folder, log: () => undefined, ephemeral: true, port });
}

/** Replaces Redis by an empty one on the same port. */
async function restartRedis(): Promise<void> {
  await redis.kill();
  redis = await startEmptyRedis(Number(new URL(redis.url).port));
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'careslot-kill-'));
  redis = await startEmptyRedis(await freePort(0));
  app = await TestApp.start({ REDIS_URL: redis.url });
  video = await findBookableService(app, 'Video visit');
  others = await app.patients(9);
  patient = others.pop() as typeof patient;
  const { rows } = await app.db.query<{ id: string }>(`SELECT clinic_id AS id FROM doctor WHERE id = $1`, [
    video.doctorId,
  ]);
  desk = app.tokenFor({ userId: newId(), role: 'STAFF', clinicIds: [rows[0]?.id as string] });
  environment = { ...app.environment, REDIS_URL: redis.url };
  const [first, second] = await Promise.all([
    ApiProcess.start(environment),
    ApiProcess.start(environment),
    app.stopServing(),
  ]);
  [one, two] = [first, second];
});

afterAll(async () => {
  for (const client of clients) client.close();
  await Promise.all([one?.kill(), two?.kill()]);
  await app?.close();
  await redis?.kill();
  await rm(folder, { recursive: true, force: true });
});

const connect = async (api: ApiProcess, token: string): Promise<SocketClient> => {
  const client = await SocketClient.connected(api.url, token, {
    transports: ['websocket'],
    reconnectionDelayMax: 250,
  });
  clients.push(client);
  return client;
};

async function book(api: ApiProcess, { token } = patient): Promise<any> {
  const startDateTime = video.slots.shift();
  const { serviceId, doctorId } = video;
  const answer = await app.call('POST', `${api.url}/api/v1/appointments`, {
    token,
    body: { serviceId, doctorId, startDateTime },
  });
  expect(answer.body.error).toBeUndefined();
  return answer.data;
}

const created = (client: SocketClient): string[] => [
  ...new Set(client.seen.filter(({ event }) => event === 'appointment:created').map(({ data }) => data.id as string)),
];

/** Commits bookings on a process, and kills it before it publishes them. */
const commitAndKill = (api: ApiProcess, count: number): Promise<string[]> =>
  whileNothingIsPublished(app, async () => {
    const booked = await Promise.all(Array.from({ length: count }, () => book(api)));
    await api.kill();
    const { rows } = await app.db.query(`SELECT FROM outbox WHERE position IS NULL AND event = 'appointment:created'`);
    expect(rows).toHaveLength(count);
    return booked.map(({ id }) => id as string);
  });

describe('two processes', () => {
  it('deliver a booking of one process to the sockets of both', async () => {
    const here = await connect(one, desk);
    const there = await connect(two, desk);
    const mine = await connect(two, patient.token);
    for (const api of [one, two]) {
      const { id } = await book(api);
      for (const client of [here, there, mine]) await client.waitFor('appointment:created', (data) => data.id === id);
    }
    for (const client of [here, there, mine]) expect(created(client)).toHaveLength(2);
  });
});

describe('Redis killed and emptied', () => {
  it('does not stop bookings, and every socket gets every event', async () => {
    const here = await connect(one, desk);
    const there = await connect(two, desk);
    const booked = [await book(one)];
    await there.waitFor('appointment:created', ({ id }) => id === booked[0].id);
    await redis.kill();
    for (const api of [one, two, one]) {
      booked.push(await book(api));
    }
    for (const { id } of booked) {
      for (const client of [here, there]) await client.waitFor('appointment:created', (data) => data.id === id);
    }
    redis = await startEmptyRedis(Number(new URL(redis.url).port));
    for (const api of [one, two]) booked.push(await book(api));
    for (const { id } of booked) {
      for (const client of [here, there]) await client.waitFor('appointment:created', (data) => data.id === id);
    }
    await allPublished(app);
    for (const client of [here, there]) {
      await client.sync(client.last);
      expect(created(client).sort()).toEqual(booked.map(({ id }) => id as string).sort());
    }
  });
});

describe('clients that store only the highest sequence', () => {
  /** The simplest client: after connecting it sends `sync` with the highest sequence that it has received. */
  class Dashboard {
    readonly created = new Set<string>();
    readonly disorder: string[] = [];
    private readonly known = new Set<string>();
    private highest: number | undefined;
    private client: SocketClient | undefined;

    async moveTo(api: ApiProcess): Promise<void> {
      this.client?.close();
      const client = await connect(api, desk);
      client.socket.onAny((event: string, data: { id: string }, meta?: Meta) => {
        if (!meta) return;
        if (!this.known.has(meta.eventId) && meta.sequence < (this.highest ?? 0)) {
          this.disorder.push(`${event} ${meta.sequence} after ${this.highest}`);
        }
        this.known.add(meta.eventId);
        this.highest = Math.max(this.highest ?? 0, meta.sequence);
        if (event === 'appointment:created') this.created.add(data.id);
      });
      const answer = await client.sync(this.highest);
      expect(answer).toEqual({ sequence: expect.any(Number), count: expect.any(Number) });
      this.highest = Math.max(this.highest ?? 0, answer.sequence);
      this.client = client;
    }
  }

  it.each([
    ['is frozen', () => Promise.resolve(redis.pause()), () => Promise.resolve(redis.resume())],
    ['is killed and comes back empty', () => redis.kill(), restartRedis],
    ['is killed and stays away', () => redis.kill(), () => Promise.resolve()],
  ])(
    'receive every event in order while Redis %s and they move between processes',
    async (_what, stop, restore) => {
      const boards = [new Dashboard(), new Dashboard(), new Dashboard()];
      const processes = [one, two];
      for (const [index, board] of boards.entries()) await board.moveTo(processes[index % 2] as ApiProcess);
      const booked: string[] = [];
      for (let round = 0; round < 12; round += 1) {
        if (round === 2) await stop();
        if (round === 9) await restore();
        const moving = boards[round % boards.length] as Dashboard;
        const [first, second] = await Promise.all([
          book(processes[round % 2] as ApiProcess, others[round % others.length]),
          book(processes[(round + 1) % 2] as ApiProcess, others[(round + 1) % others.length]),
          moving.moveTo(processes[round % 2] as ApiProcess),
        ]);
        booked.push(first.id, second.id);
      }
      await eventually(async () => {
        for (const board of boards) expect(booked.filter((id) => !board.created.has(id))).toEqual([]);
      });
      expect(boards.flatMap(({ disorder }) => disorder)).toEqual([]);
      await restartRedis();
    },
    60_000,
  );
});

describe('a process killed between commit and publish', () => {
  it('loses nothing: the other process publishes, and the sockets get the event by sync after they reconnect', async () => {
    const here = await connect(one, desk);
    const there = await connect(two, desk);
    const before = await book(one);
    await here.waitFor('appointment:created', ({ id }) => id === before.id);
    const committed = await commitAndKill(one, 5);
    for (const id of committed) await there.waitFor('appointment:created', (data) => data.id === id);
    expect(created(here)).toEqual([before.id]);
    one = await ApiProcess.start(environment, one.port);
    await here.waitUntil('a reconnect', () => here.socket.connected);
    await here.sync(here.last);
    expect(created(here).sort()).toEqual([before.id, ...committed].sort());
  });

  it('loses nothing if it was the only process', async () => {
    await two.kill();
    const client = await connect(one, patient.token);
    const before = await book(one);
    const { meta } = await client.waitFor('appointment:created', ({ id }) => id === before.id);
    const committed = await commitAndKill(one, 1);
    one = await ApiProcess.start(environment, one.port);
    await client.waitUntil('a reconnect', () => client.socket.connected);
    // The event was either published before and comes by sync, or it is published later.
    await client.sync(meta.sequence);
    for (const id of committed) await client.waitFor('appointment:created', (data) => data.id === id);
  });
});
