import { prefixQuery } from '../../core/database/full-text.js';
import { canonicalEmail } from '../../core/kernel/email.js';
import { hasTrustedAddress } from './trusted-address.js';

type Take = (value: unknown) => string;

/** SQL on `user_account u`: as `accountMatches`, but an address that nobody has proven finds nobody. */
export function personMatches(q: string, take: Take): string {
  // The index holds name and address in one; only rows that it finds are looked at again.
  const name = `to_tsvector('simple', search_fold(u.first_name || ' ' || u.last_name)) @@ (${prefixQuery(take(q))})`;
  return `(${accountMatches(q, take)} AND (${hasTrustedAddress('u')} OR ${name}))`;
}

/**
 * SQL on `user_account u`: every word of `q` begins a word of the name, or `q` is how the address begins. PostgreSQL
 * takes an address for one word and its beginning for several, so the index is asked for the first run of letters only.
 */
export function accountMatches(q: string, take: Take): string {
  const words = `u.search @@ (${prefixQuery(take(q))})`;
  const address = canonicalEmail(q);
  const head = /^[\p{L}\p{N}]+/u.exec(address)?.[0];
  if (!head || /\s/.test(address)) return words;
  return `(${words} OR (u.search @@ (${prefixQuery(take(head))}) AND starts_with(u.email, ${take(address)})))`;
}
