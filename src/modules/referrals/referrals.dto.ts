import { Transform } from 'class-transformer';
import { IsBoolean, IsInt, IsOptional, IsString, IsUUID, Max, MaxLength, Min } from 'class-validator';
import { IsLocalDay } from '../../core/http/instants.js';
import { PageQuery } from '../../core/http/page.js';
import { MayBeLeftOut } from '../../core/http/text.js';

export class CreateReferral {
  /** The patient. @example 019abe4c-7a52-7c61-9d1e-3f1f6b7f8a10 */
  @IsUUID()
  clientId: string;

  @IsUUID()
  serviceId: string;

  /** Default: any doctor of the service. */
  @MayBeLeftOut()
  @IsUUID()
  doctorId?: string;

  /** The first local day of the visit. Default: today. @example 2026-11-23 */
  @MayBeLeftOut()
  @IsLocalDay()
  validFrom?: string;

  /** The last local day of the visit, included. Default with `afterMonths`: 30 days after the first. @example 2026-12-23 */
  @MayBeLeftOut()
  @IsLocalDay()
  validTo?: string;

  /** A review: `validFrom` is so many months after today, or after `afterAppointmentId`. @example 3 */
  @MayBeLeftOut()
  @IsInt()
  @Min(1)
  @Max(24)
  afterMonths?: number;

  /** The patient’s visit that is reviewed. */
  @MayBeLeftOut()
  @IsUUID()
  afterAppointmentId?: string;

  /** The patient can read it. @example Review of the new medicine */
  @IsOptional()
  @IsString()
  @MaxLength(1000)
  reason?: string | null;
}

export class ReferralView {
  /** @example 019abe4c-7a52-7c61-9d1e-3f1f6b7f8a12 */
  id: string;
  clinicId: string;
  clientId: string;
  serviceId: string;
  /** Null: any doctor of the service. */
  doctorId: string | null;
  /** Local days of the clinic, both included. @example 2026-11-23 */
  validFrom: string;
  /** @example 2026-12-23 */
  validTo: string;
  reason: string | null;
  /** The booking that used it. */
  appointmentId: string | null;
  createdAt: Date;
}

export class ReferralsQuery extends PageQuery {
  /** A guardian passes the child’s. */
  @IsOptional()
  @IsUUID()
  clientId?: string;

  @IsOptional()
  @IsUUID()
  serviceId?: string;

  @IsOptional()
  @IsUUID()
  clinicId?: string;

  /** Only those that can still be used (`true`), or that cannot (`false`). */
  @IsOptional()
  @Transform(({ value }: { value: unknown }) => (value === 'true' ? true : value === 'false' ? false : value))
  @IsBoolean()
  unused?: boolean;
}
