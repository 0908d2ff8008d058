import { describe, expect, it } from '@jest/globals';
import { toElapsedTimes, timeErrors } from './request-errors.js';

const NOW = Date.parse('2026-11-23T09:00:00Z');

describe('times', () => {
  const fields = (times: object): string[] => timeErrors(times, NOW).map(({ field }) => field);

  it('up to ten minutes in the future count as now, because a phone’s clock may be ahead', () => {
    for (const minutes of [1, 5, 10]) {
      const ahead = new Date(NOW + minutes * 60_000).toISOString();
      const times = { lastKnownWell: ahead, recognisedAt: ahead, assessedAt: ahead };
      expect(fields(times)).toEqual([]);
      expect(toElapsedTimes(times, NOW)).toEqual({ assessedAt: NOW, sinceLastKnownWell: 0, sinceRecognised: 0 });
    }
  });

  it('later than that are errors', () => {
    expect(fields({ lastKnownWell: '2026-11-23T09:10:01Z' })).toEqual(['lastKnownWell']);
    expect(fields({ assessedAt: '2026-11-23T10:00:00Z', recognisedAt: '2026-11-23T09:30:00Z' })).toEqual([
      'assessedAt',
      'recognisedAt',
    ]);
  });

  it('of the onset must not be after the assessment, and the recognition not before last known well', () => {
    expect(fields({ assessedAt: '2026-11-23T08:00:00Z', lastKnownWell: '2026-11-23T08:30:00Z' })).toEqual([
      'lastKnownWell',
    ]);
    expect(fields({ lastKnownWell: '2026-11-23T08:30:00Z', recognisedAt: '2026-11-23T08:00:00Z' })).toEqual([
      'recognisedAt',
    ]);
  });

  it('on both sides of a clock change have the elapsed time between their instants', () => {
    // 01:30 EDT to 01:30 EST of 2026-11-01 in New York is one hour.
    const times = { lastKnownWell: '2026-11-01T01:30:00-04:00', assessedAt: '2026-11-01T01:30:00-05:00' };
    expect(toElapsedTimes(times, NOW).sinceLastKnownWell).toBe(60);
  });
});
