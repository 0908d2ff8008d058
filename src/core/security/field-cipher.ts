import { createCipheriv, createDecipheriv, randomFillSync, type KeyObject } from 'node:crypto';
import type { ConfigValues } from '../config/config.js';
import { JWT_KEY_ID } from '../config/field-keys.js';
import { deriveKey } from './tokens.js';

const ALGORITHM = 'aes-256-gcm';
/** The first byte of encrypted bytes that name their key. */
const FORMAT = 1;
/** The recommended size for AES-GCM (NIST SP 800-38D). */
const NONCE_BYTES = 12;
const NONCES_AT_ONCE = 256;
const TAG_BYTES = 16;

/** Thrown if the bytes were changed, copied to another place, or encrypted with an unknown key. */
export class DecryptionError extends Error {}

/** The variables from which keys are derived. */
export type EncryptionSecrets = Pick<ConfigValues, 'JWT_SECRET' | 'JWT_SECRET_PREVIOUS' | 'FIELD_ENCRYPTION_KEYS'>;

interface Key {
  header: Buffer;
  key: KeyObject;
}

/**
 * Encrypts JSON with AES-256-GCM. The result is format, id of the key, nonce, tag and ciphertext. `associatedData` identifies where the
 * bytes are stored, such as table, column and row: they can only be decrypted with the same associated data.
 */
export class FieldCipher {
  private constructor(
    private readonly current: Key,
    private readonly keys: readonly Key[],
    /** Keys of bytes that were encrypted before their key was named in them. */
    private readonly unnamed: readonly KeyObject[],
  ) {}

  /**
   * Derives the keys of a purpose: those of FIELD_ENCRYPTION_KEYS, of which the first one encrypts, and those of JWT_SECRET, which encrypts
   * if there are no others.
   */
  static for(
    { JWT_SECRET, JWT_SECRET_PREVIOUS, FIELD_ENCRYPTION_KEYS = [] }: EncryptionSecrets,
    purpose: string,
  ): FieldCipher {
    const signing = [JWT_SECRET, ...(JWT_SECRET_PREVIOUS === undefined ? [] : [JWT_SECRET_PREVIOUS])];
    const unnamed = signing.map((secret) => deriveKey(secret, purpose));
    const keys = FIELD_ENCRYPTION_KEYS.map(({ id, secret }) => toKey(id, deriveKey(secret, purpose)));
    const [current, ...others] = [...keys, ...unnamed.map((key) => toKey(JWT_KEY_ID, key))] as [Key, ...Key[]];
    return new FieldCipher(current, [current, ...others], unnamed);
  }

  encrypt(data: unknown, associatedData: string): Buffer {
    const nonce = newNonce();
    const { header, key } = this.current;
    const cipher = createCipheriv(ALGORITHM, key, nonce).setAAD(Buffer.from(associatedData));
    const body = cipher.update(JSON.stringify(data ?? null));
    // Computes the tag. In GCM, it returns no bytes.
    cipher.final();
    return Buffer.concat([header, nonce, cipher.getAuthTag(), body]);
  }

  /** @throws DecryptionError, which contains nothing of the content */
  decrypt(encrypted: Buffer, associatedData: string): unknown {
    return JSON.parse(this.decryptBytes(encrypted, associatedData).toString('utf8'));
  }

  /** Whether the bytes are encrypted with the key that encrypts now. */
  isCurrent(encrypted: Buffer): boolean {
    return startsWith(encrypted, this.current.header);
  }

  /** Tries the keys with the id in the bytes first. Bytes without an id may start with the same bytes by chance. */
  private decryptBytes(encrypted: Buffer, associatedData: string): Buffer {
    const failures: unknown[] = [];
    for (const { header, key } of this.keys) {
      if (!startsWith(encrypted, header)) continue;
      const body = tryToDecrypt(key, encrypted.subarray(header.length), associatedData, failures);
      if (body) return body;
    }
    for (const key of this.unnamed) {
      const body = tryToDecrypt(key, encrypted, associatedData, failures);
      if (body) return body;
    }
    throw new DecryptionError('The bytes cannot be decrypted.', { cause: failures[0] });
  }
}

function toKey(id: string, key: KeyObject): Key {
  const name = Buffer.from(id, 'ascii');
  return { header: Buffer.concat([Buffer.from([FORMAT, name.length]), name]), key };
}

const startsWith = (bytes: Buffer, start: Buffer): boolean =>
  bytes.length >= start.length && start.compare(bytes, 0, start.length) === 0;

function tryToDecrypt(key: KeyObject, bytes: Buffer, associatedData: string, failures: unknown[]): Buffer | null {
  try {
    return decryptWith(key, bytes, associatedData);
  } catch (error) {
    failures.push(error);
    return null;
  }
}

function decryptWith(key: KeyObject, encrypted: Buffer, associatedData: string): Buffer {
  const decipher = createDecipheriv(ALGORITHM, key, encrypted.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES })
    .setAAD(Buffer.from(associatedData))
    .setAuthTag(encrypted.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
  const body = decipher.update(encrypted.subarray(NONCE_BYTES + TAG_BYTES));
  // Checks the tag. In GCM, it returns no bytes.
  decipher.final();
  return body;
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
