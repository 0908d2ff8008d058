import { createCipheriv, randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { DecryptionError, FieldCipher } from './field-cipher.js';
import { deriveKey } from './tokens.js';

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

  const [first, second] = ['k1', 'k2'].map((id) => ({ id, secret: randomBytes(32).toString('base64') })) as [Key, Key];
  type Key = { id: string; secret: string };
  const withKeys = (...FIELD_ENCRYPTION_KEYS: Key[]): FieldCipher =>
    FieldCipher.for({ JWT_SECRET: SECRET, FIELD_ENCRYPTION_KEYS }, 'stroke');

  it('encrypts with the first key and decrypts with every key', () => {
    const old = withKeys(first).encrypt('text', 'table|1');
    const both = withKeys(second, first);
    expect(both.decrypt(old, 'table|1')).toBe('text');
    expect(both.isCurrent(old)).toBe(false);
    const anew = both.encrypt('text', 'table|1');
    expect(both.isCurrent(anew)).toBe(true);
    expect(withKeys(second).decrypt(anew, 'table|1')).toBe('text');
    expect(() => withKeys(first).decrypt(anew, 'table|1')).toThrow(DecryptionError);
  });

  it('does not decrypt with another key of the same id, nor with the same key under another id', () => {
    const encrypted = withKeys(first).encrypt('text', 'table|1');
    expect(() => withKeys({ ...second, id: 'k1' }).decrypt(encrypted, 'table|1')).toThrow(DecryptionError);
    expect(() => withKeys({ ...first, id: 'k2' }).decrypt(encrypted, 'table|1')).toThrow(DecryptionError);
  });

  it('does not accept a part of a tag', () => {
    const place = 'table|1';
    const nonce = randomBytes(12);
    const empty = createCipheriv('aes-256-gcm', deriveKey(first.secret, 'stroke'), nonce).setAAD(Buffer.from(place));
    empty.final();
    const bytes = Buffer.concat([Buffer.from([1, 2]), Buffer.from(first.id), nonce, empty.getAuthTag().subarray(0, 4)]);
    expect(() => withKeys(first).decrypt(bytes, place)).toThrow(DecryptionError);
  });

  it('decrypts what was encrypted with the key of the signing secret', () => {
    const encrypted = cipher.encrypt('text', 'table|1');
    expect(withKeys(first).decrypt(encrypted, 'table|1')).toBe('text');
    expect(withKeys(first).isCurrent(encrypted)).toBe(false);
  });

  it('decrypts bytes of earlier releases, which do not name their key', () => {
    const encryptOld = (nonce: Buffer): Buffer => {
      const old = createCipheriv('aes-256-gcm', deriveKey(SECRET, 'stroke'), nonce).setAAD(Buffer.from('table|1'));
      const body = Buffer.concat([old.update('"text"'), old.final()]);
      return Buffer.concat([nonce, old.getAuthTag(), body]);
    };
    // A nonce that starts like bytes that name the key k1.
    const confusing = Buffer.concat([Buffer.from([1, 2]), Buffer.from('k1'), randomBytes(8)]);
    for (const nonce of [randomBytes(12), confusing]) {
      expect(withKeys(first).decrypt(encryptOld(nonce), 'table|1')).toBe('text');
      expect(cipher.decrypt(encryptOld(nonce), 'table|1')).toBe('text');
    }
  });
});
