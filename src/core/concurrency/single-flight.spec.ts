import { describe, expect, it } from '@jest/globals';
import { heldWork, settle } from '../../../test/support/held-work.js';
import { SingleFlight } from './single-flight.js';

describe('share', () => {
  it('reads once for all callers of a key during the read, and again after it', async () => {
    const reads = new SingleFlight<number>();
    let count = 0;
    const read = async (): Promise<number> => (count += 1);
    expect(await Promise.all([reads.share('a', read), reads.share('a', read), reads.share('b', read)])).toEqual([
      1, 1, 2,
    ]);
    expect(await reads.share('a', read)).toBe(3);
  });

  it('throws a failure to all callers during the read, and reads again after it', async () => {
    const reads = new SingleFlight<number>();
    const fail = (): Promise<number> => Promise.reject(new Error('no'));
    const both = await Promise.allSettled([reads.share('a', fail), reads.share('a', fail)]);
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await reads.share('a', () => Promise.resolve(1))).toBe(1);
  });
});

describe('shareNext', () => {
  it('starts one read for all calls before its start, and another read for calls after its start', async () => {
    const { work: read, begun, end } = heldWork();
    const reads = new SingleFlight<number>();
    const early = [reads.shareNext('a', read), reads.shareNext('a', read)];
    await settle();
    const late = [reads.shareNext('a', read), reads.shareNext('a', read)];
    await settle();
    expect(begun()).toBe(1);
    end();
    await settle();
    end();
    expect(await Promise.all(early)).toEqual([1, 1]);
    expect(await Promise.all(late)).toEqual([2, 2]);
  });

  it('throws a failure to its caller, and reads again after it', async () => {
    const { work: read, end } = heldWork();
    const reads = new SingleFlight<number>();
    const first = reads.shareNext('a', read);
    await settle();
    end(true);
    await expect(first).rejects.toThrow('as planned');
    const second = reads.shareNext('a', read);
    await settle();
    end();
    expect(await second).toBe(2);
  });
});
