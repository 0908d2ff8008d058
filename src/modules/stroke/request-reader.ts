import type { FieldError } from '../../core/kernel/domain-error.js';
import { checkBody } from '../../core/http/validation.js';
import type { Role } from '../../core/kernel/actor.js';
import { excludedParts, type NotComputed } from './exclusions.js';
import { glucoseErrors, type Glucose } from './glucose.js';
import { getRaterRole, ratingErrors, type RaterRole } from './raters.js';
import { emptyErrors, raceErrors, timeErrors } from './request-errors.js';
import { findSigns, numberIn, yesOrNo } from './signs/index.js';
import { StrokeAssessmentRequest } from './stroke.dto.js';
import { SIGNS, triage, type Triage } from './triage.js';

/** A parsed body, as far as it is readable. */
export interface ParsedRequest extends Triage {
  /** The valid parts. */
  request: StrokeAssessmentRequest;
  rater: RaterRole;
  /** All errors. Without an emergency, the request is refused with them. */
  errors: FieldError[];
  /** Whether a value outside its scale may be a sign. It does not change the level, but the refusal contains the emergency text. */
  isPossibleEmergency: boolean;
  /** The parts that are valid but do not apply. */
  excluded: NotComputed[];
}

type Fields = Record<string, unknown>;
type Entry = [name: string, value: unknown];

/** Fields of the onset that accept words for yes and no, like the symptoms. */
const YES_NO_FACTS = ['onsetWitnessed', 'wakeUp', 'symptomsResolved', 'anticoagulant'] as const;
/** Matches offsets that some phones send instead of a zone: `GMT+02:00`, `UTC-3`, `+0200`, `Z`. They are ignored. */
const OFFSET_ZONE = /^(?:(?:GMT|UTC|UT)?[+-]\d{1,2}(?::?\d{2}){0,2}|Z)$/i;

/**
 * Parses a request without throwing. First searches the unvalidated body for signs; then validates each part separately, so that
 * an error in one part does not affect the others. Pure.
 */
export function readRequest(body: unknown, role: Role, now: number): ParsedRequest {
  const fields = isFields(body) ? body : {};
  const { value, errors: typeErrors } = checkBody(StrokeAssessmentRequest, normalized(fields));
  const typed = withoutInvalid(value, typeErrors);
  const valueErrors = findValueErrors(typed, now);
  const givenRater = getRaterRole(role, typed.rater?.role);
  const raterErrors = ratingErrors(role, givenRater, typed);
  const errors = [...bodyErrors(body), ...typeErrors, ...valueErrors, ...raterErrors];
  const valid = withoutInvalid(typed, [...valueErrors, ...raterErrors]);
  // A caller who may not rate as given rates as the default role of the account, which may exclude further parts.
  const isRaterWrong = raterErrors.some(({ field }) => field === 'rater.role');
  const rater = isRaterWrong ? getRaterRole(role, undefined) : givenRater;
  // Only the answer to an emergency lists these errors, because it leaves these parts out. A refusal lists the error of the rater,
  // and not those of its default role.
  const defaultRaterErrors = isRaterWrong ? ratingErrors(role, rater, valid) : [];
  const request = withoutInvalid(valid, defaultRaterErrors);
  const found = findSigns(body);
  const urgency = triage({ ...request, ...readGlucose(fields, request) }, found.reasons);
  const isEmergency = urgency.level === 'CALL_EMERGENCY';
  return {
    ...urgency,
    request,
    rater,
    errors: [...errors, ...(isEmergency ? defaultRaterErrors : emptyIfNothingIsWrong(errors, request))],
    isPossibleEmergency: found.isPossible,
    excluded: excludedParts(request, fields.cha2ds2),
  };
}

/** The glucose, also of a wrong type such as "50" or with the unit "mmol/L", which is an error but counts for the level. */
function readGlucose(fields: Fields, { glucose }: StrokeAssessmentRequest): Glucose {
  const value = glucose ?? numberIn(fields.glucose);
  const isMolar = typeof fields.glucoseUnit === 'string' && /^\s*mmol/i.test(fields.glucoseUnit);
  const read: Glucose = { glucose: value, glucoseUnit: isMolar ? 'MMOL_L' : 'MG_DL' };
  return Number.isNaN(value) || glucoseErrors(read).length > 0 ? { glucose: null } : read;
}

const emptyIfNothingIsWrong = (errors: readonly FieldError[], request: StrokeAssessmentRequest): FieldError[] =>
  errors.length > 0 ? [] : emptyErrors(request);

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const bodyErrors = (body: unknown): FieldError[] =>
  isFields(body) ? [] : [{ field: 'body', error: 'must be an object' }];

const findValueErrors = (request: StrokeAssessmentRequest, now: number): FieldError[] => [
  ...timeErrors(request, now),
  ...glucoseErrors(request),
  ...raceErrors(request.race),
];

/** Converts words for yes and no to booleans, and removes offsets. */
function normalized(fields: Fields): Fields {
  const facts = YES_NO_FACTS.filter((name) => name in fields).map((name): Entry => [name, asBoolean(fields[name])]);
  const { symptoms, timeZone } = fields;
  return {
    ...fields,
    ...Object.fromEntries(facts),
    ...(isFields(symptoms) && { symptoms: withBooleans(symptoms) }),
    ...(typeof timeZone === 'string' && OFFSET_ZONE.test(timeZone.trim()) && { timeZone: null }),
  };
}

const withBooleans = (symptoms: Fields): Fields => {
  const answered = SIGNS.filter((sign) => sign in symptoms).map((sign): Entry => [sign, asBoolean(symptoms[sign])]);
  return { ...symptoms, ...Object.fromEntries(answered) };
};

const asBoolean = (value: unknown): unknown => yesOrNo(value) ?? value;

/** The request without its invalid parts; of the symptoms, only the invalid fields are removed. */
function withoutInvalid(request: StrokeAssessmentRequest, errors: readonly FieldError[]): StrokeAssessmentRequest {
  const left: Fields = { ...request };
  for (const { field } of errors) {
    const part = getPart(field);
    const [, item] = field.split('.');
    const symptoms = left.symptoms;
    if (part === 'symptoms' && item && isFields(symptoms)) {
      left.symptoms = Object.fromEntries(Object.entries(symptoms).filter(([name]) => name !== item));
    } else {
      delete left[part];
    }
  }
  return left;
}

/** The top-level field of the request that an error belongs to. */
const getPart = (field: string): string => field.split(/[.[]/)[0] ?? field;

export const asNotComputed = (errors: readonly FieldError[]): NotComputed[] =>
  errors.map(({ field, error }) => ({ part: getPart(field), field, error }));
