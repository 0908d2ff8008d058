import { prefixQuery } from '../../core/database/full-text.js';
import { canonicalEmail } from '../../core/kernel/email.js';

/**
 * SQL on `user_account u`: every word of `q` begins a word of the name, or `q` is how the address begins. PostgreSQL
 * takes an address for one word and its beginning for several, so the index is asked for the first run of letters only.
 */
export function personMatches(q: string, take: (value: unknown) => string): string {
  const words = `u.search @@ (${prefixQuery(take(q))})`;
  const address = canonicalEmail(q);
  const head = /^[\p{L}\p{N}]+/u.exec(address)?.[0];
  if (!head || /\s/.test(address)) return words;
  return `(${words} OR (u.search @@ (${prefixQuery(take(head))}) AND starts_with(u.email, ${take(address)})))`;
}
