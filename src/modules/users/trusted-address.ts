/**
 * SQL on a row of `user_account`: whether its e-mail address and number may be written to, and the address says who somebody
 * is. Its owner has proven it, or the desk wrote it down (a patient without a password), or the clinic's people gave the
 * account its role. Somebody may register with a stranger's address: until it is proven, it says nothing.
 */
export const hasTrustedAddress = (alias: string): string =>
  `(${alias}.role <> 'CLIENT' OR ${alias}.password_hash IS NULL OR ${alias}.email_verified_at IS NOT NULL)`;
