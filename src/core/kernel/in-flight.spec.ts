import { describe, expect, it } from '@jest/globals';
import { InFlight } from './in-flight.js';

describe('InFlight', () => {
  it('reads once for all who ask meanwhile, and anew after that', async () => {
    const reads = new InFlight<number>();
    let count = 0;
    const read = async (): Promise<number> => (count += 1);
    expect(await Promise.all([reads.share('a', read), reads.share('a', read), reads.share('b', read)])).toEqual([
      1, 1, 2,
    ]);
    expect(await reads.share('a', read)).toBe(3);
  });

  it('shares a failure, and does not keep it', async () => {
    const reads = new InFlight<number>();
    const fail = (): Promise<number> => Promise.reject(new Error('no'));
    const both = await Promise.allSettled([reads.share('a', fail), reads.share('a', fail)]);
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await reads.share('a', () => Promise.resolve(1))).toBe(1);
  });
});
