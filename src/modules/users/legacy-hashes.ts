import { pbkdf2, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { compare } from 'bcryptjs';

/**
 * Password hashes of the systems that accounts are migrated from (docs/migration.md): bcrypt, and the two methods of werkzeug, which Flask
 * uses. The parameters of a hash decide what a sign-in costs, so hashes outside of these limits are refused.
 */
type LegacyHash =
  | { method: 'bcrypt' }
  | { method: 'pbkdf2'; digest: string; iterations: number; salt: string; key: Buffer }
  | { method: 'scrypt'; cost: number; blockSize: number; parallelization: number; salt: string; key: Buffer };

/** `$2a$`, `$2b$` or `$2y$`, the cost, 22 characters of salt and 31 of hash. */
const BCRYPT = /^\$2[aby]\$(\d{2})\$[./A-Za-z0-9]{53}$/;
/** `pbkdf2:sha256:600000$salt$hex`. Werkzeug leaves the number out if the method was given without it. */
const PBKDF2 = /^pbkdf2:(sha1|sha256|sha512)(?::(\d{1,9}))?\$([^$]{1,128})\$([0-9a-f]+)$/;
/** `scrypt:32768:8:1$salt$hex` */
const SCRYPT = /^scrypt:(\d{1,9}):(\d{1,3}):(\d{1,3})\$([^$]{1,128})\$([0-9a-f]{128})$/;

/** Each step doubles the time; 14 takes about a second. */
const MAX_BCRYPT_COST = 14;
const MIN_BCRYPT_COST = 4;
/** Werkzeug's default is one million since version 3.1. */
const MAX_ITERATIONS = 2_000_000;
const MIN_ITERATIONS = 1_000;
/** The default of werkzeug 2.3 to 3.0, for hashes that do not state the number. */
const DEFAULT_ITERATIONS = 600_000;
const DIGEST_BYTES: Readonly<Record<string, number>> = { sha1: 20, sha256: 32, sha512: 64 };
/** N·r·p, on which memory and time depend: four times werkzeug's default of 2^15, 8 and 1, which needs 32 MiB. */
const MAX_SCRYPT_WORK = 4 * 2 ** 15 * 8;
const MAX_SCRYPT_BYTES = 128 * MAX_SCRYPT_WORK;
const MIN_SCRYPT_COST = 1_024;
const MAX_PARALLELIZATION = 4;

const deriveWithPbkdf2 = promisify(pbkdf2);
const deriveWithScrypt = promisify<string, string, number, Record<string, number>, Buffer>(scrypt);

/** Whether the text is a hash that `matchesLegacyHash` can check within reasonable time and memory. */
export const isLegacyHash = (stored: string): boolean => parse(stored) !== null;

/** Compares in constant time. False for an unknown format. The password is used as it was typed, as the other systems did. */
export async function matchesLegacyHash(stored: string, password: string): Promise<boolean> {
  const hash = parse(stored);
  if (hash === null) return false;
  try {
    if (hash.method === 'bcrypt') return await compare(password, stored);
    return timingSafeEqual(await derive(hash, password), hash.key);
  } catch {
    // Parameters that the library does not accept: nobody can sign in with this hash.
    return false;
  }
}

function derive(hash: Exclude<LegacyHash, { method: 'bcrypt' }>, password: string): Promise<Buffer> {
  if (hash.method === 'pbkdf2') {
    return deriveWithPbkdf2(password, hash.salt, hash.iterations, hash.key.length, hash.digest);
  }
  const { cost, blockSize, parallelization } = hash;
  const maxmem = 2 * MAX_SCRYPT_BYTES;
  return deriveWithScrypt(password, hash.salt, hash.key.length, { cost, blockSize, parallelization, maxmem });
}

function parse(stored: string): LegacyHash | null {
  const [, bcryptCost] = BCRYPT.exec(stored) ?? [];
  if (bcryptCost) return isBetween(Number(bcryptCost), MIN_BCRYPT_COST, MAX_BCRYPT_COST) ? { method: 'bcrypt' } : null;
  return parsePbkdf2(stored) ?? parseScrypt(stored);
}

function parsePbkdf2(stored: string): LegacyHash | null {
  const [, digest, count, salt, hex] = PBKDF2.exec(stored) ?? [];
  if (!digest || !salt || !hex) return null;
  const iterations = count === undefined ? DEFAULT_ITERATIONS : Number(count);
  const key = Buffer.from(hex, 'hex');
  if (key.length !== DIGEST_BYTES[digest] || !isBetween(iterations, MIN_ITERATIONS, MAX_ITERATIONS)) return null;
  return { method: 'pbkdf2', digest, iterations, salt, key };
}

function parseScrypt(stored: string): LegacyHash | null {
  const [, n, r, p, salt, hex] = SCRYPT.exec(stored) ?? [];
  if (!salt || !hex) return null;
  const [cost, blockSize, parallelization] = [Number(n), Number(r), Number(p)];
  const isPowerOfTwo = Number.isInteger(Math.log2(cost));
  const isAllowed =
    isPowerOfTwo &&
    cost >= MIN_SCRYPT_COST &&
    blockSize >= 1 &&
    // RFC 7914, 2: N < 2^(128·r/8). OpenSSL refuses others.
    Math.log2(cost) < 16 * blockSize &&
    cost * blockSize * parallelization <= MAX_SCRYPT_WORK &&
    isBetween(parallelization, 1, MAX_PARALLELIZATION);
  return isAllowed ? { method: 'scrypt', cost, blockSize, parallelization, salt, key: Buffer.from(hex, 'hex') } : null;
}

const isBetween = (value: number, min: number, max: number): boolean => value >= min && value <= max;
