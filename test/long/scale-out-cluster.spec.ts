import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../tools/services/children.js';
import { PRODUCTION, TestApp } from '../support/app.js';
import { eventually, within } from '../support/eventually.js';
import { killProcess } from '../support/kill.js';
import { TestProcess } from '../support/processes.js';
import { findBookableService, type BookableService } from '../support/slots.js';
import { SocketClient } from '../support/sockets.js';

const METRICS_TOKEN = 'aR7xQ2mK9vL4pT8wZ1cD';
const CLIENTS = 4;
jest.setTimeout(600_000);

/** Creates the database, patients and tokens; it does not serve requests. */
let app: TestApp;
let cluster: TestProcess;
let video: BookableService;
let patients: { token: string }[];
let url: string;
let probes: string;

beforeAll(async () => {
  const own = { JWT_SECRET: PRODUCTION.JWT_SECRET };
  app = await TestApp.start(own);
  video = await findBookableService(app, 'Video visit');
  patients = await app.patients(60);
  await app.stopServing();
  const [port, probePort] = [await freePort(0), await freePort(0)];
  url = `http://127.0.0.1:${port}`;
  probes = `http://127.0.0.1:${probePort}`;
  cluster = new TestProcess('src/cluster.ts', {
    ...app.environment,
    ...PRODUCTION,
    ...own,
    HOST: '127.0.0.1',
    PORT: String(port),
    WORKER_PORT: String(probePort),
    WEB_CONCURRENCY: '2',
    METRICS_TOKEN,
    SHUTDOWN_DRAIN_SECONDS: '2',
    LOG_LEVEL: 'info',
  });
  await allReady();
});

afterAll(async () => {
  await cluster?.kill();
  await app?.close();
});

interface ChildView {
  name: string;
  ready: boolean;
  pid: number;
  restarts: number;
}

const report = async (path: string): Promise<Response> =>
  fetch(`${probes}${path}`, { headers: { authorization: `Bearer ${METRICS_TOKEN}` } });

async function children(): Promise<ChildView[]> {
  const { data } = (await (await report('/health/detailed')).json()) as { data: { processes: ChildView[] } };
  return data.processes;
}

const allReady = (): Promise<ChildView[]> =>
  eventually(async () => {
    const all = await children();
    expect(all.map(({ name, ready }) => [name, ready])).toEqual([
      ['api-1', true],
      ['api-2', true],
      ['worker-1', true],
    ]);
    return all;
  }, 120_000);

const pids = async (): Promise<number[]> => (await allReady()).map(({ pid }) => pid);

it('serves with all processes, with one report and one set of metrics', async () => {
  expect((await report('/health/ready')).status).toBe(200);
  expect((await fetch(`${probes}/metrics`)).status).toBe(401);
  for (let n = 0; n < 10; n += 1) expect((await fetch(`${url}/api/v1/doctors?limit=1`)).status).toBe(200);
  const metrics = await (await report('/metrics')).text();
  const counts = [
    ...metrics.matchAll(/^careslot_http_request_duration_seconds_count\{.*api\/v1\/doctors.*\} (\d+)$/gm),
  ];
  expect(counts.reduce((sum, [, count]) => sum + Number(count), 0)).toBe(10);
});

it('keeps the sessions of clients that only poll, and delivers events to sockets of every process', async () => {
  const [{ token }] = patients as [{ token: string }];
  const clients = await Promise.all(
    Array.from({ length: CLIENTS }, () => SocketClient.connected(url, token, { transports: ['polling'] })),
  );
  const upgraded = await SocketClient.connected(url, token);
  const { serviceId, doctorId, slots } = video;
  const body = { serviceId, doctorId, startDateTime: slots.shift() };
  expect((await app.call('POST', `${url}/api/v1/appointments`, { token, body })).status).toBe(201);
  for (const client of [...clients, upgraded]) await client.waitFor('appointment:created');
  expect(clients.map(({ disconnectedBecause }) => disconnectedBecause)).toEqual(Array(CLIENTS).fill(null));
  for (const client of [...clients, upgraded]) client.close();
});

it('replaces all processes on SIGHUP without a failed request', async () => {
  const before = await pids();
  const load = startLoad();
  cluster.signal('SIGHUP');
  await eventually(async () => {
    const now = await pids();
    expect(now.filter((pid) => before.includes(pid))).toEqual([]);
  }, 400_000);
  const { answered, faults } = await load.stop();
  expect(faults).toEqual([]);
  expect(answered).toBeGreaterThan(50);
});

it('starts a killed API process and a killed worker again', async () => {
  const before = await allReady();
  for (const { name, pid } of before.filter((one) => one.name !== 'api-2')) {
    killProcess(pid);
    await eventually(async () => {
      const now = (await allReady()).find((child) => child.name === name);
      expect(now?.pid).not.toBe(pid);
    }, 120_000);
  }
  expect((await fetch(`${url}/health/ready`)).status).toBe(200);
});

it('drains all processes on SIGTERM and ends with exit code 0', async () => {
  const running = await pids();
  expect(await cluster.stop(1, 60_000)).toBe(0);
  const left = running.filter((pid) => isRunning(pid));
  expect(left).toEqual([]);
});

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Bookings and reads on connections that stay open, until it is stopped. */
function startLoad(): { stop: () => Promise<{ answered: number; faults: string[] }> } {
  let isRunning = true;
  let answered = 0;
  const faults: string[] = [];
  const { serviceId, doctorId, slots } = video;
  let booked = 0;
  const note = (status: number, wanted: number, code?: string): void => {
    answered += 1;
    if (status !== wanted) faults.push(`${status} ${code}`);
  };
  const loops = Array.from({ length: CLIENTS }, async () => {
    for (let n = 0; isRunning; n += 1) {
      try {
        const read = await fetch(`${url}/api/v1/doctors?limit=1`);
        await read.text();
        note(read.status, 200);
        // The new processes need the cores too.
        await sleep(10);
        if (n % 20 !== 0) continue;
        const { token } = patients[(booked += 1) % patients.length] as { token: string };
        const body = { serviceId, doctorId, startDateTime: slots.shift() };
        const answer = await app.call('POST', `${url}/api/v1/appointments`, { token, body });
        note(answer.status, 201, answer.code);
      } catch (error) {
        faults.push(String((error as Error).cause ?? error));
      }
    }
  });
  return {
    stop: async () => {
      isRunning = false;
      await within('the end of the load', Promise.all(loops));
      return { answered, faults };
    },
  };
}
