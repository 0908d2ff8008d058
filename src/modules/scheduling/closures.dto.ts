import { ApiProperty, OmitType } from '@nestjs/swagger';
import { IsOptional, IsString, MaxLength } from 'class-validator';
import { AffectedVisitView, CreateException, ExceptionView } from './schedules.dto.js';

export class CreateClosure extends OmitType(CreateException, ['kind', 'reason']) {
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
