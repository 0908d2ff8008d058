import type { Actor } from '../../core/security/actor.js';
import type { EmergencyNumber } from './emergency-number.js';
import type { Language } from './language.js';
import type { RaterRole } from './raters.js';
import { momentsOf } from './request-faults.js';
import { scoresOf } from './scores/index.js';
import type { StrokeAssessmentRequest } from './stroke.dto.js';
import type { OnsetView, StrokeAssessmentView } from './stroke.view.js';
import { adviceTexts, callText, disclaimerText } from './texts.js';
import { nihssOf, timeWindows } from './time-windows.js';
import { triage } from './triage.js';

/** What is known beside the request itself. */
export interface Circumstances {
  id: string;
  actor: Actor;
  rater: RaterRole;
  clientId: string | null;
  language: Language;
  number: EmergencyNumber;
  now: number;
}

/** The whole answer, by rules alone. What to do stands before everything else. */
export function assessment(request: StrokeAssessmentRequest, known: Circumstances): StrokeAssessmentView {
  const { level, reasons, unanswered } = triage(request);
  const scores = scoresOf(request);
  const { assessedAt, ...since } = momentsOf(request, known.now);
  const { wakeUp, onsetWitnessed } = request;
  const windows = timeWindows({ ...since, wakeUp, onsetWitnessed, nihss: nihssOf(scores) });
  const callNow = level === 'CALL_EMERGENCY';
  const { language, number } = known;
  return {
    level,
    emergency: {
      callNow,
      number: number.number,
      numberFrom: number.from,
      text: callNow ? callText(language, number) : null,
    },
    advice: adviceTexts(level, language, number),
    reasons,
    unanswered,
    disclaimer: disclaimerText(language),
    requiresClinicianReview: true,
    language,
    id: known.id,
    clientId: known.clientId,
    clinicId: request.clinicId ?? null,
    rater: { role: known.rater, userId: known.actor.userId },
    assessedAt: new Date(assessedAt).toISOString(),
    onset: onsetOf(request),
    windows,
    scores,
    sources: [...new Set([...scores.map(({ source }) => source), windows.source])],
  };
}

const asUtc = (instant: string | null | undefined): string | null => (instant ? new Date(instant).toISOString() : null);

const onsetOf = (request: StrokeAssessmentRequest): OnsetView => ({
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
