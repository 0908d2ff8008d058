import type { FieldError } from '../../core/kernel/domain-error.js';
import type { Actor } from '../../core/kernel/actor.js';
import type { EmergencyNumber } from './emergency-number.js';
import type { NotComputed } from './exclusions.js';
import { isLow } from './glucose.js';
import type { Language } from '../../core/kernel/locale.js';
import type { RaterRole } from './raters.js';
import { toElapsedTimes } from './request-errors.js';
import { asNotComputed, type ParsedRequest } from './request-reader.js';
import { BE_FAST } from './scores/be-fast.js';
import type { ScoreResult } from './scores/score-result.js';
import { computeScores, type Ratings } from './scores/index.js';
import type { StrokeAssessmentRequest } from './stroke.dto.js';
import type { EmergencyView, OnsetView, StrokeAssessmentView } from './stroke-view.dto.js';
import { adviceTexts, strokeCallText, disclaimerText } from './texts.js';
import { getNihssScore, timeWindows } from './time-windows.js';
import type { Level } from './triage.js';

/** The data for an assessment that the service determines, besides the valid parts of the request. */
export interface Circumstances {
  id: string;
  actor: Actor;
  rater: RaterRole;
  clientId: string | null;
  clinicId: string | null;
  /** The invalid fields of the request, which are ignored. */
  errors: readonly FieldError[];
  language: Language;
  number: EmergencyNumber;
  now: number;
}

/** Creates the complete answer by rules. The advice comes first. */
export function createAssessment(parsed: ParsedRequest, known: Circumstances): StrokeAssessmentView {
  const { request, level, reasons, unanswered, excluded } = parsed;
  const { assessedAt, ...since } = toElapsedTimes(request, known.now);
  const { wakeUp, onsetWitnessed, anticoagulant } = request;
  const scores = alignBeFastAdvice(computeScores(withoutExcluded(request, excluded)), level);
  const windows = timeWindows({ ...since, wakeUp, onsetWitnessed, anticoagulant, nihss: getNihssScore(scores) });
  const { language, number } = known;
  return {
    level,
    emergency: emergencyView(level === 'CALL_EMERGENCY', language, number),
    advice: adviceTexts(level, language, number, { lowGlucose: isLow(request) }),
    reasons,
    unanswered,
    notComputed: [...asNotComputed(known.errors), ...excluded],
    disclaimer: disclaimerText(language),
    requiresClinicianReview: true,
    language,
    id: known.id,
    clientId: known.clientId,
    clinicId: known.clinicId,
    rater: { role: known.rater, userId: known.actor.userId },
    assessedAt: new Date(assessedAt).toISOString(),
    onset: toOnsetView(request),
    windows,
    scores,
    sources: [...new Set([...scores.map(({ source }) => source), windows.source])],
  };
}

export const emergencyView = (callNow: boolean, language: Language, number: EmergencyNumber): EmergencyView => ({
  callNow,
  number: number.number,
  numberFrom: number.from,
  text: callNow ? strokeCallText(language, number) : null,
});

/** The ratings without the parts that do not apply. */
const withoutExcluded = (ratings: Ratings, excluded: readonly NotComputed[]): Ratings =>
  Object.fromEntries(Object.entries(ratings).filter(([name]) => !excluded.some(({ part }) => part === name)));

/**
 * Other signs than those of BE-FAST may raise the level. The advice of BE-FAST is then that of the level, or null for URGENT, for which
 * BE-FAST has no advice.
 */
const alignBeFastAdvice = (scores: readonly ScoreResult[], level: Level): ScoreResult[] =>
  scores.map((result) => {
    if (result.instrument !== BE_FAST.instrument || (level !== 'CALL_EMERGENCY' && level !== 'URGENT')) return result;
    return { ...result, details: { ...result.details, advice: level === 'CALL_EMERGENCY' ? level : null } };
  });

const asUtc = (instant: string | null | undefined): string | null => (instant ? new Date(instant).toISOString() : null);

const toOnsetView = (request: StrokeAssessmentRequest): OnsetView => ({
  lastKnownWell: asUtc(request.lastKnownWell),
  recognisedAt: asUtc(request.recognisedAt),
  timeZone: request.timeZone ?? null,
  onsetWitnessed: request.onsetWitnessed ?? null,
  wakeUp: request.wakeUp ?? null,
  symptomsResolved: request.symptomsResolved ?? null,
  anticoagulant: request.anticoagulant ?? null,
  glucose: request.glucose ?? null,
  glucoseUnit: typeof request.glucose === 'number' ? (request.glucoseUnit ?? 'MG_DL') : null,
  preStrokeMrs: request.preStrokeMrs ?? null,
});
