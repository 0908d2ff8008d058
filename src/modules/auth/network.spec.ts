import { describe, expect, it } from '@jest/globals';
import { getNetwork } from './network.js';

describe('getNetwork', () => {
  it('returns an IPv4 address, also if it is IPv4-mapped', () => {
    expect(getNetwork('203.0.113.7')).toBe('203.0.113.7');
    expect(getNetwork('::ffff:203.0.113.7')).toBe('203.0.113.7');
  });

  it('returns the /64 of an IPv6 address, in one notation', () => {
    const network = getNetwork('2001:db8:1:2:3:4:5:6');
    expect(network).toBe('2001:db8:1:2::/64');
    for (const same of ['2001:0DB8:1:2::9', '2001:db8:0001:2:ffff::']) expect(getNetwork(same)).toBe(network);
    expect(getNetwork('2001:db8:1:3::9')).not.toBe(network);
    expect(getNetwork('::1')).toBe('0:0:0:0::/64');
    expect(getNetwork('fe80::1%eth0')).toBe('fe80:0:0:0::/64');
  });
});
