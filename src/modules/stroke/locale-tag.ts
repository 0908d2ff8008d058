/**
 * The language, script and region of a locale as phones send it: `en-US-u-fw-mon-mu-celsius`, `ar_EG@calendar=gregorian`,
 * `en_US.UTF-8`. Extensions say nothing that is used here. Null where it is no locale.
 */
export function localeTag(text: string): string | null {
  const tag = text
    .trim()
    .replace(/[.@].*$/s, '')
    .replaceAll('_', '-')
    .replace(/-[a-z0-9](?:-.*)?$/is, '');
  return /^[a-z]{2,3}(?:-[a-z0-9]{2,8})*$/i.test(tag) && tag.length <= MAX_LENGTH ? tag : null;
}

const MAX_LENGTH = 35;
