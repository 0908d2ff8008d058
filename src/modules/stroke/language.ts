export const LANGUAGES = ['en', 'ar', 'hi'] as const;
export type Language = (typeof LANGUAGES)[number];

/** What an account has whose owner never chose a language. */
const DEFAULT_LOCALE = 'en';

interface Asked {
  /** Of the request itself. */
  locale?: string | null;
  /** Of the profile. */
  profile?: string | null;
  acceptLanguage?: string | null;
}

/**
 * The language of the texts: what the request says, else what the profile says, else Accept-Language. A profile that
 * says just 'en' was never set by anybody, so the header goes before it.
 */
export function languageOf({ locale, profile, acceptLanguage }: Asked): Language {
  const chosen = profile === DEFAULT_LOCALE ? null : profile;
  for (const wanted of [locale, chosen, ...preferred(acceptLanguage ?? ''), profile]) {
    const language = supported(wanted ?? '');
    if (language) return language;
  }
  return 'en';
}

const supported = (locale: string): Language | undefined =>
  LANGUAGES.find((language) => language === locale.toLowerCase().split(/[-_]/)[0]);

/** The tags of an Accept-Language header, the most wanted first. */
export function preferred(header: string): string[] {
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
