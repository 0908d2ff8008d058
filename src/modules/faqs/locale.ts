const LOCALE = /^[a-z]{2,3}(?:-[A-Z][a-z]{3})?(?:-(?:[A-Z]{2}|\d{3}))?$/;
const LAST_RESORT = 'en';

/** A BCP 47 language, with script and region where they matter: `ar`, `ar-EG`, `zh-Hant-TW`. */
export const isLocale = (value: unknown): value is string => typeof value === 'string' && LOCALE.test(value);

/** `AR-eg` and `ar_EG` as `ar-EG`; what is no locale comes back as it is, for the check to refuse. */
export function canonicalLocale(value: unknown): unknown {
  if (typeof value !== 'string' || value.length > 35) return value;
  try {
    return Intl.getCanonicalLocales(value.trim().replaceAll('_', '-'))[0] ?? value;
  } catch {
    return value;
  }
}

/** Where to look for a text, best first: `ar-EG`, `ar`, `en`. */
export function localeChain(locale: string): string[] {
  const parts = locale.split('-');
  const narrower = parts.map((_, dropped) => parts.slice(0, parts.length - dropped).join('-'));
  return [...new Set([...narrower, LAST_RESORT])];
}
