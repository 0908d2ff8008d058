import { describe, expect, it } from '@jest/globals';
import { networkOf } from './sign-in-limits.js';

describe('what counts as one place to sign in from', () => {
  it('is an IPv4 address, however it is written', () => {
    expect(networkOf('203.0.113.7')).toBe('203.0.113.7');
    expect(networkOf('::ffff:203.0.113.7')).toBe('203.0.113.7');
  });

  it('is the /64 of an IPv6 address, in one spelling', () => {
    const network = networkOf('2001:db8:1:2:3:4:5:6');
    expect(network).toBe('2001:db8:1:2::/64');
    for (const same of ['2001:0DB8:1:2::9', '2001:db8:0001:2:ffff::']) expect(networkOf(same)).toBe(network);
    expect(networkOf('2001:db8:1:3::9')).not.toBe(network);
    expect(networkOf('::1')).toBe('0:0:0:0::/64');
    expect(networkOf('fe80::1%eth0')).toBe('fe80:0:0:0::/64');
  });
});
