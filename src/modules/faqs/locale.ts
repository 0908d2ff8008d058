const LAST_RESORT = 'en';

/** Where to look for a text, best first: `ar-EG`, `ar`, `en`. */
export function localeChain(locale: string): string[] {
  const parts = locale.split('-');
  const narrower = parts.map((_, dropped) => parts.slice(0, parts.length - dropped).join('-'));
  return [...new Set([...narrower, LAST_RESORT])];
}
