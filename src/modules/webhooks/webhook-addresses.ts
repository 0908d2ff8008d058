import ipaddr from 'ipaddr.js';

/**
 * Ports from 1024 on to which no request is made: those that browsers block (https://fetch.spec.whatwg.org/#port-blocking), and those
 * of widespread databases.
 */
const SERVICE_PORTS: ReadonlySet<number> = new Set([
  ...[
    1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
  ],
  ...[1433, 1521, 2375, 2376, 2379, 3306, 5432, 5984, 6379, 8086, 9042, 9200, 9300, 11211, 27017],
]);
const FIRST_UNPRIVILEGED_PORT = 1024;

type Network = [address: ipaddr.IPv4 | ipaddr.IPv6, prefixBits: number];

export interface AddressRules {
  /** Networks in CIDR notation that can be reached although they are not public. */
  allowedNetworks: readonly string[];
  /** Whether URLs must be https. */
  requiresTls: boolean;
}

/** Decides which URLs and addresses webhooks may be sent to: only public ones, so that they cannot reach internal servers (SSRF). */
export class WebhookAddresses {
  private readonly allowed: readonly Network[];

  constructor(private readonly rules: AddressRules) {
    this.allowed = rules.allowedNetworks.map((network) => ipaddr.parseCIDR(network));
  }

  /** What is wrong with a URL, without looking up its host; null if it is allowed. */
  findUrlError(text: string): string | null {
    if (!URL.canParse(text)) return 'must be an absolute URL';
    const url = new URL(text);
    if (url.protocol !== 'https:' && (this.rules.requiresTls || url.protocol !== 'http:'))
      return this.rules.requiresTls ? 'must be an https URL' : 'must be an http or https URL';
    if (url.username !== '' || url.password !== '') return 'must not contain a user name or password';
    if (!isAllowedPort(url)) return 'must have port 80, 443, or one from 1024 on that belongs to no other service';
    const host = toHost(url);
    if (isLocalName(host) || (isAddress(host) && !this.isAllowed(host))) return 'must not lead to a private address';
    return null;
  }

  /** Whether a connection to the address may be made. Addresses that embed an IPv4 address, such as ::ffff:10.0.0.1, count as that one. */
  isAllowed(address: string): boolean {
    const parsed = ipaddr.process(address);
    return isPublic(parsed) || this.allowed.some((network) => isWithin(parsed, network));
  }
}

/** The block of IPv6 from which global addresses are assigned. ipaddr.js also counts `::7f00:1` as unicast, which once meant 127.0.0.1. */
const GLOBAL_IPV6 = ipaddr.parseCIDR('2000::/3');

const isPublic = (address: ipaddr.IPv4 | ipaddr.IPv6): boolean =>
  address.range() === 'unicast' && (address.kind() === 'ipv4' || isWithin(address, GLOBAL_IPV6));

/** The host of a URL as a name or an address, without the brackets of IPv6. */
export const toHost = (url: URL): string => url.hostname.replace(/^\[|\]$/g, '');

export const isAddress = (host: string): boolean => ipaddr.isValid(host);

const isWithin = (address: ipaddr.IPv4 | ipaddr.IPv6, network: Network): boolean =>
  address.kind() === network[0].kind() && address.match(network);

/** Names that mean the machine itself (RFC 6761). */
const isLocalName = (host: string): boolean => /(?:^|\.)localhost\.?$/.test(host);

function isAllowedPort({ port }: URL): boolean {
  // A URL has no port if it is the default one of its protocol, http or https.
  if (port === '' || port === '80' || port === '443') return true;
  return Number(port) >= FIRST_UNPRIVILEGED_PORT && !SERVICE_PORTS.has(Number(port));
}
