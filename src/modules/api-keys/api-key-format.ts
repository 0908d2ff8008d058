import { createHash, randomBytes } from 'node:crypto';
import { API_KEY_PREFIX } from '../../core/security/api-key-authenticator.js';

const SECRET_BYTES = 32;
/** The prefix, the id of the row in hex, and the secret in base64url. */
const API_KEY = new RegExp(
  `^${API_KEY_PREFIX}([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})_[\\w-]{43}$`,
);

/** Creates the key of a row: the prefix, the id and 256 random bits. */
export const createKey = (id: string): string =>
  `${API_KEY_PREFIX}${id.replaceAll('-', '')}_${randomBytes(SECRET_BYTES).toString('base64url')}`;

/** The id of the row of a key; null if the text cannot be a key. */
export function readKeyId(key: string): string | null {
  const parts = API_KEY.exec(key);
  return parts && parts.slice(1).join('-');
}

export const hashKey = (key: string): Buffer => createHash('sha256').update(key).digest();
