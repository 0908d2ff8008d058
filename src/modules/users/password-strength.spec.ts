import { createRequire } from 'node:module';
import { describe, expect, it } from '@jest/globals';
import type * as common from '@zxcvbn-ts/language-common';
import { isStrongPassword } from './password-strength.js';

const OWNER = { email: 'mona.hassan@example.org', firstName: 'Mona', lastName: 'Hassan' };

describe('isStrongPassword', () => {
  it.each([
    'Passw0rd!',
    'careslot1',
    'CareSlot@123',
    'careslot-password',
    'qwertyuiop',
    'passwordpassword1',
    'abababab',
    'x'.repeat(128),
    '12345678',
    'mona.hassan1',
    'Hassan-Mona-88',
    'hassan.mona.2024',
    'm0n4h4554n',
    'P@ssw0rd2024',
    'Welcome2026!',
    '1q2w3e4r5t',
    'example.org1',
    'C@r3Sl0t2026!',
    'D0ct0r!Clin1c',
    'H4ss4n!H4ss4n',
    'h a s s a n 1 9 8 8',
    '١٢٣٤٥٦٧٨',
  ])('refuses %p', (password) => {
    expect(isStrongPassword(password, OWNER)).toBe(false);
  });

  it.each([
    'a-long-and-quiet-river',
    'another-quiet-river',
    'all lower case words',
    '🐢🐢🐢🐢 and friends',
    'careslot-demo-1',
    'Tr0ub4dor&3',
    'xK9#mP2$vL',
    'x7Kq!m2Z',
    'k3Jd9sLq',
    'monax7Kq!m',
    'طريق طويل إلى البحر',
  ])('accepts %p', (password) => {
    expect(isStrongPassword(password, OWNER)).toBe(true);
  });

  it('refuses each of the 3,000 most frequent passwords (A-02)', () => {
    const { dictionary } = createRequire(import.meta.url)('@zxcvbn-ts/language-common') as typeof common;
    const frequent = dictionary['passwords-common'].slice(0, 3_000);
    expect(frequent).toHaveLength(3_000);
    expect(frequent.filter((password) => isStrongPassword(password, OWNER))).toEqual([]);
  });

  it('ends without catastrophic backtracking for names and addresses full of separators (I-07)', () => {
    const email = `${'a.'.repeat(30)}b@example.org`;
    expect(isStrongPassword('a..'.repeat(42), { email })).toBe(false);
    expect(
      isStrongPassword(`${'a _.-'.repeat(25)}c`, { email, firstName: 'a-b ^] x[y\\z', lastName: 'a_'.repeat(49) }),
    ).toBe(false);
  });
});
