import { isIP, isIPv4, SocketAddress } from 'node:net';

/**
 * One spelling of an address that a proxy wrote into X-Forwarded-For: without port, brackets, quotes and zone, an IPv4
 * address inside of IPv6 as IPv4. Text that is no address stays as it is.
 */
export function plainAddress(text: string): string {
  const bare = text.trim().replace(/^"|"$/g, '');
  const address = (/^\[([^\]]*)\](?::\d+)?$/.exec(bare)?.[1] ?? /^([^:]*):\d+$/.exec(bare)?.[1] ?? bare).split('%')[0];
  if (!address || !isIP(address)) return bare;
  if (isIPv4(address)) return address;
  const canonical = new SocketAddress({ address, family: 'ipv6' }).address;
  const inner = /^::ffff:(.+)$/i.exec(canonical)?.[1];
  return inner && isIPv4(inner) ? inner : canonical;
}

/** The header with every address in its plain spelling: a client behind a proxy that adds ports is one client. */
export const plainForwardedFor = (header: string): string => header.split(',').map(plainAddress).join(', ');
