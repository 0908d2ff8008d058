import { describe, expect, it } from '@jest/globals';
import { Seal, SealBroken } from './sealed.js';

const SECRET = 'a-secret-of-the-tests-only-0123456789';
const seal = Seal.of({ JWT_SECRET: SECRET }, 'stroke');

describe('Seal', () => {
  it('gives back what it sealed, in the order of its fields', () => {
    const sealed = seal.seal({ b: 1, a: ['ع', null] }, 'table|1');
    expect(JSON.stringify(seal.open(sealed, 'table|1'))).toBe('{"b":1,"a":["ع",null]}');
  });

  it('shows nothing of it, and never seals it the same twice', () => {
    const [one, two] = [seal.seal('canary', 'table|1'), seal.seal('canary', 'table|1')];
    expect(one.includes('canary')).toBe(false);
    expect(one.equals(two)).toBe(false);
  });

  it('does not open elsewhere, altered, cut short or with another key', () => {
    const sealed = seal.seal({ a: 1 }, 'table|1');
    const altered = Buffer.from(sealed);
    altered[altered.length - 1] = (altered[altered.length - 1] ?? 0) ^ 1;
    expect(() => seal.open(sealed, 'table|2')).toThrow(SealBroken);
    expect(() => seal.open(altered, 'table|1')).toThrow(SealBroken);
    expect(() => seal.open(sealed.subarray(0, 20), 'table|1')).toThrow(SealBroken);
    expect(() => Seal.of({ JWT_SECRET: SECRET }, 'other').open(sealed, 'table|1')).toThrow(SealBroken);
    expect(() => Seal.of({ JWT_SECRET: `${SECRET}x` }, 'stroke').open(sealed, 'table|1')).toThrow(SealBroken);
  });

  it('opens what was sealed before the secret was changed, and seals with the new one', () => {
    const sealed = seal.seal({ a: 1 }, 'table|1');
    const changed = Seal.of({ JWT_SECRET: `${SECRET}x`, JWT_SECRET_PREVIOUS: SECRET }, 'stroke');
    expect(changed.open(sealed, 'table|1')).toEqual({ a: 1 });
    expect(() => changed.open(sealed, 'table|2')).toThrow(SealBroken);
    const anew = changed.seal({ a: 2 }, 'table|1');
    expect(() => seal.open(anew, 'table|1')).toThrow(SealBroken);
    expect(changed.open(anew, 'table|1')).toEqual({ a: 2 });
  });
});
