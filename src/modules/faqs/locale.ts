const DEFAULT_LOCALE = 'en';

/** The locales in which to look for a translation, best first, such as `ar-EG`, `ar`, `en`. */
export function localeFallbacks(locale: string): string[] {
  const parts = locale.split('-');
  const prefixes = parts.map((_, dropped) => parts.slice(0, parts.length - dropped).join('-'));
  return [...new Set([...prefixes, DEFAULT_LOCALE])];
}
