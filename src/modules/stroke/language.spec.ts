import { describe, expect, it } from '@jest/globals';
import { selectLanguage } from './language.js';

describe('the language', () => {
  it.each([
    [{ locale: 'ar-EG', profile: 'hi', acceptLanguage: 'en' }, 'ar'],
    [{ profile: 'hi-IN', acceptLanguage: 'en-US,en;q=0.9' }, 'hi'],
    [{ profile: 'en', acceptLanguage: 'fr, en;q=0.5, ar;q=0.8' }, 'ar'],
    [{ profile: 'en', acceptLanguage: '*' }, 'en'],
    [{ profile: 'en-GB', acceptLanguage: 'ar' }, 'en'],
    [{ profile: 'fr', acceptLanguage: 'hi;q=0, ar;q=0.1' }, 'ar'],
    [{ locale: 'fr', profile: 'de' }, 'en'],
    [{}, 'en'],
  ])('of %j is %s', (asked, language) => {
    expect(selectLanguage(asked)).toBe(language);
  });
});
