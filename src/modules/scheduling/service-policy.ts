/** The policies of a clinic that a service may override. */
export interface BookingPolicy {
  slotStepMinutes: number;
  minimumNoticeMinutes: number;
  horizonDays: number;
  cancellationCutoffMinutes: number;
  holdMinutes: number;
  requiresConfirmation: boolean;
  requiresDeposit: boolean;
  depositPercent: number;
  taxBasisPoints: number;
  refundPercentBeforeCutoff: number;
  refundPercentAfterCutoff: number;
  maxUpcomingPerClient: number;
  maxPerDayPerClient: number;
  noShowLimit: number;
  deskMinimumNoticeMinutes: number;
  deskHorizonDays: number;
}

/** The policies that a service overrides; it has the others from its clinic. */
export type ServicePolicy = Partial<BookingPolicy>;

/** The policies after a change. Null removes an override. */
export function changePolicy(
  policy: ServicePolicy,
  changes: { [Name in keyof BookingPolicy]?: BookingPolicy[Name] | null },
): ServicePolicy {
  const changed = Object.entries({ ...policy, ...changes }).filter(
    ([, value]) => value !== null && value !== undefined,
  );
  return Object.fromEntries(changed);
}
