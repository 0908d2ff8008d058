import { getQueueToken } from '@nestjs/bull';
import type { INestApplicationContext } from '@nestjs/common';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Queue } from 'bull';
import { loadConfig } from '../../src/core/config/config.js';
import { JobScheduler } from '../../src/core/jobs/job-scheduler.js';
import { MAINTENANCE_QUEUE } from '../../src/core/jobs/maintenance-scheduler.js';
import { createDatabase, dropDatabase, TestApp, testEnvironment } from '../support/app.js';
import { eventually } from '../support/eventually.js';
import { Numbers, NUMBERS_QUEUE, startNumbersApp } from '../support/numbers-app.js';

let database: { name: string; url: string };

beforeAll(async () => {
  database = await createDatabase(process.env.TEMPLATE_DATABASE);
});
afterAll(() => dropDatabase(database.name));

const start = (env: Record<string, string> = {}): Promise<INestApplicationContext> =>
  startNumbersApp(loadConfig({ ...testEnvironment(database.url), JOBS_SWEEP_SECONDS: '1', ...env }));

describe('with Redis', () => {
  let app: INestApplicationContext;
  let numbers: Numbers;
  let queue: Queue;

  beforeAll(async () => {
    app = await start();
    numbers = app.get(Numbers);
    queue = app.get<Queue>(getQueueToken(NUMBERS_QUEUE), { strict: false });
    await eventually(async () => expect(await queue.isReady()).toBe(queue));
  });
  afterAll(() => app.close());
  beforeEach(() => {
    numbers.started.length = 0;
    numbers.gate = null;
  });

  const finished = (...ids: string[]): Promise<void> =>
    eventually(async () => {
      expect(numbers.started).toEqual(expect.arrayContaining(ids));
      expect(await queue.getJobCounts()).toMatchObject({ waiting: 0, active: 0, delayed: 0, failed: 0, completed: 0 });
    });

  test('enqueued work runs once and leaves nothing in Redis', async () => {
    app.get(JobScheduler).enqueue(NUMBERS_QUEUE, { id: 'enqueued' });
    await finished('enqueued');
    expect(numbers.started).toEqual(['enqueued']);
  });

  test('work that is due runs without being enqueued, also if other work fails', async () => {
    numbers.failures.set('bad', 1);
    numbers.due = ['bad', 'due-1', 'due-2'].map((id) => ({ id }));
    await finished('bad', 'due-1', 'due-2');
  });

  test('an id that has run can become due again', async () => {
    numbers.due = [{ id: 'again' }];
    await finished('again');
    numbers.started.length = 0;
    numbers.due = [{ id: 'again' }];
    await finished('again');
  });

  test('a job that fails is retried', async () => {
    numbers.failures.set('flaky', 2);
    app.get(JobScheduler).enqueue(NUMBERS_QUEUE, { id: 'flaky' });
    await eventually(async () => expect(numbers.started).toEqual(['flaky', 'flaky', 'flaky']));
    await finished();
  });

  test('waiting jobs run by priority, and a running job shows its progress', async () => {
    let open: () => void = () => undefined;
    numbers.gate = new Promise((resolve) => (open = resolve));
    const jobs = app.get(JobScheduler);
    jobs.enqueue(NUMBERS_QUEUE, { id: 'running' });
    await eventually(async () => expect(await (await queue.getJob('running'))?.progress()).toBe(50));
    jobs.enqueue(NUMBERS_QUEUE, { id: 'later', priority: 2 }, { id: 'sooner', priority: 1 });
    await eventually(async () => expect((await queue.getJobCounts()).waiting).toBe(2));
    open();
    await finished('sooner', 'later');
    expect(numbers.started).toEqual(['running', 'sooner', 'later']);
  });

  test('a periodic task is a repeatable job and runs again and again', async () => {
    const maintenance = app.get<Queue>(getQueueToken(MAINTENANCE_QUEUE), { strict: false });
    const names = (await maintenance.getRepeatableJobs()).map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['count', 'delete-old-outbox-rows', 'delete-old-sessions']));
    const before = numbers.counted;
    await eventually(async () => expect(numbers.counted).toBeGreaterThan(before + 1));
  });
});

test('without Redis, work that is enqueued or due also runs, and the process can be closed', async () => {
  const app = await start({ REDIS_URL: 'redis://127.0.0.1:1' });
  try {
    const numbers = app.get(Numbers);
    app.get(JobScheduler).enqueue(NUMBERS_QUEUE, { id: 'enqueued' });
    numbers.due = [{ id: 'due' }];
    await eventually(async () => expect(numbers.started.sort()).toEqual(['due', 'enqueued']));
  } finally {
    await app.close();
  }
});

test('the queue board opens only with the cookie of an ADMIN, and only during the session', async () => {
  const app = await TestApp.start();
  try {
    expect((await app.call('GET', '/ops/queues')).code).toBe('UNAUTHENTICATED');
    const token = await app.login('admin@careslot.test');
    const opened = await app.call('POST', '/api/v1/ops/queue-board', { token });
    const cookie = opened.headers.get('set-cookie')?.split(';')[0] as string;
    const board = await fetch(`${app.url}${opened.data.url}`, { headers: { cookie } });
    expect(board.status).toBe(200);
    expect(await board.text()).toContain('<html');
    const queues = await fetch(`${app.url}${opened.data.url}/api/queues`, { headers: { cookie } });
    const names = await queues.text();
    for (const name of ['deliveries', 'reminders', 'scan-analysis', 'maintenance']) expect(names).toContain(name);
    expect((await app.call('GET', '/ops/queues', { headers: { cookie: `${cookie}x` } })).status).toBe(401);
    await app.call('POST', '/api/v1/auth/logout', { token });
    expect((await app.call('GET', '/ops/queues', { headers: { cookie } })).status).toBe(401);
  } finally {
    await app.close();
  }
});
