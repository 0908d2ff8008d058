import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsNumber, IsOptional, IsString, IsUUID, Matches } from 'class-validator';
import { IsInstant, IsZoneName } from '../../core/http/instants.js';
import { PageQuery } from '../../core/http/page.js';
import { LocaleHint, MayBeLeftOut } from '../../core/http/text.js';
import { GLUCOSE_UNITS, type GlucoseUnit } from './glucose.js';
import { RATER_ROLES, type RaterRole } from './raters.js';
import { Part, Points, YesNo } from './rating-decorators.js';
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
  /** Default: SELF for a patient, CLINICIAN for a doctor, otherwise BYSTANDER. @example BYSTANDER */
  @IsIn(RATER_ROLES)
  role: RaterRole;
}

/** The onset. Times are instants with an offset; unknown times are absent. */
class OnsetFields {
  /** When the person was last known to be well. @example 2026-11-23T07:40:00+02:00 */
  @IsOptional()
  @IsInstant()
  lastKnownWell?: string | null;

  /** When the symptoms were noticed, or the person woke up with them. @example 2026-11-23T08:10:00+02:00 */
  @IsOptional()
  @IsInstant()
  recognisedAt?: string | null;

  /** The person's time zone, stored to display times. An offset such as GMT+02:00 is ignored. @example Africa/Cairo */
  @IsOptional()
  @IsZoneName()
  timeZone?: string | null;

  @YesNo()
  onsetWitnessed?: boolean | null;

  /** Woke up with the symptoms; lastKnownWell is then the time of falling asleep. */
  @YesNo()
  wakeUp?: boolean | null;

  /** Whether the symptoms went away. false (still present) is an emergency. Absent if there were no symptoms. */
  @YesNo()
  symptomsResolved?: boolean | null;

  /** Takes an anticoagulant, which may exclude thrombolysis. */
  @YesNo()
  anticoagulant?: boolean | null;

  /** 20 to 1500 mg/dL, or 1 to 85 mmol/L. The advice mentions low blood sugar. @example 110 */
  @IsOptional()
  @IsNumber()
  @ApiProperty({ format: 'double' })
  glucose?: number | null;

  /** @example MG_DL */
  @MayBeLeftOut()
  @IsIn(GLUCOSE_UNITS)
  glucoseUnit?: GlucoseUnit;

  /** The reported earlier grade of the modified Rankin Scale (6 is dead); not used for scores. */
  @Points(MRS_MAX - 1)
  preStrokeMrs?: number | null;

  /** Default: now. Up to 10 minutes ahead of the server's clock counts as now. @example 2026-11-23T08:30:00+02:00 */
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

  /** For people without cardiovascular disease; the values must be within the population of the equations. */
  @Part(() => PreventFacts)
  prevent?: PreventFacts;

  /** For people without cardiovascular disease. Superseded by PREVENT. */
  @Part(() => FraminghamFacts)
  framingham?: FraminghamFacts;

  @Part(() => Rater)
  rater?: Rater;

  /** The patient. For a doctor: a patient with an appointment. Default for a patient: their own id. */
  @MayBeLeftOut()
  @IsUUID()
  clientId?: string;

  /** The clinic whose emergency number is used. */
  @MayBeLeftOut()
  @IsUUID()
  clinicId?: string;

  /** ISO 3166-1 alpha-2: the country where the person is. @example EG */
  @IsOptional()
  @Matches(/^[A-Za-z]{2}$/, { message: 'must be a country of two letters, such as EG' })
  country?: string | null;

  /** The language of the texts: en, ar or hi. Extensions and invalid locales are ignored. @example ar-EG */
  @MayBeLeftOut()
  @LocaleHint()
  @IsString()
  locale?: string;
}

export class StrokeAssessmentsQuery extends PageQuery {
  /** Only the assessments of this patient. */
  @IsOptional()
  @IsUUID()
  clientId?: string;

  /** Sorted by creation time. */
  @ApiPropertyOptional({ enum: ['createdAt', '-createdAt'], default: '-createdAt' })
  @IsOptional()
  @IsIn(['createdAt', '-createdAt'])
  sort: 'createdAt' | '-createdAt' = '-createdAt';
}
