import { createCipheriv, createDecipheriv, type KeyObject } from 'node:crypto';
import { newNonce, NONCE_BYTES } from '../security/nonce.js';

const TAG_BYTES = 16;

/** AES-256-GCM over text, as base64: nonce, tag, cipher text. */
export function seal(key: KeyObject, text: string): string {
  const nonce = newNonce();
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64');
}

/** @returns null for what was not sealed with this key */
export function open(key: KeyObject, sealed: string): string | null {
  const bytes = Buffer.from(sealed, 'base64');
  if (bytes.length < NONCE_BYTES + TAG_BYTES) return null;
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES));
    decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
    return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]).toString('utf8');
  } catch {
    return null;
  }
}
