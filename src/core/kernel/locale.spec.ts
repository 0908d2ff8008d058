import { describe, expect, it } from '@jest/globals';
import { getLanguage, languageTag, getRegion } from './locale.js';

describe('a locale', () => {
  it.each([
    ['en', 'en'],
    ['AR-eg', 'ar-EG'],
    ['en-US-u-fw-mon-mu-celsius', 'en-US'],
    ['ar-SA-u-ca-islamic-umalqura', 'ar-SA'],
    ['ar-SA-u-ca-islamic-umalqura-fw-sun-hc-h12-nu-arab-rg-sazzzz', 'ar-SA'],
    ['en-u', 'en'],
    ['hi-Latn-IN-t-hi-deva', 'hi-Latn-IN'],
    ['de-CH-1996', 'de-CH'],
    ['en-x-private', 'en'],
    ['zh-hant-tw', 'zh-Hant-TW'],
    ['zh_TW_#Hant', 'zh-Hant-TW'],
    ['es-419', 'es-419'],
    ['en_US.UTF-8', 'en-US'],
    ['sr_RS@latin', 'sr-RS'],
    ['en-US-posix', 'en-US'],
    ['iw-IL', 'he-IL'],
  ])('%s keeps its language, script and region: %s', (typed, tag) => expect(languageTag(typed)).toBe(tag));

  it.each([
    '',
    'C',
    'POSIX',
    'und',
    'und-EG',
    'x-private',
    'english',
    'not a language',
    '!!',
    'e',
    "en'; --",
    'e'.repeat(300),
  ])('is null for %j', (typed) => expect(languageTag(typed)).toBeNull());

  it('may contain a country', () => {
    expect(['ar-EG', 'hi_IN', 'zh-Hant-TW-u-nu-hanidec', 'ar', 'es-419', '', null].map(getRegion)).toEqual([
      'EG',
      'IN',
      'TW',
      null,
      null,
      null,
      null,
    ]);
  });

  it('has texts in its own language or in English', () => {
    expect(['ar-EG', 'hi_IN', 'en', 'fr-FR', 'not a locale'].map(getLanguage)).toEqual(['ar', 'hi', 'en', 'en', 'en']);
  });
});
