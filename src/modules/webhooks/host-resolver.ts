import { Resolver } from 'node:dns/promises';
import type { ResolveHost } from './webhook-client.js';

const QUERY_MILLISECONDS = 1_500;
const TRIES = 2;

/** Names that never have an address (RFC 6761), which no name server should be asked for. */
const isInvalid = (name: string): boolean => /(?:^|\.)invalid\.?$/i.test(name);

/**
 * Asks the name servers of the system for the addresses of a host. Not `dns.lookup`, which uses the process's four threads for files and
 * hashes: a slow name server could occupy them. So /etc/hosts is not read.
 */
export function createResolver(): ResolveHost {
  const resolver = new Resolver({ timeout: QUERY_MILLISECONDS, tries: TRIES });
  return async (name) => {
    if (isInvalid(name)) throw new Error('The name has no address.');
    const answers = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)]);
    const addresses = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
    const [first] = answers;
    if (addresses.length === 0 && first.status === 'rejected') throw first.reason;
    return addresses;
  };
}
