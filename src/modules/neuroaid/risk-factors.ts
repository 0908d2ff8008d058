import { PREVENT_RANGES, type Level, type PreventFacts, type StrokeAssessmentRequest } from '../stroke/index.js';
import type { StrokeAssessmentView } from '../stroke/index.js';
import type { Gender, MobileStrokeAssessment, MobileStrokeAssessmentView, RiskLevel, Smoking } from './stroke.dto.js';

/**
 * The questionnaire's facts where a published instrument takes them: PREVENT, which then names what it still needs.
 * What lies outside of its population is left out, as is everything that no instrument here takes.
 */
export function strokeRequestOf(body: MobileStrokeAssessment): StrokeAssessmentRequest {
  const { age, gender, bmi, smokingStatus, smoking_status, ...others } = body;
  const {
    hypertension: _h,
    heartDisease: _d,
    heart_disease: _e,
    everMarried: _m,
    ever_married: _n,
    workType: _w,
    work_type: _x,
    residenceType: _r,
    Residence_type: _s,
    avgGlucoseLevel: _g,
    avg_glucose_level: _i,
    ...request
  } = others;
  const facts = factsOf({ age, gender, bmi, smoking: smokingStatus ?? smoking_status });
  return Object.keys(facts).length > 0 ? { ...request, prevent: { ...facts, ...request.prevent } } : request;
}

interface Answers {
  age?: number | null;
  gender?: Gender | null;
  bmi?: number | null;
  smoking?: Smoking | null;
}

function factsOf({ age, gender, bmi, smoking }: Answers): PreventFacts {
  const years = typeof age === 'number' ? Math.floor(age) : null;
  const sex = gender?.toUpperCase();
  return {
    ...(years !== null && isWithin(years, PREVENT_RANGES.age) && { age: years }),
    ...((sex === 'MALE' || sex === 'FEMALE') && { sex }),
    ...(typeof bmi === 'number' && isWithin(bmi, PREVENT_RANGES.bmi) && { bmi }),
    ...(smoking && smoking !== 'Unknown' && { smoker: smoking === 'smokes' }),
  };
}

const isWithin = (value: number, [min, max]: readonly [number, number]): boolean => value >= min && value <= max;

/** Nothing here rules a stroke out, so there is no "low": a client that has no other word must not say it. */
const RISK: Record<Level, RiskLevel> = {
  CALL_EMERGENCY: 'high',
  URGENT: 'high',
  INCOMPLETE: 'unknown',
  ROUTINE: 'unknown',
};

export const strokeViewOf = (view: StrokeAssessmentView): MobileStrokeAssessmentView => ({
  ...view,
  riskLevel: RISK[view.level],
  risk_level: RISK[view.level],
  recommendations: view.advice,
  timestamp: view.assessedAt,
});
