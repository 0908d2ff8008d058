import { describe, expect, it } from '@jest/globals';
import { eighteenthBirthday, isInForce } from './guardianship.js';

describe('a guardianship', () => {
  it.each([
    ['2008-11-29', '2026-11-29'],
    ['2008-02-29', '2026-02-28'],
    ['2010-12-31', '2028-12-31'],
  ])('of a child born on %s ends on %s', (born, day) => {
    expect(eighteenthBirthday(born)).toBe(day);
  });

  it.each([
    ['Africa/Cairo', '2026-11-28T21:59:59.999Z', true],
    ['Africa/Cairo', '2026-11-28T22:00:00.000Z', false],
    ['America/New_York', '2026-11-29T04:59:59.999Z', true],
    ['America/New_York', '2026-11-29T05:00:00.000Z', false],
  ])('ends at midnight of the birthday in %s: at %s it is in force: %s', (timeZone, now, expected) => {
    expect(isInForce({ dateOfBirth: '2008-11-29', timeZone }, Date.parse(now))).toBe(expected);
  });

  it('is not in force without a date of birth', () => {
    expect(isInForce({ dateOfBirth: null, timeZone: 'UTC' }, 0)).toBe(false);
  });
});
