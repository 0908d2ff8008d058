import { describe, expect, it } from '@jest/globals';
import { heldWork, settle } from '../../../test/support/held-work.js';
import { Semaphore } from './semaphore.js';

describe('a semaphore', () => {
  it('runs no more work at the same time than it has permits, also after a failure', async () => {
    const { work, begun, end } = heldWork();
    const semaphore = new Semaphore({ total: 2 });
    const outcomes = Promise.allSettled(Array.from({ length: 5 }, () => semaphore.run(work)));
    await settle();
    expect([begun(), semaphore.waiting]).toEqual([2, 3]);
    end(true);
    await settle();
    expect(begun()).toBe(3);
    for (let n = 0; n < 4; n += 1) {
      end();
      await settle();
    }
    expect((await outcomes).map(({ status }) => status)).toEqual(['rejected', ...Array(4).fill('fulfilled')]);
  });

  it('gives permits in order, and skips keys that are at their limit', async () => {
    const semaphore = new Semaphore({ total: 2, perKey: 1 });
    const order: string[] = [];
    const enter = (key: string): Promise<() => void> =>
      semaphore.acquire(key).then((release) => {
        order.push(key);
        return release;
      });
    const first = await enter('amina');
    const second = enter('amina');
    const third = await enter('omar');
    const fourth = enter('salma');
    await settle();
    expect(order).toEqual(['amina', 'omar']);
    third();
    await settle();
    expect(order).toEqual(['amina', 'omar', 'salma']);
    first();
    (await second)();
    (await fourth)();
    expect(order).toEqual(['amina', 'omar', 'salma', 'amina']);
  });

  it('throws the refusal of runOrRefuse, or returns null from tryAcquire, if a key has no free permit', async () => {
    const { work, end } = heldWork();
    const semaphore = new Semaphore({ perKey: 1 });
    const refusal = (): Error => new Error('too many');
    const running = semaphore.runOrRefuse('amina', work, refusal);
    await expect(semaphore.runOrRefuse('amina', work, refusal)).rejects.toThrow('too many');
    expect(semaphore.tryAcquire('amina')).toBeNull();
    const omar = semaphore.tryAcquire('omar');
    expect(omar).not.toBeNull();
    omar?.();
    end();
    expect(await running).toBe(1);
    expect(semaphore.tryAcquire('amina')).not.toBeNull();
  });

  it('does not hand a permit to a caller who has stopped waiting', async () => {
    const semaphore = new Semaphore({ total: 1 });
    const release = await semaphore.acquire();
    expect(await semaphore.acquireWithin(5)).toBeNull();
    release();
    const next = await semaphore.acquireWithin(5);
    expect(next).not.toBeNull();
    expect(semaphore.tryAcquire()).toBeNull();
    next?.();
  });

  it('releases a permit only once, even if release is called twice', async () => {
    const semaphore = new Semaphore({ total: 1 });
    const release = await semaphore.acquire();
    release();
    release();
    expect(semaphore.tryAcquire()).not.toBeNull();
    expect(semaphore.tryAcquire()).toBeNull();
  });
});
