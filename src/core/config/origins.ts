import { isLoopback } from '../kernel/loopback.js';

/** The origin in the format of browsers. Null if the text is not an origin: `*`, `null`, a wildcard, a path, another scheme. */
export function toOrigin(text: string): string | null {
  if (!URL.canParse(text)) return null;
  const { protocol, hostname, origin, pathname, search, hash, username, password } = new URL(text);
  const isPlain = [search, hash, username, password].every((part) => part === '') && pathname === '/';
  return isPlain && /^https?:$/.test(protocol) && !hostname.includes('*') ? origin : null;
}

/** Whether data that is sent to the URL would leave this machine without encryption. */
export const isUnencrypted = (url: string): boolean => new URL(url).protocol === 'http:' && !isLoopbackUrl(url);

export const isLoopbackUrl = (url: string): boolean => isLoopback(new URL(url).hostname);
