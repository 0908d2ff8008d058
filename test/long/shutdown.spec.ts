import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../tools/services/children.js';
import { startRedis, type RunningRedis } from '../../tools/services/redis.js';
import { PRODUCTION, TestApp } from '../support/app.js';
import { eventually } from '../support/eventually.js';
import { ApiProcess, TestProcess } from '../support/processes.js';
import { findBookableService, type BookableService } from '../support/slots.js';
import { SocketClient } from '../support/sockets.js';

const DRAIN_SECONDS = 1;
/**
 * docs/operations.md guarantees that a process ends within 12 s after the drain, when it aborts what still runs. Nothing
 * hangs here, so it must end before that.
 */
const CLOSE_SECONDS = 10;
const REFUSED_WITHIN_MILLISECONDS = 50_000;

/** Creates the database, patients and tokens; it does not serve requests. */
let app: TestApp;
let redis: RunningRedis;
let folder: string;
let environment: Record<string, string>;
let processes: TestProcess[] = [];
let video: BookableService;
let token: string;

const startOurRedis = (port: number): Promise<RunningRedis> =>
  startRedis({ dataDir: folder, log: () => undefined, ephemeral: true, port });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'careslot-shutdown-'));
  redis = await startOurRedis(await freePort(0));
  const own = { REDIS_URL: redis.url, JWT_SECRET: randomBytes(48).toString('base64') };
  app = await TestApp.start(own);
  video = await findBookableService(app, 'Video visit');
  token = (await app.patients(1))[0]?.token as string;
  const drain = { SHUTDOWN_DRAIN_SECONDS: String(DRAIN_SECONDS), JOBS_SWEEP_SECONDS: '1' };
  environment = { ...app.environment, ...PRODUCTION, ...own, ...drain };
  await app.stopServing();
});

afterEach(async () => {
  redis.resume();
  await Promise.all(processes.map((process) => process.kill()));
  processes = [];
});

afterAll(async () => {
  await app?.close();
  await redis?.kill();
  await rm(folder, { recursive: true, force: true });
});

const start = async (): Promise<ApiProcess> => {
  const api = await ApiProcess.start(environment);
  processes.push(api);
  return api;
};

const openSockets = (api: ApiProcess): Promise<SocketClient[]> =>
  Promise.all(
    ['websocket', 'websocket', 'polling'].map((transport) =>
      SocketClient.connected(api.url, token, { transports: [transport], reconnection: false }),
    ),
  );

async function book(api: ApiProcess): Promise<void> {
  const { serviceId, doctorId } = video;
  const body = { serviceId, doctorId, startDateTime: video.slots.shift() };
  expect((await app.call('POST', `${api.url}/api/v1/appointments`, { token, body })).status).toBe(201);
}

/** Sends SIGTERM. @returns the exit code. @throws Error if the process does not end in time */
const terminate = (process: TestProcess, signals = 1): Promise<number | null> =>
  process.stop(signals, (DRAIN_SECONDS + CLOSE_SECONDS) * 1000);

/**
 * Sends requests one after the other until a connection is refused.
 * @returns the failures. A reset directly before the refusal is not one: the kernel may complete a connection while the
 * process closes its listener.
 * @throws TimeoutError if no connection is refused in time
 */
async function callsUntilRefused(api: ApiProcess): Promise<{ answered: number; faults: string[] }> {
  const outcomes: (number | string)[] = [];
  const deadline = AbortSignal.timeout(REFUSED_WITHIN_MILLISECONDS);
  while (outcomes.at(-1) !== 'ECONNREFUSED') {
    deadline.throwIfAborted();
    outcomes.push(
      await fetch(`${api.url}/api/v1/doctors?limit=1`, { signal: deadline }).then(
        async (answer) => (await answer.text()) && answer.status,
        (error: Error) => (error.cause as { code?: string } | undefined)?.code ?? error.message,
      ),
    );
  }
  outcomes.pop();
  if (outcomes.at(-1) === 'ECONNRESET') outcomes.pop();
  const faults = outcomes.filter((outcome) => outcome !== 200).map(String);
  return { answered: outcomes.length - faults.length, faults };
}

describe('SIGTERM to a process with open sockets and queues', () => {
  it('answers every request, notifies the sockets, and ends in time with exit code 0, also if it is sent twice', async () => {
    const api = await start();
    const sockets = await openSockets(api);
    await book(api);
    await Promise.all(sockets.map((socket) => socket.waitFor('appointment:created')));
    const ending = terminate(api, 2);
    const calls = await callsUntilRefused(api);
    expect({ code: await ending, faults: calls.faults }).toEqual({ code: 0, faults: [] });
    expect(calls.answered).toBeGreaterThan(0);
    for (const socket of sockets) await socket.waitFor('server:closing');
  });

  it('ends in time after Redis was killed', async () => {
    const api = await start();
    const sockets = await openSockets(api);
    await redis.kill();
    await book(api);
    await Promise.all(sockets.map((socket) => socket.waitFor('appointment:created')));
    expect(await terminate(api)).toBe(0);
    redis = await startOurRedis(Number(new URL(redis.url).port));
  });

  it('ends in time while Redis is frozen', async () => {
    const api = await start();
    await openSockets(api);
    redis.pause();
    await book(api);
    expect(await terminate(api)).toBe(0);
  });

  it('ends in time if Redis was never available', async () => {
    await redis.kill();
    const api = await start();
    await openSockets(api);
    await book(api);
    expect(await terminate(api)).toBe(0);
    redis = await startOurRedis(Number(new URL(redis.url).port));
  });
});

describe('SIGTERM to a worker', () => {
  it.each(['available', 'frozen'])('ends it in time with exit code 0 while Redis is %s', async (state) => {
    const worker = new TestProcess('src/worker.ts', environment);
    processes.push(worker);
    await eventually(async () => {
      const { rowCount } = await app.db.query(
        `SELECT FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN "careslot_outbox"%'`,
      );
      expect(rowCount).toBe(1);
    });
    if (state === 'frozen') redis.pause();
    expect(await terminate(worker)).toBe(0);
  });
});
