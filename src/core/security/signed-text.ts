import { createHmac, timingSafeEqual, type KeyObject } from 'node:crypto';

const MAC_BYTES = 20;

const getMac = (key: KeyObject, text: string): Buffer =>
  createHmac('sha256', key).update(text).digest().subarray(0, MAC_BYTES);

/** A token for a link: the readable text with its MAC. Use a key for each purpose (deriveKey). */
export const signText = (key: KeyObject, text: string): string =>
  `${Buffer.from(text).toString('base64url')}.${getMac(key, text).toString('base64url')}`;

/** The text of a token; null if the token was not signed with this key. */
export function readSignedText(key: KeyObject, token: string): string | null {
  const [body, mac, ...rest] = token.split('.');
  if (!body || !mac || rest.length > 0) return null;
  const text = Buffer.from(body, 'base64url').toString('utf8');
  const given = Buffer.from(mac, 'base64url');
  return given.length === MAC_BYTES && timingSafeEqual(given, getMac(key, text)) ? text : null;
}
