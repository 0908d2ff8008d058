import { Type } from 'class-transformer';
import { IsInt, IsOptional, IsUUID, Max, Min } from 'class-validator';
import { IsLocalDay, IsZoneName } from '../../core/http/instants.js';
import type { EmptyReason } from './slot-query.js';

export class AvailabilityQuery {
  /** @example 019abe4c-7a52-7c61-9d1e-3f1f6b7f8a10 */
  @IsUUID()
  serviceId: string;

  /** First local day. @example 2026-11-23 */
  @IsLocalDay()
  from: string;

  /** Last local day, included; at most 62 days and 50,000 slots. @example 2026-11-29 */
  @IsLocalDay()
  to: string;

  @IsOptional()
  @IsUUID()
  doctorId?: string;

  @IsOptional()
  @IsUUID()
  clinicId?: string;

  /** The time zone of `from` and `to`. Default: the clinic's. @example Africa/Cairo */
  @IsOptional()
  @IsZoneName()
  timeZone?: string;
}

export class NextAvailabilityQuery {
  /** @example 019abe4c-7a52-7c61-9d1e-3f1f6b7f8a10 */
  @IsUUID()
  serviceId: string;

  @IsOptional()
  @IsUUID()
  doctorId?: string;

  @IsOptional()
  @IsUUID()
  clinicId?: string;

  /** How many slots per doctor. */
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(20)
  limit: number = 3;
}

/** A time that can be booked now. */
export class SlotView {
  /** @example 2026-11-23T09:00:00.000Z */
  startDateTime: string;
  /** @example 2026-11-23T09:30:00.000Z */
  endDateTime: string;
  /** @example 019abe4c-7a52-7c61-9d1e-3f1f6b7f8a10 */
  doctorId: string;
}

/** Only if no time is free. */
export class EmptyAvailabilityMeta {
  /**
   * `CLOSED`: nobody works in the days. `NOTICE`: it is too late for them. `HORIZON`: it is too early for them. `FULL`: all times are taken,
   * or the caller has reached a limit on appointments.
   * @example FULL
   */
  reason: EmptyReason;
}
