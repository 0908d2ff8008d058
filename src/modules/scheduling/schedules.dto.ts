import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsIn,
  IsInt,
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
import { MayBeLeftOut } from '../../core/http/text.js';
import { isLocalTime } from './local-time.js';

const IsLocalTime = (asEnd = false): PropertyDecorator =>
  ValidateBy({
    name: 'isLocalTime',
    validator: {
      validate: (value: unknown) => isLocalTime(value, asEnd),
      defaultMessage: () => `must be a local time such as 09:00${asEnd ? ', up to 24:00' : ''}`,
    },
  });

export class WeeklyRuleBody {
  /** ISO: Monday is 1, Sunday 7. @example 1 */
  @IsInt()
  @Min(1)
  @Max(7)
  weekday: number;

  /** In the clinic's zone. @example 09:00 */
  @IsLocalTime()
  start: string;

  /** `24:00` is midnight. @example 13:00 */
  @IsLocalTime(true)
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

export class ScheduleBody {
  @IsArray()
  @ArrayMaxSize(200)
  @ValidateNested({ each: true })
  @Type(() => WeeklyRuleBody)
  rules: WeeklyRuleBody[];
}

export const EXCEPTION_KINDS = ['CLOSED', 'OPEN'] as const;

export class CreateException {
  /** First local day. @example 2026-12-24 */
  @IsLocalDay()
  from: string;

  /** Last local day, included. @example 2026-12-26 */
  @IsLocalDay()
  to: string;

  /** Closed (leave, a holiday) or opened besides the weekly hours. @example CLOSED */
  @IsIn(EXCEPTION_KINDS)
  kind: (typeof EXCEPTION_KINDS)[number];

  /** On each of the days; with `end`, or neither: the whole day. @example 09:00 */
  @MayBeLeftOut()
  @IsLocalTime()
  start?: string;

  /** @example 12:00 */
  @MayBeLeftOut()
  @IsLocalTime(true)
  end?: string;

  /** @example Annual leave */
  @IsOptional()
  @IsString()
  @MaxLength(500)
  reason?: string | null;
}

export class ExceptionView {
  /** @example 019abe4c-7a52-7c61-9d1e-3f1f6b7f8a10 */
  id: string;
  /** @example 2026-12-24 */
  from: string;
  /** @example 2026-12-26 */
  to: string;
  /** @example CLOSED */
  kind: string;
  /** @example 09:00 */
  start: string | null;
  /** @example 12:00 */
  end: string | null;
  reason: string | null;
}

export class ExceptionsQuery extends PageQuery {
  /** Exceptions that reach this day or later. @example 2026-11-01 */
  @IsOptional()
  @IsLocalDay()
  from?: string;

  /** Exceptions that begin on this day or earlier. @example 2026-12-31 */
  @IsOptional()
  @IsLocalDay()
  to?: string;
}
