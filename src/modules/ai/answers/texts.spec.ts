import { describe, expect, it } from '@jest/globals';
import { LANGUAGES } from '../../../core/kernel/locale.js';
import type { EmergencyNumber } from '../../stroke/index.js';
import { emergencyText, emergencyLines, fallbackText } from './texts.js';

const NUMBERS: Record<'ofClinic' | 'ofCountry' | 'ofLocale' | 'unknown', EmergencyNumber> = {
  ofClinic: { number: '123', from: 'CLINIC', country: 'EG' },
  ofCountry: { number: '123', from: 'COUNTRY', country: 'EG' },
  ofLocale: { number: '123', from: 'LOCALE', country: 'EG' },
  unknown: { number: null, from: null, country: null },
};
const without = (number: EmergencyNumber) => ({ number, crisisLine: NUMBERS.unknown });

describe.each(LANGUAGES)('the fixed texts in language %s', (language) => {
  it.each([
    ['emergency text', (number: EmergencyNumber) => emergencyText(language, 'BREATHING', without(number))],
    ['text for self-harm', (number: EmergencyNumber) => emergencyText(language, 'SELF_HARM', without(number))],
    ['emergency lines', (number: EmergencyNumber) => emergencyLines(language, number)],
  ])('show the country with a number only if it is derived from the locale: %s', (_, textWith) => {
    for (const number of [NUMBERS.ofClinic, NUMBERS.ofCountry]) {
      expect(textWith(number)).toContain('123');
      expect(textWith(number)).not.toContain('EG');
    }
    expect(textWith(NUMBERS.ofLocale)).toContain('(EG: 123)');
    expect(textWith(NUMBERS.unknown)).not.toMatch(/\d/);
  });

  it('name the crisis line beside the emergency number, only in the text about self-harm', () => {
    const numbers = { number: NUMBERS.ofClinic, crisisLine: { number: '116', from: 'CLINIC', country: 'EG' } } as const;
    expect(emergencyText(language, 'SELF_HARM', numbers)).toMatch(/123[\s\S]*116/);
    expect(emergencyText(language, 'STROKE', numbers)).not.toContain('116');
    expect(emergencyText(language, null, numbers)).not.toContain('116');
    const ofLocale = { ...numbers, crisisLine: { ...numbers.crisisLine, from: 'LOCALE' } } as const;
    expect(emergencyText(language, 'SELF_HARM', ofLocale)).toContain('116 (EG)');
  });

  it('have short sentences', () => {
    const sentences = textsIn(language).flatMap((text) => text.split(/[.?!।؟:\n]/));
    expect(sentences.filter((sentence) => sentence.trim().split(/\s+/).length > 20)).toEqual([]);
  });
});

it('can be read from the age of eleven: grade six of Flesch and Kincaid (1975) in English', () => {
  const grades = textsIn('en').map(toGrade);
  expect(grades.filter((grade) => grade > 6)).toEqual([]);
});

it('isolates numbers and links in Arabic text, so that a plus sign stays before the number', () => {
  const text = fallbackText('ar', null, {
    clinic: { name: 'Nile', phone: '+20 2 1234' },
    bookingUrl: 'https://a.example',
  });
  expect(text).toContain('\u2068+20 2 1234\u2069');
  expect(text).toContain('\u2068https://a.example\u2069');
});

const textsIn = (language: (typeof LANGUAGES)[number]): string[] => [
  ...(['BREATHING', 'STROKE', 'SELF_HARM'] as const).map((flag) =>
    emergencyText(language, flag, { number: NUMBERS.ofClinic, crisisLine: NUMBERS.ofClinic }),
  ),
  emergencyLines(language, NUMBERS.ofClinic),
];

function toGrade(text: string): number {
  const sentences = text.split(/[.?!:\n]+/).filter((part) => part.trim() !== '').length;
  const words = text.match(/[A-Za-z]+/g) ?? [];
  const syllables = words.reduce((sum, word) => sum + countSyllables(word.toLowerCase()), 0);
  return 0.39 * (words.length / sentences) + 11.8 * (syllables / words.length) - 15.59;
}

const countSyllables = (word: string): number => Math.max(1, (word.replace(/e$/, '').match(/[aeiouy]+/g) ?? []).length);
