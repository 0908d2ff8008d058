import { ApiProperty } from '@nestjs/swagger';
import { LANGUAGES, type Language } from '../../core/kernel/locale.js';
import { RATER_ROLES, type RaterRole } from './raters.js';
import { LEVELS, type Level } from './triage.js';

export class EmergencyView {
  /** Whether to call now. */
  callNow: boolean;
  /** Null if unknown: call the local emergency number. @example 123 */
  number: string | null;
  /** The source of the number. LOCALE is uncertain: a locale does not prove where the person is. @example CLINIC */
  @ApiProperty({ enum: ['CLINIC', 'COUNTRY', 'LOCALE'], nullable: true })
  numberFrom: 'CLINIC' | 'COUNTRY' | 'LOCALE' | null;
  /** In the caller's language; null if there is no reason to call now. */
  text: string | null;
}

export class ScoreItemView {
  /** @example item5a */
  name: string;
  /** The rating; null if not rated. */
  @ApiProperty({
    oneOf: [{ type: 'number', format: 'double' }, { type: 'string' }, { type: 'boolean' }],
    nullable: true,
  })
  value: number | string | boolean | null;
  /** Null for an item without own points. */
  @ApiProperty({ format: 'double' })
  points: number | null;
}

export class ScoreView {
  /** @example NIHSS */
  instrument: string;
  /** The version of the definition. @example 1.0.0 */
  version: string;
  /** Null while an item is missing. @example 6 */
  @ApiProperty({ format: 'double' })
  score: number | null;
  /** @example 42 */
  max: number;
  @ApiProperty({ enum: ['POINTS', 'PROBABILITY'] })
  unit: 'POINTS' | 'PROBABILITY';
  /** Whether every item was rated, and none as untestable. */
  complete: boolean;
  /** The missing items that the score requires. */
  missing: string[];
  /** Why there is no score although nothing is missing. */
  notComputed: string | null;
  /** The instrument's class of the score. @example MODERATE */
  interpretation: string | null;
  items: ScoreItemView[];
  /** Further results of the instrument, such as risks; see docs/clinical.md. */
  @ApiProperty({ type: 'object', additionalProperties: true })
  details: object;
  source: string;
}

export class OpenWindowView {
  /** @example IVT_STANDARD */
  code: string;
  condition: string;
  /** What may exclude the treatment although the time allows it, such as an anticoagulant. */
  caveats: string[];
}

/** Information for a clinician, not a decision. */
export class TimeWindowsView {
  /** Always false. */
  isDecision: boolean;
  /** Always true: elapsed time never weakens the advice to call. */
  emergencyAdvice: boolean;
  minutesSinceLastKnownWell: number | null;
  @ApiProperty({ enum: ['STANDARD', 'EXTENDED_IMAGING_ONLY', 'SPECIALIST_ONLY', 'OUTSIDE', 'UNKNOWN'] })
  ivtWindow: string;
  @ApiProperty({ enum: ['0_6H', '6_24H', 'OUTSIDE', 'UNKNOWN'] })
  evtWindow: string;
  open: OpenWindowView[];
  source: string;
}

export class OnsetView {
  /** Null if unknown. */
  @ApiProperty({ format: 'date-time' })
  lastKnownWell: string | null;
  recognisedAt: string | null;
  /** @example Africa/Cairo */
  timeZone: string | null;
  onsetWitnessed: boolean | null;
  wakeUp: boolean | null;
  symptomsResolved: boolean | null;
  anticoagulant: boolean | null;
  @ApiProperty({ format: 'double' })
  glucose: number | null;
  @ApiProperty({ enum: ['MG_DL', 'MMOL_L'], nullable: true })
  glucoseUnit: string | null;
  preStrokeMrs: number | null;
}

export class RaterView {
  @ApiProperty({ enum: RATER_ROLES })
  role: RaterRole;
  userId: string;
}

/** A part of the request that is not in the answer, because it is invalid or does not apply. */
export class NotComputedView {
  /** The part. @example glucose */
  part: string;
  /** The field that is the reason. @example glucose */
  field: string;
  /** @example must be 20 to 1500 in MG_DL */
  error: string;
}

export class StrokeAssessmentView {
  /** @example CALL_EMERGENCY */
  @ApiProperty({ enum: LEVELS })
  level: Level;
  emergency: EmergencyView;
  /** Most important first, in the caller's language. */
  advice: string[];
  /** The reasons for the level. @example ["SIGN_FACE"] */
  reasons: string[];
  /** Signs without an answer; they do not count as a no. */
  unanswered: string[];
  /** The parts that were not computed, and why. In an emergency, invalid fields are listed here instead of being refused. */
  notComputed: NotComputedView[];
  disclaimer: string;
  /** Always true. */
  requiresClinicianReview: boolean;
  @ApiProperty({ enum: LANGUAGES })
  language: Language;
  /** @example 019abe4c-7a52-7c61-9d1e-3f1f6b7f8a10 */
  id: string;
  /** Null if no patient was given. */
  clientId: string | null;
  clinicId: string | null;
  rater: RaterView;
  /** @example 2026-11-23T06:30:00.000Z */
  assessedAt: string;
  onset: OnsetView;
  windows: TimeWindowsView;
  scores: ScoreView[];
  /** The publications of the scores and windows. */
  sources: string[];
}
