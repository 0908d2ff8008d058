import { describe, expect, it } from '@jest/globals';
import { DecryptionError, FieldCipher } from './field-cipher.js';

const SECRET = 'a-secret-of-the-tests-only-0123456789';
const cipher = FieldCipher.for({ JWT_SECRET: SECRET }, 'stroke');

describe('FieldCipher', () => {
  it('decrypts what it encrypted, with the order of its fields', () => {
    const encrypted = cipher.encrypt({ b: 1, a: ['ع', null] }, 'table|1');
    expect(JSON.stringify(cipher.decrypt(encrypted, 'table|1'))).toBe('{"b":1,"a":["ع",null]}');
  });

  it('hides the content, and encrypts equal contents to different bytes', () => {
    const [one, two] = [cipher.encrypt('canary', 'table|1'), cipher.encrypt('canary', 'table|1')];
    expect(one.includes('canary')).toBe(false);
    expect(one.equals(two)).toBe(false);
  });

  it('does not decrypt bytes of another place, changed or truncated bytes, or bytes of another key', () => {
    const encrypted = cipher.encrypt({ a: 1 }, 'table|1');
    const altered = Buffer.from(encrypted);
    altered[altered.length - 1] = (altered[altered.length - 1] ?? 0) ^ 1;
    expect(() => cipher.decrypt(encrypted, 'table|2')).toThrow(DecryptionError);
    expect(() => cipher.decrypt(altered, 'table|1')).toThrow(DecryptionError);
    expect(() => cipher.decrypt(encrypted.subarray(0, 20), 'table|1')).toThrow(DecryptionError);
    expect(() => FieldCipher.for({ JWT_SECRET: SECRET }, 'other').decrypt(encrypted, 'table|1')).toThrow(
      DecryptionError,
    );
    expect(() => FieldCipher.for({ JWT_SECRET: `${SECRET}x` }, 'stroke').decrypt(encrypted, 'table|1')).toThrow(
      DecryptionError,
    );
  });

  it('decrypts what was encrypted before the secret was changed, and encrypts with the new one', () => {
    const encrypted = cipher.encrypt({ a: 1 }, 'table|1');
    const changed = FieldCipher.for({ JWT_SECRET: `${SECRET}x`, JWT_SECRET_PREVIOUS: SECRET }, 'stroke');
    expect(changed.decrypt(encrypted, 'table|1')).toEqual({ a: 1 });
    expect(() => changed.decrypt(encrypted, 'table|2')).toThrow(DecryptionError);
    const anew = changed.encrypt({ a: 2 }, 'table|1');
    expect(() => cipher.decrypt(anew, 'table|1')).toThrow(DecryptionError);
    expect(changed.decrypt(anew, 'table|1')).toEqual({ a: 2 });
  });
});
