import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isoMinute } from './iso-minute.js';

it('returns the same as toISOString, also before 1970 and for instants that are not whole minutes', () => {
  const minute = fc.integer({ min: -1_000_000_000, max: 4_000_000_000 }).map((n) => n * 60_000);
  const anything = fc.integer({ min: -62_000_000_000_000, max: 250_000_000_000_000 });
  fc.assert(
    fc.property(fc.array(fc.oneof(minute, anything), { minLength: 1, maxLength: 20 }), (instants) => {
      for (const instant of instants) expect(isoMinute(instant)).toBe(new Date(instant).toISOString());
    }),
  );
});
