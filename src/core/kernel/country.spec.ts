import { expect, it } from '@jest/globals';
import { countryOfZone, isCountry } from './country.js';

it.each([
  ['Africa/Cairo', 'EG'],
  ['Africa/Kigali', 'RW'],
  ['Asia/Kolkata', 'IN'],
  ['Asia/Calcutta', 'IN'],
  ['US/Pacific-New', 'US'],
  ['Canada/East-Saskatchewan', 'CA'],
  ['Europe/Oslo', 'NO'],
  ['America/Argentina/Buenos_Aires', 'AR'],
  ['America/Buenos_Aires', 'AR'],
  ['Asia/Saigon', 'VN'],
])('%s is in %s', (zone, country) => expect(countryOfZone(zone)).toBe(country));

it.each(['UTC', 'Etc/GMT-2', 'CET', 'GMT+02:00', 'Nowhere/Atall', '', null, undefined])('%s has no country', (zone) =>
  expect(countryOfZone(zone)).toBeNull(),
);

it('isCountry accepts only ISO codes in upper case', () => {
  expect(['EG', 'RW', 'eg', 'XX', 'EGY', '', 7].map(isCountry)).toEqual([
    true,
    true,
    false,
    false,
    false,
    false,
    false,
  ]);
});
