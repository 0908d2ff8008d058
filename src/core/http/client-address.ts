import { isIP, isIPv4, SocketAddress } from 'node:net';

const IN_BRACKETS = /^\[([^\]]*)\](?::\d+)?$/;
const WITH_PORT = /^([^:]*):\d+$/;

/**
 * Normalises an address of X-Forwarded-For: without port, brackets, quotes and zone; an IPv4-mapped IPv6 address as IPv4. Returns
 * other text unchanged.
 */
export function plainAddress(text: string): string {
  const unquoted = text.trim().replace(/^"|"$/g, '');
  const host = IN_BRACKETS.exec(unquoted)?.[1] ?? WITH_PORT.exec(unquoted)?.[1] ?? unquoted;
  const [address] = host.split('%');
  if (!address || !isIP(address)) return unquoted;
  if (isIPv4(address)) return address;
  const canonical = new SocketAddress({ address, family: 'ipv6' }).address;
  const mapped = /^::ffff:(.+)$/i.exec(canonical)?.[1];
  return mapped && isIPv4(mapped) ? mapped : canonical;
}

/** Normalises all addresses of the header, so that a client with changing ports has one address. */
export const plainForwardedFor = (header: string): string => header.split(',').map(plainAddress).join(', ');
