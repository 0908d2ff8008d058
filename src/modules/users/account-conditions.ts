import { prefixQuery } from '../../core/database/full-text.js';
import { canonicalEmail } from '../../core/kernel/email.js';

/** Adds a parameter to the query. @returns its placeholder */
type Take = (value: unknown) => string;

/**
 * SQL condition on a row of `user_account`: the address identifies the account's owner, and mails and messages may be sent.
 * Anybody may register with an address of somebody else. So a patient's account has a trusted address only if the address is
 * verified, or if the front desk entered it (a patient with neither a password nor an identity at a provider). Accounts with other roles always have one.
 */
export const hasTrustedAddress = (alias: string): string =>
  `(${alias}.role <> 'CLIENT' OR (${alias}.password_hash IS NULL AND NOT ${alias}.has_identity) OR ${alias}.email_verified_at IS NOT NULL)`;

/** SQL condition on `user_account u`: like `accountMatches`, but an address that is not trusted does not match. */
export function personMatches(q: string, take: Take): string {
  // The index has name and address together, so the name alone is only checked for the rows that the index finds.
  const name = `to_tsvector('simple', search_fold(u.first_name || ' ' || u.last_name)) @@ (${prefixQuery(take(q))})`;
  return `(${accountMatches(q, take)} AND (${hasTrustedAddress('u')} OR ${name}))`;
}

/**
 * SQL condition on `user_account u`: every word of `q` is the start of a word of the name, or `q` is the start of the address.
 * PostgreSQL parses an address as one word and the start of an address as several words. So the index is searched with the
 * first letters and digits of the address only.
 */
export function accountMatches(q: string, take: Take): string {
  const words = `u.search @@ (${prefixQuery(take(q))})`;
  const address = canonicalEmail(q);
  const head = /^[\p{L}\p{N}]+/u.exec(address)?.[0];
  if (!head || /\s/.test(address)) return words;
  return `(${words} OR (u.search @@ (${prefixQuery(take(head))}) AND starts_with(u.email, ${take(address)})))`;
}
