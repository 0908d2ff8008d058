/* Types of variables that several settings have. */
import { z } from 'zod';

const SECONDS_PER_UNIT = { s: 1, m: 60, h: 3600, d: 86_400 } as const;

/** Seconds, written as a number and a unit. */
export const duration = (fallback: string) =>
  z
    .string()
    .regex(/^\d{1,6}[smhd]$/, 'must be a number and a unit, such as 15m or 30d')
    .default(fallback)
    .transform((text) => Number(text.slice(0, -1)) * SECONDS_PER_UNIT[text.slice(-1) as keyof typeof SECONDS_PER_UNIT]);

export const integer = (fallback: number, min: number, max: number) =>
  z.coerce.number().int().min(min).max(max).default(fallback);

export const url = (...schemes: string[]) =>
  z.string().refine((text) => URL.canParse(text) && schemes.includes(new URL(text).protocol), {
    message: `must be a URL that starts with ${schemes.map((scheme) => `${scheme}//`).join(' or ')}`,
  });

/**
 * The URL of a server, which may contain a password.
 * @param passwordVariable the variable for the password if it is not in the URL
 */
export const serverUrl = (passwordVariable: string, ...schemes: string[]) =>
  z.string().superRefine((text, context) => {
    if (!schemes.some((scheme) => text.startsWith(`${scheme}//`))) {
      const prefixes = schemes.map((scheme) => `${scheme}//`).join(' or ');
      context.addIssue({ code: 'custom', message: `must be a URL that starts with ${prefixes}` });
    } else if (!isParsable(text)) {
      context.addIssue({
        code: 'custom',
        message: `is not a URL that can be read: give the password in ${passwordVariable}, or escape / @ : ? # % in it (%2F %40 %3A %3F %23 %25)`,
      });
    }
  });

/**
 * Whether URL parsers find the password that was meant. An unescaped `/`, `?` or `#` in a password ends the host early, so that
 * the `@` is in the path, query or fragment. An unescaped `%` is not a valid escape sequence.
 */
function isParsable(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { username, password, pathname, search, hash } = new URL(text);
  if (`${pathname}${search}${hash}`.includes('@')) return false;
  try {
    decodeURIComponent(username + password);
    return true;
  } catch {
    return false;
  }
}
