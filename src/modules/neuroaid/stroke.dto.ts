import { applyDecorators } from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional, IntersectionType } from '@nestjs/swagger';
import { IsIn, IsNumber, IsOptional, Max, Min, ValidateBy } from 'class-validator';
import { StrokeAssessmentRequest } from '../stroke/index.js';

const SMOKING = ['never smoked', 'formerly smoked', 'smokes', 'Unknown'] as const;
type Smoking = (typeof SMOKING)[number];
const GENDERS = ['Male', 'Female', 'Other', 'male', 'female', 'other'] as const;
type Gender = (typeof GENDERS)[number];

const isScalar = (value: unknown): boolean =>
  (typeof value === 'string' && value.length <= 100) || Number.isFinite(value) || typeof value === 'boolean';

/** Decorator for an answer of the app's forms, of any scalar type. */
const Answer = (description: string): PropertyDecorator =>
  applyDecorators(
    IsOptional(),
    ValidateBy({
      name: 'answer',
      validator: { validate: isScalar, defaultMessage: () => 'must be a text, a number or a boolean' },
    }),
    ApiPropertyOptional({
      oneOf: [{ type: 'string' }, { type: 'number', format: 'double' }, { type: 'boolean' }],
      description,
    }),
  );

/** Decorator for an answer that no published instrument uses. */
const NotUsed = (): PropertyDecorator => Answer('Accepted, but neither used nor stored.');

/** The app's two forms of risk factors, in snake and camel case. */
export class MobileRiskFactors {
  /** Years. @example 65 */
  @IsOptional()
  @IsNumber()
  @Min(0)
  @Max(120)
  @ApiProperty({ format: 'double' })
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

  @Answer('Yes (1, true, "yes"): the response is the emergency text.')
  previous_stroke_symptoms?: unknown;

  @Answer('The same as previous_stroke_symptoms.')
  previousStrokeSymptoms?: unknown;

  @Answer('Yes: no risk is computed, as the equations do not apply to people with heart disease.')
  heart_disease?: unknown;

  @Answer('The same as heart_disease.')
  heartDisease?: unknown;

  @NotUsed()
  hypertension?: unknown;

  @NotUsed()
  ever_married?: unknown;

  @NotUsed()
  everMarried?: unknown;

  @NotUsed()
  work_type?: unknown;

  @NotUsed()
  workType?: unknown;

  @NotUsed()
  Residence_type?: unknown;

  @NotUsed()
  residenceType?: unknown;

  @NotUsed()
  avg_glucose_level?: unknown;

  @NotUsed()
  avgGlucoseLevel?: unknown;

  @NotUsed()
  physical_inactivity?: unknown;

  @NotUsed()
  physicalInactivity?: unknown;

  @NotUsed()
  family_history?: unknown;

  @NotUsed()
  familyHistory?: unknown;
}

/** The body of /api/v1/ai/stroke-assessment, combined with the app's forms. */
export class MobileStrokeAssessment extends IntersectionType(StrokeAssessmentRequest, MobileRiskFactors) {}

/** There is no published classification of this risk, and no level may suggest that a stroke is ruled out. */
const RISK_LEVELS = ['unknown'] as const;
type RiskLevel = (typeof RISK_LEVELS)[number];

/** The answer if a published equation computed a percentage; otherwise the answer is a 400 with a `message`. */
export class MobileStrokeAssessmentView {
  /** Always `unknown`: there is no published classification of this risk. */
  @ApiProperty({ enum: RISK_LEVELS })
  risk_level: RiskLevel;
  /** The same as risk_level. */
  @ApiProperty({ enum: RISK_LEVELS })
  riskLevel: RiskLevel;
  /** Risk of a stroke within 10 years by PREVENT, in percent. @example 5.4 */
  risk_percentage: number;
  /** The same as risk_percentage. @example 5.4 */
  riskPercentage: number;
  /** The same as risk_percentage, for newer versions of the client. @example 5.4 */
  stroke_probability: number;
  /** The most important first, in the caller's language. */
  recommendations: string[];
  disclaimer: string;
  /** @example 2026-11-23T06:30:00.000Z */
  timestamp: string;
}
