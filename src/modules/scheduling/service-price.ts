export const VISIT_KINDS = ['ANY', 'FIRST', 'FOLLOW_UP'] as const;
export type VisitKind = (typeof VISIT_KINDS)[number];

export const FIRST_VISIT_SCOPES = ['DOCTOR', 'CLINIC'] as const;
export type FirstVisitScope = (typeof FIRST_VISIT_SCOPES)[number];

/** A price that applies instead of the service's: `[doctor or null for all, visit, minor units]`. */
export type PriceRule = [doctorId: string | null, visit: VisitKind, priceMinor: number];

/**
 * The price of a visit, in minor units. A price of the doctor goes before one for all doctors, and a price of the kind of visit before one
 * for any visit.
 * @param base the price of the service, if no rule applies
 */
export function findPrice(
  rules: readonly PriceRule[],
  doctorId: string,
  visit: Exclude<VisitKind, 'ANY'>,
  base: number,
): number {
  const find = (doctor: string | null, kind: VisitKind): number | undefined =>
    rules.find((rule) => rule[0] === doctor && rule[1] === kind)?.[2];
  return find(doctorId, visit) ?? find(doctorId, 'ANY') ?? find(null, visit) ?? find(null, 'ANY') ?? base;
}

/** Whether the price can depend on earlier visits of the patient. */
export const dependsOnVisits = (rules: readonly PriceRule[]): boolean => rules.some(([, visit]) => visit !== 'ANY');
