import { LRUCache } from 'lru-cache';

export const LANGUAGES = ['en', 'ar', 'hi'] as const;
export type Language = (typeof LANGUAGES)[number];

export interface Locale {
  /** The language of the words. */
  language: Language;
  /** The tag for formatting dates: it decides the digits (ar-EG ٩, ar-MA 9) and the clock (en-GB 21:00). */
  tag: string;
  direction: 'ltr' | 'rtl';
}

const ENGLISH: Locale = { language: 'en', tag: 'en', direction: 'ltr' };

const known = new LRUCache<string, Locale>({ max: 200 });

/** The best supported language for a locale; English if none matches. */
export function negotiate(wanted: string): Locale {
  let locale = known.get(wanted);
  if (!locale) {
    known.set(wanted, (locale = nearest(wanted)));
  }
  return locale;
}

function nearest(wanted: string): Locale {
  try {
    const locale = new Intl.Locale(wanted.replaceAll('_', '-'));
    const language = LANGUAGES.find((name) => name === locale.language);
    if (!language) return ENGLISH;
    return { language, tag: locale.toString(), direction: language === 'ar' ? 'rtl' : 'ltr' };
  } catch {
    return ENGLISH;
  }
}
