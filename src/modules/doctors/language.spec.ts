import { describe, expect, it } from '@jest/globals';
import { canonicalLanguage } from './language.js';

describe('a language tag', () => {
  it.each([
    ['en', 'en'],
    ['AR-eg', 'ar-EG'],
    ['zh-hant-tw', 'zh-Hant-TW'],
  ])('has one spelling: %s', (typed, spelled) => expect(canonicalLanguage(typed)).toBe(spelled));

  it.each(['', 'not a language', 'en_US', '!!', 'e', "en'; --"])('is not %p', (typed) =>
    expect(canonicalLanguage(typed)).toBeNull(),
  );
});
