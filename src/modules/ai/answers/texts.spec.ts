import { describe, expect, it } from '@jest/globals';
import { LANGUAGES } from '../../../core/kernel/locale.js';
import type { EmergencyNumber } from '../../stroke/index.js';
import { emergencyText, emergencyLines } from './texts.js';

const NUMBERS: Record<'ofClinic' | 'ofCountry' | 'ofLocale' | 'unknown', EmergencyNumber> = {
  ofClinic: { number: '123', from: 'CLINIC', country: 'EG' },
  ofCountry: { number: '123', from: 'COUNTRY', country: 'EG' },
  ofLocale: { number: '123', from: 'LOCALE', country: 'EG' },
  unknown: { number: null, from: null, country: null },
};

describe.each(LANGUAGES)('the fixed texts in language %s', (language) => {
  it.each([
    ['emergency text', (number: EmergencyNumber) => emergencyText(language, 'BREATHING', number)],
    ['text for self-harm', (number: EmergencyNumber) => emergencyText(language, 'SELF_HARM', number)],
    ['emergency lines', (number: EmergencyNumber) => emergencyLines(language, number)],
  ])('show the country with a number only if it is derived from the locale: %s', (_, textWith) => {
    for (const number of [NUMBERS.ofClinic, NUMBERS.ofCountry]) {
      expect(textWith(number)).toContain('123');
      expect(textWith(number)).not.toContain('EG');
    }
    expect(textWith(NUMBERS.ofLocale)).toContain('(EG: 123)');
    expect(textWith(NUMBERS.unknown)).not.toMatch(/\d/);
  });
});
