import { describe, expect, it } from '@jest/globals';
import { Lanes, SharedRead } from './crowd-control.js';

/** Work that ends when the test says so. */
function held(): { work: () => Promise<number>; begun: () => number; end: (fails?: boolean) => void } {
  let begun = 0;
  const ends: ((fails: boolean) => void)[] = [];
  const work = (): Promise<number> => {
    const n = (begun += 1);
    return new Promise((resolve, reject) => {
      ends.push((fails) => (fails ? reject(new Error('as planned')) : resolve(n)));
    });
  };
  return { work, begun: () => begun, end: (fails = false) => ends.shift()?.(fails) };
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('a shared read', () => {
  it('is one for all who ask before it begins, and another for who asks after', async () => {
    const { work, begun, end } = held();
    const shared = new SharedRead(work);
    const early = [shared.get(), shared.get()];
    await settle();
    const late = [shared.get(), shared.get()];
    await settle();
    expect(begun()).toBe(1);
    end();
    await settle();
    end();
    expect(await Promise.all(early)).toEqual([1, 1]);
    expect(await Promise.all(late)).toEqual([2, 2]);
  });

  it('that fails does so for its own, and the next goes on', async () => {
    const { work, end } = held();
    const shared = new SharedRead(work);
    const first = shared.get();
    await settle();
    end(true);
    await expect(first).rejects.toThrow('as planned');
    const second = shared.get();
    await settle();
    end();
    expect(await second).toBe(2);
  });
});

describe('lanes', () => {
  it('do so much at a time and no more, also after a failure', async () => {
    const { work, begun, end } = held();
    const lanes = new Lanes(2);
    const all = Array.from({ length: 5 }, () => lanes.run(work));
    const outcomes = Promise.allSettled(all);
    await settle();
    expect(begun()).toBe(2);
    end(true);
    await settle();
    expect(begun()).toBe(3);
    for (let n = 0; n < 4; n += 1) {
      end();
      await settle();
    }
    expect((await outcomes).map(({ status }) => status)).toEqual(['rejected', ...Array(4).fill('fulfilled')]);
  });
});
