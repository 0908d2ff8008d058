import { PREVENT_RANGES, type PreventFacts, type StrokeAssessmentRequest } from '../stroke/index.js';
import type { Gender, MobileStrokeAssessment, Smoking } from './stroke.dto.js';

/** Whether an answer of the client's forms is a yes: 1, true, "1", "yes", "true". */
export const isYes = (answer: unknown): boolean =>
  answer === true || answer === 1 || (typeof answer === 'string' && /^\s*(?:1|yes|true|y)\s*$/i.test(answer));

/**
 * The nine questions of the client. It fills in what it did not ask: an age of 40 or 60, "Male", a body mass index of 24
 * or 32. Nothing may be computed from these.
 */
const NINE_QUESTIONS = [
  'physical_inactivity',
  'physicalInactivity',
  'previous_stroke_symptoms',
  'previousStrokeSymptoms',
  'family_history',
  'familyHistory',
] as const;

export const hadStrokeSymptoms = (body: MobileStrokeAssessment): boolean =>
  isYes(body.previous_stroke_symptoms) || isYes(body.previousStrokeSymptoms);

export const hasHeartDisease = (body: MobileStrokeAssessment): boolean =>
  isYes(body.heart_disease) || isYes(body.heartDisease);

/**
 * The answers that a published instrument takes: those of PREVENT, which then names what it still needs. Left out are
 * values outside of its population, and everything that no instrument takes.
 */
export function strokeRequestOf(body: MobileStrokeAssessment): StrokeAssessmentRequest {
  const { age, gender, bmi, smokingStatus, smoking_status, ...others } = body;
  const {
    previous_stroke_symptoms: _p,
    previousStrokeSymptoms: _q,
    heart_disease: _h,
    heartDisease: _i,
    hypertension: _t,
    ever_married: _m,
    everMarried: _n,
    work_type: _w,
    workType: _x,
    Residence_type: _r,
    residenceType: _s,
    avg_glucose_level: _a,
    avgGlucoseLevel: _b,
    physical_inactivity: _c,
    physicalInactivity: _d,
    family_history: _f,
    familyHistory: _g,
    prevent,
    ...request
  } = others;
  const asked = !NINE_QUESTIONS.some((name) => body[name] !== undefined);
  const facts = asked ? factsOf({ age, gender, bmi, smoking: smokingStatus ?? smoking_status }) : {};
  // An empty part is sent too: then the instrument says what it needs.
  return hasHeartDisease(body) ? request : { ...request, prevent: { ...facts, ...prevent } };
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
