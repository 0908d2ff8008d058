import { describe, expect, it } from '@jest/globals';
import { canonicalZoneName } from './zone-names.js';
import { Zone } from './zone.js';

const KNOWN = [
  ...Intl.supportedValuesOf('timeZone'),
  'US/Pacific-New',
  'Canada/East-Saskatchewan',
  'US/Eastern',
  'Zulu',
];
const YEARS = [2000, 2015, 2024, 2030];

describe('the canonical name of a zone', () => {
  it.each([
    ['US/Pacific-New', 'America/Los_Angeles'],
    ['Asia/Calcutta', 'Asia/Kolkata'],
    ['Etc/UTC', 'UTC'],
    ['Europe/Oslo', 'Europe/Oslo'],
    ['EST', 'EST'],
    ['Etc/GMT+5', 'Etc/GMT+5'],
    ['no zone', 'no zone'],
  ])('of %s is %s', (name, canonical) => expect(canonicalZoneName(name)).toBe(canonical));

  it('is a valid zone with the same offsets, and is its own canonical name', () => {
    for (const name of KNOWN) {
      const canonical = canonicalZoneName(name);
      expect({ name, isZone: Zone.isValid(canonical) }).toEqual({ name, isZone: true });
      expect(canonicalZoneName(canonical)).toBe(canonical);
      for (const year of YEARS) {
        for (const month of [0, 6]) {
          const instant = Date.UTC(year, month, 15);
          const offsets = [name, canonical].map((zone) => Zone.of(zone).offsetAt(instant));
          expect({ name, offsets }).toEqual({ name, offsets: [offsets[0], offsets[0]] });
        }
      }
    }
  });
});
