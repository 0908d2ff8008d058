import { checkBody } from '../../core/http/validation.js';
import type { FieldError } from '../../core/kernel/domain-error.js';
import { PREVENT_RANGES, yesOrNo, type PreventFacts } from '../stroke/index.js';
import { MobileRiskFactors } from './stroke.dto.js';

type Fields = Record<string, unknown>;

/** A parsed body of the app: the request for the stroke service, and further answers of its forms. */
export interface Questionnaire {
  /** The body of /api/v1, with the answers that published instruments use. */
  request: unknown;
  hasHeartDisease: boolean;
  /** Whether the body contains an answer of the app's forms. */
  isForm: boolean;
  errors: FieldError[];
}

const SYMPTOMS_BEFORE = ['previous_stroke_symptoms', 'previousStrokeSymptoms'] as const;
const HEART_DISEASE = ['heart_disease', 'heartDisease'] as const;

/**
 * The fields that only the app's form with nine questions has. With this form, the app sends invented values for what it did not
 * ask: an age of 40 or 60, "Male", a body mass index of 24 or 32. They must not be used.
 */
const NINE_QUESTIONS_ONLY = [
  ...SYMPTOMS_BEFORE,
  'physical_inactivity',
  'physicalInactivity',
  'family_history',
  'familyHistory',
] as const;

/** All fields of the app's forms. */
const FORM_FIELDS: ReadonlySet<string> = new Set<keyof MobileRiskFactors>([
  ...NINE_QUESTIONS_ONLY,
  ...HEART_DISEASE,
  'age',
  'gender',
  'bmi',
  'smokingStatus',
  'smoking_status',
  'hypertension',
  'ever_married',
  'everMarried',
  'work_type',
  'workType',
  'Residence_type',
  'residenceType',
  'avg_glucose_level',
  'avgGlucoseLevel',
]);

/** Parses a body without throwing: a sign of a stroke takes precedence over invalid fields. */
export function readQuestionnaire(body: unknown): Questionnaire {
  if (!isFields(body)) return { request: body, hasHeartDisease: false, isForm: false, errors: [] };
  const entries = Object.entries(body);
  const form = Object.fromEntries(entries.filter(([name]) => FORM_FIELDS.has(name)));
  const request: Fields = Object.fromEntries(entries.filter(([name]) => !FORM_FIELDS.has(name)));
  const { value, errors } = checkBody(MobileRiskFactors, form);
  const isNineQuestions = NINE_QUESTIONS_ONLY.some((name) => form[name] !== undefined);
  const hasHeartDisease = isYes(form, HEART_DISEASE);
  if (hasHeartDisease) delete request.prevent;
  else if (request.prevent === undefined || isFields(request.prevent)) {
    request.prevent = { ...(isNineQuestions || errors.length > 0 ? {} : toPreventFacts(value)), ...request.prevent };
  }
  // The stroke service treats this answer as a sign.
  if (isYes(form, SYMPTOMS_BEFORE)) request[SYMPTOMS_BEFORE[0]] = true;
  return { request, hasHeartDisease, isForm: Object.keys(form).length > 0, errors };
}

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isYes = (form: Fields, names: readonly string[]): boolean => names.some((name) => yesOrNo(form[name]) === true);

/** The values for PREVENT. Omits values outside its population, so that PREVENT reports them as missing. */
function toPreventFacts({ age, gender, bmi, smokingStatus, smoking_status }: MobileRiskFactors): PreventFacts {
  const years = typeof age === 'number' ? Math.floor(age) : null;
  const sex = gender?.toUpperCase();
  const smoking = smokingStatus ?? smoking_status;
  return {
    ...(years !== null && isWithin(years, PREVENT_RANGES.age) && { age: years }),
    ...((sex === 'MALE' || sex === 'FEMALE') && { sex }),
    ...(typeof bmi === 'number' && isWithin(bmi, PREVENT_RANGES.bmi) && { bmi }),
    ...(smoking && smoking !== 'Unknown' && { smoker: smoking === 'smokes' }),
  };
}

const isWithin = (value: number, [min, max]: readonly [number, number]): boolean => value >= min && value <= max;
