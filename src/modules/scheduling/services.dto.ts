import { Transform, Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsISO4217CurrencyCode,
  IsObject,
  IsOptional,
  IsString,
  IsUUID,
  Length,
  Max,
  MaxLength,
  Min,
  ValidateNested,
} from 'class-validator';
import { PageQuery } from '../../core/http/page.js';
import { MayBeLeftOut, ThingName } from '../../core/http/text.js';
import { RESOURCE_KINDS, type ResourceKind } from './resource.entity.js';
import { ServicePolicyFields, ServicePolicyView } from './service-policy.dto.js';
import { MODES, type Mode } from './service.entity.js';

export class Price {
  /** Minor units of the currency. @example 50000 */
  @IsInt()
  @Min(0)
  @Max(1_000_000_000_000)
  amount: number;

  /** ISO 4217. @example EGP */
  @Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? value.toUpperCase() : value))
  @IsISO4217CurrencyCode()
  currency: string;
}

export class ServiceView {
  /** @example 019abe4c-7a52-7c61-9d1e-3f1f6b7f8a10 */
  id: string;
  clinicId: string;
  /** @example Neurology consultation */
  name: string;
  description: string | null;
  /** @example 30 */
  durationMinutes: number;
  /** @example 0 */
  bufferBeforeMinutes: number;
  /** @example 10 */
  bufferAfterMinutes: number;
  price: Price;
  /** @example IN_PERSON */
  mode: Mode;
  /** Patients per appointment; more than 1 is a group session. @example 1 */
  capacity: number;
  doctorIds: string[];
  /** One entry for each resource that is reserved in addition to the doctor. @example ["ROOM"] */
  requiredResourceKinds: ResourceKind[];
  /** Preferred when a doctor is booked without choosing a service. */
  isDefault: boolean;
  isActive: boolean;
  /** Patients need a `referralId` to book it. Its free times are listed for everybody. */
  requiresReferral: boolean;
  /** A completed visit creates a referral for a review so many months later. @example 3 */
  reviewAfterMonths: number | null;
  /** Null: this service. */
  reviewServiceId: string | null;
  policy: ServicePolicyView;
  /** @example 1 */
  version: number;
}

class ServiceFields {
  @IsOptional()
  @IsString()
  @MaxLength(4000)
  description?: string | null;

  /** @example 0 */
  @MayBeLeftOut()
  @IsInt()
  @Min(0)
  @Max(240)
  bufferBeforeMinutes?: number;

  /** @example 10 */
  @MayBeLeftOut()
  @IsInt()
  @Min(0)
  @Max(240)
  bufferAfterMinutes?: number;

  /** @example IN_PERSON */
  @MayBeLeftOut()
  @IsIn(MODES)
  mode?: Mode;

  /** @example 1 */
  @MayBeLeftOut()
  @IsInt()
  @Min(1)
  @Max(500)
  capacity?: number;

  /** Doctors of the same clinic. */
  @MayBeLeftOut()
  @IsArray()
  @ArrayMaxSize(500)
  @ArrayUnique()
  @IsUUID(undefined, { each: true })
  doctorIds?: string[];

  /** @example ["ROOM"] */
  @MayBeLeftOut()
  @IsArray()
  @ArrayMaxSize(5)
  @IsIn(RESOURCE_KINDS, { each: true })
  requiredResourceKinds?: ResourceKind[];

  /** Prefer this service when a doctor is booked without choosing a service. @example false */
  @MayBeLeftOut()
  @IsBoolean()
  isDefault?: boolean;

  @MayBeLeftOut()
  @IsBoolean()
  isActive?: boolean;

  /** Whether patients need a referral to book it. @example false */
  @MayBeLeftOut()
  @IsBoolean()
  requiresReferral?: boolean;

  /** When a visit is completed, its patient gets a referral for a review so many months later. @example 3 */
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(24)
  reviewAfterMonths?: number | null;

  /** The service of the review, at the same clinic. Default: this service. */
  @IsOptional()
  @IsUUID()
  reviewServiceId?: string | null;

  @MayBeLeftOut()
  @IsObject()
  @ValidateNested()
  @Type(() => ServicePolicyFields)
  policy?: ServicePolicyFields;
}

export class CreateService extends ServiceFields {
  @IsUUID()
  clinicId: string;

  /** @example Neurology consultation */
  @ThingName()
  @IsString()
  @Length(1, 200)
  name: string;

  /** @example 30 */
  @IsInt()
  @Min(5)
  @Max(720)
  durationMinutes: number;

  @IsObject()
  @ValidateNested()
  @Type(() => Price)
  price: Price;
}

export class ChangeService extends ServiceFields {
  @MayBeLeftOut()
  @ThingName()
  @IsString()
  @Length(1, 200)
  name?: string;

  @MayBeLeftOut()
  @IsInt()
  @Min(5)
  @Max(720)
  durationMinutes?: number;

  @MayBeLeftOut()
  @IsObject()
  @ValidateNested()
  @Type(() => Price)
  price?: Price;
}

const SERVICE_SORTS = ['createdAt', '-createdAt', 'name', '-name'] as const;

export class ServicesQuery extends PageQuery {
  @IsOptional()
  @IsUUID()
  clinicId?: string;

  @IsOptional()
  @IsUUID()
  doctorId?: string;

  @IsOptional()
  @IsIn(MODES)
  mode?: Mode;

  /** `false` lists the inactive services of the clinics that the caller manages. */
  @IsOptional()
  @Transform(({ value }: { value: unknown }) => (value === 'true' ? true : value === 'false' ? false : value))
  @IsBoolean()
  isActive: boolean = true;

  /** A part of the name. @example MRI */
  @IsOptional()
  @IsString()
  @MaxLength(100)
  q?: string;

  @IsOptional()
  @IsIn(SERVICE_SORTS)
  sort: (typeof SERVICE_SORTS)[number] = 'createdAt';
}
