import { describe, expect, it } from '@jest/globals';
import { toElapsedTimes, timeFaults } from './request-faults.js';

const NOW = Date.parse('2026-11-23T09:00:00Z');

describe('times', () => {
  const fields = (times: object): string[] => timeFaults(times, NOW).map(({ field }) => field);

  it('in the future are refused by field; up to ten minutes ahead is a phone’s clock and counts as now', () => {
    for (const minutes of [1, 5, 10]) {
      const ahead = new Date(NOW + minutes * 60_000).toISOString();
      const times = { lastKnownWell: ahead, recognisedAt: ahead, assessedAt: ahead };
      expect(fields(times)).toEqual([]);
      expect(toElapsedTimes(times, NOW)).toEqual({ assessedAt: NOW, sinceLastKnownWell: 0, sinceRecognised: 0 });
    }
    expect(fields({ lastKnownWell: '2026-11-23T09:10:01Z' })).toEqual(['lastKnownWell']);
    expect(fields({ assessedAt: '2026-11-23T10:00:00Z', recognisedAt: '2026-11-23T09:30:00Z' })).toEqual([
      'assessedAt',
      'recognisedAt',
    ]);
    expect(fields({ assessedAt: '2026-11-23T08:00:00Z', lastKnownWell: '2026-11-23T08:30:00Z' })).toEqual([
      'lastKnownWell',
    ]);
    expect(fields({ lastKnownWell: '2026-11-23T08:30:00Z', recognisedAt: '2026-11-23T08:00:00Z' })).toEqual([
      'recognisedAt',
    ]);
  });

  it('are instants: the hour that a change of clocks repeats counts', () => {
    // 01:30 EDT to 01:30 EST of 2026-11-01 in New York is one hour.
    const times = { lastKnownWell: '2026-11-01T01:30:00-04:00', assessedAt: '2026-11-01T01:30:00-05:00' };
    expect(toElapsedTimes(times, NOW).sinceLastKnownWell).toBe(60);
  });
});
