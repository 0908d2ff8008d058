import { ApiProperty, OmitType } from '@nestjs/swagger';
import { IsOptional, IsString, MaxLength } from 'class-validator';
import { AffectedVisitView, ExceptionView, IsEndTime, IsLocalTime, IsScheduleDay } from './schedules.dto.js';

export class CreateClosure {
  /** First local day. @example 2026-12-24 */
  @IsScheduleDay()
  from: string;

  /** Last local day, included. @example 2026-12-26 */
  @IsScheduleDay()
  to: string;

  /** Start on each day, such as 12:00. Give both `start` and `end`, or neither for whole days. */
  @IsOptional()
  @IsLocalTime()
  start?: string | null;

  /** End on each day, such as 24:00. */
  @IsOptional()
  @IsEndTime()
  end?: string | null;

  /** Everybody can read it. @example Eid al-Fitr */
  @IsOptional()
  @IsString()
  @MaxLength(500)
  reason?: string | null;
}

/** Days on which a whole clinic is closed. */
export class ClosureView extends OmitType(ExceptionView, ['kind']) {}

export class NewClosureView extends ClosureView {
  /** The visits in the closed time, by start, at most 500. They stay as they are. */
  @ApiProperty({ type: [AffectedVisitView] })
  affected: AffectedVisitView[];
  /** How many visits there are in the closed time, also those that are not listed. @example 3 */
  affectedTotal: number;
}
