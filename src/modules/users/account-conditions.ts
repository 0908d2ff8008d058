import { prefixQuery } from '../../core/database/full-text.js';
import type { BindValue } from '../../core/http/page.js';

/**
 * SQL condition on a row of `user_account`: the address identifies the account's owner, and mails and messages may be sent.
 * Anybody may register with an address of somebody else. So a patient's account has a trusted address only if the address is
 * verified, or if the front desk entered it (a patient with neither a password nor an identity at a provider). Accounts with other roles always have one.
 */
export const hasTrustedAddress = (alias: string): string =>
  `(${alias}.role <> 'CLIENT' OR (${alias}.password_hash IS NULL AND NOT ${alias}.has_identity) OR ${alias}.email_verified_at IS NOT NULL)`;

/**
 * SQL conditions on `user_account u`, of which one must be true: like `accountMatches`, but an address that is not trusted does not
 * match. Each can use its own index.
 */
export const personMatches = (q: string, emailIndex: Buffer, bind: BindValue): string[] => [
  nameMatches(q, bind),
  `u.email_index = ${bind(emailIndex)} AND ${hasTrustedAddress('u')}`,
];

/**
 * SQL condition on `user_account u`: every word of `q` is the start of a word of the name, or `q` is the address.
 * @param emailIndex the blind index of `q` as an address
 */
export const accountMatches = (q: string, emailIndex: Buffer, bind: BindValue): string =>
  `(${nameMatches(q, bind)} OR u.email_index = ${bind(emailIndex)})`;

const nameMatches = (q: string, bind: BindValue): string => `u.search @@ (${prefixQuery(bind(q))})`;
