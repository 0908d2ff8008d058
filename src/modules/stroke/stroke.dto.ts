import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsNumber, IsOptional, IsString, IsUUID, Matches } from 'class-validator';
import { IsInstant, IsZoneName } from '../../core/http/instants.js';
import { PageQuery } from '../../core/http/page.js';
import { LocaleHint, MayBeLeftOut } from '../../core/http/text.js';
import { GLUCOSE_UNITS, type GlucoseUnit } from './glucose.js';
import { RATER_ROLES, type RaterRole } from './raters.js';
import { Part, Points, YesNo } from './rated.js';
import {
  Abcd2Facts,
  Cha2ds2Facts,
  CpssRating,
  FraminghamFacts,
  LamsRating,
  MrsRating,
  NihssRating,
  PreventFacts,
  RaceRating,
  Symptoms,
} from './scales.dto.js';
import { MRS_MAX } from './scores/mrs.js';

export class Rater {
  /** Yours by default: SELF for a patient, CLINICIAN for a doctor, else BYSTANDER. @example BYSTANDER */
  @IsIn(RATER_ROLES)
  role: RaterRole;
}

/** What is known of the beginning: a time is an instant with its offset; one that is not known is left out. */
class OnsetFields {
  /** When the person was last known to be well. @example 2026-11-23T07:40:00+02:00 */
  @IsOptional()
  @IsInstant()
  lastKnownWell?: string | null;

  /** When somebody noticed the symptoms, or woke up with them. @example 2026-11-23T08:10:00+02:00 */
  @IsOptional()
  @IsInstant()
  recognisedAt?: string | null;

  /** Where the person is; kept to show times there. An offset such as GMT+02:00 is ignored. @example Africa/Cairo */
  @IsOptional()
  @IsZoneName()
  timeZone?: string | null;

  @YesNo()
  onsetWitnessed?: boolean | null;

  /** Woke up with the symptoms; lastKnownWell is then the time of falling asleep. */
  @YesNo()
  wakeUp?: boolean | null;

  /** Whether the symptoms went away. False, they are still there, is an emergency; left out where there were none. */
  @YesNo()
  symptomsResolved?: boolean | null;

  /** Takes an anticoagulant: it may exclude thrombolysis. */
  @YesNo()
  anticoagulant?: boolean | null;

  /** 20 to 1500 mg/dL, or 1 to 85 mmol/L. Low sugar is named in the advice. @example 110 */
  @IsOptional()
  @IsNumber()
  @ApiProperty({ format: 'double' })
  glucose?: number | null;

  /** @example MG_DL */
  @MayBeLeftOut()
  @IsIn(GLUCOSE_UNITS)
  glucoseUnit?: GlucoseUnit;

  /** The grade of the modified Rankin Scale before, as reported (6 is dead); no figure is made of it. */
  @Points(MRS_MAX - 1)
  preStrokeMrs?: number | null;

  /** Now by default. Up to 10 minutes ahead of the server's clock counts as now. @example 2026-11-23T08:30:00+02:00 */
  @MayBeLeftOut()
  @IsInstant()
  assessedAt?: string;
}

export class StrokeAssessmentRequest extends OnsetFields {
  @Part(() => Symptoms)
  symptoms?: Symptoms;

  /** Rated by a trained responder or a clinician. */
  @Part(() => CpssRating)
  cpss?: CpssRating;

  /** Rated by a clinician. */
  @Part(() => NihssRating)
  nihss?: NihssRating;

  /** Rated by a trained responder or a clinician. */
  @Part(() => LamsRating)
  lams?: LamsRating;

  /** Rated by a trained responder or a clinician. */
  @Part(() => RaceRating)
  race?: RaceRating;

  /** After symptoms that went away. */
  @Part(() => Abcd2Facts)
  abcd2?: Abcd2Facts;

  /** In atrial fibrillation. */
  @Part(() => Cha2ds2Facts)
  cha2ds2?: Cha2ds2Facts;

  /** Rated by a clinician. */
  @Part(() => MrsRating)
  mrs?: MrsRating;

  /** For people without cardiovascular disease so far; the values must lie in the population of the equations. */
  @Part(() => PreventFacts)
  prevent?: PreventFacts;

  /** For people without cardiovascular disease so far. Superseded by PREVENT. */
  @Part(() => FraminghamFacts)
  framingham?: FraminghamFacts;

  @Part(() => Rater)
  rater?: Rater;

  /** For a doctor: a patient with an appointment. A patient's own by default. */
  @MayBeLeftOut()
  @IsUUID()
  clientId?: string;

  /** The clinic whose emergency number is given. */
  @MayBeLeftOut()
  @IsUUID()
  clinicId?: string;

  /** ISO 3166-1 alpha-2: where the person is. @example EG */
  @IsOptional()
  @Matches(/^[A-Za-z]{2}$/, { message: 'must be a country of two letters, such as EG' })
  country?: string | null;

  /** The language of the texts: en, ar, hi. Extensions, and what is no locale, are ignored. @example ar-EG */
  @MayBeLeftOut()
  @LocaleHint()
  @IsString()
  locale?: string;
}

export class StrokeAssessmentsQuery extends PageQuery {
  /** The patient whose assessments are wanted. */
  @IsOptional()
  @IsUUID()
  clientId?: string;

  /** By the time it was made. */
  @ApiPropertyOptional({ enum: ['createdAt', '-createdAt'], default: '-createdAt' })
  @IsOptional()
  @IsIn(['createdAt', '-createdAt'])
  sort: 'createdAt' | '-createdAt' = '-createdAt';
}
