import { randomFillSync } from 'node:crypto';

/** What AES-GCM takes (NIST SP 800-38D). */
export const NONCE_BYTES = 12;
const POOL_BYTES = NONCE_BYTES * 256;

const pool = Buffer.alloc(POOL_BYTES);
let used = POOL_BYTES;

/** Random bytes that are given out once. They are drawn 256 nonces at a time: a call for each costs a third of an encryption. */
export function newNonce(): Buffer {
  if (used === POOL_BYTES) {
    randomFillSync(pool);
    used = 0;
  }
  const nonce = Buffer.from(pool.subarray(used, used + NONCE_BYTES));
  used += NONCE_BYTES;
  return nonce;
}
