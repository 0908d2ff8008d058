import { describe, expect, it } from '@jest/globals';
import { emergencyNumber } from './emergency-number.js';

describe('the emergency number', () => {
  const table = { EG: '123', IN: '112' };

  it.each([
    [
      'of the clinic, if it has one',
      { clinicNumber: '999', country: 'EG', locales: [] },
      { number: '999', from: 'CLINIC' },
    ],
    ['of the caller’s country', { country: 'eg', locales: ['hi-IN'] }, { number: '123', from: 'COUNTRY' }],
    [
      'of the clinic’s country, if the caller gives none',
      { clinicCountry: 'EG', locales: ['hi-IN'] },
      { number: '123', from: 'CLINIC', country: 'EG' },
    ],
    [
      'unknown for a clinic in a country that is not in the table',
      { clinicCountry: 'FR', locales: ['hi-IN'] },
      { number: null },
    ],
    [
      'of the locale’s region, if no country is known',
      { locales: [null, 'hi-IN'] },
      { number: '112', from: 'LOCALE', country: 'IN' },
    ],
    [
      'unknown for a country that is not in the table',
      { country: 'FR', locales: ['hi-IN'] },
      { number: null, from: null },
    ],
    ['unknown for a locale without a region', { locales: ['ar', 'en'] }, { number: null, from: null }],
    [
      'unknown for a country with the name of an object’s own method',
      { country: 'toString', locales: [] },
      { number: null },
    ],
  ])('is %s', (_, place, expected) => {
    expect(emergencyNumber(place, table)).toMatchObject(expected);
  });

  it('has no default', () => {
    for (const country of ['US', 'EG', 'IN', 'GB'])
      expect(emergencyNumber({ country, locales: [] }, {}).number).toBeNull();
  });
});
