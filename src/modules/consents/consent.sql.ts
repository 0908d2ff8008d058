/**
 * SQL condition: the person has withdrawn this consent, or never given it after it was asked for. False without a record.
 * @param userId an SQL expression
 * @param kind an SQL expression of a ConsentKind; any other value is never withdrawn
 */
export const isConsentWithdrawn = (userId: string, kind: string): string =>
  `coalesce((SELECT NOT k.given FROM consent k WHERE k.user_id = ${userId} AND k.kind = ${kind}
             ORDER BY k.sequence DESC LIMIT 1), false)`;
