import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { Jobs } from '../../src/core/jobs/jobs.js';
import { AnalysisJob } from '../../src/modules/scans/analysis/analysis.job.js';
import { AnalysisRepository } from '../../src/modules/scans/analysis/analysis.repository.js';
import { TestApp } from '../support/app.js';

let app: TestApp;
const seen: string[] = [];
let due: string[] = [];
let heard: () => void = () => undefined;

const until = async (isTrue: () => boolean): Promise<void> => {
  while (!isTrue()) await new Promise<void>((resolve) => (heard = resolve));
};

beforeAll(async () => {
  // In place of a feature's own work: the kinds of work are fixed, one for each queue.
  app = await TestApp.start({ JOBS_SWEEP_SECONDS: '1' }, (nest) => {
    jest.spyOn(nest.get(AnalysisRepository), 'due').mockImplementation(() => Promise.resolve(due));
    jest.spyOn(nest.get(AnalysisJob), 'run').mockImplementation((id) => {
      seen.push(id);
      due = due.filter((other) => other !== id);
      heard();
      return id.startsWith('bad') ? Promise.reject(new Error('as planned')) : Promise.resolve();
    });
  });
});

afterAll(() => app.close());

test('what is woken runs', async () => {
  app.app.get(Jobs).wake('scan-analysis', 'woken');
  await until(() => seen.includes('woken'));
});

test('what is due runs without a hint, also when another failed', async () => {
  due = ['bad-1', 'due-1', 'due-2'];
  await until(() => ['due-1', 'due-2', 'bad-1'].every((id) => seen.includes(id)));
  expect(due).toEqual([]);
});

test('the same id can come due again after it has run', async () => {
  seen.length = 0;
  due = ['again'];
  await until(() => seen.length === 1);
  due = ['again'];
  await until(() => seen.length === 2);
});

test('the queue board opens to an ADMIN only, by a cookie that ends with the session', async () => {
  expect((await app.call('GET', '/ops/queues')).code).toBe('UNAUTHENTICATED');
  const token = await app.login('admin@careslot.test');
  const opened = await app.call('POST', '/api/v1/ops/queue-board', { token });
  const cookie = opened.headers.get('set-cookie')?.split(';')[0] as string;
  const board = await fetch(`${app.url}${opened.data.url}`, { headers: { cookie } });
  expect(board.status).toBe(200);
  expect(await board.text()).toContain('<html');
  const queues = await fetch(`${app.url}${opened.data.url}/api/queues`, { headers: { cookie } });
  expect(await queues.text()).toContain('deliveries');
  expect((await app.call('GET', '/ops/queues', { headers: { cookie: `${cookie}x` } })).status).toBe(401);
  await app.call('POST', '/api/v1/auth/logout', { token });
  expect((await app.call('GET', '/ops/queues', { headers: { cookie } })).status).toBe(401);
});
