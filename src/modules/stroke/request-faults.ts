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

/** When it was assessed, and how long before the rest was: epoch milliseconds and minutes. */
export interface Moments {
  assessedAt: number;
  sinceLastKnownWell: number | null;
  sinceRecognised: number | null;
}

const MINUTE = 60_000;

/** Instants only: a change of clocks between two of them changes nothing. */
export function momentsOf({ lastKnownWell, recognisedAt, assessedAt }: Times, now: number): Moments {
  const at = assessedAt === undefined ? now : Math.min(Date.parse(assessedAt), now);
  const since = (instant: string | null | undefined): number | null =>
    instant ? Math.max(0, at - Date.parse(instant)) / MINUTE : null;
  return { assessedAt: at, sinceLastKnownWell: since(lastKnownWell), sinceRecognised: since(recognisedAt) };
}

/** Times that contradict each other or the clock. */
export function timeFaults({ lastKnownWell, recognisedAt, assessedAt }: Times, now: number): FieldError[] {
  const latest = Math.min(assessedAt === undefined ? now : Date.parse(assessedAt), now) + CLOCK_SKEW_MILLISECONDS;
  const faults: FieldError[] = [];
  const complain = (field: string, error: string): void => void faults.push({ field, error });
  if (assessedAt && Date.parse(assessedAt) > now + CLOCK_SKEW_MILLISECONDS) {
    complain('assessedAt', 'must not be in the future');
  }
  for (const [field, instant] of Object.entries({ lastKnownWell, recognisedAt })) {
    if (instant && Date.parse(instant) > latest) complain(field, 'must not be after the assessment or in the future');
  }
  if (lastKnownWell && recognisedAt && Date.parse(lastKnownWell) > Date.parse(recognisedAt)) {
    complain('recognisedAt', 'must not be before lastKnownWell');
  }
  return faults;
}

export function raceFaults(race: RaceInput | undefined): FieldError[] {
  const surplus = race ? surplusItem(race) : null;
  if (!surplus) return [];
  const error = 'must not be rated with the other one: aphasia where the right side is weak, agnosia where the left is';
  return [{ field: `race.${surplus}`, error }];
}

/** Who, where and in which language: without anything else there is nothing to assess. */
const CIRCUMSTANCES: readonly string[] = [
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

export function emptyFaults(request: StrokeAssessmentRequest): FieldError[] {
  const isEmpty = !Object.entries(request).some(([name, value]) => !CIRCUMSTANCES.includes(name) && isGiven(value));
  return isEmpty ? [{ field: 'symptoms', error: 'must be given, or something else that is to be assessed' }] : [];
}
