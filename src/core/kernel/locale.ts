/** The languages of all fixed texts. */
export const LANGUAGES = ['en', 'ar', 'hi'] as const;
export type Language = (typeof LANGUAGES)[number];

const LANGUAGE = /^[a-z]{2,3}$/i;
const SCRIPT = /^#?([a-z]{4})$/i;
const REGION = /^(?:[a-z]{2}|\d{3})$/i;
const MAX_TYPED = 200;

/**
 * Language, script and region of a locale, in the spelling of BCP 47: `ar-SA-u-ca-islamic-umalqura`, `ar_SA` and
 * `ar_SA.UTF-8` are `ar-SA`. Drops extensions, variants and private parts.
 * Null if the text is not a locale.
 */
export function languageTag(locale: string): string | null {
  if (locale.length > MAX_TYPED) return null;
  const [language = '', ...rest] = locale.trim().split(/[.@]/)[0]?.split(/[-_]/) ?? [];
  if (!LANGUAGE.test(language) || language.toLowerCase() === 'und') return null;
  const end = rest.findIndex((part) => part.length === 1);
  const parts = end === -1 ? rest : rest.slice(0, end);
  if (!parts.every((part) => /^#?[a-z0-9]{2,8}$/i.test(part))) return null;
  const script = SCRIPT.exec(parts.find((part) => SCRIPT.test(part)) ?? '')?.[1];
  const region = parts.find((part) => REGION.test(part));
  try {
    return new Intl.Locale([language, script, region].filter(Boolean).join('-')).baseName;
  } catch {
    return null;
  }
}

/** The country of a locale, such as EG for ar-EG; null if it has none or a larger region. */
export function getRegion(locale: string | null | undefined): string | null {
  const tag = locale ? languageTag(locale) : null;
  const region = tag ? new Intl.Locale(tag).region : undefined;
  return region && /^[A-Z]{2}$/.test(region) ? region : null;
}

/** The language of fixed texts for a locale; English if there are none in its language. */
export function getLanguage(locale: string): Language {
  const language = languageTag(locale)?.split('-')[0];
  return LANGUAGES.find((name) => name === language) ?? 'en';
}
