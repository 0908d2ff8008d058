import { createCipheriv, createDecipheriv, randomFillSync, type KeyObject } from 'node:crypto';
import type { ConfigValues } from '../config/config.js';
import { deriveKey } from './tokens.js';

const ALGORITHM = 'aes-256-gcm';
/** The recommended size for AES-GCM (NIST SP 800-38D). */
const NONCE_BYTES = 12;
const NONCES_AT_ONCE = 256;
const TAG_BYTES = 16;

/** Thrown if the bytes were changed, copied to another place, or encrypted with another key. */
export class DecryptionError extends Error {}

type Secrets = Pick<ConfigValues, 'JWT_SECRET' | 'JWT_SECRET_PREVIOUS'>;

/**
 * Encrypts JSON with AES-256-GCM. The result is nonce, tag and ciphertext. `place` identifies where the bytes are stored, such as table
 * and row: they can only be decrypted with the same place.
 */
export class FieldCipher {
  private constructor(
    private readonly key: KeyObject,
    private readonly previous: KeyObject[],
  ) {}

  /** Derives the key of a purpose from the secret. Bytes that were encrypted with the previous secret can still be decrypted. */
  static for({ JWT_SECRET, JWT_SECRET_PREVIOUS }: Secrets, purpose: string): FieldCipher {
    const previous = JWT_SECRET_PREVIOUS === undefined ? [] : [deriveKey(JWT_SECRET_PREVIOUS, purpose)];
    return new FieldCipher(deriveKey(JWT_SECRET, purpose), previous);
  }

  encrypt(data: unknown, place: string): Buffer {
    const nonce = newNonce();
    const cipher = createCipheriv(ALGORITHM, this.key, nonce).setAAD(Buffer.from(place));
    const body = cipher.update(JSON.stringify(data ?? null));
    // Computes the tag. In GCM, it returns no bytes.
    cipher.final();
    return Buffer.concat([nonce, cipher.getAuthTag(), body]);
  }

  /** @throws DecryptionError, which contains nothing of the content */
  decrypt(encrypted: Buffer, place: string): unknown {
    return JSON.parse(this.decryptBytes(encrypted, place).toString('utf8'));
  }

  private decryptBytes(encrypted: Buffer, place: string): Buffer {
    let cause: unknown;
    for (const key of [this.key, ...this.previous]) {
      try {
        return decryptWith(key, encrypted, place);
      } catch (error) {
        cause ??= error;
      }
    }
    throw new DecryptionError('The bytes cannot be decrypted.', { cause });
  }
}

function decryptWith(key: KeyObject, encrypted: Buffer, place: string): Buffer {
  const decipher = createDecipheriv(ALGORITHM, key, encrypted.subarray(0, NONCE_BYTES))
    .setAAD(Buffer.from(place))
    .setAuthTag(encrypted.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
  return Buffer.concat([decipher.update(encrypted.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]);
}

const pool = Buffer.alloc(NONCE_BYTES * NONCES_AT_ONCE);
let used = pool.length;

/** A new random nonce. Creates many at once: a call for each nonce would cost a third of an encryption. */
function newNonce(): Buffer {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const nonce = Buffer.from(pool.subarray(used, used + NONCE_BYTES));
  used += NONCE_BYTES;
  return nonce;
}
