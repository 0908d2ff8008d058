import type { FieldError } from '../../core/kernel/domain-error.js';
import { surplusItem, type RaceInput } from './scores/race.js';
import type { StrokeAssessmentRequest } from './stroke.dto.js';

/** A phone's clock may be ahead of the server's by this much; a time within it counts as now. */
const CLOCK_SKEW_MILLISECONDS = 10 * 60_000;

interface Times {
  lastKnownWell?: string | null;
  recognisedAt?: string | null;
  assessedAt?: string;
}

/** The time of the assessment (epoch milliseconds) and the elapsed times before it (minutes). */
export interface ElapsedTimes {
  assessedAt: number;
  sinceLastKnownWell: number | null;
  sinceRecognised: number | null;
}

const MINUTE_MILLISECONDS = 60_000;

/** Computes elapsed times from instants, so clock changes do not matter. */
export function toElapsedTimes({ lastKnownWell, recognisedAt, assessedAt }: Times, now: number): ElapsedTimes {
  const at = assessedAt === undefined ? now : Math.min(Date.parse(assessedAt), now);
  const since = (instant: string | null | undefined): number | null =>
    instant ? Math.max(0, at - Date.parse(instant)) / MINUTE_MILLISECONDS : null;
  return { assessedAt: at, sinceLastKnownWell: since(lastKnownWell), sinceRecognised: since(recognisedAt) };
}

/** The errors of times that contradict each other or are in the future. */
export function timeErrors({ lastKnownWell, recognisedAt, assessedAt }: Times, now: number): FieldError[] {
  const latest = Math.min(assessedAt === undefined ? now : Date.parse(assessedAt), now) + CLOCK_SKEW_MILLISECONDS;
  const errors: FieldError[] = [];
  const addError = (field: string, error: string): void => void errors.push({ field, error });
  if (assessedAt && Date.parse(assessedAt) > now + CLOCK_SKEW_MILLISECONDS) {
    addError('assessedAt', 'must not be in the future');
  }
  for (const [field, instant] of Object.entries({ lastKnownWell, recognisedAt })) {
    if (instant && Date.parse(instant) > latest) addError(field, 'must not be after the assessment or in the future');
  }
  if (lastKnownWell && recognisedAt && Date.parse(lastKnownWell) > Date.parse(recognisedAt)) {
    addError('recognisedAt', 'must not be before lastKnownWell');
  }
  return errors;
}

export function raceErrors(race: RaceInput | undefined): FieldError[] {
  const surplus = race ? surplusItem(race) : null;
  if (!surplus) return [];
  const error =
    'must not be rated together with the other one: rate aphasia if the right side is weak, agnosia if the left side is weak';
  return [{ field: `race.${surplus}`, error }];
}

/** Fields that are not assessed themselves. A request with only these fields is empty. */
const CONTEXT_FIELDS: readonly string[] = [
  'rater',
  'clientId',
  'clinicId',
  'country',
  'locale',
  'timeZone',
  'assessedAt',
  'glucoseUnit',
] satisfies (keyof StrokeAssessmentRequest)[];

const isGiven = (value: unknown): boolean =>
  typeof value === 'object' && value !== null
    ? Object.values(value).some(isGiven)
    : value !== null && value !== undefined;

export function emptyErrors(request: StrokeAssessmentRequest): FieldError[] {
  const isEmpty = !Object.entries(request).some(([name, value]) => !CONTEXT_FIELDS.includes(name) && isGiven(value));
  return isEmpty ? [{ field: 'symptoms', error: 'must be given, or another part to assess' }] : [];
}
