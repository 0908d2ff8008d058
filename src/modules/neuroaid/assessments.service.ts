import { Injectable } from '@nestjs/common';
import { DomainError, type FieldError } from '../../core/kernel/domain-error.js';
import type { Actor } from '../../core/security/actor.js';
import {
  adviceTexts,
  callText,
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
 * The stroke assessment for a client that prints "0.0 %" below every answer without a percentage, and shows the message
 * of a 400: the answer is a 400 in an emergency, and where no published equation computed a percentage.
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
    const ask = (): Promise<AssessmentOutcome> => this.stroke.tryAssess(actor, questionnaire.request, acceptLanguage);
    const outcome = await ask();
    const contact = await this.contacts.find({ userId: actor.userId, acceptLanguage });
    const percentage = percentageOf(outcome.assessment);
    const refusal = emergency(outcome, contact) ?? faulty(questionnaire, outcome);
    if (!refusal && outcome.assessment && percentage !== null) return viewOf(outcome.assessment, percentage);
    const error = refusal ?? refused(notComputable(questionnaire, outcome.assessment, contact));
    // An error ends the transaction of an Idempotency-Key, and with it the record of the assessment.
    error.afterRollback = async () => void (await ask());
    throw error;
  }
}

/** The client shows the message of it. */
const refused = (message: string, errors: FieldError[] = []): DomainError =>
  new DomainError('VALIDATION_ERROR', message, errors);

function emergency({ assessment, errors, emergency: call }: AssessmentOutcome, contact: EmergencyContact) {
  const isUrgent = assessment?.level === 'URGENT';
  if (!call.callNow && !isUrgent) return null;
  const text = call.text ?? callText(contact.language, contact.number);
  const advice = (assessment?.advice ?? []).filter((line) => line !== text);
  return refused([text, ...advice].join(' '), errors ?? []);
}

/** What is wrong in the body; but a form that holds nothing for an instrument is not at fault. */
function faulty({ errors, isForm, request }: Questionnaire, outcome: AssessmentOutcome): DomainError | null {
  const isEmpty = isForm && !Object.hasOwn(request as object, 'symptoms');
  const others = (outcome.errors ?? []).filter(({ field }) => !(isEmpty && field === 'symptoms'));
  const all = [...errors, ...others];
  return all.length > 0 ? refused('Some fields are not valid.', all) : null;
}

/** The risk of a stroke within 10 years in percent, with one decimal; null where PREVENT could not compute it. */
function percentageOf(assessment: StrokeAssessmentView | null): number | null {
  const score = assessment?.scores.find(({ instrument }) => instrument === PREVENT);
  const { outcomes = [] } = (score?.details ?? {}) as { outcomes?: { outcome: string; risk: number | null }[] };
  const risk = outcomes.find(({ outcome }) => outcome === 'STROKE')?.risk ?? null;
  return risk === null ? null : Math.round(risk * 1000) / 10;
}

/** That there is no figure, what is missing for it, and for which signs to call. */
function notComputable(
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

function viewOf(assessment: StrokeAssessmentView, percentage: number): MobileStrokeAssessmentView {
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
