import { LANGUAGES, type Language } from '../../core/kernel/locale.js';

/** The locale of accounts whose owner never chose a language. */
const DEFAULT_LOCALE = 'en';

interface LanguageSources {
  /** From the request. */
  locale?: string | null;
  /** From the profile. */
  profile?: string | null;
  acceptLanguage?: string | null;
}

/**
 * The language of the texts: from the request, otherwise from the profile, otherwise from Accept-Language. A profile with the
 * default 'en' comes after the header, because its owner did not choose it.
 */
export function selectLanguage({ locale, profile, acceptLanguage }: LanguageSources): Language {
  const chosen = profile === DEFAULT_LOCALE ? null : profile;
  for (const wanted of [locale, chosen, ...preferredLanguages(acceptLanguage ?? ''), profile]) {
    const language = supported(wanted ?? '');
    if (language) return language;
  }
  return 'en';
}

const supported = (locale: string): Language | undefined =>
  LANGUAGES.find((language) => language === locale.toLowerCase().split(/[-_]/)[0]);

/** The tags of an Accept-Language header, most preferred first. */
export function preferredLanguages(header: string): string[] {
  return header
    .split(',')
    .map((part) => {
      const [tag = '', ...parameters] = part.trim().split(';');
      const quality = parameters.map((text) => /^\s*q=([\d.]+)\s*$/.exec(text)?.[1]).find(Boolean);
      return { tag: tag.trim(), quality: quality === undefined ? 1 : Number(quality) };
    })
    .filter(({ quality }) => quality > 0)
    .sort((a, b) => b.quality - a.quality)
    .map(({ tag }) => tag);
}
