import { applyDecorators } from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsNumber, IsOptional, Max, Min, ValidateBy } from 'class-validator';
import { StrokeAssessmentRequest, StrokeAssessmentView } from '../stroke/index.js';

export const SMOKING = ['never smoked', 'formerly smoked', 'smokes', 'Unknown'] as const;
export type Smoking = (typeof SMOKING)[number];
export const GENDERS = ['Male', 'Female', 'Other', 'male', 'female', 'other'] as const;
export type Gender = (typeof GENDERS)[number];

const isScalar = (value: unknown): boolean =>
  (typeof value === 'string' && value.length <= 100) || Number.isFinite(value) || typeof value === 'boolean';

/** A field of the client's questionnaire that no published instrument takes: let in, not used, not kept. */
const NotUsed = (): PropertyDecorator =>
  applyDecorators(
    IsOptional(),
    ValidateBy({
      name: 'notUsed',
      validator: { validate: isScalar, defaultMessage: () => 'must be a word or a number' },
    }),
    ApiPropertyOptional({
      oneOf: [{ type: 'string' }, { type: 'number' }],
      description: 'Let in, not used, not kept.',
    }),
  );

/** The body of /api/v1/ai/stroke-assessment, and the client's questionnaire of risk factors in both of its spellings. */
export class MobileStrokeAssessment extends StrokeAssessmentRequest {
  /** Years. @example 65 */
  @IsOptional()
  @IsNumber()
  @Min(0)
  @Max(120)
  age?: number | null;

  /** @example Male */
  @IsOptional()
  @IsIn(GENDERS)
  gender?: Gender | null;

  /** kg/m2 @example 28.3 */
  @IsOptional()
  @IsNumber()
  @Min(5)
  @Max(150)
  bmi?: number | null;

  /** @example formerly smoked */
  @IsOptional()
  @IsIn(SMOKING)
  smokingStatus?: Smoking | null;

  /** The same as smokingStatus. */
  @IsOptional()
  @IsIn(SMOKING)
  smoking_status?: Smoking | null;

  @NotUsed()
  hypertension?: unknown;

  @NotUsed()
  heartDisease?: unknown;

  @NotUsed()
  heart_disease?: unknown;

  @NotUsed()
  everMarried?: unknown;

  @NotUsed()
  ever_married?: unknown;

  @NotUsed()
  workType?: unknown;

  @NotUsed()
  work_type?: unknown;

  @NotUsed()
  residenceType?: unknown;

  @NotUsed()
  Residence_type?: unknown;

  @NotUsed()
  avgGlucoseLevel?: unknown;

  @NotUsed()
  avg_glucose_level?: unknown;
}

export const RISK_LEVELS = ['high', 'unknown'] as const;
export type RiskLevel = (typeof RISK_LEVELS)[number];

export class MobileStrokeAssessmentView extends StrokeAssessmentView {
  /** For clients that know low, medium and high: never "low", because nothing here rules a stroke out. @example unknown */
  @ApiProperty({ enum: RISK_LEVELS })
  riskLevel: RiskLevel;
  /** The same as riskLevel: a client that misses it shows "low". */
  @ApiProperty({ enum: RISK_LEVELS })
  risk_level: RiskLevel;
  /** The same as advice. */
  recommendations: string[];
  /** The same as assessedAt. @example 2026-11-23T06:30:00.000Z */
  timestamp: string;
}
