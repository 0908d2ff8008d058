import { createCipheriv, createDecipheriv, type KeyObject } from 'node:crypto';
import type { ConfigValues } from '../config/config.js';
import { newNonce, NONCE_BYTES } from './nonce.js';
import { deriveKey } from './tokens.js';

const ALGORITHM = 'aes-256-gcm';
const TAG_BYTES = 16;

/** Sealed bytes that were altered, moved to another place or sealed with another key. */
export class SealBroken extends Error {}

type Secrets = Pick<ConfigValues, 'JWT_SECRET' | 'JWT_SECRET_PREVIOUS'>;

/**
 * Seals JSON with AES-256-GCM: nonce, tag, then the ciphertext. `place` says where the bytes stand (table and row): moved
 * elsewhere they do not open.
 */
export class Seal {
  private constructor(
    private readonly key: KeyObject,
    private readonly previous: KeyObject[],
  ) {}

  /** A seal of its own per purpose, from the one secret. What was sealed with the secret before this one still opens. */
  static of({ JWT_SECRET, JWT_SECRET_PREVIOUS }: Secrets, purpose: string): Seal {
    const previous = JWT_SECRET_PREVIOUS === undefined ? [] : [deriveKey(JWT_SECRET_PREVIOUS, purpose)];
    return new Seal(deriveKey(JWT_SECRET, purpose), previous);
  }

  seal(data: unknown, place: string): Buffer {
    const nonce = newNonce();
    const cipher = createCipheriv(ALGORITHM, this.key, nonce).setAAD(Buffer.from(place));
    const body = cipher.update(JSON.stringify(data ?? null));
    // In this mode there is nothing left for the end.
    cipher.final();
    return Buffer.concat([nonce, cipher.getAuthTag(), body]);
  }

  /** @throws SealBroken, and gives nothing away */
  open(sealed: Buffer, place: string): unknown {
    return JSON.parse(this.plain(sealed, place).toString('utf8'));
  }

  private plain(sealed: Buffer, place: string): Buffer {
    let cause: unknown;
    for (const key of [this.key, ...this.previous]) {
      try {
        return opened(key, sealed, place);
      } catch (error) {
        cause ??= error;
      }
    }
    throw new SealBroken('The sealed bytes do not open here.', { cause });
  }
}

function opened(key: KeyObject, sealed: Buffer, place: string): Buffer {
  const decipher = createDecipheriv(ALGORITHM, key, sealed.subarray(0, NONCE_BYTES))
    .setAAD(Buffer.from(place))
    .setAuthTag(sealed.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
  return Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]);
}
