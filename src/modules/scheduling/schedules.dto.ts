import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsIn,
  IsInt,
  IsObject,
  IsOptional,
  IsString,
  Max,
  MaxLength,
  Min,
  ValidateBy,
  ValidateNested,
} from 'class-validator';
import { IsLocalDay } from '../../core/http/instants.js';
import { PageQuery } from '../../core/http/page.js';
import { isEndTime, isLocalTime } from './local-time.js';
import { EXCEPTION_KINDS, type ExceptionKind } from './schedule-exception.entity.js';

export const IsLocalTime = (): PropertyDecorator =>
  ValidateBy({
    name: 'isLocalTime',
    validator: { validate: isLocalTime, defaultMessage: () => 'must be a local time such as 09:00' },
  });

export const IsEndTime = (): PropertyDecorator =>
  ValidateBy({
    name: 'isEndTime',
    validator: { validate: isEndTime, defaultMessage: () => 'must be a local time such as 09:00, up to 24:00' },
  });

export class WeeklyRuleBody {
  /** ISO: Monday is 1, Sunday 7. @example 1 */
  @IsInt()
  @Min(1)
  @Max(7)
  weekday: number;

  /** Local time of the clinic. @example 09:00 */
  @IsLocalTime()
  start: string;

  /** `24:00` is midnight. @example 13:00 */
  @IsEndTime()
  end: string;

  /** First day of validity. @example 2026-01-01 */
  @IsOptional()
  @IsLocalDay()
  validFrom?: string | null;

  /** Last day of validity, included. @example 2026-12-31 */
  @IsOptional()
  @IsLocalDay()
  validTo?: string | null;
}

/** Of one doctor or resource. */
export const MAX_RULES = 200;

export class ScheduleBody {
  // MAX_RULES, as a number, which the API document shows.
  @IsArray()
  @ArrayMaxSize(200)
  // ValidateNested lets null and lists in a list through.
  @IsObject({ each: true })
  @ValidateNested({ each: true })
  @Type(() => WeeklyRuleBody)
  rules: WeeklyRuleBody[];
}

export class CreateException {
  /** First local day. @example 2026-12-24 */
  @IsLocalDay()
  from: string;

  /** Last local day, included. @example 2026-12-26 */
  @IsLocalDay()
  to: string;

  /** Closed (leave, a holiday), or open in addition to the weekly hours. @example CLOSED */
  @IsIn(EXCEPTION_KINDS)
  kind: ExceptionKind;

  /** Start on each day, such as 09:00. Give both `start` and `end`, or neither for the whole day. */
  @IsOptional()
  @IsLocalTime()
  start?: string | null;

  /** End on each day, such as 12:00. */
  @IsOptional()
  @IsEndTime()
  end?: string | null;

  /** @example Annual leave */
  @IsOptional()
  @IsString()
  @MaxLength(500)
  reason?: string | null;
}

export class ExceptionView {
  /** @example 019abe4c-7a52-7c61-9d1e-3f1f6b7f8a10 */
  id: string;
  /** First local day. */
  @ApiProperty({ format: 'date' })
  from: string;
  /** Last local day, included. */
  @ApiProperty({ format: 'date' })
  to: string;
  /** @example CLOSED */
  kind: string;
  /** @example 09:00 */
  start: string | null;
  /** @example 12:00 */
  end: string | null;
  reason: string | null;
}

/** A visit that still has to take place in closed time. `POST /appointments/bulk` cancels or moves it. */
export class AffectedVisitView {
  /** @example 019abe4c-7a52-7c61-9d1e-3f1f6b7f8a10 */
  id: string;
  clientId: string;
  doctorId: string;
  serviceId: string;
  startDateTime: Date;
  endDateTime: Date;
  /** @example CONFIRMED */
  status: string;
  version: number;
}

export class NewExceptionView extends ExceptionView {
  /** Only of closed time: the visits in it, by start, at most 500. They stay as they are. */
  affected?: AffectedVisitView[];
  /** How many visits there are in the closed time, also those that are not listed. @example 3 */
  affectedTotal?: number;
}

export class ExceptionsQuery extends PageQuery {
  /** Exceptions that end on this day or later. @example 2026-11-01 */
  @IsOptional()
  @IsLocalDay()
  from?: string;

  /** Exceptions that start on this day or earlier. @example 2026-12-31 */
  @IsOptional()
  @IsLocalDay()
  to?: string;
}
