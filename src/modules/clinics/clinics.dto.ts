import { Type } from 'class-transformer';
import { IsIn, IsObject, IsOptional, IsString, Length, Matches, MaxLength, ValidateNested } from 'class-validator';
import { IsZoneName } from '../../core/http/instants.js';
import { PageQuery } from '../../core/http/page.js';
import { CountryCode, IsPhone, LanguageTag, MayBeLeftOut, ThingName } from '../../core/http/text.js';
import { PolicyFields, PolicyView } from './clinic-policy.dto.js';

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
   * To remove a role from `policy.mfaRequiredRoles`: your password, unless this session was proven within ten minutes.
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
