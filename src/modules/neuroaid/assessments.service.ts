import { Injectable } from '@nestjs/common';
import { DomainError, type FieldError } from '../../core/kernel/domain-error.js';
import type { Actor } from '../../core/kernel/actor.js';
import {
  adviceTexts,
  strokeCallText,
  EmergencyContacts,
  StrokeService,
  type AssessmentOutcome,
  type EmergencyContact,
  type StrokeAssessmentView,
} from '../stroke/index.js';
import { readQuestionnaire, type Questionnaire } from './questionnaire.js';
import type { MobileStrokeAssessmentView } from './stroke.dto.js';
import { TEXTS, type PreventFact } from './texts.js';

const PREVENT = 'PREVENT_10Y';

/**
 * The stroke assessment for the app. The app shows "0.0 %" for an answer without a percentage, but shows the message
 * of a 400. So the answer is a 400 in an emergency, and if no published equation computed a percentage.
 */
@Injectable()
export class MobileAssessments {
  constructor(
    private readonly stroke: StrokeService,
    private readonly contacts: EmergencyContacts,
  ) {}

  /** @throws DomainError VALIDATION_ERROR with the text to show; NOT_FOUND */
  async assess(actor: Actor, body: unknown, acceptLanguage?: string): Promise<MobileStrokeAssessmentView> {
    const questionnaire = readQuestionnaire(body);
    const runAssessment = (): Promise<AssessmentOutcome> =>
      this.stroke.tryAssess(actor, questionnaire.request, acceptLanguage);
    const outcome = await runAssessment();
    const contact = await this.contacts.find({ userId: actor.userId, acceptLanguage });
    const percentage = getPercentage(outcome.assessment);
    const refusal = toEmergencyError(outcome, contact) ?? toFieldsError(questionnaire, outcome);
    if (!refusal && outcome.assessment && percentage !== null) return toView(outcome.assessment, percentage);
    const error = refusal ?? showAsError(toNotComputableText(questionnaire, outcome.assessment, contact));
    // The error rolls back the transaction of the Idempotency-Key and so the record of the assessment: store it again.
    error.afterRollback = async () => void (await runAssessment());
    throw error;
  }
}

/** A 400 whose message the app shows. */
const showAsError = (message: string, errors: FieldError[] = []): DomainError =>
  new DomainError('VALIDATION_ERROR', message, errors);

/** The error that says to call the emergency number; null if there is no emergency. */
function toEmergencyError(
  { assessment, errors, emergency }: AssessmentOutcome,
  contact: EmergencyContact,
): DomainError | null {
  const isUrgent = assessment?.level === 'URGENT';
  if (!emergency.callNow && !isUrgent) return null;
  const text = emergency.text ?? strokeCallText(contact.language, contact.number);
  const advice = (assessment?.advice ?? []).filter((line) => line !== text);
  return showAsError([text, ...advice].join(' '), errors ?? []);
}

/** The error for invalid fields; null if all are valid. A form without symptoms is valid. */
function toFieldsError({ errors, isForm, request }: Questionnaire, outcome: AssessmentOutcome): DomainError | null {
  const hasNoSymptoms = isForm && !Object.hasOwn(request as object, 'symptoms');
  const others = (outcome.errors ?? []).filter(({ field }) => !(hasNoSymptoms && field === 'symptoms'));
  const all = [...errors, ...others];
  return all.length > 0 ? showAsError('Some fields are not valid.', all) : null;
}

/** The risk of a stroke within 10 years in percent, with one decimal; null if PREVENT could not compute it. */
function getPercentage(assessment: StrokeAssessmentView | null): number | null {
  const score = assessment?.scores.find(({ instrument }) => instrument === PREVENT);
  const { outcomes = [] } = (score?.details ?? {}) as { outcomes?: { outcome: string; risk: number | null }[] };
  const risk = outcomes.find(({ outcome }) => outcome === 'STROKE')?.risk ?? null;
  return risk === null ? null : Math.round(risk * 1000) / 10;
}

/** The text that no risk can be computed, which values are missing, and for which signs to call. */
function toNotComputableText(
  { hasHeartDisease }: Questionnaire,
  assessment: StrokeAssessmentView | null,
  { language, number }: EmergencyContact,
): string {
  const texts = TEXTS[language];
  const facts = Object.keys(texts.facts) as PreventFact[];
  const score = assessment?.scores.find(({ instrument }) => instrument === PREVENT);
  const missing = facts.filter((fact) => !score || score.missing.includes(fact));
  const isExcluded = hasHeartDisease || assessment?.notComputed.some(({ part }) => part === 'prevent') === true;
  const reason = isExcluded ? texts.notWithDisease : texts.missing(missing.map((fact) => texts.facts[fact]).join(', '));
  return [texts.notComputable, reason, ...adviceTexts('INCOMPLETE', language, number)].join(' ');
}

function toView(assessment: StrokeAssessmentView, percentage: number): MobileStrokeAssessmentView {
  const { advice, disclaimer, assessedAt, language } = assessment;
  return {
    risk_level: 'unknown',
    riskLevel: 'unknown',
    risk_percentage: percentage,
    riskPercentage: percentage,
    stroke_probability: percentage,
    recommendations: [TEXTS[language].riskWithinTenYears(percentage.toFixed(1)), ...advice],
    disclaimer,
    timestamp: assessedAt,
  };
}
