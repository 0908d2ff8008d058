/**
 * SQL condition: the newest record of this consent says that it is not given. False without a record.
 * @param userId an SQL expression
 * @param kind an SQL expression of a ConsentKind; any other value is never withdrawn
 */
export const isConsentWithdrawn = (userId: string, kind: string): string =>
  `coalesce((SELECT NOT k.given FROM consent k WHERE k.user_id = ${userId} AND k.kind = ${kind}
             ORDER BY k.sequence DESC LIMIT 1), false)`;
