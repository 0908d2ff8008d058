import { describe, expect, it } from '@jest/globals';
import { plainAddress, plainForwardedFor } from './client-address.js';

describe('plainAddress', () => {
  it.each([
    ['203.0.113.51', '203.0.113.51'],
    [' 203.0.113.51:50001 ', '203.0.113.51'],
    ['[2001:db8::1]:50001', '2001:db8::1'],
    ['[2001:db8::1]', '2001:db8::1'],
    ['"[2001:db8::1]:443"', '2001:db8::1'],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['::ffff:203.0.113.51', '203.0.113.51'],
    ['[::ffff:cb00:7133]:80', '203.0.113.51'],
    ['unknown', 'unknown'],
    ['', ''],
    ['a:b:c', 'a:b:c'],
  ])('reads %j as %j', (text, address) => expect(plainAddress(text)).toBe(address));

  it('keeps the order of a list', () => {
    expect(plainForwardedFor('203.0.113.51:1, [2001:db8::1]:2,10.0.0.1')).toBe('203.0.113.51, 2001:db8::1, 10.0.0.1');
  });
});
