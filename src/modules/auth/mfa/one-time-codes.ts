import { createHash, randomBytes } from 'node:crypto';
import { Secret, TOTP } from 'otpauth';

export const STEP_SECONDS = 30;
/** 160 bits, as RFC 4226 recommends. */
const SECRET_BYTES = 20;
/** How many steps a clock may be ahead or behind. */
const WINDOW_STEPS = 1;
const RECOVERY_CODES = 10;
/** 120 bits, so that a fast hash is enough. */
const RECOVERY_BYTES = 15;
const ISSUER = 'CareSlot';

/** The zeros of the decimal digits that keyboards of our languages enter: ASCII, Arabic, Persian and Urdu, Devanagari. */
const ZEROS = [0x30, 0x660, 0x6f0, 0x966];

type EnteredCode = { kind: 'TOTP' | 'RECOVERY'; code: string };

/** Reads a code as it was typed: with blanks or hyphens, in Arabic or Devanagari digits. @returns null if it is no code */
export function readCode(typed: string): EnteredCode | null {
  const code = [...typed.normalize('NFKC')]
    .map(toAsciiDigit)
    .join('')
    .replace(/[\s\p{Cf}\p{Pd}]/gu, '');
  if (/^\d{6}$/.test(code)) return { kind: 'TOTP', code };
  return /^[a-z2-7]{24}$/i.test(code) ? { kind: 'RECOVERY', code: code.toUpperCase() } : null;
}

function toAsciiDigit(character: string): string {
  const point = character.codePointAt(0) ?? 0;
  const zero = ZEROS.find((first) => point >= first && point <= first + 9);
  return zero === undefined ? character : String(point - zero);
}

export const newSecret = (): string => new Secret({ size: SECRET_BYTES }).base32;

/** The URI that an authenticator app reads from a QR code. */
export const toUri = (secret: string, label: string): string =>
  new TOTP({ issuer: ISSUER, label, secret: Secret.fromBase32(secret), period: STEP_SECONDS }).toString();

/** @returns the time step whose code it is (RFC 6238: SHA-1, 6 digits, 30 s), at most one step away from now; null for a wrong code */
export function findStep(secret: string, code: string, now: number): number | null {
  const options = { secret: Secret.fromBase32(secret), period: STEP_SECONDS, timestamp: now };
  const distance = TOTP.validate({ ...options, token: code, window: WINDOW_STEPS });
  return distance === null ? null : Math.floor(now / 1000 / STEP_SECONDS) + distance;
}

/** Ten new recovery codes, in groups of four characters. */
export const newRecoveryCodes = (): string[] =>
  Array.from({ length: RECOVERY_CODES }, () => {
    const { base32 } = new Secret({ buffer: new Uint8Array(randomBytes(RECOVERY_BYTES)).buffer });
    return (base32.match(/.{4}/g) ?? []).join('-').toLowerCase();
  });

export const hashRecoveryCode = (userId: string, code: string): Buffer =>
  createHash('sha256')
    .update(`${userId} ${code.replaceAll('-', '').toUpperCase()}`)
    .digest();
