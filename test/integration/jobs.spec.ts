import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Jobs } from '../../src/core/jobs/jobs.js';
import { TestApp } from '../support/app.js';

let app: TestApp;
const seen: string[] = [];
let due: string[] = [];
let heard: () => void = () => undefined;

const until = async (isTrue: () => boolean): Promise<void> => {
  while (!isTrue()) await new Promise<void>((resolve) => (heard = resolve));
};

beforeAll(async () => {
  app = await TestApp.start({ JOBS_SWEEP_SECONDS: '1' }, (nest) =>
    nest.get(Jobs).register({
      name: 'scan-analysis',
      due: () => Promise.resolve(due),
      run: (id) => {
        seen.push(id);
        due = due.filter((other) => other !== id);
        heard();
        return id.startsWith('bad') ? Promise.reject(new Error('as planned')) : Promise.resolve();
      },
    }),
  );
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
