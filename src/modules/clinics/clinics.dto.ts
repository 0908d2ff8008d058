import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsObject,
  IsOptional,
  IsString,
  Length,
  Matches,
  Max,
  MaxLength,
  Min,
  ValidateNested,
} from 'class-validator';
import { IsZoneName } from '../../core/http/instants.js';
import { PageQuery } from '../../core/http/page.js';
import { CountryCode, IsPhone, LanguageTag, MayBeLeftOut, ThingName } from '../../core/http/text.js';

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
  /**
   * The roles of the clinic's people who must have a second factor, in addition to those of the configuration. Only for those who
   * manage the clinic. @example ["MANAGER"]
   */
  mfaRequiredRoles?: MfaRole[];
}

export class ClinicView {
  /** @example 019abe4c-7a52-7c61-9d1e-3f1f6b7f8a10 */
  id: string;
  /** @example Nile Neurology */
  name: string;
  /** @example Africa/Cairo */
  timeZone: string;
  /** @example +20227901234 */
  phone: string | null;
  /** @example 12 Tahrir Square, Cairo */
  address: string | null;
  /** @example 123 */
  emergencyNumber: string | null;
  /** ISO 3166-1 alpha-2; null if it is neither set nor implied by the time zone. @example EG */
  country: string | null;
  /** The default language of its patients. @example ar */
  locale: string;
  policy: PolicyView;
  /** @example 1 */
  version: number;
  createdAt: Date;
  updatedAt: Date;
}

class PolicyFields {
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

class ClinicFields {
  /** In any format; stored as E.164. @example +20227901234 */
  @IsOptional()
  @IsPhone()
  phone?: string | null;

  /** @example 12 Tahrir Square, Cairo */
  @IsOptional()
  @IsString()
  @MaxLength(500)
  address?: string | null;

  /** @example 123 */
  @IsOptional()
  @IsString()
  @Matches(/^[0-9+*#]{2,15}$/, { message: 'must be a number that a telephone can dial, of 2 to 15 characters' })
  emergencyNumber?: string | null;

  /**
   * ISO 3166-1 alpha-2: the country of telephone numbers without a country code. Default: the country of the time zone.
   * @example EG
   */
  @MayBeLeftOut()
  @CountryCode()
  country?: string;

  /** The language of patients who are registered without one. Default: en. @example ar */
  @MayBeLeftOut()
  @LanguageTag()
  locale?: string;

  @MayBeLeftOut()
  @IsObject()
  @ValidateNested()
  @Type(() => PolicyFields)
  policy?: PolicyFields;
}

export class CreateClinic extends ClinicFields {
  /** @example Nile Neurology */
  @ThingName()
  @IsString()
  @Length(1, 200)
  name: string;

  /** @example Africa/Cairo */
  @IsZoneName()
  timeZone: string;
}

export class ChangeClinic extends ClinicFields {
  /**
   * To take a role away from `policy.mfaRequiredRoles`: your password, unless this session was proven within ten minutes.
   * @example careslot-demo-1
   */
  @MayBeLeftOut()
  @IsString()
  @Length(1, 128)
  password?: string;

  /** For the same: a code of your authenticator app, or a recovery code, if you have a second factor. @example 287082 */
  @MayBeLeftOut()
  @IsString()
  @Length(1, 100)
  otp?: string;

  /** @example Nile Neurology */
  @MayBeLeftOut()
  @ThingName()
  @IsString()
  @Length(1, 200)
  name?: string;

  /** @example Africa/Cairo */
  @MayBeLeftOut()
  @IsZoneName()
  timeZone?: string;
}

const CLINIC_SORTS = ['createdAt', '-createdAt', 'name', '-name'] as const;

export class ClinicsQuery extends PageQuery {
  @IsOptional()
  @IsIn(CLINIC_SORTS)
  sort: (typeof CLINIC_SORTS)[number] = 'createdAt';
}
