import { ArrayMaxSize, ArrayUnique, IsArray, IsBoolean, IsIn, IsInt, IsOptional, Max, Min } from 'class-validator';
import { MayBeLeftOut } from '../../core/http/text.js';

/** Roles that a clinic can require a second factor of. ADMIN and CLIENT belong to no clinic. */
const MFA_ROLES = ['DOCTOR', 'STAFF', 'MANAGER'] as const;
type MfaRole = (typeof MFA_ROLES)[number];

export class PolicyView {
  /** Appointments start at multiples of this step after each opening. @example 15 */
  slotStepMinutes: number;
  /** @example 60 */
  minimumNoticeMinutes: number;
  /** How many local days ahead can be booked. @example 90 */
  horizonDays: number;
  /** How long before the start a patient may still cancel or move. @example 120 */
  cancellationCutoffMinutes: number;
  /** How long a held time is kept (`POST /holds`). @example 10 */
  holdMinutes: number;
  /** @example [1440, 120] */
  reminderOffsetsMinutes: number[];
  /** Bookings start as PENDING. @example false */
  requiresConfirmation: boolean;
  /**
   * How many upcoming appointments (PENDING or CONFIRMED) a patient who books them may have at this clinic. It does not apply
   * to the front desk. null: no limit. @example 20
   */
  maxUpcomingPerClient: number | null;
  /** How many visits a patient who books them may have on one day at this clinic. Otherwise like maxUpcomingPerClient. @example 2 */
  maxPerDayPerClient: number | null;
  /** A patient with this many no-shows or more within a year books only through the front desk. null: no limit. @example 3 */
  noShowLimit: number | null;
  /** Patients pay a deposit before a booking (402 `PAYMENT_REQUIRED`). @example false */
  requiresDeposit: boolean;
  /** The part of the price that is paid before the booking, if `requiresDeposit`. @example 100 */
  depositPercent: number;
  /** The tax that prices include, in hundredths of a percent. @example 1400 */
  taxBasisPoints: number;
  /** How much of a payment is refunded if the patient cancels before the cut-off. @example 100 */
  refundPercentBeforeCutoff: number;
  /** The same after the cut-off, when only the clinic can cancel for the patient. @example 0 */
  refundPercentAfterCutoff: number;
  /** The notice for the front desk. null: as for patients. @example 0 */
  deskMinimumNoticeMinutes: number | null;
  /** The horizon for the front desk. null: as for patients. @example 365 */
  deskHorizonDays: number | null;
  /** A freed time is offered to all who wait for it at once, and the first who accepts gets it. @example false */
  waitlistOffersToAll: boolean;
  /** How long a freed time is kept for a patient of the waitlist. @example 60 */
  waitlistOfferMinutes: number;
  /** The managers get a message with the report of each day, at 06:00 of the next (docs/reports.md). @example false */
  dailyReport: boolean;
  /**
   * The roles of the clinic's people who must have a second factor, in addition to those of the configuration. Only for those who
   * manage the clinic. @example ["MANAGER"]
   */
  mfaRequiredRoles?: MfaRole[];
}

export class PolicyFields {
  /** @example 15 */
  @MayBeLeftOut()
  @IsInt()
  @Min(5)
  @Max(240)
  slotStepMinutes?: number;

  /** @example 60 */
  @MayBeLeftOut()
  @IsInt()
  @Min(0)
  @Max(43_200)
  minimumNoticeMinutes?: number;

  /** @example 90 */
  @MayBeLeftOut()
  @IsInt()
  @Min(1)
  @Max(730)
  horizonDays?: number;

  /** @example 120 */
  @MayBeLeftOut()
  @IsInt()
  @Min(0)
  @Max(43_200)
  cancellationCutoffMinutes?: number;

  /** @example 10 */
  @MayBeLeftOut()
  @IsInt()
  @Min(1)
  @Max(120)
  holdMinutes?: number;

  /** @example [1440, 120] */
  @MayBeLeftOut()
  @IsArray()
  @ArrayMaxSize(10)
  @ArrayUnique()
  @IsInt({ each: true })
  @Min(5, { each: true })
  @Max(43_200, { each: true })
  reminderOffsetsMinutes?: number[];

  /** @example false */
  @MayBeLeftOut()
  @IsBoolean()
  requiresConfirmation?: boolean;

  /** null: no limit. @example 20 */
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(1_000)
  maxUpcomingPerClient?: number | null;

  /** null: no limit. @example 2 */
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(50)
  maxPerDayPerClient?: number | null;

  /** null: no limit. @example 3 */
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(100)
  noShowLimit?: number | null;

  /** @example false */
  @MayBeLeftOut()
  @IsBoolean()
  requiresDeposit?: boolean;

  /** @example 100 */
  @MayBeLeftOut()
  @IsInt()
  @Min(1)
  @Max(100)
  depositPercent?: number;

  /** @example 1400 */
  @MayBeLeftOut()
  @IsInt()
  @Min(0)
  @Max(10_000)
  taxBasisPoints?: number;

  /** @example 100 */
  @MayBeLeftOut()
  @IsInt()
  @Min(0)
  @Max(100)
  refundPercentBeforeCutoff?: number;

  /** @example 0 */
  @MayBeLeftOut()
  @IsInt()
  @Min(0)
  @Max(100)
  refundPercentAfterCutoff?: number;

  /** null: as for patients. @example 0 */
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(43_200)
  deskMinimumNoticeMinutes?: number | null;

  /** null: as for patients. @example 365 */
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(730)
  deskHorizonDays?: number | null;

  /** @example false */
  @MayBeLeftOut()
  @IsBoolean()
  waitlistOffersToAll?: boolean;

  /** @example 60 */
  @MayBeLeftOut()
  @IsInt()
  @Min(5)
  @Max(1_440)
  waitlistOfferMinutes?: number;

  /** @example true */
  @MayBeLeftOut()
  @IsBoolean()
  dailyReport?: boolean;

  /**
   * The roles of the clinic's people who must have a second factor. Until they have set it up, they can do nothing else except read
   * their profile and sign out. @example ["MANAGER"]
   */
  @MayBeLeftOut()
  @IsArray()
  @ArrayUnique()
  @IsIn(MFA_ROLES, { each: true, message: `each must be one of ${MFA_ROLES.join(', ')}` })
  mfaRequiredRoles?: MfaRole[];
}
