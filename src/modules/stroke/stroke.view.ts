import { ApiProperty } from '@nestjs/swagger';
import { LANGUAGES, type Language } from './language.js';
import { RATER_ROLES, type RaterRole } from './raters.js';
import { LEVELS, type Level } from './triage.js';

export class EmergencyView {
  /** Whether to call now. */
  callNow: boolean;
  /** Null where none is known: then it is the local emergency number. @example 123 */
  number: string | null;
  /** How the number was found: a locale is no proof of where somebody is. @example CLINIC */
  @ApiProperty({ enum: ['CLINIC', 'COUNTRY', 'LOCALE'], nullable: true })
  numberFrom: 'CLINIC' | 'COUNTRY' | 'LOCALE' | null;
  /** In the caller's language; null where there is nothing to call for now. */
  text: string | null;
}

export class ScoreItemView {
  /** @example item5a */
  name: string;
  /** As it was rated; null where it was not. */
  @ApiProperty({
    oneOf: [{ type: 'number', format: 'double' }, { type: 'string' }, { type: 'boolean' }],
    nullable: true,
  })
  value: number | string | boolean | null;
  /** Null for what counts nothing by itself. */
  @ApiProperty({ format: 'double' })
  points: number | null;
}

export class ScoreView {
  /** @example NIHSS */
  instrument: string;
  /** Of the definition that was used. @example 1.0.0 */
  version: string;
  /** Null while an item is missing. @example 6 */
  @ApiProperty({ format: 'double' })
  score: number | null;
  /** @example 42 */
  max: number;
  @ApiProperty({ enum: ['POINTS', 'PROBABILITY'] })
  unit: 'POINTS' | 'PROBABILITY';
  /** Every item was rated, and none as untestable. */
  complete: boolean;
  /** Items that were not rated and without which there is no score. */
  missing: string[];
  /** Why there is none although nothing is missing. */
  notComputed: string | null;
  /** The instrument's class of the score. @example MODERATE */
  interpretation: string | null;
  items: ScoreItemView[];
  /** What the instrument says besides, such as risks; see docs/clinical.md. */
  @ApiProperty({ type: 'object', additionalProperties: true })
  details: object;
  source: string;
}

export class OpenWindowView {
  /** @example IVT_STANDARD */
  code: string;
  condition: string;
  /** What may exclude the treatment although the clock allows it, such as an anticoagulant. */
  caveats: string[];
}

/** Information for a clinician; never a decision. */
export class TimeWindowsView {
  /** Always false. */
  isDecision: boolean;
  /** Always true: the clock never weakens the advice to call. */
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
  /** Null: not known. */
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

/** A part of the request that was left out of the answer, because it is wrong or does not apply. */
export class NotComputedView {
  /** The part that was left out. @example glucose */
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
  /** The most important first, in the caller's language. */
  advice: string[];
  /** What led to the level. @example ["SIGN_FACE"] */
  reasons: string[];
  /** Signs that were not answered; none is taken for a no. */
  unanswered: string[];
  /** What was left out, and why. In an emergency whatever is wrong in the request is named here, and not refused. */
  notComputed: NotComputedView[];
  disclaimer: string;
  /** Always true. */
  requiresClinicianReview: boolean;
  @ApiProperty({ enum: LANGUAGES })
  language: Language;
  /** @example 019abe4c-7a52-7c61-9d1e-3f1f6b7f8a10 */
  id: string;
  /** Null where it was not for a patient of the system. */
  clientId: string | null;
  clinicId: string | null;
  rater: RaterView;
  /** @example 2026-11-23T06:30:00.000Z */
  assessedAt: string;
  onset: OnsetView;
  windows: TimeWindowsView;
  scores: ScoreView[];
  /** Of everything that was used. */
  sources: string[];
}
