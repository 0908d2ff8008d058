import { createHmac, timingSafeEqual, type KeyObject } from 'node:crypto';

const MAC_BYTES = 20;

const macOf = (key: KeyObject, text: string): Buffer =>
  createHmac('sha256', key).update(text).digest().subarray(0, MAC_BYTES);

/** A token for a link: the text itself, readable, and a MAC that only we can make. One key per purpose (deriveKey). */
export const signText = (key: KeyObject, text: string): string =>
  `${Buffer.from(text).toString('base64url')}.${macOf(key, text).toString('base64url')}`;

/** @returns the text, or null for a token that was not made with this key */
export function readSignedText(key: KeyObject, token: string): string | null {
  const [body, mac, ...rest] = token.split('.');
  if (!body || !mac || rest.length > 0) return null;
  const text = Buffer.from(body, 'base64url').toString('utf8');
  const given = Buffer.from(mac, 'base64url');
  return given.length === MAC_BYTES && timingSafeEqual(given, macOf(key, text)) ? text : null;
}
