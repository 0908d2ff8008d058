import { LRUCache } from 'lru-cache';
import { LANGUAGES, type Language } from '../../../core/kernel/locale.js';

export interface Locale {
  /** The language of the texts. */
  language: Language;
  /** The tag for formatting dates: it decides the digits (ar-EG ٩, ar-MA 9) and the clock (en-GB 21:00). */
  tag: string;
  direction: 'ltr' | 'rtl';
}

const ENGLISH: Locale = { language: 'en', tag: 'en', direction: 'ltr' };

const cache = new LRUCache<string, Locale>({ max: 200 });

/** Returns the supported locale for a requested one; English if the language is not supported. */
export function negotiate(wanted: string): Locale {
  let locale = cache.get(wanted);
  if (!locale) {
    locale = findLocale(wanted);
    cache.set(wanted, locale);
  }
  return locale;
}

function findLocale(wanted: string): Locale {
  try {
    const locale = new Intl.Locale(wanted.replaceAll('_', '-'));
    const language = LANGUAGES.find((name) => name === locale.language);
    if (!language) return ENGLISH;
    return { language, tag: locale.toString(), direction: language === 'ar' ? 'rtl' : 'ltr' };
  } catch {
    return ENGLISH;
  }
}
