import { IsBoolean, IsInt, IsOptional, Max, Min } from 'class-validator';

/** The policies that the service overrides. null: as the clinic's. */
export class ServicePolicyView {
  /** @example 15 */
  slotStepMinutes: number | null;
  /** @example 1440 */
  minimumNoticeMinutes: number | null;
  /** @example 30 */
  horizonDays: number | null;
  /** @example 1440 */
  cancellationCutoffMinutes: number | null;
  /** @example 10 */
  holdMinutes: number | null;
  requiresConfirmation: boolean | null;
  requiresDeposit: boolean | null;
  /** @example 100 */
  depositPercent: number | null;
  /** @example 1400 */
  taxBasisPoints: number | null;
  /** @example 100 */
  refundPercentBeforeCutoff: number | null;
  /** @example 0 */
  refundPercentAfterCutoff: number | null;
  /** Counts only appointments of this service. @example 5 */
  maxUpcomingPerClient: number | null;
  /** Counts only visits of this service. @example 1 */
  maxPerDayPerClient: number | null;
  /** Counts only no-shows of this service. @example 3 */
  noShowLimit: number | null;
  /** @example 0 */
  deskMinimumNoticeMinutes: number | null;
  /** @example 365 */
  deskHorizonDays: number | null;
}

/** The overrides to change. null: as the clinic's. */
export class ServicePolicyFields {
  /** @example 15 */
  @IsOptional()
  @IsInt()
  @Min(5)
  @Max(240)
  slotStepMinutes?: number | null;

  /** @example 1440 */
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(43_200)
  minimumNoticeMinutes?: number | null;

  /** @example 30 */
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(730)
  horizonDays?: number | null;

  /** @example 1440 */
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(43_200)
  cancellationCutoffMinutes?: number | null;

  /** @example 10 */
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(120)
  holdMinutes?: number | null;

  @IsOptional()
  @IsBoolean()
  requiresConfirmation?: boolean | null;

  @IsOptional()
  @IsBoolean()
  requiresDeposit?: boolean | null;

  /** @example 100 */
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(100)
  depositPercent?: number | null;

  /** @example 1400 */
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(10_000)
  taxBasisPoints?: number | null;

  /** @example 100 */
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(100)
  refundPercentBeforeCutoff?: number | null;

  /** @example 0 */
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(100)
  refundPercentAfterCutoff?: number | null;

  /** @example 5 */
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(1_000)
  maxUpcomingPerClient?: number | null;

  /** @example 1 */
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(50)
  maxPerDayPerClient?: number | null;

  /** @example 3 */
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(100)
  noShowLimit?: number | null;

  /** @example 0 */
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(43_200)
  deskMinimumNoticeMinutes?: number | null;

  /** @example 365 */
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(730)
  deskHorizonDays?: number | null;
}
