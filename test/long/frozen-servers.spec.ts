import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startRedis, type RunningRedis } from '../../tools/services/redis.js';
import { newId } from '../../src/core/kernel/id.js';
import { TestApp, type Answer } from '../support/app.js';
import { eventually } from '../support/eventually.js';
import { ApiProcess } from '../support/processes.js';
import { findBookableService, type BookableService } from '../support/slots.js';
import { TcpProxy } from '../support/tcp-proxy.js';

/** Networks and servers that stop responding without closing connections. */

let app: TestApp;
let api: ApiProcess;
let postgres: TcpProxy;
let redis: RunningRedis;
let folder: string;
let video: BookableService;
let patients: { token: string }[];

/** The deadline of a request; the application answers long before it. */
const DEADLINE_MILLISECONDS = 15_000;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'careslot-stall-'));
  redis = await startRedis({ dataDir: folder, log: () => undefined, ephemeral: true });
  app = await TestApp.start();
  video = await findBookableService(app, 'Video visit');
  patients = await app.patients(3);
  await app.stopServing();
  postgres = await TcpProxy.start(app.environment.DATABASE_URL as string);
  api = await ApiProcess.start({
    ...app.environment,
    DATABASE_URL: postgres.url,
    REDIS_URL: redis.url,
    DATABASE_POOL_SIZE: '3',
    DATABASE_TIMEOUT_SECONDS: '4',
    LOG_LEVEL: 'info',
  });
});

afterEach(() => {
  postgres.resume();
  redis.resume();
});

afterAll(async () => {
  await api?.kill();
  await app?.close();
  await Promise.all([postgres?.close(), redis?.kill()]);
  await rm(folder, { recursive: true, force: true });
});

async function call(method: string, path: string, token?: string, body?: object): Promise<Answer> {
  const response = await fetch(`${api.url}/api/v1${path}`, {
    method,
    headers: {
      'content-type': 'application/json',
      'idempotency-key': newId(),
      ...(token && { authorization: `Bearer ${token}` }),
    },
    ...(body && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(DEADLINE_MILLISECONDS),
  });
  const json: any = await response.json();
  return { status: response.status, headers: response.headers, body: json, data: json.data, code: json.error?.code };
}

const book = (token: string | undefined): Promise<Answer> =>
  call('POST', '/appointments', token, {
    serviceId: video.serviceId,
    doctorId: video.doctorId,
    startDateTime: video.slots.shift(),
  });

const signIn = (password = 'careslot-demo-1'): Promise<Answer> =>
  call('POST', '/auth/login', undefined, { email: 'patient@careslot.test', password });

describe('a network to PostgreSQL that drops all packets', () => {
  it('results in 503, also for more requests than connections, and the process recovers', async () => {
    expect((await book(patients[0]?.token)).status).toBe(201);
    postgres.stall();
    const answers = await Promise.all([
      ...patients.map(({ token }) => book(token)),
      ...[1, 2, 3].map(() => call('GET', '/doctors')),
      call('GET', '/appointments', patients[0]?.token),
      signIn(),
    ]);
    expect(answers.map(({ status, code }) => [status, code])).toEqual(answers.map(() => [503, 'SERVICE_UNAVAILABLE']));
    for (const { headers } of answers) expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    postgres.resume();
    await eventually(async () => expect((await fetch(`${api.url}/health/ready`)).status).toBe(200));
    const after = await Promise.all([...patients.map(({ token }) => book(token)), signIn()]);
    expect(after.map(({ status }) => status)).toEqual([201, 201, 201, 200]);
    expect(await app.overlaps()).toBe(0);
  });
});

describe('a Redis that is frozen', () => {
  it('does not make requests fail, and wrong passwords stay limited', async () => {
    expect((await signIn()).status).toBe(200);
    redis.pause();
    for (let n = 0; n < 5; n += 1) expect((await signIn()).status).toBe(200);
    expect((await book(patients[1]?.token)).status).toBe(201);
    const guesses: number[] = [];
    for (let n = 0; n < 11; n += 1) guesses.push((await signIn('wrong')).status);
    expect(guesses).toEqual([...Array<number>(10).fill(401), 429]);
  });
});

describe('an outage of Redis', () => {
  it('is logged once at its start and once at its end, with its duration, even if several components notice it', async () => {
    const lines = (text: string): any[] =>
      api.log
        .split('\n')
        .filter((line) => line.includes(text))
        .map((line) => JSON.parse(line));
    // The outage of an earlier test may not have ended yet.
    await eventually(async () => expect(lines('redis is').length % 2).toBe(0));
    const before = lines('redis is').length;
    for (let outage = 1; outage <= 2; outage += 1) {
      redis.pause();
      await eventually(async () => expect(lines('redis is')).toHaveLength(before + 2 * outage - 1));
      expect((await book(patients[2]?.token)).status).toBe(201);
      redis.resume();
      await eventually(async () => expect(lines('redis is')).toHaveLength(before + 2 * outage));
    }
    const [away, back] = lines('redis is').slice(-2);
    expect(away.msg).toMatch(/unavailable/);
    expect(back).toMatchObject({ msg: 'redis is available again', seconds: expect.any(Number) });
    expect(api.log).not.toMatch(/ioredis/);
  });
});
