import { expect, test } from '@jest/globals';
import { LocalRunner } from './local-runner.js';

/** Jobs that end when the test ends them. */
function jobs(concurrency: number): { runner: LocalRunner; started: string[]; end: (id: string) => Promise<void> } {
  const started: string[] = [];
  const ends = new Map<string, () => void>();
  const runner = new LocalRunner(concurrency, (id) => {
    started.push(id);
    return new Promise((resolve) => ends.set(id, resolve));
  });
  const end = async (id: string): Promise<void> => {
    ends.get(id)?.();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { runner, started, end };
}

test('a job that hangs occupies one place; jobs in the other places follow one another', async () => {
  const { runner, started, end } = jobs(2);
  runner.add(['hangs', 'a', 'b']);
  await end('a');
  await end('b');
  runner.add(['c']);
  expect(started).toEqual(['hangs', 'a', 'b', 'c']);
});

test('an id does not run twice at once, and runs again if it is added after its end', async () => {
  const { runner, started, end } = jobs(3);
  runner.add(['EMAIL']);
  runner.add(['EMAIL']);
  expect(started).toEqual(['EMAIL']);
  await end('EMAIL');
  runner.add(['EMAIL']);
  expect(started).toEqual(['EMAIL', 'EMAIL']);
});

test('no more than the limit run at once, the others follow, and nothing starts after stop', async () => {
  const { runner, started, end } = jobs(2);
  runner.add(['a', 'b', 'c', 'd']);
  expect(started).toEqual(['a', 'b']);
  await end('a');
  expect(started).toEqual(['a', 'b', 'c']);
  const stopped = runner.stop();
  await end('b');
  await end('c');
  await stopped;
  runner.add(['e']);
  expect(started).toEqual(['a', 'b', 'c']);
});
