import { describe, expect, it } from '@jest/globals';
import { findStep, hashRecoveryCode, newRecoveryCodes, readCode, STEP_SECONDS, toUri } from './one-time-codes.js';

/** RFC 6238, appendix B: the secret `12345678901234567890` in base32. */
const SECRET = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
/** The vectors for SHA-1 have eight digits. A code of six digits is their end (RFC 4226, 5.3: the value modulo 10^6). */
const VECTORS: [seconds: number, code: string][] = [
  [59, '94287082'],
  [1_111_111_109, '07081804'],
  [1_111_111_111, '14050471'],
  [1_234_567_890, '89005924'],
  [2_000_000_000, '69279037'],
  [20_000_000_000, '65353130'],
];

describe('a code of RFC 6238', () => {
  it.each(VECTORS)('at %d s is accepted with its time step', (seconds, code) => {
    expect(findStep(SECRET, code.slice(-6), seconds * 1000)).toBe(Math.floor(seconds / STEP_SECONDS));
  });

  it.each(VECTORS)(
    'at %d s is accepted from the start of the step before to the end of the step after it',
    (seconds, code) => {
      const step = Math.floor(seconds / STEP_SECONDS);
      const at = (milliseconds: number): number | null => findStep(SECRET, code.slice(-6), milliseconds);
      const [first, last] = [(step - 1) * STEP_SECONDS * 1000, (step + 2) * STEP_SECONDS * 1000 - 1];
      expect([at(first), at(last)]).toEqual([step, step]);
      expect(at(last + 1)).toBeNull();
      if (step > 1) expect(at(first - 1)).toBeNull();
    },
  );

  it('is not accepted with other digits, or of another secret', () => {
    expect(findStep(SECRET, '287083', 59_000)).toBeNull();
    expect(findStep('GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJA', '287082', 59_000)).toBeNull();
  });
});

describe('the URI for the app', () => {
  it('has the secret, algorithm, digits and period', () => {
    const parameters = new URL(toUri(SECRET, 'mona@example.org')).searchParams;
    expect(Object.fromEntries(parameters)).toMatchObject({
      algorithm: 'SHA1',
      digits: '6',
      period: String(STEP_SECONDS),
      secret: SECRET,
    });
  });
});

describe('a typed code', () => {
  it.each(['287082', ' 287 082', '287-082', '٢٨٧٠٨٢', '२८७०८२', '２８７０８２', '287\u200f082'])(
    '%j is read',
    (typed) => {
      expect(readCode(typed)).toEqual({ kind: 'TOTP', code: '287082' });
    },
  );

  it.each(['', '28708', '2870821', '28708x', '-', '1'.repeat(24)])('%j is refused', (typed) => {
    expect(readCode(typed)).toBeNull();
  });

  it('can be a recovery code, in any case', () => {
    const [code = ''] = newRecoveryCodes();
    const compact = code.replaceAll('-', '').toUpperCase();
    for (const typed of [code, code.toUpperCase(), compact.toLowerCase()]) {
      expect(readCode(typed)).toEqual({ kind: 'RECOVERY', code: compact });
    }
  });
});

describe('recovery codes', () => {
  it('are ten different codes of 24 characters in base32, which have 120 bits', () => {
    const codes = newRecoveryCodes();
    expect(new Set(codes).size).toBe(10);
    for (const code of codes) expect(code).toMatch(/^[a-z2-7]{4}(-[a-z2-7]{4}){5}$/);
  });

  it('have another hash for each account', () => {
    expect(hashRecoveryCode('a', 'abcd')).not.toEqual(hashRecoveryCode('b', 'abcd'));
  });
});
