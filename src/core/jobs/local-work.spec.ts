import { expect, test } from '@jest/globals';
import { LocalWork } from './local-work.js';
import type { JobKind } from './queues.js';

const kindOf = (concurrency: number): JobKind => ({
  name: 'deliveries',
  due: () => Promise.resolve([]),
  run: () => Promise.resolve(),
  concurrency,
});

/** Work that ends when the test says. */
function held(): { work: LocalWork; begun: string[]; end: (id: string) => Promise<void> } {
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const work = new LocalWork((_kind, id) => {
    begun.push(id);
    return new Promise((resolve) => ends.set(id, resolve));
  });
  const end = async (id: string): Promise<void> => {
    ends.get(id)?.();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { work, begun, end };
}

test('one that hangs holds up no other', () => {
  const { work, begun } = held();
  work.offer(kindOf(3), ['EMAIL', 'SMS', 'PLANS']);
  expect(begun).toEqual(['EMAIL', 'SMS', 'PLANS']);
});

test('an id does not run twice at once, and runs again when it is offered after its end', async () => {
  const { work, begun, end } = held();
  const kind = kindOf(3);
  work.offer(kind, ['EMAIL']);
  work.offer(kind, ['EMAIL']);
  expect(begun).toEqual(['EMAIL']);
  await end('EMAIL');
  work.offer(kind, ['EMAIL']);
  expect(begun).toEqual(['EMAIL', 'EMAIL']);
});

test('at most so many at once, the others after them, and nothing more once it stops', async () => {
  const { work, begun, end } = held();
  work.offer(kindOf(2), ['a', 'b', 'c', 'd']);
  expect(begun).toEqual(['a', 'b']);
  await end('a');
  expect(begun).toEqual(['a', 'b', 'c']);
  const stopped = work.stop();
  await end('b');
  await end('c');
  await stopped;
  expect(begun).toEqual(['a', 'b', 'c']);
});
