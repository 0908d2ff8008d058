import { z } from 'zod';

/** A key for encrypted fields. Its id is stored with each encrypted value, so that keys can be replaced while both are in use. */
export interface FieldKey {
  readonly id: string;
  /** 32 bytes in base64 */
  readonly secret: string;
}

const KEY_BYTES = 32;
/** The id, in encrypted values, of the key that is derived from JWT_SECRET. */
export const JWT_KEY_ID = 'jwt';
/** With a second key of this id, values of the first one would look rotated. */
const RESERVED_IDS = new Set([JWT_KEY_ID]);
const ENTRY = /^([A-Za-z0-9_-]{1,16}):([A-Za-z0-9+/]{43}=)$/;

/** `id:base64,id:base64`. The first key encrypts; all keys decrypt. The messages contain no part of a key. */
export const fieldKeys = z.string().transform((text, context): readonly FieldKey[] => {
  const keys = text.split(',').map((entry) => {
    const [, id = '', secret = ''] = ENTRY.exec(entry.trim()) ?? [];
    return { id, secret };
  });
  const addFault = (message: string) => context.addIssue({ code: 'custom', message });
  if (keys.some(({ id }) => id === '')) {
    addFault(`must be entries id:key, each key ${KEY_BYTES} bytes in base64; make one with: openssl rand -base64 32`);
  } else if (keys.some(({ id }) => RESERVED_IDS.has(id))) {
    addFault(`uses a reserved id (${[...RESERVED_IDS].join()}); choose another one`);
  } else if (keys.some(({ secret }) => Buffer.from(secret, 'base64').toString('base64') !== secret)) {
    addFault('has a key that is not base64 of 32 bytes; make one with: openssl rand -base64 32');
  } else if (new Set(keys.map(({ id }) => id)).size < keys.length) {
    addFault('has two keys with the same id');
  } else if (new Set(keys.map(({ secret }) => secret)).size < keys.length) {
    addFault('has the same key twice');
  } else if (keys.some(({ secret }) => new Set(Buffer.from(secret, 'base64')).size < KEY_BYTES / 4)) {
    addFault('has a key that can be guessed; make one with: openssl rand -base64 32');
  } else {
    return keys;
  }
  return z.NEVER;
});
