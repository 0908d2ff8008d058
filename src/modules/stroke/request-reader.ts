import type { FieldError } from '../../core/kernel/domain-error.js';
import { checkBody } from '../../core/http/validation.js';
import type { Role } from '../../core/security/actor.js';
import { excludedParts, type NotComputed } from './exclusions.js';
import { glucoseFaults, type Glucose } from './glucose.js';
import { raterRoleOf, ratingFaults, type RaterRole } from './raters.js';
import { emptyFaults, raceFaults, timeFaults } from './request-faults.js';
import { findSigns, numberIn, yesOrNo } from './signs/index.js';
import { StrokeAssessmentRequest } from './stroke.dto.js';
import { SIGNS, triage, type Triage } from './triage.js';

/** A body of any shape, read as far as it can be. */
export interface ReadRequest extends Triage {
  /** What could be read and is right. */
  request: StrokeAssessmentRequest;
  rater: RaterRole;
  /** Everything that is wrong. Outside of an emergency the request is refused with it. */
  faults: FieldError[];
  /** A value outside of its scale that may be a sign. It decides no level, but a refusal tells to call. */
  isPossibleEmergency: boolean;
  /** What does not apply although nothing is wrong. */
  excluded: NotComputed[];
}

type Fields = Record<string, unknown>;
type Entry = [name: string, value: unknown];

/** Facts of the onset that take words for yes and no, as the symptoms do. */
const YES_NO_FACTS = ['onsetWitnessed', 'wakeUp', 'symptomsResolved', 'anticoagulant'] as const;
/** What a phone without a zone sends: `GMT+02:00`, `UTC-3`, `+0200`, `Z`. It is only a hint here. */
const OFFSET_ZONE = /^(?:(?:GMT|UTC|UT)?[+-]\d{1,2}(?::?\d{2}){0,2}|Z)$/i;

/**
 * Reads a request without ever refusing it. The signs are looked for in the body as it came, before anything is
 * validated; then each part is checked by itself, so that what is wrong in one leaves the others alone. Pure.
 */
export function readRequest(body: unknown, role: Role, now: number): ReadRequest {
  const fields = isFields(body) ? body : {};
  const { value, errors } = checkBody(StrokeAssessmentRequest, normalized(fields));
  const request = withoutFaulty(value, errors);
  const faults = [...bodyFaults(body), ...errors, ...factFaults(request, now)];
  const rater = raterRoleOf(role, request.rater?.role);
  const ratings = ratingFaults(role, rater, request);
  const all = [...faults, ...ratings];
  const isRaterWrong = ratings.some(({ field }) => field === 'rater.role');
  const sound = withoutFaulty(request, [...factFaults(request, now), ...ratings]);
  const allowed = isRaterWrong ? ratingFaults(role, raterRoleOf(role, undefined), sound) : [];
  const readable = withoutFaulty(sound, allowed);
  const found = findSigns(body);
  const urgency = triage({ ...readable, ...glucoseAsSent(fields, readable) }, found.reasons);
  return {
    ...urgency,
    request: readable,
    rater: isRaterWrong ? raterRoleOf(role, undefined) : rater,
    faults:
      urgency.level === 'CALL_EMERGENCY' ? [...all, ...allowed] : [...all, ...emptyIfNothingIsWrong(all, readable)],
    isPossibleEmergency: found.isPossible,
    excluded: excludedParts(readable, fields.cha2ds2),
  };
}

/** A glucose of the wrong type, such as "50" or in "mmol/L", is named as wrong; the level counts it nevertheless. */
function glucoseAsSent(fields: Fields, { glucose }: StrokeAssessmentRequest): Glucose {
  const value = glucose ?? numberIn(fields.glucose);
  const isMolar = typeof fields.glucoseUnit === 'string' && /^\s*mmol/i.test(fields.glucoseUnit);
  const read: Glucose = { glucose: value, glucoseUnit: isMolar ? 'MMOL_L' : 'MG_DL' };
  return Number.isNaN(value) || glucoseFaults(read).length > 0 ? { glucose: null } : read;
}

const emptyIfNothingIsWrong = (faults: readonly FieldError[], request: StrokeAssessmentRequest): FieldError[] =>
  faults.length > 0 ? [] : emptyFaults(request);

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const bodyFaults = (body: unknown): FieldError[] =>
  isFields(body) ? [] : [{ field: 'body', error: 'must be an object' }];

const factFaults = (request: StrokeAssessmentRequest, now: number): FieldError[] => [
  ...timeFaults(request, now),
  ...glucoseFaults(request),
  ...raceFaults(request.race),
];

/** Words for yes and no as booleans, and hints that are of no use left out. */
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

/** Leaves out the parts that are wrong; of the symptoms and the rater only the wrong answers. */
function withoutFaulty(request: StrokeAssessmentRequest, errors: readonly FieldError[]): StrokeAssessmentRequest {
  const left: Fields = { ...request };
  for (const { field } of errors) {
    const part = partOf(field);
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

/** The top-level field of the request that a fault belongs to. */
const partOf = (field: string): string => field.split(/[.[]/)[0] ?? field;

export const asNotComputed = (faults: readonly FieldError[]): NotComputed[] =>
  faults.map(({ field, error }) => ({ part: partOf(field), field, error }));
